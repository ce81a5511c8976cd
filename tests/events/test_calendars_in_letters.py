"""Letters bring a gathering into a calendar, and take it out again."""

from email.message import EmailMessage

from icalendar import Calendar, Event

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import registering
from tests.conftest import Site
from tests.events.calendars import LINK, hybrid, read, sequence
from tests.events.post import messages, post_office


def calendar_in(message: EmailMessage) -> Event | None:
    events = calendar_of(message)
    assert len(events) <= 1
    return events[0] if events else None


def calendar_of(message: EmailMessage) -> list[Event]:
    """What it does to a calendar: each part one event, by the same method, for one guest. One event alone stands in the
    letter and beside it."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    files = {part.get_filename(): part.get_payload(decode=True) for part in parts}
    shown = files.pop(None, None)
    assert shown is None or list(files.items()) == [("rencontre.ics", shown)]
    events = []
    for body in files.values():
        assert isinstance(body, bytes)
        method = str(Calendar.from_ical(body)["METHOD"])
        assert {part.get_param("method") for part in parts} == {method}
        (event,) = read(body)
        assert not isinstance(event["ATTENDEE"], list)
        event.add("X-METHOD", method)
        events.append(event)
    assert (shown is not None) == (len(events) == 1)
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
        seen = {message["Message-ID"] for message in messages(site)}
        assert felix.post(f"/rencontres/{number}/changer", data=given).status_code == 303
        post_office(site)
        # Of where she was before no letter speaks, and nothing leaves her calendar.
        said = {"in-person": "Vous participez maintenant sur place", "online": "Vous participez maintenant à distance"}
        (new,) = [message for message in messages(site) if message["Message-ID"] not in seen]
        assert said[way] in str(new["Subject"]) or "liste d’attente" in str(new["Subject"])

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
    methods = {str(event["X-METHOD"]) for message in messages(site) for event in calendar_of(message)}
    assert methods == {"REQUEST"}


def test_whoever_waits_gets_nothing_into_her_calendar(site: Site) -> None:
    number = hybrid(site)
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
    site.write(lambda db: registering.set_seats(db, occurrence_id=date, way="online", seats=0, now=clock.now()))
    site.as_("felix").post(f"/rencontres/{number}/inscription", data={"date": f"{date}:online", "listed": "nobody"})
    post_office(site)
    assert [calendar_in(message) for message in messages(site)] == [None]
