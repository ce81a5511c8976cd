"""What is sent from the door: a code or a name, when it was, and the number that the device gave it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from wtforms import HiddenField, ValidationError
from wtforms.widgets import EmailInput

from maillage.auth.forms.arriving import is_address
from maillage.core.forms import MAX_NUMBER, Form, Line, carried
from maillage.core.languages import _
from maillage.events.policies.attendance import ticket_in

_NONCE = re.compile(r"[\w-]{16,64}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)


class CodeForm(Form):
    """A code, as a reader in the hand types it, or as somebody copies it."""

    code = Line(_("Code"), limit=500, required=True)

    def validate_code(self, field: Line) -> None:
        if ticket_in(field.words) is None:
            raise ValidationError(carried(_("A code is made of letters and digits, without spaces.")))

    @property
    def ticket(self) -> str | None:
        return ticket_in(self.code.words)


class WalkInForm(Form):
    """Somebody who is there without being registered."""

    name = Line(_("Name"), limit=120, required=True, render_kw={"autocomplete": "off"})
    email = Line(_("E-mail address"), limit=254, widget=EmailInput(), render_kw={"autocomplete": "off"})
    nonce = HiddenField()
    # When she was there, where the device had no network.
    at = HiddenField()

    def validate_email(self, field: Line) -> None:
        if field.words and not is_address(field.words):
            raise ValidationError(carried(_("An address looks like name@example.org.")))


def number(given: object) -> int | None:
    """The number of a row."""
    if not isinstance(given, str) or not _NUMBER.fullmatch(given):
        return None
    return int(given) if int(given) <= MAX_NUMBER else None


def numbers(given: Iterable[object]) -> set[int]:
    return {found for one in given if (found := number(one)) is not None}


def nonce(given: object) -> str | None:
    return given if isinstance(given, str) and _NONCE.fullmatch(given) else None


def moment(given: object) -> datetime | None:
    """A moment as the browser's clock writes it, in UTC."""
    if not isinstance(given, str) or len(given) > 40:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
