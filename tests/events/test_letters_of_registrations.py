"""A letter for each change, only the latest, one at a time; and reminders, once for each start."""

import json
import re
from datetime import timedelta

import pytest
from pydantic import SecretStr

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.jobs import REGISTRY, Tools
from maillage.events.commands import registering, reminding
from maillage.events.letters.registrations import NotYet
from maillage.events.policies.told import BY_CAUSE
from tests.conftest import Site
from tests.core.test_mail import Office, serving
from tests.events.gatherings import in_days, make_date, make_gathering, make_guest
from tests.events.post import letters, messages, post_office


def in_it(site: Site, *, seats: int = 1, days: int = 45, guests: int = 1) -> tuple[int, list[int]]:
    """A date, and guests who registered for it."""

    async def write(db: Db) -> tuple[int, list[int]]:
        gathering_id = await make_gathering(db, title="Marche à 100 % verte")
        date = await make_date(db, gathering_id, seats=seats, starts=in_days(days))
        made = []
        for name in ("Aline Roy", "Basile Roy", "Carole Roy")[:guests]:
            guest = await make_guest(db, name)
            done = await registering.register(
                db, occurrence_id=date, way="in-person", participant_id=guest, now=clock.now(), by=None
            )
            made.append(done.id)
        return date, made

    return site.write(write)


def test_who_waits_is_told_so_then_that_she_has_a_seat(site: Site) -> None:
    _date, (first, _second) = in_it(site, guests=2)
    post_office(site)
    subjects = sorted(str(message["Subject"]) for message in messages(site))
    assert subjects[0].startswith("Votre inscription est confirmée")
    assert subjects[1].startswith("Vous êtes en liste d’attente")
    assert all("heure de l’Est" in letter for letter in letters(site))
    site.write(lambda db: registering.withdraw(db, registration_ids=[first], now=clock.now(), by=None))
    post_office(site)
    subjects = [str(message["Subject"]) for message in messages(site)]
    assert len(subjects) == 4
    assert sum(subject.startswith("Vous avez une place") for subject in subjects) == 1
    assert sum(subject.startswith("Votre inscription est annulée") for subject in subjects) == 1


def test_of_changes_that_follow_each_other_only_the_latest_is_told(site: Site) -> None:
    _date, (first,) = in_it(site)
    site.write(lambda db: registering.withdraw(db, registration_ids=[first], now=clock.now(), by=None))
    assert post_office(site) == 2
    (message,) = messages(site)
    assert str(message["Subject"]).startswith("Votre inscription est annulée")


def test_the_same_change_is_the_same_letter(site: Site) -> None:
    in_it(site)
    job = site.ask("SELECT convert_from(payload, 'UTF8') FROM pgqueuer WHERE entrypoint = 'registration_letter'")
    tools = Tools(site.app.state.database, site.settings)
    assert site.stranger.portal is not None
    for _twice in range(2):
        site.stranger.portal.call(REGISTRY["registration_letter"].work, tools, json.loads(job))
    (message,) = messages(site)
    assert re.fullmatch(r"<registration-change-\d+@testserver>", str(message["Message-ID"]))


def test_a_letter_waits_while_another_of_the_same_registration_is_on_its_way(site: Site) -> None:
    _date, (first,) = in_it(site)
    change = site.ask("SELECT max(id) FROM registration_change")

    async def meanwhile(db: Db) -> None:
        await db.connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('registration ' || $1, 0))", str(first)
        )
        with pytest.raises(NotYet):
            await REGISTRY["registration_letter"].work(
                Tools(site.app.state.database, site.settings), {"change_id": change}
            )

    site.write(meanwhile)
    assert messages(site) == []
    post_office(site)
    assert len(messages(site)) == 1


@pytest.mark.parametrize("cause", sorted(BY_CAUSE))
def test_every_cause_has_its_letter_in_both_languages(site: Site, cause: str) -> None:
    in_it(site)
    change = site.ask(
        "INSERT INTO registration_change (registration_id, number, from_status, to_status, cause, at)"
        " SELECT id, transition + 1, status, status, $1, now() FROM registration RETURNING id",
        cause,
    )
    assert site.stranger.portal is not None
    tools = Tools(site.app.state.database, site.settings)
    for locale in ("fr-CA", "en"):
        site.ask("UPDATE participant SET locale = $1 RETURNING 1", locale)
        site.stranger.portal.call(REGISTRY["registration_letter"].work, tools, {"change_id": change})
        (message,) = messages(site)
        assert str(message["Subject"]).endswith("Marche à 100 % verte")
        assert message.get_body(preferencelist=("html",)) is not None


def test_a_real_server_gets_it_and_one_that_refuses_leaves_it_to_be_tried_again(site: Site) -> None:
    in_it(site)
    change = site.ask("SELECT max(id) FROM registration_change")
    assert site.stranger.portal is not None
    for office, taken in ((Office("451 later"), 0), (Office(), 1)):
        with serving(office) as port:
            settings = site.settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}")})
            tools = Tools(site.app.state.database, settings)
            work = REGISTRY["registration_letter"].work
            if taken:
                site.stranger.portal.call(work, tools, {"change_id": change})
                assert str(office.letter()["To"]) == "Aline Roy <aline-roy@courriel.example>"
            else:
                with pytest.raises(Exception, match="later"):
                    site.stranger.portal.call(work, tools, {"change_id": change})
        assert len(office.received) == taken


def rule(site: Site, hours: int) -> None:
    site.ask("INSERT INTO reminder_rule (gathering_id, hours) SELECT max(id), $1 FROM gathering RETURNING id", hours)


def remind(site: Site, sooner: timedelta) -> int:
    """At so long before it starts."""
    now = site.ask("SELECT max(starts_at) FROM occurrence") - sooner
    return site.write(lambda db: reminding.remind(db, now=now))


def test_those_who_come_are_reminded_once_and_those_who_wait_are_not(site: Site) -> None:
    in_it(site, guests=2)
    rule(site, 24)
    assert remind(site, timedelta(hours=25)) == 0
    assert remind(site, timedelta(hours=24)) == 1
    assert remind(site, timedelta(hours=23)) == 0


def test_a_reminder_follows_a_date_that_moves(site: Site) -> None:
    date, _made = in_it(site)
    rule(site, 24)
    assert remind(site, timedelta(hours=24)) == 1
    site.ask(
        "UPDATE event_session SET local_start = local_start + interval '7 days', local_end = local_end + interval"
        " '7 days' WHERE occurrence_id = $1 RETURNING 1",
        date,
    )
    post_office(site, "reminder_letter")
    assert messages(site) == []
    assert site.ask("SELECT status FROM reminder") == "dropped"
    assert remind(site, timedelta(hours=24)) == 1


def test_a_reminder_that_would_come_late_is_missed_and_not_sent(site: Site) -> None:
    in_it(site)
    rule(site, 24)
    assert remind(site, timedelta(hours=20)) == 0
    assert site.ask("SELECT status FROM reminder") == "missed"


def test_a_reminder_leaves_once(site: Site) -> None:
    in_it(site, days=1)
    rule(site, 48)
    site.ask("UPDATE reminder_rule SET hours = $1 RETURNING 1", 1 + round(hours_left(site)))
    assert site.write(lambda db: reminding.remind(db, now=clock.now())) == 1
    for _twice in range(2):
        post_office(site, "reminder_letter")
    (message,) = messages(site)
    assert str(message["Subject"]).startswith("Bientôt")
    assert site.ask("SELECT status FROM reminder") == "sent"


OFF = (
    "UPDATE occurrence SET state = 'postponed' RETURNING 1",
    "UPDATE occurrence SET state = 'cancelled' RETURNING 1",
    "UPDATE gathering SET state = 'cancelled' RETURNING 1",
)


@pytest.mark.parametrize("off", OFF)
def test_nobody_is_reminded_of_what_does_not_take_place(site: Site, off: str) -> None:
    in_it(site)
    rule(site, 24)
    site.ask(off)
    assert remind(site, timedelta(hours=24)) == 0
    assert site.ask("SELECT count(*) FROM reminder") == 0


@pytest.mark.parametrize(
    ("meanwhile", "status"),
    [
        *((off, "dropped") for off in OFF),
        ("UPDATE registration SET status = 'cancelled', seat_no = NULL RETURNING 1", "dropped"),
        # Nobody sent letters for hours: what says « soon » says it too late.
        ("UPDATE reminder_rule SET hours = hours + 5 RETURNING 1", "missed"),
    ],
)
def test_a_reminder_that_no_longer_holds_as_it_leaves_is_not_sent(site: Site, meanwhile: str, status: str) -> None:
    in_it(site, days=1)
    rule(site, 1 + round(hours_left(site)))
    assert site.write(lambda db: reminding.remind(db, now=clock.now())) == 1
    site.ask(meanwhile)
    assert post_office(site, "reminder_letter") == 1
    assert messages(site) == []
    assert site.ask("SELECT status FROM reminder") == status


def hours_left(site: Site) -> float:
    left: timedelta = site.ask("SELECT max(starts_at) FROM occurrence") - clock.now()
    return left / timedelta(hours=1)


def test_an_offer_nobody_takes_goes_to_the_next(site: Site) -> None:
    _date, (first, *_others) = in_it(site, days=1, guests=3)
    site.ask("UPDATE gathering SET auto_hours = 2000 RETURNING 1")
    site.write(lambda db: registering.withdraw(db, registration_ids=[first], now=clock.now(), by=None))
    ends = site.ask("SELECT max(offer_expires_at) FROM registration")
    assert site.write(lambda db: registering.expire(db, now=ends)) == 1
    assert site.ask("SELECT array_agg(status ORDER BY id) FROM registration")[1] == "expired"
