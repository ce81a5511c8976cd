"""What people write when they ask to belong, invite others, or say who may do what."""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData
from wtforms.validators import ValidationError

from maillage.auth.forms.arriving import Agreement, is_address
from maillage.auth.forms.people import options
from maillage.auth.policies import ORGANIZATION_ROLES, PLATFORM_ROLES
from maillage.core.forms import Choice, Form, Line, Prose, carried
from maillage.core.languages import Text, _

NOTE_LENGTH = 500
AT_ONCE = 20
_CONFIRM = _("Tick the box to say that this is what you want.")


class RequestForm(Form):
    note = Prose(_("A word to those who will answer"), limit=NOTE_LENGTH)


class InvitationForm(Form):
    """Several people at once: one address a line, and nobody is invited while a line is wrong."""

    emails = Prose(_("E-mail addresses, one on each line"), limit=AT_ONCE * 256, required=True)
    role = Choice(_("As"), default="member")
    note = Prose(_("A word that goes into the letter"), limit=NOTE_LENGTH)

    def __init__(self, reader: str, data: FormData | None = None, **given: Any) -> None:
        super().__init__(reader, data, **given)
        self.role.choices = options(ORGANIZATION_ROLES, reader)

    @property
    def addresses(self) -> list[str]:
        """Each once, whatever its capitals, in their order."""
        found: dict[str, str] = {}
        for line in self.emails.words.splitlines():
            found.setdefault(line.strip().lower(), line.strip())
        return [address for address in found.values() if address]

    def validate_emails(self, field: Prose) -> None:
        if len(self.addresses) > AT_ONCE:
            raise ValidationError(carried(_("At most %(most)s addresses at a time.", most=AT_ONCE)))
        wrong: list[Text] = []
        for number, line in enumerate(field.words.splitlines(), 1):
            address = line.strip()
            if address and not is_address(address):
                wrong.append(_("Line %(number)s, “%(line)s”: this is not an address.", number=number, line=address))
        field.errors = [*field.errors, *map(carried, wrong[:10])]
        if wrong:
            raise ValidationError(carried(_("An address looks like name@example.org.")))


class HandleForm(Form):
    """Somebody, by the name that follows the @."""

    handle = Line(_("The person’s handle"), limit=40, required=True)

    @property
    def plain(self) -> str:
        return self.handle.words.removeprefix("@").lower()


class PlatformRoleForm(Form):
    role = Choice(_("Role"))
    sure = Agreement(
        _("I have checked that it is the right person. Their sessions end: they sign in again."), otherwise=_CONFIRM
    )

    def __init__(
        self, reader: str, data: FormData | None = None, *, act: str, roles: Sequence[str] = tuple(PLATFORM_ROLES)
    ) -> None:
        """`act` tells apart two of these on one page; `roles` are those to choose from."""
        super().__init__(reader, data)
        for field in self:
            field.id = field.label.field_id = f"{act}-{field.name}"
        self.role.choices = options({role: PLATFORM_ROLES[role] for role in roles}, reader)


class SuspensionForm(Form):
    reason = Prose(_("Reason"), limit=NOTE_LENGTH, required=True)
    sure = Agreement(_("I know that this signs the person out everywhere, at once."), otherwise=_CONFIRM)


class ClosingForm(Form):
    sure = Agreement(
        _("I know that people will be signed out, and will no longer speak for this organization."), otherwise=_CONFIRM
    )
