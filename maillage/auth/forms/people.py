"""What people write about themselves."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from wtforms.validators import ValidationError

from maillage.auth.policies import REGIONS, RELATIONS
from maillage.core import names
from maillage.core.forms import Choice, Form, Line, carried
from maillage.core.languages import NAMES, Text, _

NAME_LENGTH = 120
# What no name has, and what makes a link, an address, a tag or a formula of it in a letter or a spreadsheet.
_NOT_IN_NAMES = re.compile(r"[<>@/\\|\"=:;{}\[\]]|^[+\-=@]")
# "example.org" in plain text becomes a link in many mail programs; "J.P." and "St. Jean" do not.
_LIKE_A_HOST = re.compile(r"(\w{2})\.(?=\w{2})")
# Scripts that hold letters which look like Latin ones: no name that people bear mixes them with Latin.
_TWINS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
NAME_MIXES = _("A name is written in one alphabet: some of these letters only look like Latin ones.")
NAME_TAKEN = _("This name could be taken for that of somebody who looks after the platform. Add what sets yours apart.")
_LINKS_BEGIN = re.compile(r"\bwww\.|\b(?:https?|ftp|mailto|javascript|data):", re.IGNORECASE)


class AccountForm(Form):
    """What a person may change of herself. `relation` is left alone when she belongs to no organization."""

    name = Line(_("Name, as others see it"), limit=NAME_LENGTH, required=True)
    title = Line(_("What you do"), limit=160)
    region = Choice(_("Region"))
    relation = Choice(_("In what capacity you take part"))
    locale = Choice(_("Interface language"))

    def __init__(
        self,
        reader: str,
        data: FormData | None = None,
        *,
        locales: tuple[str, ...],
        usual: str | None,
        **given: Any,
    ) -> None:
        """`reader` is the page's language; `usual` her organization's capacity, hers when she says none."""
        super().__init__(reader, data, **{name: value for name, value in given.items() if name != "locale"})
        if data is None:
            self.locale.data = given.get("locale")
        nothing = _("Not said")
        if usual in RELATIONS:
            nothing = _("As my organization: %(capacity)s", capacity=RELATIONS[usual])
        self.region.choices = [("", _("Not said").in_(reader)), *options(REGIONS, reader)]
        self.relation.choices = [("", nothing.in_(reader)), *options(RELATIONS, reader)]
        self.locale.choices = [(name, NAMES[name]) for name in locales]

    def validate_name(self, field: Line) -> None:
        check_name(field.words)


def check_name(given: str) -> None:
    """Whether it is a name as people write theirs; raises what is wrong with it."""
    written = names.clean(given)
    if not clean_name(written) or _NOT_IN_NAMES.search(written) or _LINKS_BEGIN.search(written):
        raise ValidationError(
            _("A name is made of letters, spaces, hyphens and apostrophes, not of links or symbols.")  # type: ignore[arg-type]
        )
    if mixes_scripts(written):
        raise ValidationError(carried(NAME_MIXES))


def mixes_scripts(name: str) -> bool:
    """Whether letters that only look Latin stand among Latin ones."""
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in names.clean(name) if char.isalpha()}
    return "LATIN" in scripts and not scripts.isdisjoint(_TWINS)


def options(words: Mapping[str, Text | str], locale: str) -> list[tuple[str, str]]:
    return [(slug, said.in_(locale) if isinstance(said, Text) else said) for slug, said in words.items()]


def clean_name(given: str) -> str:
    """A person's name from anywhere: one line, nothing unseen, nothing that becomes a link, tag or formula.

    Empty when nothing of a name is left.
    """
    name = names.clean(given[: NAME_LENGTH * 4])
    name = _NOT_IN_NAMES.sub(" ", _LINKS_BEGIN.sub(" ", name))
    name = _LIKE_A_HOST.sub(r"\1. ", name)
    return names.clean(name).lstrip("+-=. ")[:NAME_LENGTH].rstrip()
