"""Registering: with an account or an address, waiting, withdrawing, taking a seat that is held; and who learns what."""

import re
from datetime import timedelta

import pytest

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import registering, saying
from tests.conftest import Site
from tests.events.gatherings import gathering
from tests.events.post import letters, post_office

EMAIL = "odile@courriel.example"


def date_of(site: Site, gathering_id: int) -> int:
    return int(site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", gathering_id))


def form(site: Site, gathering_id: int, **more: str) -> dict[str, str]:
    return {"date": f"{date_of(site, gathering_id)}:in-person", "listed": "nobody", "request_key": ""} | more


def sign_up(site: Site, gathering_id: int, handle: str = "", **more: str) -> None:
    if handle:
        answer = site.as_(handle).post(f"/rencontres/{gathering_id}/inscription", data=form(site, gathering_id, **more))
    else:
        given = {"name": "Odile Roy", "email": EMAIL} | more
        answer = site.stranger.post(f"/rencontres/{gathering_id}/inscription", data=form(site, gathering_id, **given))
    assert answer.status_code == 303, answer.text


def status(site: Site, gathering_id: int) -> list[str]:
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT status FROM registration r JOIN occurrence o ON o.id = r.occurrence_id"
            " WHERE gathering_id = $1 ORDER BY r.id",
            gathering_id,
        )
    )
    return [row["status"] for row in rows]


def link_in(letter: str) -> str:
    found = re.search(r"/rencontres/inscriptions/[\w=-]+", letter)
    assert found is not None
    return found[0]


def test_with_an_account_she_is_in_at_once_and_sees_it(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number, "maryse")
    assert status(site, number) == ["confirmed"]
    page = site.as_("maryse").get(f"/rencontres/{number}/inscription").text
    assert "Inscription confirmée" in page
    assert "heure de l’Est" in page
    assert "Rencontre de Sainte-Brume" in site.as_("maryse").get("/moi/rencontres").text
    assert "Rencontre de Sainte-Brume" not in site.as_("josee").get("/moi/rencontres").text


def test_asking_twice_is_asking_once(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number, "maryse")
    sign_up(site, number, "maryse")
    assert status(site, number) == ["confirmed"]


def test_with_an_address_it_counts_once_the_link_is_pressed_and_not_looked_at(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number)
    assert status(site, number) == ["unconfirmed"]
    told = site.stranger.get(f"/rencontres/{number}/inscription?fait=lettre").text
    assert "Un courriel est en route" in told
    # Nobody fills in the same form again by mistake.
    assert 'name="email"' not in told
    assert "Inscrire une autre personne" in told
    post_office(site)
    (letter,) = letters(site)
    link = link_in(letter)
    assert "Confirmer mon inscription" in site.stranger.get(link).text
    assert status(site, number) == ["unconfirmed"]
    assert site.stranger.post(link, data={"act": "confirm"}).status_code == 303
    assert status(site, number) == ["confirmed"]
    assert site.stranger.post(link, data={"act": "withdraw"}).status_code == 303
    assert status(site, number) == ["cancelled"]
    assert site.stranger.post(link, data={"act": "confirm"}).status_code == 409


def test_a_link_that_was_changed_or_is_too_old_leads_nowhere(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number)
    post_office(site)
    link = link_in(letters(site)[0])
    assert site.stranger.get(link[:-3] + "AAA").status_code == 404
    assert site.stranger.post(link, data={"act": "burn"}).status_code == 404
    assert site.stranger.get("/rencontres/inscriptions/" + "x" * 43).status_code == 404


def test_nobody_learns_whether_an_address_is_known(site: Site) -> None:
    number = gathering(site)
    path = f"/rencontres/{number}/inscription"
    given = form(site, number, name="Odile Roy", email=EMAIL)
    first, again = (site.stranger.post(path, data=given) for _time in range(2))
    assert (first.status_code, first.headers["location"]) == (again.status_code, again.headers["location"])
    assert status(site, number) == ["unconfirmed"]


def test_nobody_learns_who_is_invited(site: Site) -> None:
    number = gathering(site, registration="invitation")
    sign_up(site, number)
    assert status(site, number) == []
    answer = site.as_("maryse").post(f"/rencontres/{number}/inscription", data=form(site, number))
    assert answer.status_code == 409
    assert "sur invitation" in answer.text


def test_who_comes_too_late_waits_and_sees_her_rank(site: Site) -> None:
    number = gathering(site, seats=1)
    sign_up(site, number, "maryse")
    sign_up(site, number, "josee")
    sign_up(site, number, "karine")
    assert status(site, number) == ["confirmed", "waiting", "waiting"]
    assert "attente\u00a0: 2" in site.as_("karine").get(f"/rencontres/{number}/inscription").text


def test_who_withdraws_gives_her_seat_to_the_first_who_waits(site: Site) -> None:
    number = gathering(site, seats=1)
    sign_up(site, number, "maryse")
    sign_up(site, number, "josee")
    hers = site.ask("SELECT min(id) FROM registration")
    path = f"/rencontres/{number}/desistement"
    assert site.as_("josee").post(path, data={"registration": str(hers)}).status_code == 404
    assert site.stranger.post(path, data={"registration": str(hers)}).status_code == 403
    assert status(site, number) == ["confirmed", "waiting"]
    assert site.as_("maryse").post(path, data={"registration": str(hers)}).status_code == 303
    assert status(site, number) == ["cancelled", "confirmed"]


def test_a_seat_that_is_held_is_taken_by_whom_it_is_held_for(site: Site) -> None:
    number = gathering(site, seats=1, auto_hours=2000)
    sign_up(site, number, "maryse")
    sign_up(site, number, "josee")
    first, second = (site.ask("SELECT id FROM registration ORDER BY id OFFSET $1 LIMIT 1", at) for at in (0, 1))
    site.as_("maryse").post(f"/rencontres/{number}/desistement", data={"registration": str(first)})
    assert status(site, number) == ["cancelled", "offered"]
    assert "Accepter cette place" in site.as_("josee").get(f"/rencontres/{number}/inscription").text
    path = f"/rencontres/{number}/offre"
    assert site.as_("maryse").post(path, data={"registration": str(second)}).status_code == 404
    # Too late, though nobody has taken it back yet.
    ends = "UPDATE registration SET offer_expires_at = offer_expires_at + $2::interval WHERE id = $1 RETURNING 1"
    site.ask(ends, second, timedelta(days=-60))
    late = site.as_("josee").post(path, data={"registration": str(second)})
    assert late.status_code == 409
    assert status(site, number) == ["cancelled", "offered"]
    site.ask(ends, second, timedelta(days=60))
    assert site.as_("josee").post(path, data={"registration": str(second)}).status_code == 303
    assert status(site, number) == ["cancelled", "confirmed"]


def test_of_two_offers_the_one_whose_time_is_over_ends(site: Site) -> None:
    number = gathering(site, seats=2, auto_hours=2000)
    for handle in ("maryse", "josee", "felix", "karine", "nadege"):
        sign_up(site, number, handle)
    for handle, nth in (("maryse", 0), ("josee", 1)):
        hers = site.ask("SELECT id FROM registration ORDER BY id OFFSET $1 LIMIT 1", nth)
        site.as_(handle).post(f"/rencontres/{number}/desistement", data={"registration": str(hers)})
    assert status(site, number) == ["cancelled", "cancelled", "offered", "offered", "waiting"]
    third = site.ask("SELECT id FROM registration ORDER BY id OFFSET 2 LIMIT 1")
    site.ask("UPDATE registration SET offer_expires_at = now() - interval '1 minute' WHERE id = $1 RETURNING 1", third)
    assert site.write(lambda db: registering.expire(db, now=clock.now())) == 1
    assert status(site, number) == ["cancelled", "cancelled", "expired", "offered", "offered"]


def test_approval_makes_her_wait_for_an_answer(site: Site) -> None:
    number = gathering(site, registration="approval")
    sign_up(site, number, "maryse")
    assert status(site, number) == ["pending"]
    assert "étudie votre demande" in site.as_("maryse").get(f"/rencontres/{number}/inscription").text


@pytest.mark.parametrize("given", [{"email": "non"}, {"name": ""}, {"date": "999999:online"}, {"listed": "all"}])
def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_is_lost(site: Site, given: dict[str, str]) -> None:
    number = gathering(site)
    sent = form(site, number, **({"name": "Odile Roy", "email": EMAIL, "needs": "Je suis sourde."} | given))
    answer = site.stranger.post(f"/rencontres/{number}/inscription", data=sent)
    assert answer.status_code == 422
    assert "Je suis sourde." in answer.text
    assert status(site, number) == []


def ask_for_a_workshop(site: Site, number: int, seats: int | None = None) -> tuple[int, int]:
    """A question with one choice, and one that is asked of those who chose it."""

    async def write(db: Db) -> tuple[int, int]:
        one = db.connection.fetchval
        question = await one(
            "INSERT INTO event_question (gathering_id, position, kind, label) VALUES ($1, 1, 'workshop', 'Atelier')"
            " RETURNING id",
            number,
        )
        choice = await one(
            "INSERT INTO event_choice (question_id, position, label, seats) VALUES ($1, 1, 'Cartographie', $2)"
            " RETURNING id",
            question,
            seats,
        )
        await one(
            "INSERT INTO event_question (gathering_id, position, kind, label, required, sensitive, shown_when_id)"
            " VALUES ($1, 2, 'text', 'Quel milieu?', true, true, $2) RETURNING id",
            number,
            choice,
        )
        return question, choice

    return site.write(write)


def test_what_depends_on_a_choice_is_asked_of_those_who_made_it(site: Site) -> None:
    number = gathering(site)
    question, choice = ask_for_a_workshop(site, number)
    path = f"/rencontres/{number}/inscription"
    chosen = form(site, number) | {f"q{question}": str(choice)}
    assert site.as_("maryse").post(path, data=chosen).status_code == 422
    follow_up = f"q{question + 1}"
    # Without the choice, neither asked nor kept.
    assert site.as_("josee").post(path, data=form(site, number) | {follow_up: "Un parc"}).status_code == 303
    assert site.ask("SELECT count(*) FROM registration_answer") == 0
    assert site.as_("maryse").post(path, data=chosen | {follow_up: "Un parc"}).status_code == 303
    assert site.ask("SELECT body FROM registration_answer") == "Un parc"


def test_the_last_place_of_a_workshop_goes_to_one(site: Site) -> None:
    number = gathering(site)
    question, choice = ask_for_a_workshop(site, number, seats=1)
    site.ask("UPDATE event_question SET required = false WHERE gathering_id = $1 RETURNING 1", number)
    path = f"/rencontres/{number}/inscription"
    chosen = form(site, number) | {f"q{question}": str(choice)}
    assert site.as_("maryse").post(path, data=chosen).status_code == 303
    answer = site.as_("josee").post(path, data=chosen)
    assert answer.status_code == 409
    assert "dernière place" in answer.text
    assert status(site, number) == ["confirmed"]


def test_what_people_need_is_erased_thirty_days_after(site: Site) -> None:
    number = gathering(site)
    question, choice = ask_for_a_workshop(site, number)
    follow_up = f"q{question + 1}"
    said = {"needs": "Je suis sourde.", "diet": "vegan", f"q{question}": str(choice), follow_up: "Un parc"}
    sign_up(site, number, "maryse", **said)
    ends = site.ask("SELECT ends_at FROM occurrence WHERE gathering_id = $1", number)
    site.write(lambda db: saying.erase(db, now=ends + timedelta(days=29)))
    assert site.ask("SELECT count(*) FROM registration_needs") == 1
    site.write(lambda db: saying.erase(db, now=ends + timedelta(days=31)))
    assert site.ask("SELECT count(*) FROM registration_needs") == 0
    assert site.ask("SELECT count(*) FROM registration_answer") == 0
    # What nobody said to be sensitive stays.
    assert site.ask("SELECT count(*) FROM registration_choice") == 1


@pytest.mark.parametrize(("sensitive", "kept"), [(True, 0), (False, 1)])
def test_choices_and_answers_are_erased_where_they_are_sensitive(site: Site, sensitive: bool, kept: int) -> None:
    number = gathering(site)
    question, choice = ask_for_a_workshop(site, number)
    sign_up(site, number, "maryse", **{f"q{question}": str(choice), f"q{question + 1}": "Un parc"})
    site.ask("UPDATE event_question SET sensitive = $1 RETURNING 1", sensitive)
    ends = site.ask("SELECT ends_at FROM occurrence WHERE gathering_id = $1", number)
    site.write(lambda db: saying.erase(db, now=ends + timedelta(days=29)))
    many = "SELECT (SELECT count(*) FROM registration_choice), (SELECT count(*) FROM registration_answer)"
    row = site.write(lambda db: db.connection.fetchrow(many))
    assert row is not None
    assert tuple(row) == (1, 1)
    site.write(lambda db: saying.erase(db, now=ends + timedelta(days=31)))
    row = site.write(lambda db: db.connection.fetchrow(many))
    assert row is not None
    assert tuple(row) == (kept, kept)


def test_what_is_hidden_is_absent(site: Site) -> None:
    draft = gathering(site, state="draft")
    for browser in (site.stranger, site.as_("maryse")):
        for number in (draft, 999_999):
            assert browser.get(f"/rencontres/{number}/inscription").status_code == 404
            assert browser.post(f"/rencontres/{number}/inscription", data={}).status_code == 404
    members = gathering(site, visibility="members")
    assert site.stranger.get(f"/rencontres/{members}/inscription").status_code == 404
    assert site.as_("maryse").get(f"/rencontres/{members}/inscription").status_code == 200


def test_the_online_link_is_for_those_who_are_confirmed(site: Site) -> None:
    number = gathering(site, seats=0)
    site.ask("UPDATE occurrence SET mode = 'hybrid', online_url = 'https://visio.example/abc' RETURNING 1")
    when = clock.now()
    date = date_of(site, number)
    site.write(lambda db: registering.set_seats(db, occurrence_id=date, way="online", seats=1, now=when))
    for handle in ("maryse", "josee"):
        sign_up(site, number, handle, date=f"{date}:online")
    assert status(site, number) == ["confirmed", "waiting"]
    assert "visio.example" in site.as_("maryse").get(f"/rencontres/{number}/inscription").text
    assert "visio.example" not in site.as_("josee").get(f"/rencontres/{number}/inscription").text
    post_office(site)
    assert [("visio.example" in letter) for letter in letters(site)].count(True) == 1


def test_whoever_chose_no_date_is_asked_to_choose_one(site: Site) -> None:
    number = gathering(site)
    for date, sentence in (("", "Faites un choix."), ("999999:online", "Ce choix n’existe pas.")):
        answer = site.as_("maryse").post(
            f"/rencontres/{number}/inscription", data=form(site, number, date=date, needs="Une rampe.")
        )
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "Une rampe." in answer.text
