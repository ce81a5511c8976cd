"""Organizing a gathering: begun with a title, a day and two hours; read over; published; given dates; cancelled."""

import pytest

from tests.conftest import Site

FORM = {
    "title": "Rencontre des acteurs-clés de Sainte-Brume",
    "day": "2030-03-05",
    "begins": "9:00",
    "ends": "16:30",
    "zone": "America/Toronto",
    "mode": "in-person",
    "seats": "2",
    "place": "Salle communautaire",
    "locality": "Sainte-Brume",
    "region": "mauricie",
    "kind": "rencontre-acteurs-cles",
    "registration": "open",
    "visibility": "public",
    "description": "On se parle de **ce qui coince**.",
}


def begun(site: Site, **more: str) -> str:
    answer = site.as_("thuy-linh").post("/rencontres/nouvelle", data=FORM | more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def published(site: Site, **more: str) -> str:
    path = begun(site, **more)
    number = path.split("/")[-1].partition("-")[0]
    assert site.as_("thuy-linh").post(f"/rencontres/{number}/publier").status_code == 303
    return path


def number_of(path: str) -> str:
    return path.split("/")[-1].partition("-")[0]


def test_a_draft_is_its_organizers_alone_until_it_is_published(site: Site) -> None:
    path = begun(site)
    assert "Publier" in site.as_("thuy-linh").get(path).text
    for who in (site.stranger, site.as_("maryse"), site.as_("sofia")):
        assert who.get(path).status_code == 404
        assert FORM["title"] not in who.get("/rencontres").text
    site.as_("thuy-linh").post(f"/rencontres/{number_of(path)}/publier")
    page = site.stranger.get(path).text
    assert "<strong>ce qui coince</strong>" in page
    assert "5\u00a0mars 2030" in page
    assert FORM["title"] in site.stranger.get("/rencontres?region=mauricie").text


def test_publishing_opens_its_discussion_once(site: Site) -> None:
    path = published(site)
    site.as_("thuy-linh").post(f"/rencontres/{number_of(path)}/publier")
    assert site.ask("SELECT count(*) FROM thread WHERE title = $1", FORM["title"]) == 1
    assert "/discussions/" in site.stranger.get(path).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "obligatoire"),
        ({"day": "hier"}, "2027-03-31"),
        ({"begins": "25:00"}, "Une heure s’écrit"),
        ({"ends": "8:00"}, "La fin vient après le début"),
        ({"day": "2030-03-10", "begins": "2:30"}, "on avance l’heure"),
        ({"mode": "online", "online_url": "javascript:alert(1)"}, "https://"),
        ({"seats": "-1"}, "Places en salle"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(site: Site, wrong: dict[str, str], said: str) -> None:
    answer = site.as_("thuy-linh").post("/rencontres/nouvelle", data=FORM | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert "ce qui coince" in answer.text
    assert site.ask("SELECT count(*) FROM gathering WHERE title = $1", FORM["title"]) == 0


def test_the_same_form_twice_is_one_gathering(site: Site) -> None:
    assert begun(site, request_key="k" * 43) == begun(site, request_key="k" * 43)
    assert (
        site.ask(
            "SELECT count(*) FROM occurrence o JOIN gathering g ON g.id = gathering_id WHERE title = $1", FORM["title"]
        )
        == 1
    )


def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    assert site.stranger.get("/rencontres/nouvelle").status_code == 303
    assert site.stranger.post("/rencontres/nouvelle", data=FORM).status_code == 403


def test_only_its_organizers_change_it(site: Site) -> None:
    number = number_of(published(site))
    maryse = site.as_("maryse")
    assert maryse.get(f"/rencontres/{number}/dates/nouvelle").status_code == 403
    assert maryse.post(f"/rencontres/{number}/annuler", data={"reason": "Non"}).status_code == 403
    assert site.ask("SELECT state FROM gathering WHERE id = $1", int(number)) == "published"


def test_a_second_date_is_there_at_the_next_look(site: Site) -> None:
    path = published(site)
    site.stranger.get(path)
    date = {key: FORM[key] for key in ("begins", "ends", "zone", "mode", "seats")} | {"day": "2030-04-09"}
    answer = site.as_("thuy-linh").post(f"/rencontres/{number_of(path)}/dates/nouvelle", data=date)
    assert answer.status_code == 303
    assert "9\u00a0avril 2030" in site.stranger.get(path).text


def test_cancelled_it_stays_to_be_seen_and_those_who_were_coming_are_told(site: Site) -> None:
    path = published(site)
    number = number_of(path)
    page = site.as_("maryse").get(f"/rencontres/{number}/inscription").text
    date = site.ask("SELECT id FROM occurrence WHERE gathering_id = $1", int(number))
    assert "En présence" in page
    sent = site.as_("maryse").post(
        f"/rencontres/{number}/inscription", data={"date": f"{date}:in-person", "listed": "nobody"}
    )
    assert sent.status_code == 303
    answer = site.as_("thuy-linh").post(f"/rencontres/{number}/annuler", data={"reason": "La salle a été inondée."})
    assert answer.status_code == 303
    seen = site.stranger.get(path)
    assert seen.status_code == 200
    assert "La salle a été inondée." in seen.text
    assert "/inscription" not in seen.text
    assert site.ask("SELECT status FROM registration WHERE occurrence_id = $1", date) == "cancelled"
    assert site.ask("SELECT cause FROM registration_change ORDER BY id DESC LIMIT 1") == "date-cancelled"
    again = site.as_("thuy-linh").post(f"/rencontres/{number}/annuler", data={"reason": "Encore"})
    assert again.status_code == 409


def test_a_french_title_is_set_so_that_no_line_begins_with_a_colon(site: Site) -> None:
    path = begun(site, title="Le midi : on mange")
    assert "<h1>Le midi\u00a0: on mange</h1>" in site.as_("thuy-linh").get(path).text
