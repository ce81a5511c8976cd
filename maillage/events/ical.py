"""Gatherings as calendars read them (RFC 5545, 5546, 7986): feeds for everybody, and invitations in letters.

Each session is an event of its own, known for ever by its random number. Times are what the clock on the wall says,
with the rules of that zone beside them; the same rows always give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from icalendar import Calendar, Event, vCalAddress, vDuration, vText, vUri

from maillage.core.db import Row
from maillage.core.forms import clean_line, clean_prose
from maillage.core.languages import _
from maillage.events.policies.zones import instant
from maillage.events.queries.door import gathering_path

# One session: a row of `queries/calendars.py`, or what stands for one.
Session = Row | Mapping[str, Any]
REQUEST, CANCEL = "REQUEST", "CANCEL"
_MAKER = "-//Maillage//Rencontres//FR"
# How long a calendar may wait before it looks again. Many look when they like.
_AGAIN = timedelta(hours=6)
_ONLINE = _("Online")
_PART = _("%(title)s (%(nth)s of %(of)s)")
_LINK_IN_LETTER = _("To take part online: %(address)s")


@dataclass(frozen=True, slots=True)
class Guest:
    """The one person whom an invitation is for."""

    name: str
    email: str


def feed(rows: Sequence[Session], *, name: str, base_url: str, locale: str) -> bytes:
    """A calendar to subscribe to. It names nobody, and holds no address to take part online."""
    calendar = _calendar(name)
    calendar.add("REFRESH-INTERVAL", vDuration(_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(_AGAIN))
    for row in rows:
        event = _event(row, base_url, locale)
        event.add("DTSTAMP", row["changed_at"].astimezone(UTC).replace(microsecond=0))
        event.add("SEQUENCE", row["ical_sequence"])
        calendar.add_component(event)
    return _whole(calendar, rows)


def invitations(
    rows: Sequence[Session],
    *,
    cancels: bool,
    moved: int,
    at: datetime,
    sender: Guest,
    to: Guest,
    base_url: str,
    locale: str,
) -> list[bytes]:
    """What her letter brings into her calendar, or takes out of it: of each session its own, since one invitation may
    hold several events only of one UID (RFC 5546, 3.2.2).

    `moved` is how many times her place has come and gone, which goes into SEQUENCE: a calendar believes only the
    highest that it has seen. `at` is when that was.
    """
    bodies = []
    for row in rows:
        calendar = _calendar(sender.name)
        calendar.add("METHOD", CANCEL if cancels else REQUEST)
        event = _event(row, base_url, locale)
        event.add("DTSTAMP", at.astimezone(UTC).replace(microsecond=0))
        event.add("SEQUENCE", row["ical_sequence"] + moved)
        event.add("ORGANIZER", _address(sender), encode=False)
        attendee = _address(to)
        attendee.params.update({"ROLE": "REQ-PARTICIPANT", "RSVP": "FALSE"})
        attendee.params["PARTSTAT"] = "DECLINED" if cancels else "ACCEPTED"
        event.add("ATTENDEE", attendee, encode=False)
        if cancels:
            event["STATUS"] = vText("CANCELLED")
        elif row["way"] == "online" and row["online_url"]:
            words = _LINK_IN_LETTER.in_(locale) % {"address": row["online_url"]}
            event["DESCRIPTION"] = vText(f"{words}\n\n{event['DESCRIPTION']}")
        calendar.add_component(event)
        bodies.append(_whole(calendar, [row]))
    return bodies


def google_link(row: Session, *, base_url: str, locale: str) -> str:
    """The page of Google Agenda that is filled in with this session."""
    start, end = (row[side].strftime("%Y%m%dT%H%M%S") for side in ("local_start", "local_end"))
    asked = {"action": "TEMPLATE", "text": _summary(row, locale), "dates": f"{start}/{end}", "ctz": row["zone"]}
    return "https://calendar.google.com/calendar/render?" + urlencode(asked | _said(row, base_url, locale, "details"))


def outlook_link(row: Session, *, base_url: str, locale: str) -> str:
    """The page of Outlook that is filled in with this session. It takes moments, and says them in her own zone."""
    start, end = (
        instant(row[side], row["zone"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for side in ("local_start", "local_end")
    )
    asked = {"path": "/calendar/action/compose", "rru": "addevent", "subject": _summary(row, locale)}
    asked |= {"startdt": start, "enddt": end} | _said(row, base_url, locale, "body")
    return "https://outlook.office.com/calendar/deeplink/compose?" + urlencode(asked)


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", _MAKER)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    # The second is what calendars read before there was the first.
    calendar.add("NAME", clean_line(name))
    calendar.add("X-WR-CALNAME", clean_line(name))
    return calendar


def _event(row: Session, base_url: str, locale: str) -> Event:
    event = Event()
    event.add("UID", str(row["ical_uid"]))
    for name, side in (("DTSTART", "local_start"), ("DTEND", "local_end")):
        event.add(name, _moment(row[side], row["zone"]))
    event.add("SUMMARY", _summary(row, locale))
    said = _said(row, base_url, locale, "description")
    event.add("DESCRIPTION", said["description"])
    if said["location"]:
        event.add("LOCATION", said["location"])
    event.add("URL", vUri(_page(row, base_url)), encode=False)
    event.add("STATUS", _status(row))
    event.add("LAST-MODIFIED", row["changed_at"].astimezone(UTC).replace(microsecond=0))
    return event


def _moment(local: datetime, zone: str) -> datetime:
    """What the clock on the wall says. Of an hour that comes twice calendars take the first, and we mean the second:
    that one is said as a moment."""
    there = instant(local, zone)
    return there if there.replace(fold=0).utcoffset() == there.utcoffset() else there.astimezone(UTC)


def _status(row: Session) -> str:
    if row["state"] == "cancelled" or row["date_state"] == "cancelled":
        return "CANCELLED"
    # Postponed, or not hers yet: the day may not hold.
    return (
        "TENTATIVE"
        if row["date_state"] == "postponed" or row.get("status", "confirmed") != "confirmed"
        else "CONFIRMED"
    )


def _summary(row: Session, locale: str) -> str:
    words = row["session_title"] or row["label"]
    title = f"{row['title']} – {words}" if words else row["title"]
    if row["of"] > 1:
        title = _PART.in_(locale) % {"title": title, "nth": row["nth"], "of": row["of"]}
    return clean_line(title)


def _said(row: Session, base_url: str, locale: str, name: str) -> dict[str, str]:
    place = ", ".join(part for part in (row["place"], row["address"], row["locality"]) if part)
    if (row.get("way") or row["mode"]) == "online":
        place = _ONLINE.in_(locale)
    return {name: clean_prose(f"{row['summary']}\n\n{_page(row, base_url)}"), "location": clean_line(place)}


def _page(row: Session, base_url: str) -> str:
    return base_url + gathering_path(row["id"], row["slug"])


def _address(who: Guest) -> vCalAddress:
    address = vCalAddress(f"mailto:{who.email}")
    # A quotation mark cannot stand in a parameter.
    address.params["CN"] = clean_line(who.name).replace('"', "’")
    return address


def _whole(calendar: Calendar, rows: Sequence[Session]) -> bytes:
    if rows:
        # Of each zone, the rules of these years only: the whole list is three times as long as an event.
        days = [row["local_start"].date() for row in rows]
        calendar.add_missing_timezones(min(days) - timedelta(days=1), max(days) + timedelta(days=1))
        # The library lists zones as they come out of a set: otherwise in each process.
        calendar.subcomponents.sort(key=lambda part: (part.name != "VTIMEZONE", str(part.get("TZID", ""))))
    written: bytes = calendar.to_ical()
    return written
