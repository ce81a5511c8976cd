"""Starting a story: a title is enough, and everything else may come with it."""

from typing import Any

from tests.cases.writing import answers, start
from tests.conftest import Site


def test_a_title_is_enough(site: Site) -> None:
    answer = site.as_("maryse").post("/recits/nouveau", data={"title": "La réunion qui est devenue un souper"})
    assert answer.status_code == 303
    case_id = site.ask("SELECT max(id) FROM practice_case")
    assert answer.headers["location"].startswith(f"/recits/{case_id}/ecrire")
    row: Any = site.write(lambda db: db.connection.fetchrow("SELECT * FROM practice_case WHERE id = $1", case_id))
    assert (row["state"], row["depth"], row["language"]) == ("draft", "brief", "fr-CA")
    assert site.ask("SELECT kind FROM case_author WHERE case_id = $1", case_id) == "author"
    assert site.ask("SELECT cause FROM case_event WHERE case_id = $1", case_id) == "started"
    assert site.as_("maryse").get(answer.headers["location"]).status_code == 200


def test_a_story_without_a_title_is_given_back_whole(site: Site) -> None:
    before = site.ask("SELECT count(*) FROM practice_case")
    answer = site.as_("maryse").post("/recits/nouveau", data={"title": " ", "what_we_did": "Nous avons soupé."})
    assert answer.status_code == 422
    assert 'id="title-error"' in answer.text
    assert "Nous avons soupé." in answer.text
    assert site.ask("SELECT count(*) FROM practice_case") == before


def test_the_keys_of_the_template_are_fields(site: Site) -> None:
    case_id = start(
        site,
        title="Le potager du presbytère",
        summary="Un terrain vide. Nous avons semé. On y vient.",
        regions=["mauricie", "estrie"],
        scale="municipalite",
        locality="Sainte-Brume",
        stages=["mise-en-oeuvre"],
        starting_point="Un terrain vide.",
        what_we_did="Nous avons **semé**.",
        what_changed="Les gens s’y arrêtent.",
        lessons="Semer tôt.",
    )
    said = answers(site, case_id)
    assert said["summary"] == "Un terrain vide. Nous avons semé. On y vient."
    assert said["what_changed/capacites-personnes"] == "Les gens s’y arrêtent."
    assert said["region"] == "estrie mauricie"
    assert said["stage"] == "mise-en-oeuvre"
    row: Any = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT excerpt, locality, (SELECT slug FROM term WHERE id = scale_id) AS scale"
            " FROM practice_case WHERE id = $1",
            case_id,
        )
    )
    assert row["excerpt"] == said["summary"]
    assert (row["locality"], row["scale"]) == ("Sainte-Brume", "municipalite")
    assert "<strong>semé</strong>" in site.ask(
        "SELECT body_html FROM case_text WHERE case_id = $1 AND field = 'what_we_did'", case_id
    )


def test_what_was_brought_and_is_wrong_is_said_beside_it(site: Site) -> None:
    form = {"title": "Un titre", "stages": "nulle-part", "lessons": "x" * 4000}
    answer = site.as_("maryse").post("/recits/nouveau", data=form)
    assert answer.status_code == 422
    assert 'id="stages-error"' in answer.text
    assert 'id="lessons-error"' in answer.text


def test_the_same_form_twice_is_one_story(site: Site) -> None:
    form = {"title": "Une fois suffit", "request_key": "k" * 43}
    first = site.as_("maryse").post("/recits/nouveau", data=form)
    again = site.as_("maryse").post("/recits/nouveau", data=form)
    assert first.headers["location"] == again.headers["location"]
    assert site.ask("SELECT count(*) FROM practice_case WHERE title = 'Une fois suffit'") == 1


def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    assert site.stranger.get("/recits/nouveau").status_code == 303
    assert site.stranger.post("/recits/nouveau", data={"title": "Un titre"}).status_code == 403
    assert site.ask("SELECT count(*) FROM practice_case WHERE title = 'Un titre'") == 0


def test_a_brief_story_goes_from_nothing_to_publication_one_question_at_a_time(site: Site) -> None:
    browser = site.as_("maryse")
    path = browser.post("/recits/nouveau", data={"title": "Le potager", "way": "step"}).headers["location"]
    case_id = path.split("/")[2]
    given: dict[str, dict[str, Any]] = {
        "summary": {"summary": "Un terrain vide. Nous avons semé. On y vient."},
        "regions": {"regions": ["mauricie"]},
        "stages": {"stages": ["mise-en-oeuvre"]},
        "starting_point": {"starting_point": "Un terrain vide."},
        "what_we_did": {"what_we_did": "Nous avons semé."},
        "what_changed": {"what_changed-capacites-communaute": "On s’y arrête."},
        "lessons": {"lessons": "Semer tôt."},
    }
    asked = []
    while "ecrire/" in path:
        section = path.rpartition("/")[2]
        asked.append(section)
        page = browser.get(path)
        assert page.status_code == 200
        assert f'name="seen-{section}"' in page.text
        path = browser.post(path, data=given[section] | {f"seen-{section}": "0-0"}).headers["location"]
    assert asked == list(given)
    assert path == f"/recits/{case_id}/ecrire?enregistre"
    assert "Rien ne manque" in browser.get(path).text
    stated = {"nobody_else": "y", "could_read": "y", "no_file": "y", "visibility": "public", "licence": "cc-by"}
    assert browser.post(f"/recits/{case_id}/publier", data=stated).status_code == 303
    assert "On s’y arrête." in site.stranger.get(f"/recits/{case_id}", follow_redirects=True).text
