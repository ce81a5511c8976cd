"""A calendar as bytes: hours in their zone, the form that programs know, words that stay words."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from maillage.core import clock
from maillage.events import ical
from tests.events.calendars import LINK, read, sequence

# What somebody might type to become a line of the calendar, or a parameter of one.
HOSTILE = [
    "Bonjour\r\nATTENDEE:mailto:x@courriel.example",
    "Bonjour\nX-INJECT:oui",
    "Bonjour\rEND:VEVENT",
    "Virgules, points-virgules; et \\barres\\n",
    'Des "guillemets": et deux-points',
    "\x00\x07\x1b[2Jcloches\u2028\u2029",
    "\u202eedrevne\u2066",
    "é" * 200,
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 " * 15,
    "BEGIN:VCALENDAR",
]
ROW = {
    "ical_uid": "0a2f9f3c-0000-4000-8000-000000000001",
    "ical_sequence": 0,
    "session_title": "",
    "label": "",
    "changed_at": datetime(2026, 9, 1, 12, tzinfo=ZoneInfo("UTC")),
    "date_state": "scheduled",
    "mode": "in-person",
    "place": "Salle communautaire",
    "address": "",
    "locality": "Sainte-Brume",
    "id": 7,
    "slug": "rencontre",
    "title": "Rencontre",
    "state": "published",
    "summary": "",
    "of": 1,
    "nth": 1,
}


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("America/Toronto", -4, -5),
        ("America/Halifax", -3, -4),
        # The Lower North Shore does not change its clocks.
        ("America/Blanc-Sablon", -4, -4),
    ],
)
def test_nine_o_clock_stays_nine_o_clock_when_clocks_change(zone: str, before: int, after: int) -> None:
    """On both sides of 1 November 2026 and of 14 March 2027, read by the rules that the file itself brings."""
    days = {datetime(2026, 10, 31): before, datetime(2026, 11, 1): after, datetime(2027, 3, 13): after}  # noqa: DTZ001
    days |= {datetime(2027, 3, 14): before, datetime(2027, 3, 15): before}  # noqa: DTZ001
    rows = [
        ROW
        | {"zone": zone, "local_start": day + timedelta(hours=9), "local_end": day + timedelta(hours=16), "ical_uid": n}
        for n, day in enumerate(days)
    ]
    body = ical.feed(rows, name="Maillage", base_url="https://m.example", locale="fr-CA")
    assert body.count(f"TZID={zone}:".encode()) == 10
    assert body.count(b"BEGIN:VTIMEZONE") == 1
    calendar = Calendar.from_ical(body)
    there = calendar.timezones[0].to_tz()
    for event, offset in zip(calendar.events, days.values(), strict=True):
        assert isinstance(event.start, datetime)
        start = event.start.replace(tzinfo=None).replace(tzinfo=there)
        assert (start.hour, start.utcoffset()) == (9, timedelta(hours=offset))
    # Of a hundred and fifty years of rules, those of this one.
    assert len(body) < 4_000


def test_an_hour_that_comes_twice_is_the_second_one_everywhere() -> None:
    """As the database counts it: calendars left to themselves would take the first."""
    night = datetime(2026, 11, 1)  # noqa: DTZ001
    row = ROW | {"zone": "America/Toronto", "local_start": night + timedelta(minutes=90)}
    row["local_end"] = night + timedelta(hours=5)
    (event,) = read(ical.feed([row], name="Maillage", base_url="https://m.example", locale="fr-CA"))
    assert event.start == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert "startdt=2026-11-01T06%3A30%3A00Z" in ical.outlook_link(row, base_url="https://m.example", locale="fr-CA")


GOLDEN = Path(__file__).parent / "golden"
_DAY = datetime(2026, 10, 28, 9)  # noqa: DTZ001
# Of three zones, on both sides of 1 November, in words with a comma, a semicolon, two lines, quotation marks.
_ROWS: list[dict[str, Any]] = [
    ROW
    | {
        "ical_uid": f"0a2f9f3c-0000-4000-8000-00000000000{nth}",
        "ical_sequence": nth - 1,
        "zone": zone,
        "local_start": _DAY + timedelta(weeks=nth - 1),
        "local_end": _DAY + timedelta(weeks=nth - 1, hours=7),
        "title": "Dîner, échanges; « suites »",
        "summary": 'Une "journée"\npour se parler.',
        "of": 3,
        "nth": nth,
        "date_state": state,
        "way": "online" if nth == 2 else "in-person",
        "online_url": LINK,
    }
    for nth, (zone, state) in enumerate(
        [("America/Toronto", "scheduled"), ("America/Halifax", "postponed"), ("America/Blanc-Sablon", "cancelled")], 1
    )
]


@pytest.mark.parametrize("name", ["feed", "request", "cancel"])
def test_a_calendar_is_what_it_was(name: str) -> None:
    """The very bytes that calendars have seen, and what the library reads in them."""
    given: dict[str, Any] = {"base_url": "https://m.example", "locale": "fr-CA"}
    if name == "feed":
        bodies = [ical.feed(_ROWS, name="Maillage – Rencontres", **given)]
    else:
        given |= {"sender": ical.Guest("Maillage", "m@m.example"), "to": ical.Guest("Zoé Roy", "z@courriel.example")}
        at = datetime(2026, 9, 2, 12, tzinfo=UTC)
        bodies = ical.invitations(_ROWS, cancels=name == "cancel", moved=4, at=at, **given)
        # Of each session its own: an invitation may hold several events only of one UID.
        assert [body.count(b"BEGIN:VEVENT") for body in bodies] == [1] * len(_ROWS)
    assert b"".join(bodies) == (GOLDEN / f"{name}.ics").read_bytes()
    events = [event for body in bodies for event in read(body)]
    more = 0 if name == "feed" else 4
    assert [(str(event["UID"]), sequence(event)) for event in events] == [
        (row["ical_uid"], row["ical_sequence"] + more) for row in _ROWS
    ]
    assert [event["DTSTART"].params["TZID"] for event in events] == [row["zone"] for row in _ROWS]
    assert {str(event["SUMMARY"])[:27] for event in events} == {_ROWS[0]["title"]}
    guests = {str(event.get("ATTENDEE")) for event in events}
    assert guests == ({"None"} if name == "feed" else {"mailto:z@courriel.example"})
    # The way in, for whoever takes part that way, and while she does.
    assert [LINK in str(event["DESCRIPTION"]) for event in events] == [False, name == "request", False]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_people_write_stays_words(words: str) -> None:
    day = datetime(2026, 11, 3, 9)  # noqa: DTZ001
    row = ROW | {
        "zone": "America/Toronto",
        "local_start": day,
        "local_end": day + timedelta(hours=2),
        "way": "in-person",
    }
    row |= dict.fromkeys(("title", "summary", "place", "label", "session_title"), words) | {"online_url": ""}
    guest = ical.Guest(words, "a@courriel.example")
    given = {"moved": 0, "at": clock.now(), "base_url": "https://m.example", "locale": "fr-CA"}
    bodies = [
        ical.feed([row], name=words, base_url="https://m.example", locale="fr-CA"),
        *ical.invitations([row], cancels=False, sender=ical.Guest("Maillage", "m@m.example"), to=guest, **given),  # type: ignore[arg-type]
    ]
    for body, people in zip(bodies, (0, 1), strict=True):
        (event,) = read(body)
        assert body.count(b"\r\nBEGIN:VEVENT\r\n") == body.count(b"\r\nEND:VEVENT\r\n") == 1
        assert [str(event["ATTENDEE"])] * people == ["mailto:a@courriel.example"] if people else "ATTENDEE" not in event
        assert "X-INJECT" not in event
        assert not any(ord(each) < 32 and each not in "\n" for each in str(event["DESCRIPTION"]))
        assert "\n" not in str(event["SUMMARY"])
