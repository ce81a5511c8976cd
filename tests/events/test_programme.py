"""The programme: lines with hours and workshops with so many places, read by everybody, changed by its organizers."""

from maillage.core.db import Db
from tests.conftest import Site
from tests.events.gatherings import gathering, in_days, make_date, make_gathering
from tests.events.test_registering import form, sign_up, status

LINE = {"session": "1", "begins": "9:30", "ends": "10:15", "title": "Mot de bienvenue", "details": "Avec du café."}
WORKSHOPS = {
    "session": "1",
    "begins": "13:00",
    "ends": "14:30",
    "title": "Ateliers de l’après-midi",
    "details": "",
    "choice_new1": "Cartographie",
    "seats_new1": "2",
    "details_new1": "On dessine le milieu.",
    "choice_new2": "Faire un récit",
    "required": "y",
}


def add(site: Site, number: int, line: dict[str, str], query: str = "") -> int:
    answer = site.as_("thuy-linh").post(f"/rencontres/{number}/programme/nouveau{query}", data=line)
    assert answer.status_code == 303, answer.text
    return int(site.ask("SELECT max(id) FROM programme_item WHERE gathering_id = $1", number))


def workshops(site: Site, number: int, **more: str) -> tuple[int, int, int]:
    """Workshops to choose from; the number of their line, of their question, of the first of them."""
    item = add(site, number, WORKSHOPS | more, "?ateliers=1")
    question = site.ask("SELECT question_id FROM programme_item WHERE id = $1", item)
    return item, question, site.ask("SELECT min(id) FROM event_choice WHERE question_id = $1", question)


def first_of(site: Site, number: int) -> int:
    query = "SELECT min(r.id) FROM registration r JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1"
    return int(site.ask(query, number))


def places(site: Site, choice: int) -> list[int]:
    query = (
        "SELECT array_agg(place_no ORDER BY place_no) FROM registration_choice WHERE choice_id = $1 AND place_no > 0"
    )
    return list(site.ask(query, choice))


def change(site: Site, number: int, item: int, **more: str) -> int:
    path = f"/rencontres/{number}/programme/{item}"
    line = {key: WORKSHOPS[key] for key in ("session", "begins", "ends", "title", "details", "required")}
    return int(site.as_("thuy-linh").post(path, data=line | more).status_code)


def test_everybody_reads_it_with_its_hours_and_its_organizers_change_it(site: Site) -> None:
    number = gathering(site)
    path = site.stranger.get(f"/rencontres/{number}").headers["location"]
    add(site, number, WORKSHOPS, "?ateliers=1")
    item = add(site, number, LINE)
    page = site.stranger.get(path).text
    assert page.index("Mot de bienvenue") < page.index("Cartographie") < page.index("Faire un récit")
    assert "9\u00a0h\u00a030" in page
    assert "2 places" in page
    own = f"/rencontres/{number}/programme"
    changed = site.as_("thuy-linh").post(f"{own}/{item}", data=LINE | {"title": "Accueil", "begins": "9 h"})
    assert changed.status_code == 303
    assert "Accueil" in site.stranger.get(path).text
    assert site.as_("thuy-linh").post(f"{own}/{item}/retrait").status_code == 303
    assert "Accueil" not in site.stranger.get(path).text
    # Nobody else, and nothing of another gathering.
    other = gathering(site)
    assert site.as_("maryse").get(own).status_code == 403
    assert site.as_("maryse").post(f"{own}/nouveau", data=LINE).status_code == 403
    for address in (f"/rencontres/{other}/programme/{item}", f"/rencontres/{other}/programme/999999"):
        assert site.as_("thuy-linh").get(address).status_code == 404
        assert site.as_("thuy-linh").post(f"{address}/retrait").status_code == 404
    draft = gathering(site, state="draft")
    assert site.as_("maryse").get(f"/rencontres/{draft}/programme").status_code == 404


def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(site: Site) -> None:
    number = gathering(site)
    wrong = (
        (LINE | {"begins": "8:00"}, "", "pendant la séance"),
        (LINE | {"ends": "17:00"}, "", "pendant la séance"),
        (LINE | {"ends": "9:30"}, "", "La fin vient après le début"),
        (LINE | {"begins": "midi"}, "", "Une heure s’écrit"),
        (LINE | {"title": " "}, "", "obligatoire"),
        (LINE | {"title": "Ateliers"}, "?ateliers=1", "au moins une réponse"),
        (WORKSHOPS | {"seats_new1": "-3"}, "?ateliers=1", "Places"),
    )
    for line, query, said in wrong:
        answer = site.as_("thuy-linh").post(f"/rencontres/{number}/programme/nouveau{query}", data=line)
        assert answer.status_code == 422, line
        assert said in answer.text, line
        assert (line["details"] or "On dessine le milieu.") in answer.text
    assert site.ask("SELECT count(*) FROM programme_item WHERE gathering_id = $1", number) == 0


def test_a_workshop_is_chosen_in_registering_and_its_last_place_goes_to_one(site: Site) -> None:
    number = gathering(site)
    item, question, choice = workshops(site, number)
    path = f"/rencontres/{number}/inscription"
    assert site.as_("maryse").post(path, data=form(site, number)).status_code == 422
    sign_up(site, number, "maryse", **{f"q{question}": str(choice)})
    assert "Ateliers de l’après-midi\u00a0: Cartographie" in site.as_("maryse").get(path).text
    sign_up(site, number, "josee", **{f"q{question}": str(choice)})
    late = form(site, number) | {f"q{question}": str(choice)}
    assert "Cartographie (complet)" in site.as_("karine").get(path).text
    assert "On dessine le milieu." in site.as_("karine").get(path).text
    assert site.as_("karine").post(path, data=late).status_code == 409
    assert status(site, number) == ["confirmed", "confirmed"]
    # With one more place she has it, and where there was no limit nobody loses hers.
    assert change(site, number, item, **{f"seats_{choice}": "3", f"choice_{choice}": "Cartographie"}) == 303
    sign_up(site, number, "karine", **{f"q{question}": str(choice)})
    assert site.ask("SELECT count(place_no) FROM registration_choice WHERE choice_id = $1", choice) == 3


def test_places_are_lowered_as_far_as_nobody_loses_hers(site: Site) -> None:
    number = gathering(site)
    item, question, choice = workshops(site, number, seats_new1="5")
    for handle in ("maryse", "josee", "karine"):
        sign_up(site, number, handle, **{f"q{question}": str(choice)})
    first = first_of(site, number)
    site.as_("maryse").post(f"/rencontres/{number}/desistement", data={"registration": str(first)})
    seats, label = f"seats_{choice}", f"choice_{choice}"
    assert change(site, number, item, **{seats: "1", label: "Cartographie"}) == 409
    assert change(site, number, item, **{seats: "2", label: "Cartographie"}) == 303
    # The first place was free: whoever had the third has it now, so that two are two.
    assert places(site, choice) == [1, 2]
    late = form(site, number) | {f"q{question}": str(choice)}
    assert site.as_("felix").post(f"/rencontres/{number}/inscription", data=late).status_code == 409
    # Without a limit, and then with one again: those who come are counted.
    assert change(site, number, item, **{seats: "", label: "Cartographie"}) == 303
    sign_up(site, number, "felix", **{f"q{question}": str(choice)})
    assert change(site, number, item, **{seats: "2", label: "Cartographie"}) == 409
    assert change(site, number, item, **{seats: "3", label: "Cartographie"}) == 303
    assert places(site, choice) == [1, 2, 3]


def test_what_people_chose_is_not_taken_from_them(site: Site) -> None:
    number = gathering(site)
    item, question, choice = workshops(site, number)
    sign_up(site, number, "maryse", **{f"q{question}": str(choice)})
    other = choice + 1
    assert change(site, number, item, **{f"choice_{choice}": "", f"choice_{other}": "Faire un récit"}) == 409
    assert change(site, number, item, **{f"choice_{choice}": "Carte", f"choice_{other}": ""}) == 303
    gone = form(site, number) | {f"q{question}": str(other)}
    assert site.as_("josee").post(f"/rencontres/{number}/inscription", data=gone).status_code == 422
    drop = f"/rencontres/{number}/programme/{item}/retrait"
    assert site.as_("thuy-linh").post(drop).status_code == 409
    assert site.ask("SELECT count(*) FROM programme_item WHERE id = $1", item) == 1
    mine = first_of(site, number)
    site.as_("maryse").post(f"/rencontres/{number}/desistement", data={"registration": str(mine)})
    assert site.as_("thuy-linh").post(drop).status_code == 303
    assert site.ask("SELECT count(*) FROM event_question WHERE id = $1", question) == 0


def test_every_session_has_its_own_and_another_date_keeps_it(site: Site) -> None:
    async def write(db: Db) -> int:
        gathering_id = await make_gathering(db)
        await make_date(db, gathering_id, sessions=2)
        await make_date(db, gathering_id, starts=in_days(90, 13), sessions=2)
        return gathering_id

    number = site.write(write)
    add(site, number, LINE | {"session": "2", "title": "Retour sur les essais"})
    page = site.stranger.get(site.stranger.get(f"/rencontres/{number}").headers["location"]).text
    assert "Retour sur les essais" in page
    assert "prochaine date" in page
    assert site.ask("SELECT begins FROM programme_item WHERE gathering_id = $1", number) == 30
