"""Gatherings in the calendars of others: feeds, files, and what letters bring."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from maillage.core import clock
from maillage.core.db import Db
from maillage.events import ical
from maillage.events.commands import registering
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering
from tests.events.post import messages, post_office

LINK = "https://salle.example/porte-secrete"
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


def hybrid(site: Site, handle: str = "thuy-linh", *, days: int = 45, sessions: int = 1, **more: Any) -> int:
    async def write(db: Db) -> int:
        gathering_id = await make_gathering(db, handle, **more)
        starts = in_days(days)
        await make_date(
            db, gathering_id, seats=5, starts=starts, mode="hybrid", online=5, online_url=LINK, sessions=sessions
        )
        return gathering_id

    return site.write(write)


def read(body: bytes) -> list[Event]:
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 75
    return list(Calendar.from_ical(body).events)


def titles(body: bytes) -> set[str]:
    return {str(event["SUMMARY"]) for event in read(body)}


def test_a_feed_holds_what_its_filters_let_through_and_nothing_that_is_hidden(site: Site) -> None:
    site.write(lambda db: db.connection.execute("TRUNCATE gathering CASCADE"))
    hybrid(site, title="Pour tout le monde")
    hybrid(site, title="Entre membres", visibility="members")
    draft = hybrid(site, title="Ébauche", state="draft")
    gone = hybrid(site, title="Annulée", state="cancelled")
    hybrid(site, title="L’an passé", days=-300)
    for browser in (site.stranger, site.as_("maryse")):
        answer = browser.get("/rencontres/calendrier.ics")
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert titles(answer.content) == {"Pour tout le monde", "Annulée"}
        # No name, no way in, of anybody.
        for word in (b"ATTENDEE", b"ORGANIZER", b"METHOD", LINK.encode(), b"Thuy"):
            assert word not in answer.content
    assert [e["STATUS"] for e in read(answer.content) if e["SUMMARY"] == "Annulée"] == ["CANCELLED"]
    assert titles(site.stranger.get("/rencontres/calendrier.ics?region=laval").content) == set()
    assert titles(site.stranger.get("/rencontres/calendrier.ics?mode=online").content) == {
        "Pour tout le monde",
        "Annulée",
    }
    atom = site.stranger.get("/rencontres/flux.atom")
    names = {each.text for each in ET.fromstring(atom.content).iter("{http://www.w3.org/2005/Atom}title")}  # noqa: S314 — our own
    # What has been announced, whenever it takes place.
    assert names == {"Pour tout le monde", "Annulée", "L’an passé", f"{site.settings.name} – Rencontres"}
    assert site.stranger.get(f"/rencontres/{draft}.ics").status_code == 404
    assert site.as_("thuy-linh").get(f"/rencontres/{draft}.ics").status_code == 200
    assert titles(site.stranger.get(f"/rencontres/{gone}.ics").content) == {"Annulée"}
    for odd in ("?date=0", "?date=x", "?date=99999999999999999999", "?date=-1"):
        assert site.stranger.get(f"/rencontres/{gone}.ics{odd}").status_code == 404


def test_a_calendar_stays_the_same_bytes_until_something_changes(site: Site) -> None:
    number = hybrid(site, sessions=3)
    first = site.stranger.get(f"/rencontres/{number}.ics")
    assert not first.headers["etag"].startswith("W/")
    again = site.stranger.get(f"/rencontres/{number}.ics", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert site.stranger.get(f"/rencontres/{number}.ics").content == first.content
    events = read(first.content)
    assert [str(event["SUMMARY"])[-9:] for event in events] == [" (1 de 3)", " (2 de 3)", " (3 de 3)"]
    assert len({event["UID"] for event in events}) == 3
    site.ask(
        "UPDATE event_session SET ical_sequence = 1, local_end = local_end + interval '1 hour', changed_at = now()"
    )
    moved = site.stranger.get(f"/rencontres/{number}.ics", headers={"If-None-Match": first.headers["etag"]})
    assert moved.status_code == 200
    assert [event["UID"] for event in read(moved.content)] == [event["UID"] for event in events]
    assert {event["SEQUENCE"] for event in read(moved.content)} == {1}


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
        start = event.start.replace(tzinfo=None).replace(tzinfo=there)
        assert (start.hour, start.utcoffset()) == (9, timedelta(hours=offset))
    # Of a hundred and fifty years of rules, those of this one.
    assert len(body) < 4_000


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
        ical.invitation([row], cancels=False, sender=ical.Guest("Maillage", "m@m.example"), to=guest, **given),  # type: ignore[arg-type]
    ]
    for body, people in zip(bodies, (0, 1), strict=True):
        (event,) = read(body)
        assert body.count(b"\r\nBEGIN:VEVENT\r\n") == body.count(b"\r\nEND:VEVENT\r\n") == 1
        assert [str(event["ATTENDEE"])] * people == ["mailto:a@courriel.example"] if people else "ATTENDEE" not in event
        assert "X-INJECT" not in event
        assert not any(ord(each) < 32 and each not in "\n" for each in str(event["DESCRIPTION"]))
        assert "\n" not in str(event["SUMMARY"])


def calendar_in(message: EmailMessage) -> Event | None:
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    if not parts:
        return None
    shown, attached = (part.get_payload(decode=True) for part in parts)
    assert shown == attached
    assert isinstance(shown, bytes)
    (event,) = read(shown)
    method = str(Calendar.from_ical(shown)["METHOD"])
    assert {part.get_param("method") for part in parts} == {method}
    event.add("X-METHOD", method)
    return event


def test_a_letter_brings_the_gathering_into_her_calendar_and_takes_it_out_again(site: Site) -> None:
    number = hybrid(site)
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    address = f"/rencontres/{number}"
    felix = site.as_("felix")
    site.ask("UPDATE person SET email = 'felix@courriel.example' WHERE handle = 'felix'")
    told: list[Event] = []

    def after(act: str, **form: str) -> None:
        seen = {message["Message-ID"] for message in messages(site)}
        assert felix.post(f"{address}/{act}", data=form).status_code == 303
        post_office(site)
        (new,) = [message for message in messages(site) if message["Message-ID"] not in seen]
        event = calendar_in(new)
        assert event is not None
        told.append(event)

    def registration() -> str:
        return str(site.ask("SELECT max(id) FROM registration"))

    after("inscription", date=f"{date}:online", listed="nobody")
    after("desistement", registration=registration())
    after("inscription", date=f"{date}:online", listed="nobody")
    assert [str(event["X-METHOD"]) for event in told] == ["REQUEST", "CANCEL", "REQUEST"]
    assert len({str(event["UID"]) for event in told}) == 1
    assert [int(event["SEQUENCE"]) for event in told] == [0, 1, 2]
    first, out, _again = told
    assert str(first["ATTENDEE"]) == "mailto:felix@courriel.example"
    assert first["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert LINK in first["DESCRIPTION"]
    assert (str(first["STATUS"]), str(out["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert LINK not in out["DESCRIPTION"]

    async def change_time(db: Db) -> None:
        await db.connection.execute("UPDATE event_session SET ical_sequence = ical_sequence + 1")
        await registering.announce(db, occurrence_id=date, cause="date-changed", now=clock.now(), by=None)

    site.write(change_time)
    seen = {message["Message-ID"] for message in messages(site)}
    post_office(site)
    (new,) = [message for message in messages(site) if message["Message-ID"] not in seen]
    event = calendar_in(new)
    assert event is not None
    assert (str(event["X-METHOD"]), int(event["SEQUENCE"])) == ("REQUEST", 3)


def test_whoever_waits_gets_nothing_into_her_calendar(site: Site) -> None:
    number = hybrid(site)
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    site.write(lambda db: registering.set_seats(db, occurrence_id=date, way="online", seats=0, now=clock.now()))
    site.as_("felix").post(f"/rencontres/{number}/inscription", data={"date": f"{date}:online", "listed": "nobody"})
    post_office(site)
    assert [calendar_in(message) for message in messages(site)] == [None]


def test_her_own_calendar_is_behind_an_address_that_she_can_change_and_take_away(site: Site) -> None:
    number = hybrid(site, title="Où elle va")
    hybrid(site, title="Où elle ne va pas")
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    maryse = site.as_("maryse")
    maryse.post(f"/rencontres/{number}/inscription", data={"date": f"{date}:online", "listed": "nobody"})

    def address() -> str:
        page = maryse.post("/moi/calendrier", data={"act": "open"}).text
        return page.split('value="http://testserver')[1].split('"')[0]

    first = address()
    answer = site.stranger.get(first)
    assert "Où elle va" in titles(answer.content)
    assert "Où elle ne va pas" not in titles(answer.content)
    assert answer.headers["cache-control"].startswith("private")
    for word in (b"ATTENDEE", b"ORGANIZER", LINK.encode(), b"maryse"):
        assert word not in answer.content
    # It is not said a second time.
    assert ".ics" not in maryse.get("/moi/calendrier").text
    second = address()
    assert site.stranger.get(first).status_code == 404
    assert site.stranger.get(second).status_code == 200
    site.ask("UPDATE person SET suspended_at = now() WHERE handle = 'maryse'")
    assert site.stranger.get(second).status_code == 404
    site.ask("UPDATE person SET suspended_at = NULL WHERE handle = 'maryse'")
    assert maryse.post("/moi/calendrier", data={"act": "close"}).status_code == 303
    assert site.stranger.get(second).status_code == 404
    assert site.stranger.get("/moi/calendrier").status_code == 303
    # Whoever looks after a gathering has it in hers.
    maryse = site.as_("thuy-linh")
    assert "Où elle ne va pas" in titles(site.stranger.get(address()).content)


def test_the_page_leads_to_the_calendars_that_most_people_have(site: Site) -> None:
    number = hybrid(site, title="Dîner & échanges")
    page = site.stranger.get(f"/rencontres/{number}-diner-echanges").text
    assert f'href="/rencontres/{number}.ics?date=' in page
    assert (
        "https://calendar.google.com/calendar/render?action=TEMPLATE&amp;text=D%C3%AEner+%26+%C3%A9changes&amp;dates="
        in page
    )
    assert "&amp;ctz=America%2FToronto" in page
    assert "https://outlook.office.com/calendar/deeplink/compose?" in page
    assert LINK not in page
