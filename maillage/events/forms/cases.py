"""Bringing a story to a gathering: one of one's own, or any by its address."""

import re
from collections.abc import Sequence

from starlette.datastructures import FormData

from maillage.core.db import Row
from maillage.core.forms import Choice, Form, Line, carried
from maillage.core.languages import _

# « 12 », « #12 », « /recits/12-titre », or the whole address, with whatever comes after it.
_ADDRESS = re.compile(r"(?:#?|(?:.*/)?recits/)([0-9]{1,18})(?:[-./?#].*)?", re.ASCII)
NONE_THERE = _("There is no published story at this address.")


class ProposalForm(Form):
    mine = Choice(_("One of your stories"), default="", validate_choice=False)
    address = Line(_("Address or number of the story"), limit=400)
    note = Line(_("Why this one, in a line"), limit=300)

    def __init__(self, locale: str, mine: Sequence[Row], data: FormData | None = None, **given: str) -> None:
        super().__init__(locale, data, **given)
        choose = [("", _("Another one, by its address").in_(locale))]
        self.mine.choices = choose + [(str(row["id"]), row["title"]) for row in mine]

    def validate(self, extra_validators: object = None) -> bool:  # noqa: ARG002
        super().validate()
        if not self._said:
            self.address.errors = [carried(_("Say which story."))]
        elif _ADDRESS.fullmatch(self._said) is None:
            self.address.errors = [carried(_("This is not the address of a story."))]
        return not self.errors

    @property
    def number(self) -> int:
        """Of the story. The form is valid."""
        match = _ADDRESS.fullmatch(self._said)
        assert match is not None  # noqa: S101 — asked in validating
        return int(match[1])

    @property
    def _said(self) -> str:
        """What was written counts more than what was chosen, which somebody may have brought meanwhile."""
        return self.address.words or self.mine.data or ""
