"""Whom of those who registered organizers look for, and what they write to them."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField
from wtforms.validators import DataRequired, Length

from maillage.core.forms import Form, Line, Prose
from maillage.core.languages import _
from maillage.events.models import LIVE, STATUSES, WAYS
from maillage.events.policies.desk import SORTS, Segment


class LetterForm(Form):
    subject = Line(_("Subject"), limit=160, required=True)
    body = Prose(_("Letter"), limit=5_000, required=True)
    request_key = HiddenField(validators=[DataRequired(), Length(max=64)])


def segment(given: Mapping[str, Any], ticked: tuple[int, ...] = ()) -> Segment:
    """What an address asks for; what it says nonsense about is as if it had said nothing."""

    def one_of(name: str, known: tuple[str, ...]) -> str:
        value = str(given.get(name) or "")
        return value if value in known else ""

    status = one_of("status", (*STATUSES, "all"))
    date = str(given.get("date") or "")
    return Segment(
        statuses=STATUSES if status == "all" else (status,) if status else LIVE,
        status=status,
        date=int(date) if date.isascii() and date.isdigit() and len(date) < 19 else None,
        way=one_of("way", WAYS),
        region=str(given.get("region") or "")[:60].replace("\0", ""),
        family=str(given.get("family") or "")[:60].replace("\0", ""),
        words=str(given.get("q") or "").strip()[:100].replace("\0", ""),
        ticked=ticked,
        sort=one_of("sort", SORTS) or "name",
        descending=given.get("order") == "down",
    )
