"""Inviting somebody into a story, and saying something of it."""

from collections.abc import Mapping, Sequence

from starlette.datastructures import FormData
from wtforms import BooleanField

from maillage.auth.forms.arriving import is_address
from maillage.auth.forms.people import options
from maillage.auth.policies import RELATIONS
from maillage.cases.policies.template import Field
from maillage.core.forms import Choice, Form, Line, Prose, carried
from maillage.core.languages import Text, _

KINDS: dict[str, Text] = {
    "coauthor": _("Writes it with you"),
    "reader": _("Reads it before it is published"),
    "validator": _("Reads it over, and is named for that"),
    "author": _("Answers for it with you (needs an account)"),
}
NAME_LENGTH, REMARK_LENGTH = 120, 2000


class InvitationForm(Form):
    """By the handle of an account, or by a name: then with a letter, or with a link to hand over."""

    kind = Choice(_("What part?"), choices=list(KINDS.items()), default="coauthor")
    handle = Line(_("With an account here: the identifier that follows @"), limit=60)
    name = Line(_("Without an account: the name under which this person signs"), limit=NAME_LENGTH)
    email = Line(_("E-mail address (optional)"), limit=254)
    concerned = BooleanField(carried(_("One of the people whom the story is about")))

    @property
    def at_handle(self) -> str:
        return self.handle.words.removeprefix("@").lower()

    def validate(self, extra_validators: object = None) -> bool:  # noqa: ARG002
        """One of the two ways, and an address that can be written to."""
        right = bool(super().validate())
        if not self.handle.words and not self.name.words:
            self.name.errors = [carried(_("Give the identifier of an account, or a name."))]
            right = False
        if self.email.words and not is_address(self.email.words):
            self.email.errors = [carried(_("This is not an e-mail address."))]
            right = False
        if self.kind.data == "author" and not self.handle.words:
            self.kind.errors = [carried(_("Only somebody with an account can answer for a story."))]
            right = False
        return right


class PartForm(Form):
    kind = Choice(_("What part?"), choices=list(KINDS.items()))
    concerned = BooleanField(carried(_("One of the people whom the story is about")))


class SignatureForm(Form):
    """In what capacity somebody signs, and for which of her organizations."""

    relation = Choice(_("In what capacity"), default="")
    organization = Choice(_("For whom"), default="")

    def __init__(
        self, reader: str, data: FormData | None = None, *, organizations: Mapping[int, str], **given: str
    ) -> None:
        super().__init__(reader, data, **given)
        self.relation.choices = [("", _("Not said").in_(reader)), *options(RELATIONS, reader)]
        named = [(str(number), name) for number, name in organizations.items()]
        self.organization.choices = [("", _("In one’s own name").in_(reader)), *named]

    @property
    def for_organization(self) -> int | None:
        return int(self.organization.data) if self.organization.data else None


class RemarkForm(Form):
    """What somebody who reads a story says of one of its fields."""

    field = Choice(_("What it is about"))
    body = Prose(_("Your remark"), limit=REMARK_LENGTH, required=True)

    def __init__(self, locale: str, questions: Sequence[Field], data: FormData | None = None) -> None:
        super().__init__(locale, data)
        self.field.choices = [(question.name, question.label.in_(locale)) for question in questions]
