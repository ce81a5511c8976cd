"""Who came: what the door answers to a code, and which session somebody stands before."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from maillage.core.answers import YES, Answer, no
from maillage.core.db import Row
from maillage.core.languages import Text, _, counted

# `%(name)s` and `%(time)s` are filled by the page.
OUTCOME_NAMES: dict[str, Text] = {
    "arrived": _("%(name)s: arrival noted."),
    "again": _("%(name)s is here already: noted at %(time)s."),
    "not-confirmed": _("%(name)s has no seat for this date: the registration is not confirmed."),
    "other-date": _("%(name)s is registered for another date of this gathering."),
    "unknown": _("This code is not of a registration for this gathering."),
}
# What the door could not let pass by itself.
TO_LOOK_AT = ("not-confirmed", "other-date", "unknown")
NOBODY = _("Seat without a name")

# A device that stands at the door may keep the list from so long before a session until so long after it.
KEPT_BEFORE, KEPT_AFTER = timedelta(days=3), timedelta(days=1)
# From so long before a session somebody who has not registered is added there; the sheet is typed in whenever.
ADDED_BEFORE = timedelta(hours=3)
# As the address in the code says it, or by itself, as somebody types it.
_TICKET = re.compile(r"(?:\S*[?&]code=)?([\w-]{1,32})", re.ASCII)


def ticket_in(words: str) -> str | None:
    """The ticket that a code says."""
    found = _TICKET.fullmatch(words.strip())
    return found[1] if found else None


def current(sessions: Sequence[Row], now: datetime) -> Row | None:
    """The session for which people arrive now: the one that goes on, else the next one, else the last one."""
    if not sessions:
        return None
    return next((session for session in sessions if session["ends_at"] > now), sessions[-1])


def kept_until(session: Row, now: datetime) -> datetime | None:
    """Until when the device at the door keeps the list for when there is no network, if it does."""
    until: datetime = session["ends_at"] + KEPT_AFTER
    return until if session["starts_at"] - KEPT_BEFORE < now < until else None


def may_add(session: Row, now: datetime) -> Answer:
    """Add somebody who is there without being registered."""
    if now < session["starts_at"] - ADDED_BEFORE:
        return no(_("People who are not registered are added from three hours before it begins."))
    return YES


def no_seat(outcome: str, waiting: int) -> Text:
    """Why somebody who is there has no seat: none is free, or others wait for it."""
    if outcome == "queue":
        return counted(
            "Nobody was added. %(n)s person waits: until it begins, a free seat is for those who wait.",
            "Nobody was added. %(n)s people wait: until it begins, a free seat is for those who wait.",
            waiting,
        )
    if not waiting:
        return _("Nobody was added: there is no seat left in the room, and nobody waits.")
    return counted(
        "Nobody was added: there is no seat left in the room, and %(n)s person waits.",
        "Nobody was added: there is no seat left in the room, and %(n)s people wait.",
        waiting,
    )


def as_noted(at: datetime | None, session: Row, now: datetime) -> datetime:
    """When somebody arrived, as the device at the door has it, unless its clock cannot be right."""
    if at is None or not session["starts_at"] - timedelta(days=1) < at <= now:
        return now
    return at
