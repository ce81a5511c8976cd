"""Two authors at once: what each wrote is put together, or shown to her who comes second; never lost."""

import re
from typing import Any

import pytest

from tests.cases.stories import story
from tests.cases.writing import answers, coauthor, opened, start
from tests.conftest import Site

BEFORE = "Le comité se vidait.\n\nOn a ouvert la cuisine.\n\nLes gens sont revenus."


def save(site: Site, handle: str, case_id: int, section: str, form: dict[str, Any], carried: dict[str, Any]) -> Any:
    return site.as_(handle).post(f"/recits/{case_id}/ecrire/{section}", data=carried | form)


def both_open(site: Site, section: str, **answered: Any) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """A story that Maryse and Josée have both open at this section."""
    case_id = start(site, **answered)
    coauthor(site, case_id, "josee")
    hers = opened(site, site.as_("maryse"), case_id, section)
    return case_id, hers, opened(site, site.as_("josee"), case_id, section)


def test_different_paragraphs_are_put_together(site: Site) -> None:
    case_id, first, second = both_open(site, "what_we_did", what_we_did=BEFORE)
    one = BEFORE.replace("se vidait", "se vidait depuis un an")
    other = BEFORE.replace("revenus", "revenus, et restés")
    assert save(site, "maryse", case_id, "what_we_did", {"what_we_did": one}, first).status_code == 303
    assert save(site, "josee", case_id, "what_we_did", {"what_we_did": other}, second).status_code == 303
    assert answers(site, case_id)["what_we_did"] == one.replace("revenus", "revenus, et restés")


def test_the_same_words_are_shown_side_by_side_and_nothing_is_written_over(site: Site) -> None:
    case_id, first, second = both_open(site, "what_we_did", what_we_did=BEFORE)
    one = BEFORE.replace("la cuisine", "la cuisine du presbytère")
    other = BEFORE.replace("la cuisine", "trois cuisines")
    assert save(site, "maryse", case_id, "what_we_did", {"what_we_did": one}, first).status_code == 303
    answer = save(site, "josee", case_id, "what_we_did", {"what_we_did": other}, second)
    assert answer.status_code == 409
    assert answers(site, case_id)["what_we_did"] == one
    # Theirs, what sets the two apart, and hers in the box.
    assert "la cuisine du presbytère" in answer.text
    assert re.search(r"<ins>trois cuisines", answer.text)
    assert re.search(r'<textarea[^>]*name="what_we_did"[^>]*>\s*[^<]*trois cuisines', answer.text)
    # Hers is kept for her should she leave now; sent again, it is her choice that counts.
    page = site.as_("josee").get(f"/recits/{case_id}/ecrire/what_we_did").text
    assert "trois cuisines" in page
    assert "trois cuisines" not in site.as_("maryse").get(f"/recits/{case_id}/ecrire/what_we_did").text
    carried = dict(re.findall(r'name="((?:seen|sequence)-what_we_did)" value="([^"]*)"', answer.text))
    assert save(site, "josee", case_id, "what_we_did", {"what_we_did": other}, carried).status_code == 303
    assert answers(site, case_id)["what_we_did"] == other


def test_a_form_that_says_nothing_of_what_it_saw_writes_over_nobody(site: Site) -> None:
    case_id = start(site, what_we_did=BEFORE)
    answer = save(site, "maryse", case_id, "what_we_did", {"what_we_did": "Autre chose."}, {})
    assert answer.status_code == 409
    assert answers(site, case_id)["what_we_did"] == BEFORE


def test_what_both_chose_is_chosen_and_what_either_took_out_is_out(site: Site) -> None:
    case_id, first, second = both_open(site, "stages", stages=["emergence", "mise-en-oeuvre"])
    save(site, "maryse", case_id, "stages", {"stages": ["mise-en-oeuvre"]}, first)
    added = {"stages": ["emergence", "mise-en-oeuvre", "perennisation"]}
    assert save(site, "josee", case_id, "stages", added, second).status_code == 303
    assert answers(site, case_id)["stage"] == "mise-en-oeuvre perennisation"


def test_two_scales_are_one_too_many(site: Site) -> None:
    case_id, first, second = both_open(site, "regions", regions=["mauricie"])
    save(site, "maryse", case_id, "regions", {"regions": ["mauricie"], "scale": "mrc"}, first)
    answer = save(site, "josee", case_id, "regions", {"regions": ["mauricie"], "scale": "region"}, second)
    assert answer.status_code == 409
    assert (
        site.ask("SELECT slug FROM term WHERE id = (SELECT scale_id FROM practice_case WHERE id = $1)", case_id)
        == "mrc"
    )


def test_on_one_page_what_does_not_clash_is_saved(site: Site) -> None:
    case_id = start(site, what_we_did=BEFORE, lessons="Semer tôt.")
    coauthor(site, case_id, "josee")
    html = site.as_("josee").get(f"/recits/{case_id}/ecrire").text
    carried = dict(re.findall(r'name="((?:seen|sequence)-\w+)" value="([^"]*)"', html))
    one = opened(site, site.as_("maryse"), case_id, "what_we_did")
    save(site, "maryse", case_id, "what_we_did", {"what_we_did": "Nous avons soupé."}, one)
    form = {"title": "Un souper", "what_we_did": "Nous avons déjeuné.", "lessons": "Semer tard."}
    answer = site.as_("josee").post(f"/recits/{case_id}/ecrire", data=carried | form)
    assert answer.status_code == 409
    said = answers(site, case_id)
    assert (said["what_we_did"], said["lessons"]) == ("Nous avons soupé.", "Semer tard.")
    assert "Nous avons déjeuné." in answer.text
    assert 'name="seen-lessons"' not in answer.text


def test_two_parts_of_what_changed_are_two_texts(site: Site) -> None:
    case_id, first, second = both_open(site, "what_changed", what_changed="On s’y arrête.")
    form = {"what_changed-capacites-personnes": "On s’y arrête."}
    save(site, "maryse", case_id, "what_changed", form | {"what_changed-conditions-de-vie": "On mange mieux."}, first)
    other = form | {"what_changed-inattendu": "Les cerfs aussi."}
    assert save(site, "josee", case_id, "what_changed", other, second).status_code == 303
    said = answers(site, case_id)
    assert said["what_changed/conditions-de-vie"] == "On mange mieux."
    assert said["what_changed/inattendu"] == "Les cerfs aussi."


def test_a_name_that_was_taken_out_does_not_come_back_with_a_text_that_was_being_written(site: Site) -> None:
    case_id, _first, second = both_open(site, "what_we_did", what_we_did="Gisèle Tremblay a cuisiné.")
    withdraws(site, case_id, "Gisèle Tremblay")
    text = "Gisèle Tremblay a cuisiné et servi."
    answer = save(site, "josee", case_id, "what_we_did", {"what_we_did": text}, second)
    assert answer.status_code == 409
    assert "a retiré son consentement" in answer.text
    assert "Gisèle" not in answers(site, case_id)["what_we_did"]
    kept = {"section": "what_we_did", "sequence": "9", "what_we_did": text} | second
    assert site.as_("josee").post(f"/recits/{case_id}/brouillon", data=kept).status_code == 409
    assert site.ask("SELECT count(*) FROM case_draft WHERE fields::text LIKE '%Gis%'") == 0


def withdraws(site: Site, case_id: int, name: str) -> None:
    """Somebody of the register takes her consent back, and an author writes it down."""
    author = site.ask("SELECT min(id) FROM case_author WHERE case_id = $1", case_id)
    key = site.ask(
        "INSERT INTO case_person (case_id, name, asked_by_id) VALUES ($1, $2, $3) RETURNING id", case_id, name, author
    )
    answer = site.as_("maryse").post(f"/recits/{case_id}/personnes/{key}/retrait", data={"leave": "y", "more": ""})
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("left", [{}, {"what_changed-capacites-communaute": " "}])
def test_nothing_published_loses_what_it_had_to_say(site: Site, left: dict[str, str]) -> None:
    case_id = story(site, "maryse")
    carried = opened(site, site.as_("maryse"), case_id, "what_changed")
    answer = save(site, "maryse", case_id, "what_changed", left, carried)
    assert answer.status_code == 409
    assert "n’a pas encore de réponse" in answer.text
    assert answers(site, case_id)["what_changed/capacites-communaute"]


def test_what_changes_in_a_published_story_is_told_to_lists(site: Site) -> None:
    case_id = story(site, "maryse")
    before = site.ask("SELECT browsing FROM practice_case WHERE id = $1", case_id)
    version = site.ask("SELECT version FROM practice_case WHERE id = $1", case_id)
    carried = opened(site, site.as_("maryse"), case_id, "title")
    assert save(site, "maryse", case_id, "title", {"title": "Un souper"}, carried).status_code == 303
    assert site.ask("SELECT browsing FROM practice_case WHERE id = $1", case_id) > before
    assert site.ask("SELECT version FROM practice_case WHERE id = $1", case_id) > version
    assert site.stranger.get(f"/recits/{case_id}").headers["location"] == f"/recits/{case_id}-un-souper"
