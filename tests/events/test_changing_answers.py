"""What one answered, chose and needs, changed until it begins: by her alone, and never past the places of a choice."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.errors import Refused
from maillage.events.commands import registering, saying
from tests.conftest import Site, finish
from tests.events.gatherings import gathering, make_date, make_gathering
from tests.events.post import letters, messages, post_office
from tests.events.test_never_one_too_many import UNLOCKED, opened
from tests.events.test_questions import ask, first_choice
from tests.events.test_registering import date_of, link_in, sign_up

_LATER = timedelta(days=40)


class Asked:
    """A gathering that asks where one comes from, for one of two meals, and of those with soup a bit more."""

    def __init__(self, site: Site, *, soups: int = 1) -> None:
        self.site, self.number = site, gathering(site)
        self.where = ask(site, self.number, kind="text", label="D’où venez-vous?", sensitive="y")
        meals = {"choice_new1": "Soupe", "seats_new1": str(soups), "choice_new2": "Boîte"}
        self.meal = ask(site, self.number, kind="one", label="Dîner", required="y", **meals)
        self.soup = first_choice(site, self.meal)
        self.box = self.soup + 1
        self.more = ask(site, self.number, kind="text", label="Un second bol?", shown_when=str(self.soup))
        self.days = ask(site, self.number, kind="several", label="Jours", choice_new1="Lundi", choice_new2="Mardi")
        self.path = f"/rencontres/{self.number}/reponses"

    def said(self, *, where: str = "Matane", meal: int | None = None, **more: Any) -> dict[str, Any]:
        given = {f"q{self.where}": where, f"q{self.meal}": str(meal or self.soup), "needs": ""}
        return given | {f"q{self.more}": "Oui"} | more

    def registers(self, handle: str, **said: Any) -> int:
        sign_up(self.site, self.number, handle, **self.said(**said))
        return int(
            self.site.ask(
                "SELECT r.id FROM registration r JOIN participant pa ON pa.id = r.participant_id"
                " JOIN person p ON p.id = pa.person_id WHERE p.handle = $1 AND r.occurrence_id = $2",
                handle,
                date_of(self.site, self.number),
            )
        )

    def changes(self, handle: str, registration: int, expected: int = 303, /, **said: Any) -> str:
        data = self.said(**said) | {"registration": str(registration)}
        answer = self.site.as_(handle).post(self.path, data=data)
        assert answer.status_code == expected, answer.text
        return answer.text

    def kept(self, registration: int) -> tuple[dict[int, str], dict[int, int | None]]:
        """Her answers by question, and the place that she has of each choice."""

        async def look(db: Db) -> tuple[dict[int, str], dict[int, int | None]]:
            fetch = db.connection.fetch
            answers = await fetch("SELECT * FROM registration_answer WHERE registration_id = $1", registration)
            choices = await fetch("SELECT * FROM registration_choice WHERE registration_id = $1", registration)
            return (
                {row["question_id"]: row["body"] for row in answers},
                {row["choice_id"]: row["place_no"] for row in choices},
            )

        return self.site.write(look)


@pytest.fixture
def asked(site: Site) -> Asked:
    return Asked(site)


def test_the_form_has_what_she_said_and_keeps_what_she_says_now(asked: Asked) -> None:
    maryse = asked.site.as_("maryse")
    hers = asked.registers("maryse", access="wheelchair", diet="vegan", needs="Un micro.")
    own = maryse.get(f"/rencontres/{asked.number}/inscription").text
    assert f'href="{asked.path}?registration={hers}"' in own
    page = maryse.get(f"{asked.path}?registration={hers}").text
    assert "Matane</textarea>" in page
    assert re.search(rf'value="{asked.soup}" checked', page)
    assert "Un micro.</textarea>" in page
    # The last soup is hers: it is full for others only.
    assert "Soupe (complet)" not in page
    monday = first_choice(asked.site, asked.days)
    now: dict[str, Any] = {
        "meal": asked.box,
        "diet": ["halal", "allergy"],
        "needs": "Sans noix.",
        f"q{asked.days}": str(monday),
    }
    asked.changes("maryse", hers, where="Rimouski", **now)
    # With the soup went what was asked of those who have it.
    assert asked.kept(hers) == ({asked.where: "Rimouski"}, {asked.box: None, monday: None})
    needs = asked.site.write(lambda db: db.connection.fetchrow("SELECT access, diet, words FROM registration_needs"))
    assert needs is not None
    assert tuple(needs) == ([], ["halal", "allergy"], "Sans noix.")
    listed = asked.site.as_("thuy-linh").get(f"/rencontres/{asked.number}/inscriptions").text
    assert "Sans noix." in listed
    assert "Un micro." not in listed


def test_sent_again_it_is_the_same_and_emptied_it_is_gone(asked: Asked) -> None:
    hers = asked.registers("maryse", needs="Un micro.")
    for _twice in range(2):
        asked.changes("maryse", hers, where="Gaspé")
        assert asked.kept(hers) == ({asked.where: "Gaspé", asked.more: "Oui"}, {asked.soup: 1})
    assert asked.site.ask("SELECT count(*) FROM registration_needs") == 0
    asked.changes("maryse", hers, where="", **{f"q{asked.more}": ""})
    assert asked.kept(hers) == ({}, {asked.soup: 1})


def test_without_an_account_her_link_is_enough(asked: Asked) -> None:
    site = asked.site
    sign_up(site, asked.number, **asked.said())
    post_office(site)
    link = link_in(letters(site)[0])
    # Before her address has answered there is nothing to change.
    assert site.stranger.get(f"{link}/reponses").status_code == 403
    assert site.stranger.post(f"{link}/reponses", data=asked.said(where="Gaspé")).status_code == 409
    site.stranger.post(link, data={"act": "confirm"})
    assert f'href="{link}/reponses"' in site.stranger.get(link).text
    assert "Matane</textarea>" in site.stranger.get(f"{link}/reponses").text
    answer = site.stranger.post(f"{link}/reponses", data=asked.said(where="Gaspé"))
    assert answer.headers["location"] == f"{link}?fait=reponses"
    assert "Vos réponses sont gardées" in site.stranger.get(answer.headers["location"]).text
    assert site.ask("SELECT body FROM registration_answer WHERE question_id = $1", asked.where) == "Gaspé"
    assert site.stranger.get("/rencontres/inscriptions/" + "x" * 43 + "/reponses").status_code == 404


def test_what_is_missing_comes_back_with_her_words(asked: Asked) -> None:
    hers = asked.registers("maryse")
    page = asked.changes("maryse", hers, 422, where="Une autre ville", **{f"q{asked.meal}": ""})
    assert "Une autre ville</textarea>" in page
    assert "Ce champ est requis" in page or "obligatoire" in page
    asked.changes("maryse", hers, 422, needs="x" * 1001)
    assert asked.kept(hers) == ({asked.where: "Matane", asked.more: "Oui"}, {asked.soup: 1})


def test_a_full_choice_says_so_and_she_keeps_what_she_had(asked: Asked) -> None:
    asked.registers("josee")
    hers = asked.registers("maryse", meal=asked.box)
    assert "Soupe (complet)" in asked.site.as_("maryse").get(f"{asked.path}?registration={hers}").text
    page = asked.changes("maryse", hers, 409, where="Gaspé")
    assert "La dernière place" in page
    assert "Gaspé</textarea>" in page
    assert asked.kept(hers) == ({asked.where: "Matane"}, {asked.box: None})
    # Whoever leaves a choice leaves its place.
    theirs = int(asked.site.ask("SELECT registration_id FROM registration_choice WHERE place_no = 1"))
    asked.changes("josee", theirs, meal=asked.box)
    asked.changes("maryse", hers)
    assert asked.kept(hers)[1] == {asked.soup: 1}


def test_who_waits_only_wishes(asked: Asked) -> None:
    asked.registers("josee")
    hers = asked.registers("maryse", meal=asked.box)
    asked.site.ask(
        "UPDATE registration SET status = 'waiting', seat_no = NULL, seq = 9 WHERE id = $1 RETURNING 1", hers
    )
    asked.changes("maryse", hers)
    assert asked.kept(hers)[1] == {asked.soup: None}


def test_nobody_changes_what_another_said(asked: Asked) -> None:
    hers = asked.registers("maryse")
    for who in ("josee", "thuy-linh"):
        assert asked.site.as_(who).get(f"{asked.path}?registration={hers}").status_code == 404
        asked.changes(who, hers, 404, where="Ailleurs")
    assert asked.site.stranger.post(asked.path, data=asked.said() | {"registration": str(hers)}).status_code == 403
    elsewhere = gathering(asked.site)
    other = asked.site.as_("maryse").post(
        f"/rencontres/{elsewhere}/reponses", data=asked.said() | {"registration": str(hers)}
    )
    assert other.status_code == 404
    assert asked.kept(hers)[0][asked.where] == "Matane"


def test_once_it_has_begun_it_stays_as_it_is(asked: Asked) -> None:
    hers = asked.registers("maryse", needs="Un micro.")
    asked.site.ask(
        "UPDATE event_session SET local_start = local_start - interval '50 days', local_end = local_end"
        " - interval '50 days' WHERE occurrence_id = $1 RETURNING 1",
        date_of(asked.site, asked.number),
    )
    maryse = asked.site.as_("maryse")
    assert "/reponses" not in maryse.get(f"/rencontres/{asked.number}/inscription").text
    assert maryse.get(f"{asked.path}?registration={hers}").status_code == 403
    # What was erased after the date cannot be written again.
    asked.site.write(lambda db: saying.erase(db, now=clock.now() + _LATER))
    page = asked.changes("maryse", hers, 409, where="Gaspé", needs="Encore un micro.")
    assert "Encore un micro." in page
    assert asked.where not in asked.kept(hers)[0]
    assert asked.site.ask("SELECT count(*) FROM registration_needs") == 0


def test_who_has_withdrawn_changes_nothing(asked: Asked) -> None:
    hers = asked.registers("maryse")
    asked.site.as_("maryse").post(f"/rencontres/{asked.number}/desistement", data={"registration": str(hers)})
    asked.changes("maryse", hers, 404, where="Gaspé")
    with pytest.raises(Refused):
        asked.site.write(lambda db: registering.choose(db, registration_id=hers, choices=[asked.box], now=clock.now()))


def test_it_calls_for_no_letter(asked: Asked) -> None:
    hers = asked.registers("maryse")
    post_office(asked.site)
    before = len(messages(asked.site))
    asked.changes("maryse", hers, meal=asked.box)
    assert post_office(asked.site) == 0
    assert len(messages(asked.site)) == before


def test_a_question_taken_out_meanwhile_is_said_and_nothing_is_lost(asked: Asked) -> None:
    hers = asked.registers("maryse", where="", meal=asked.box)

    async def gone(db: Db) -> None:
        await db.connection.execute("DELETE FROM event_question WHERE id = $1", asked.where)
        await saying.say_anew(
            db,
            registration_id=hers,
            choices=[asked.box],
            answers={asked.where: "Gaspé"},
            access=[],
            diet=[],
            words="",
            now=clock.now(),
        )

    with pytest.raises(Refused):
        asked.site.write(gone)
    assert asked.kept(hers)[1] == {asked.box: None}


PLACES, PEOPLE = 5, 24


async def rush(dsn: str, *, locked: bool) -> tuple[int, list[BaseException]]:
    """All of them change to the same choice at once. How many have a place, and what else went wrong?"""
    async with opened(dsn) as database:
        async with database.writing() as db:
            ask = db.connection.fetchval
            number = await make_gathering(db)
            date = await make_date(db, number, seats=PEOPLE)
            question = await ask(
                "INSERT INTO event_question (gathering_id, position, kind, label) VALUES ($1, 1, 'one', 'Q')"
                " RETURNING id",
                number,
            )
            choice = await ask(
                "INSERT INTO event_choice (question_id, position, label, seats) VALUES ($1, 1, 'C', $2) RETURNING id",
                question,
                PLACES,
            )
            hers = []
            for n in range(PEOPLE):
                whose = await ask(
                    "INSERT INTO participant (email, name) VALUES ($1, 'P') RETURNING id", f"c{n}@courriel.example"
                )
                made = await registering.register(
                    db, occurrence_id=date, way="in-person", participant_id=whose, now=clock.now(), by=None
                )
                hers.append(made.id)
            if not locked:
                await db.connection.execute(UNLOCKED)

        async def change(registration_id: int) -> None:
            async with database.writing() as db:
                await registering.choose(db, registration_id=registration_id, choices=[choice], now=clock.now())

        done = await asyncio.gather(*(change(number) for number in hers for _twice in range(2)), return_exceptions=True)
        wrong = [one for one in done if isinstance(one, BaseException) and not isinstance(one, Refused)]
        async with database.reading() as db:
            placed = await db.connection.fetchval(
                "SELECT count(*) FROM registration_choice WHERE choice_id = $1 AND place_no IS NOT NULL", choice
            )
        return placed, wrong


def test_all_at_once_no_more_have_a_choice_than_it_has_places(world_dsn: str) -> None:
    assert finish(rush(world_dsn, locked=True)) == (PLACES, [])


def test_without_the_lock_the_database_still_refuses_one_too_many(world_dsn: str) -> None:
    placed, wrong = finish(rush(world_dsn, locked=False))
    assert placed <= PLACES
    assert any(isinstance(one, asyncpg.UniqueViolationError) for one in wrong)
