"""The day after, those who came are thanked and asked what they thought of it: once each, by a link that is enough."""

import re
from datetime import timedelta

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import thanking
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date
from tests.events.post import messages, post_office, words_of
from tests.events.test_afterwards import CAME, answered, over

THANKS = "Merci de votre présence"


def thanked(site: Site, *, hours: float = 0) -> int:
    """What the worker does every ten minutes, so many hours from now; returns how many letters it has sent."""
    site.write(lambda db: thanking.thank(db, now=clock.now() + timedelta(hours=hours)))
    before = len(messages(site))
    post_office(site, "thanks_letter")
    return len(messages(site)) - before


def link_to(site: Site, email: str) -> str:
    """The way to the three questions, in the letter to this address."""
    [letter] = [one for one in messages(site) if THANKS in str(one["Subject"]) and email in str(one["To"])]
    found = re.search(r"http://testserver(/rencontres/\S+/evaluation\S+)", words_of(letter))
    assert found
    return found[1]


def test_those_who_came_are_thanked_once(site: Site) -> None:
    over(site, days=-1)
    assert thanked(site) == len(CAME) + 1
    assert thanked(site) == 0
    assert all(THANKS in str(letter["Subject"]) for letter in messages(site))
    assert {row["status"] for row in site.write(lambda db: db.connection.fetch("SELECT status FROM thanks"))} == {
        "sent"
    }


def test_nobody_is_thanked_before_it_is_well_over(site: Site) -> None:
    number = over(site, days=-1)
    site.ask(
        "UPDATE event_session s SET local_start = now() AT TIME ZONE s.zone - interval '17 hours', "
        "local_end = now() AT TIME ZONE s.zone - interval '14 hours' "
        "FROM occurrence o WHERE o.id = s.occurrence_id AND o.gathering_id = $1",
        number,
    )
    assert thanked(site) == 0
    assert thanked(site, hours=2) == len(CAME) + 1


def test_where_somebody_stood_at_the_door_only_those_seen_are_thanked(site: Site) -> None:
    over(site, days=-1)
    site.ask(
        "INSERT INTO attendance (registration_id, session_id, at, source) SELECT r.id, s.id, now(), 'name' "
        "FROM registration r JOIN participant p ON p.id = r.participant_id JOIN person x ON x.id = p.person_id "
        "JOIN event_session s ON s.occurrence_id = r.occurrence_id WHERE x.handle = 'josee'"
    )
    assert thanked(site) == 1
    assert site.ask("SELECT count(*) FROM thanks WHERE status <> 'missed'") == 1
    [letter] = messages(site)
    assert "Josée" in str(letter["To"])
    # Seen there, she has a certificate; it is on the page of her registration.
    assert "Votre attestation de participation" in words_of(letter)


def test_a_letter_that_would_come_late_is_missed_and_not_sent(site: Site) -> None:
    over(site, days=-4)
    assert site.write(lambda db: thanking.thank(db, now=clock.now())) == 0
    assert site.ask("SELECT count(*) FROM thanks WHERE status = 'missed'") == len(CAME) + 1


def test_what_holds_is_asked_again_as_the_letter_leaves(site: Site) -> None:
    number = over(site, days=-1)
    site.write(lambda db: thanking.thank(db, now=clock.now()))
    assert answered(site, number, "maryse") == 303
    site.ask("UPDATE gathering SET state = 'cancelled' WHERE id = $1", number)
    post_office(site, "thanks_letter")
    assert messages(site) == []
    assert site.ask("SELECT count(*) FROM thanks WHERE status = 'dropped'") == len(CAME) + 1


def test_whoever_has_answered_already_is_not_asked(site: Site) -> None:
    number = over(site, days=-1)
    assert answered(site, number, "maryse") == 303
    assert thanked(site) == len(CAME)
    assert not [letter for letter in messages(site) if "Maryse" in str(letter["To"])]


def test_the_link_is_enough_also_where_strangers_read_nothing(site: Site) -> None:
    number = over(site, days=-1, visibility="members")
    thanked(site)
    path = link_to(site, "aline-roy@courriel.example")
    assert site.stranger.get(f"/rencontres/{number}/evaluation").status_code == 404
    page = site.stranger.get(path)
    assert page.status_code == 200
    assert 'name="referrer" content="no-referrer"' in page.text
    sent = site.stranger.post(path, data={"useful": "5"})
    assert sent.status_code == 303
    assert "Vous avez déjà répondu" in site.stranger.get(sent.headers["location"]).text
    assert site.ask("SELECT count(*) FROM evaluation") == 1


def test_the_link_opens_no_other_gathering(site: Site) -> None:
    over(site, days=-1)
    thanked(site)
    token = link_to(site, "aline-roy@courriel.example").partition("?")[2]
    other = over(site, days=-1, visibility="members")
    assert site.stranger.get(f"/rencontres/{other}/evaluation?{token}").status_code == 404
    assert site.stranger.post(f"/rencontres/{other}/evaluation?{token}", data={"useful": "1"}).status_code == 404


def test_of_several_dates_each_is_spoken_of_when_it_is_over(site: Site) -> None:
    number = over(site, days=-1)

    async def later(db: Db) -> None:
        await make_date(db, number, starts=in_days(30))

    site.write(later)
    assert thanked(site) == len(CAME) + 1
    assert site.stranger.get(link_to(site, "aline-roy@courriel.example")).status_code == 200
    assert answered(site, number, "maryse") == 303
