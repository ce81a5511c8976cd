"""Gatherings in the calendars of others: feeds, files, and what letters bring."""

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
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


def sequence(event: Event) -> int:
    return int(str(event["SEQUENCE"]))


def test_a_feed_holds_what_its_filters_let_through_and_nothing_that_is_hidden(site: Site) -> None:
    site.write(lambda db: db.connection.execute("TRUNCATE gathering CASCADE"))
    hybrid(site, title="Pour tout le monde")
    hybrid(site, title="Entre membres", visibility="members")
    draft = hybrid(site, title="Ébauche", state="draft")
    gone = hybrid(site, title="Annulée", state="cancelled")
    hybrid(site, title="L’an passé", days=-300)
    answers = [browser.get("/rencontres/calendrier.ics") for browser in (site.stranger, site.as_("maryse"))]
    for answer in answers:
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert titles(answer.content) == {"Pour tout le monde", "Annulée"}
        # No name, no way in, of anybody.
        for word in (b"ATTENDEE", b"ORGANIZER", b"METHOD", LINK.encode(), b"Thuy"):
            assert word not in answer.content
    assert [e["STATUS"] for e in read(answers[0].content) if e["SUMMARY"] == "Annulée"] == ["CANCELLED"]
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
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    # Also among others, and as a proxy that compresses gives it back.
    for held in (etag, f'"x", {etag}', f"W/{etag}"):
        again = site.stranger.get(f"/rencontres/{number}.ics", headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
    assert site.stranger.get(f"/rencontres/{number}.ics", headers={"If-None-Match": '"x"'}).status_code == 200
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
        body = ical.feed(_ROWS, name="Maillage – Rencontres", **given)
    else:
        given |= {"sender": ical.Guest("Maillage", "m@m.example"), "to": ical.Guest("Zoé Roy", "z@courriel.example")}
        at = datetime(2026, 9, 2, 12, tzinfo=UTC)
        body = ical.invitation(_ROWS, cancels=name == "cancel", moved=4, at=at, **given)
    assert body == (GOLDEN / f"{name}.ics").read_bytes()
    events = read(body)
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
    events = calendar_of(message)
    assert len(events) <= 1
    return events[0] if events else None


def calendar_of(message: EmailMessage) -> list[Event]:
    """What it does to a calendar: the same in both of its parts, by the same method, for one guest."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    if not parts:
        return []
    shown, attached = (part.get_payload(decode=True) for part in parts)
    assert shown == attached
    assert isinstance(shown, bytes)
    method = str(Calendar.from_ical(shown)["METHOD"])
    assert {part.get_param("method") for part in parts} == {method}
    events = read(shown)
    for event in events:
        assert not isinstance(event["ATTENDEE"], list)
        event.add("X-METHOD", method)
    return events


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
    assert [sequence(event) for event in told] == [0, 1, 2]
    first, out, _again = told
    assert str(first["ATTENDEE"]) == "mailto:felix@courriel.example"
    assert first["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert LINK in str(first["DESCRIPTION"])
    assert (str(first["STATUS"]), str(out["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert LINK not in str(out["DESCRIPTION"])

    async def change_time(db: Db) -> None:
        await db.connection.execute("UPDATE event_session SET ical_sequence = ical_sequence + 1")
        await registering.announce(db, occurrence_id=date, cause="date-changed", now=clock.now(), by=None)

    site.write(change_time)
    seen = {message["Message-ID"] for message in messages(site)}
    post_office(site)
    (new,) = [message for message in messages(site) if message["Message-ID"] not in seen]
    event = calendar_in(new)
    assert event is not None
    assert (str(event["X-METHOD"]), sequence(event)) == ("REQUEST", 3)


def test_all_sessions_of_a_date_come_and_go_together(site: Site) -> None:
    number = hybrid(site, sessions=3)
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    felix = site.as_("felix")
    felix.post(f"/rencontres/{number}/inscription", data={"date": f"{date}:in-person", "listed": "nobody"})
    post_office(site)
    (asked,) = messages(site)
    site.as_("thuy-linh").post(f"/rencontres/{number}/annuler", data={"reason": "La salle a brûlé."})
    post_office(site)
    (gone,) = [message for message in messages(site) if message["Message-ID"] != asked["Message-ID"]]
    came, went = calendar_of(asked), calendar_of(gone)
    assert [str(event["X-METHOD"]) for event in (*came, *went)] == ["REQUEST"] * 3 + ["CANCEL"] * 3
    assert [event["UID"] for event in came] == [event["UID"] for event in went]
    assert len({str(event["UID"]) for event in came}) == 3
    assert max(map(sequence, came)) < min(map(sequence, went))
    # Those who only look at the feed learn it too.
    feed = read(site.stranger.get(f"/rencontres/{number}.ics").content)
    assert {(str(event["STATUS"]), sequence(event)) for event in feed} == {("CANCELLED", 1)}


def test_whoever_changes_the_way_keeps_the_gathering_in_her_calendar(site: Site) -> None:
    """At once where there is room, or later where she had to wait: what says so has the highest number."""
    number = hybrid(site)
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    felix = site.as_("felix")

    def change(way: str) -> None:
        hers = "SELECT r.id FROM registration r WHERE occurrence_id = $1 AND status = 'confirmed'"
        given = {"registration": str(site.ask(hers, date)), "date": f"{date}:{way}"}
        assert felix.post(f"/rencontres/{number}/changer", data=given).status_code == 303
        post_office(site)

    def latest() -> tuple[int, str, str]:
        events = [event for message in messages(site) for event in calendar_of(message)]
        assert len({sequence(event) for event in events}) == len(events)
        return max((sequence(event), str(event["X-METHOD"]), str(event["LOCATION"])) for event in events)

    felix.post(f"/rencontres/{number}/inscription", data={"date": f"{date}:online", "listed": "nobody"})
    post_office(site)
    assert latest() == (0, "REQUEST", "À distance")
    change("in-person")
    assert latest() == (2, "REQUEST", "Salle communautaire, Sainte-Brume")
    site.write(lambda db: registering.set_seats(db, occurrence_id=date, way="online", seats=0, now=clock.now()))
    change("online")
    assert latest() == (2, "REQUEST", "Salle communautaire, Sainte-Brume")
    site.write(lambda db: registering.set_seats(db, occurrence_id=date, way="online", seats=1, now=clock.now()))
    post_office(site)
    assert latest() == (4, "REQUEST", "À distance")


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


def test_search_engines_read_each_date_of_what_everybody_may_see(site: Site) -> None:
    number = hybrid(site, title="Dîner </script> & échanges", sessions=2)
    page = site.stranger.get(f"/rencontres/{number}", follow_redirects=True)
    address = f"{site.settings.base_url}{page.url.path}"
    for line in (f'rel="canonical" href="{address}"', f'property="og:url" content="{address}"'):
        assert line in page.text
    assert page.text.count('property="og:title"') == 1
    (event,) = json.loads(page.text.split('<script type="application/ld+json">')[1].split("</script>")[0])["@graph"]
    assert event["name"] == "Dîner </script> & échanges"
    starts = site.ask("SELECT starts_at FROM occurrence WHERE gathering_id = $1", number)
    assert datetime.fromisoformat(event["startDate"]) == starts
    assert event["startDate"][10:] in ("T09:00:00-04:00", "T09:00:00-05:00")
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert [place["@type"] for place in event["location"]] == ["Place", "VirtualLocation"]
    assert event["location"][1]["url"] == address
    assert LINK not in page.text
    assert "Thuy" not in json.dumps(event)
    # The same words, for those who may read them, are not for search engines.
    site.ask("UPDATE gathering SET visibility = 'members', version = version + 1 WHERE id = $1", number)
    page = site.as_("maryse").get(f"/rencontres/{number}", follow_redirects=True)
    assert "ld+json" not in page.text
    assert 'name="robots" content="noindex"' in page.text
    site.ask("UPDATE gathering SET visibility = 'public', state = 'cancelled', version = version + 1")
    assert "schema.org/EventCancelled" in site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text
