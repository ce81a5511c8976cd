"""Whom organizers invite: one person on each line, by the handle of an account or by an address."""

import re

from wtforms import ValidationError

from maillage.auth.forms.arriving import is_address
from maillage.core.forms import Form, Prose, carried
from maillage.core.languages import Text, _
from maillage.events.policies.inviting import AT_ONCE, Guest

_HANDLE = re.compile(r"@([a-z0-9][a-z0-9-]*)", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(r"(.*?)\s*<([^<>]*)>")


class InvitationsForm(Form):
    people = Prose(_("Whom to invite, one person on each line"), limit=AT_ONCE * 400, required=True)
    note = Prose(_("A word that goes into the letter"), limit=1_000)

    @property
    def guests(self) -> list[Guest]:
        """Each once, whatever the capitals, in their order. The form is valid."""
        found: dict[str, Guest] = {}
        for line in self.people.words.splitlines():
            guest = _guest(line.strip())
            if guest is not None:
                found.setdefault(guest.handle or guest.email.lower(), guest)
        return list(found.values())

    def validate_people(self, field: Prose) -> None:
        lines = [(number, line.strip()) for number, line in enumerate(field.words.splitlines(), 1) if line.strip()]
        wrong = [
            _(
                "Line %(number)s, “%(line)s”: this is neither an address nor an identifier that begins with @.",
                number=number,
                line=line[:80],
            )
            for number, line in lines
            if _guest(line) is None
        ]
        if wrong:
            field.errors = [*field.errors, *map(carried, wrong[:10])]
            raise ValidationError(carried(_("An address looks like name@example.org.")))
        if len(self.guests) > AT_ONCE:
            raise ValidationError(carried(_("At most %(most)s people at a time.", most=AT_ONCE)))

    def refuse(self, wrong: list[Text]) -> None:
        """Put these sentences beside the lines."""
        self.people.errors = [*self.people.errors, *map(carried, wrong)]


def _guest(line: str) -> Guest | None:
    if match := _HANDLE.fullmatch(line):
        return Guest(handle=match[1].lower())
    name, email = "", line
    if match := _NAMED.fullmatch(line):
        name, email = match[1].strip(" \"«»'"), match[2].strip()
    if not is_address(email) or len(email) > 254:
        return None
    # Until she says otherwise, somebody is called by what stands before the @.
    return Guest(email=email, name=(name or email.partition("@")[0])[:120])


def nobody(handle: str) -> Text:
    return _("There is no account with the identifier @%(handle)s.", handle=handle)
