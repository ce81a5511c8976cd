"""What somebody may do with a registration of hers, and the words around it."""

from datetime import datetime

from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _
from maillage.events.models import LIVE
from maillage.events.policies.words import REFUSALS

LISTED_NAMES: dict[str, Text] = {
    "nobody": _("Nobody but the organizers"),
    "participants": _("Those who come too"),
    "everyone": _("Everybody"),
}
ACCESS_NEEDS: dict[str, Text] = {
    "wheelchair": _("Step-free access"),
    "sign-language": _("Sign language interpretation"),
    "captions": _("Captions"),
    "large-print": _("Documents in large print"),
    "transport": _("Help with transport"),
    "childcare": _("Childcare"),
}
DIETS: dict[str, Text] = {
    "vegetarian": _("Vegetarian"),
    "vegan": _("Vegan"),
    "gluten-free": _("Gluten-free"),
    "lactose-free": _("Lactose-free"),
    "halal": _("Halal"),
    "kosher": _("Kosher"),
    "allergy": _("Allergy (specify below)"),
}


def is_over(date_state: str, ends_at: datetime | None, now: datetime) -> bool:
    """It has taken place: nobody comes, withdraws or moves any more. What is postponed has a date to come."""
    return date_state != "postponed" and ends_at is not None and ends_at <= now


def may_confirm(status: str, *, over: bool) -> Answer:
    """Answer from the address that was given."""
    if over:
        return no(REFUSALS["past"])
    return YES if status == "unconfirmed" else no(_("This registration was confirmed already."))


def may_withdraw(status: str, *, over: bool) -> Answer:
    if over:
        return no(REFUSALS["past"])
    return YES if status in LIVE else no(REFUSALS["ended"])


def may_accept(status: str, expires_at: datetime | None, now: datetime) -> Answer:
    """Take the seat that is held for her."""
    if status != "offered":
        return no(_("No seat is held for you."))
    return YES if expires_at is not None and expires_at > now else no(REFUSALS["expired"])


def may_move(status: str, *, over: bool) -> Answer:
    """Ask for another date or another way, and keep this one until then."""
    if over:
        return no(REFUSALS["past"])
    return YES if status in ("confirmed", "waiting", "offered") else no(REFUSALS["nothing-to-leave"])


def may_answer(status: str, date_state: str, starts_at: datetime | None, now: datetime) -> Answer:
    """Say anew what she answered, chose and needs, until it begins."""
    if status == "unconfirmed" or status not in LIVE:
        return no(REFUSALS["ended"])
    if date_state != "postponed" and starts_at is not None and starts_at <= now:
        return no(REFUSALS["begun"])
    return YES


def may_be_listed(status: str) -> Answer:
    """Say who reads her name. Whoever only waits is in no list, and may say so beforehand."""
    return YES if status in LIVE and status != "unconfirmed" else no(REFUSALS["ended"])
