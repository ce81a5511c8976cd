"""What is ticked, chosen and said when a story is published or taken off line."""

from typing import Any

from starlette.datastructures import FormData
from wtforms import BooleanField

from maillage.auth.forms.arriving import Agreement
from maillage.auth.forms.people import options
from maillage.cases.policies import LICENCE_NAMES
from maillage.cases.policies.gate import STATEMENTS
from maillage.core.forms import Choice, Form, Prose, carried
from maillage.core.languages import _

REASON_LENGTH = 500
_UNTICKED = _("Tick this once it is so. If you are not sure, ask the people concerned first.")
VISIBILITIES = {
    "public": _("Everybody, with or without an account"),
    "members": _("People with an account here"),
}


class PublicationForm(Form):
    """The three statements, never ticked beforehand, and the terms on which the story is shared."""

    nobody_else = Agreement(STATEMENTS["nobody_else"], otherwise=_UNTICKED)
    could_read = Agreement(STATEMENTS["could_read"], otherwise=_UNTICKED)
    no_file = Agreement(STATEMENTS["no_file"], otherwise=_UNTICKED)
    visibility = Choice(_("Who can read it"), default="public")
    licence = Choice(_("What others may do with it"), default="cc-by")
    contact = BooleanField(carried(_("Readers may write to the authors through the platform; addresses never show")))
    translation_offered = BooleanField(carried(_("Whoever wants to may translate it, with our help")))

    def __init__(self, reader: str, data: FormData | None = None, **given: Any) -> None:
        super().__init__(reader, data, **given)
        self.visibility.choices = options(VISIBILITIES, reader)
        self.licence.choices = options(LICENCE_NAMES, reader)

    @property
    def stated(self) -> set[str]:
        """The statements that are ticked."""
        return {name for name in STATEMENTS if self[name].data}


class WithdrawalForm(Form):
    reason = Prose(_("Reason"), limit=REASON_LENGTH)
    sure = Agreement(
        _("I know that nobody will be able to read it from this moment on, apart from those who write it."),
        otherwise=_("Tick the box to say that this is what you want."),
    )

    def __init__(self, reader: str, data: FormData | None = None, *, needs_reason: bool) -> None:
        super().__init__(reader, data)
        self._needs_reason = needs_reason

    def validate(self, extra_validators: object = None) -> bool:  # noqa: ARG002
        """A facilitator says why; an author need not."""
        right = bool(super().validate())
        if self._needs_reason and not self.reason.words:
            self.reason.errors = [carried(_("Say why: the authors will read it."))]
            return False
        return right
