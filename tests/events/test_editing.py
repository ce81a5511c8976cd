"""Changing what was planned: the gathering, its dates, their series, who looks after it; and copying it."""

import re
from typing import Any

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import registering, reminding
from maillage.events.queries import health
from tests.conftest import Site
from tests.events.gatherings import make_guest
from tests.events.post import letters, post_office
from tests.events.test_planning import begun, number_of, published

SAME = {"zone": "America/Toronto", "mode": "in-person", "seats": "2", "place": "Salle communautaire", "scope": "one"}
SAME |= {
    "locality": "Sainte-Brume",
    "region": "mauricie",
    "day_0": "2030-03-05",
    "begins_0": "09:00",
    "ends_0": "16:30",
}


def date_of(site: Site, number: str) -> int:
    found: int = site.ask("SELECT min(id) FROM occurrence WHERE gathering_id = $1", int(number))
    return found


def change(site: Site, number: str, date: int | None = None, /, **form: str) -> Any:
    address, hers = f"/rencontres/{number}/dates/{date or date_of(site, number)}", site.as_("thuy-linh")
    return hers.post(address, data=SAME | {"version": version_in(hers.get(address).text)} | form)


def version_in(page: str) -> str:
    return str(re.findall(r'name="version" type="hidden" value="(\w+)"', page)[0])


def guests(site: Site, number: str, *names: str, way: str = "in-person", date: int | None = None) -> None:
    to = date or date_of(site, number)

    async def act(db: Db) -> None:
        for name in names:
            await registering.register(
                db,
                occurrence_id=to,
                way=way,
                participant_id=await make_guest(db, name),
                now=clock.now(),
                by=None,
            )

    site.write(act)


def statuses(site: Site, number: str) -> list[str]:
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT status FROM registration JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1"
            " ORDER BY registration.id",
            int(number),
        )
    )
    return [row["status"] for row in rows]


def sound(site: Site) -> bool:
    numbers = [row["id"] for row in site.write(lambda db: db.connection.fetch("SELECT id FROM gathering"))]
    return not site.write(lambda db: health.problems(db, numbers, clock.now()))


def test_what_it_is_can_be_changed_and_nobody_writes_over_somebody_unknowingly(site: Site) -> None:
    number = number_of(published(site))
    hers, other = site.as_("thuy-linh"), site.new_browser("thuy-linh")
    address = f"/rencontres/{number}/modifier"
    page = hers.get(address).text
    assert 'value="Rencontre des acteurs-clés de Sainte-Brume"' in page
    assert "On se parle de **ce qui coince**." in page
    version = str(site.ask("SELECT version FROM gathering WHERE id = $1", int(number)))
    form = {"title": "Un titre meilleur", "language": "fr-CA", "registration": "approval", "visibility": "public"}
    form |= {"description": "Tout autre chose.", "version": version, "reminders": "24", "stage": "emergence"}
    assert hers.post(address, data=form).headers["location"] == f"/rencontres/{number}-un-titre-meilleur"
    shown = site.stranger.get(f"/rencontres/{number}-un-titre-meilleur").text
    assert "Tout autre chose." in shown
    assert "Un titre meilleur" in site.stranger.get("/rencontres?etape=emergence").text
    assert "Un titre meilleur" not in site.stranger.get("/rencontres?etape=perennisation").text
    stale = other.post(address, data=form | {"title": "D’une autre main"})
    assert stale.status_code == 409
    assert "D’une autre main" in stale.text
    assert "Un titre meilleur" in site.stranger.get(f"/rencontres/{number}-un-titre-meilleur").text
    assert hers.post(address, data=form | {"title": " "}).status_code == 422
    for room in ("modifier", "dates", f"dates/{date_of(site, number)}", "equipe", "dupliquer"):
        assert site.as_("maryse").get(f"/rencontres/{number}/{room}").status_code == 403
        assert site.stranger.get(f"/rencontres/{number}/{room}").status_code == 303


def test_a_new_time_or_place_is_told_once_and_other_changes_are_not(site: Site) -> None:
    number = number_of(published(site))
    guests(site, number, "Aline", "Bruno", "Chloé")
    post_office(site)
    before = set(letters(site))
    uid = site.ask("SELECT ical_uid FROM event_session WHERE occurrence_id = $1", date_of(site, number))
    assert change(site, number, label="Groupe de jour").status_code == 303
    assert post_office(site) == 0
    assert change(site, number, day_0="2030-03-12", begins_0="13:00").status_code == 303
    # The same form a second time changes nothing any more.
    assert change(site, number, day_0="2030-03-12", begins_0="13:00").status_code == 303
    assert post_office(site) == 3
    new = [letter for letter in letters(site) if letter not in before]
    assert len(new) == 3
    assert all("12\u00a0mars 2030, de 13\u00a0h" in letter for letter in new)
    date = date_of(site, number)
    assert site.ask("SELECT ical_uid FROM event_session WHERE occurrence_id = $1", date) == uid
    assert site.ask("SELECT ical_sequence FROM event_session WHERE occurrence_id = $1", date) == 1
    assert statuses(site, number) == ["confirmed", "confirmed", "waiting"]
    assert sound(site)


def test_reminders_follow_a_date_that_moves(site: Site) -> None:
    number = number_of(published(site))
    guests(site, number, "Aline")
    start = site.ask("SELECT starts_at FROM occurrence WHERE gathering_id = $1", int(number))
    assert site.ask(
        "SELECT array_agg(hours ORDER BY hours) FROM reminder_rule WHERE gathering_id = $1", int(number)
    ) == [3, 48]
    change(site, number, day_0="2030-03-12")
    from_old = start.replace(day=4)
    assert site.write(lambda db: reminding.remind(db, now=from_old)) == 0
    assert site.write(lambda db: reminding.remind(db, now=from_old.replace(day=10))) == 1


def test_more_seats_are_given_at_once_and_fewer_take_nobodys_away(site: Site) -> None:
    number = number_of(published(site))
    guests(site, number, "Aline", "Bruno", "Chloé", "Denis")
    assert change(site, number, seats="3").status_code == 303
    assert statuses(site, number) == ["confirmed", "confirmed", "confirmed", "waiting"]
    assert change(site, number, seats="1").status_code == 303
    assert statuses(site, number) == ["confirmed", "confirmed", "confirmed", "waiting"]
    assert sound(site)
    # A way in which somebody is registered stays.
    refused = change(site, number, mode="online", online_seats="5")
    assert refused.status_code == 409
    assert site.ask("SELECT mode FROM occurrence WHERE id = $1", date_of(site, number)) == "in-person"


def test_sessions_come_and_go_and_may_change_places(site: Site) -> None:
    number = number_of(published(site))
    three = {f"day_{n}": f"2030-03-{5 + 7 * n:02}" for n in range(3)}
    hours = {f"begins_{n}": "09:00" for n in range(4)} | {f"ends_{n}": "12:00" for n in range(4)}
    assert change(site, number, **three, **hours | {"begins_3": "", "ends_3": ""}).status_code == 303

    def days() -> dict[str, Any]:
        rows = site.write(
            lambda db: db.connection.fetch("SELECT ical_uid, local_start FROM event_session ORDER BY local_start")
        )
        return {str(row["ical_uid"]): f"{row['local_start']:%d}" for row in rows}

    first = days()
    assert list(first.values()) == ["05", "12", "19"]
    swapped = three | {"day_0": "2030-03-12", "day_1": "2030-03-05"} | {f"day_{n}": "" for n in (3, 4)}
    empty = {f"{side}_{n}": "" for n in (3, 4) for side in ("begins", "ends")}
    assert change(site, number, **swapped, **hours | empty).status_code == 303
    assert [days()[uid] for uid in first] == ["12", "05", "19"]
    # The same time twice, no session, an hour that does not exist: said beside the field, and nothing is lost.
    for wrong in (
        {"day_0": "2030-03-12", "day_1": "2030-03-12"},
        {f"{side}_{n}": "" for n in range(3) for side in ("day", "begins", "ends")},
        {"day_0": "2030-03-10", "begins_0": "02:30"},
        {"day_0": "2030-03-10", "begins_0": "13:00", "ends_0": "12:00"},
        {"day_0": "2030-03-10", "begins_0": ""},
    ):
        answer = change(site, number, **three | hours | empty | {"place": "Gardé"} | wrong)
        assert answer.status_code == 422, wrong
        assert 'value="Gardé"' in answer.text
    gone = three | {"day_1": "", "begins_1": "", "ends_1": ""}
    assert change(site, number, **hours | empty | gone).status_code == 303
    assert list(days().values()) == ["05", "19"]
    assert (
        site.ask(
            "SELECT to_char(ends_at AT TIME ZONE zone, 'DD HH24') FROM occurrence WHERE gathering_id = $1", int(number)
        )
        == "19 12"
    )


def test_a_postponed_date_keeps_its_people_and_a_new_day_brings_it_back(site: Site) -> None:
    number = number_of(published(site))
    guests(site, number, "Aline")
    base = f"/rencontres/{number}/dates/{date_of(site, number)}"
    hers = site.as_("thuy-linh")
    assert hers.post(f"{base}/reporter", data={"reason": ""}).status_code == 422
    assert hers.post(f"{base}/reporter", data={"reason": "La tempête."}).status_code == 303
    assert hers.post(f"{base}/reporter", data={"reason": "La tempête."}).status_code == 409
    post_office(site)
    assert "La tempête." in "".join(letters(site))
    assert statuses(site, number) == ["confirmed"]
    page = site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text
    assert "Reportée" in page
    change(site, number, day_0="2030-04-02")
    assert site.ask("SELECT state FROM occurrence WHERE gathering_id = $1", int(number)) == "scheduled"
    assert post_office(site) == 1
    assert hers.post(f"{base}/annuler", data={"reason": "Trop peu de monde."}).status_code == 303
    assert statuses(site, number) == ["cancelled"]
    assert change(site, number, day_0="2030-05-02").status_code == 409
    assert "Trop peu de monde." in site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text


def test_a_date_comes_back_by_a_rule_and_one_those_that_follow_or_all_change(site: Site) -> None:
    # The fifth of March 2030 is the first Tuesday.
    number = number_of(published(site))
    hers, first = site.as_("thuy-linh"), date_of(site, number)
    assert (
        hers.post(f"/rencontres/{number}/dates/{first}/repeter", data={"rule": "month", "times": "3"}).status_code
        == 303
    )

    def starts() -> list[str]:
        rows = site.write(lambda db: db.connection.fetch("SELECT local_start FROM event_session ORDER BY local_start"))
        return [f"{row['local_start']:%m-%d %H}" for row in rows]

    # Nine o’clock stays nine o’clock, whatever the clocks did in between.
    assert starts() == ["03-05 09", "04-02 09", "05-07 09", "06-04 09"]
    assert site.ask("SELECT rule FROM gathering_series") == "FREQ=MONTHLY;BYDAY=1TU;COUNT=4"
    assert site.ask("SELECT count(*) FROM seat_pool WHERE seats = 2") == 4
    second = site.ask("SELECT occurrence_id FROM event_session WHERE local_start::date = '2030-04-02'")
    assert change(site, number, second, day_0="2030-04-03", begins_0="10:00", scope="one").status_code == 303
    assert starts() == ["03-05 09", "04-03 10", "05-07 09", "06-04 09"]
    assert (
        change(
            site, number, second, day_0="2030-04-03", begins_0="11:00", place="Ailleurs", scope="following"
        ).status_code
        == 303
    )
    assert starts() == ["03-05 09", "04-03 11", "05-07 11", "06-04 11"]
    assert site.ask("SELECT count(*) FROM occurrence WHERE place = 'Ailleurs'") == 3
    assert change(site, number, second, day_0="2030-04-03", begins_0="08:00", scope="all").status_code == 303
    assert starts() == ["03-05 08", "04-03 08", "05-07 08", "06-04 08"]
    for wrong in ({"rule": "1", "times": "0"}, {"rule": "x", "times": "2"}, {"rule": "1", "times": "999"}):
        assert hers.post(f"/rencontres/{number}/dates/{first}/repeter", data=wrong).status_code == 422


def test_a_copy_has_what_was_chosen_and_nobody_who_came(site: Site) -> None:
    number = number_of(published(site, mode="hybrid", online_seats="30"))
    guests(site, number, "Aline")
    hers = site.as_("thuy-linh")

    async def ask_something(db: Db) -> None:
        question = await db.connection.fetchval(
            "INSERT INTO event_question (gathering_id, position, kind, label) VALUES ($1, 1, 'workshop', 'Ateliers')"
            " RETURNING id",
            int(number),
        )
        for place in (1, 2):
            await db.connection.execute(
                "INSERT INTO event_choice (question_id, position, label, seats) VALUES ($1, $2, 'Atelier', 12)",
                question,
                place,
            )
        await db.connection.execute(
            "INSERT INTO programme_item (gathering_id, begins, minutes, title, question_id)"
            " VALUES ($1, 60, 90, 'Ateliers', $2)",
            int(number),
            question,
        )

    site.write(ask_something)
    everything = {"title": "Modèle de rencontre", "what": ["texts", "programme", "hands", "dates"], "model": "y"}
    model = number_of(hers.post(f"/rencontres/{number}/dupliquer", data=everything).headers["location"])
    assert site.ask("SELECT state FROM gathering WHERE id = $1", int(model)) == "model"
    assert site.stranger.get(f"/rencontres/{model}").status_code == 404
    assert f"/rencontres/{model}/dupliquer" in hers.get("/rencontres/nouvelle").text
    assert "Modèle de rencontre" not in site.as_("maryse").get("/rencontres/nouvelle").text
    form = {"title": "R1", "what": ["texts", "programme", "dates"], "day": "2030-09-10"}
    made = int(number_of(hers.post(f"/rencontres/{model}/dupliquer", data=form).headers["location"]))
    assert site.ask("SELECT state FROM gathering WHERE id = $1", made) == "draft"
    assert (
        site.ask(
            "SELECT count(*) FROM registration r JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1",
            made,
        )
        == 0
    )
    assert (
        site.ask(
            "SELECT count(*) FROM event_choice c JOIN event_question q ON q.id = question_id"
            " WHERE gathering_id = $1 AND seats = 12",
            made,
        )
        == 2
    )
    assert site.ask("SELECT question_id FROM programme_item WHERE gathering_id = $1", made) == site.ask(
        "SELECT id FROM event_question WHERE gathering_id = $1", made
    )
    assert (
        site.ask(
            "SELECT string_agg(way || ' ' || seats, ', ' ORDER BY way) FROM seat_pool p"
            " JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1",
            made,
        )
        == "in-person 2, online 30"
    )
    assert hers.post(f"/rencontres/{made}/publier").status_code == 303
    assert "10\u00a0septembre 2030" in site.stranger.get(f"/rencontres/{made}", follow_redirects=True).text
    bare = int(number_of(hers.post(f"/rencontres/{number}/dupliquer", data={"title": "Vide"}).headers["location"]))
    assert site.ask("SELECT count(*) FROM occurrence WHERE gathering_id = $1", bare) == 0
    assert site.ask("SELECT count(*) FROM gathering_text WHERE gathering_id = $1", bare) == 0


def test_a_team_has_always_somebody_who_organizes(site: Site) -> None:
    number = number_of(begun(site))
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/equipe"
    me = {"act": "remove", "handle": "thuy-linh", "role": "organizer"}
    assert hers.post(address, data=me).status_code == 422
    assert hers.post(address, data={"handle": "personne-du-tout", "role": "door"}).status_code == 422
    assert hers.post(address, data={"handle": "@Maryse", "role": "organizer"}).status_code == 303
    assert site.as_("maryse").get(f"/rencontres/{number}/modifier").status_code == 200
    assert hers.post(address, data=me).status_code == 303
    assert hers.get(f"/rencontres/{number}", follow_redirects=True).status_code == 404


def test_those_who_look_after_a_gathering_find_it_among_theirs(site: Site) -> None:
    begun(site, title="Une ébauche à finir")
    path = published(site, title="Publiée déjà")
    site.as_("thuy-linh").post(f"/rencontres/{number_of(path)}/equipe", data={"handle": "maryse", "role": "door"})
    hers = site.as_("thuy-linh").get("/moi/rencontres").text
    assert "Une ébauche à finir" in hers
    assert f"/rencontres/{number_of(path)}/bureau" in hers
    at_door = site.as_("maryse").get("/moi/rencontres").text
    assert "Publiée déjà" in at_door
    assert "Une ébauche à finir" not in at_door
    assert "/bureau" not in at_door
