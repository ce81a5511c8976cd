"""The history of a story: every change with its words, and the way back."""

import re

from tests.cases.stories import story
from tests.cases.writing import answers, coauthor, guest, opened, start
from tests.conftest import Site


def change(site: Site, case_id: int, section: str, **form: object) -> None:
    carried = opened(site, site.as_("maryse"), case_id, section)
    answer = site.as_("maryse").post(f"/recits/{case_id}/ecrire/{section}", data=carried | form)
    assert answer.status_code == 303, answer.text


def latest(site: Site, case_id: int) -> int:
    found: int = site.ask("SELECT max(id) FROM case_revision WHERE case_id = $1", case_id)
    return found


def restore(site: Site, case_id: int, revision: int, handle: str = "maryse") -> int:
    status: int = site.as_(handle).post(f"/recits/{case_id}/historique/{revision}/retablir").status_code
    return status


def test_every_change_is_shown_word_by_word(site: Site) -> None:
    case_id = start(site, lessons="Semer tôt et arroser.")
    change(site, case_id, "lessons", lessons="Semer tard et arroser.")
    html = site.as_("maryse").get(f"/recits/{case_id}/historique").text
    assert re.search(r"Semer <del>tôt</del><ins>tard</ins> et arroser", html)
    assert "Maryse" in html


def test_what_was_there_is_put_back_and_that_is_a_change_too(site: Site) -> None:
    case_id = start(site, lessons="Semer tôt.")
    change(site, case_id, "lessons", lessons="Ne rien semer.")
    wrong = latest(site, case_id)
    assert restore(site, case_id, wrong) == 303
    assert answers(site, case_id)["lessons"] == "Semer tôt."
    assert latest(site, case_id) > wrong
    assert restore(site, case_id, latest(site, case_id)) == 303
    assert answers(site, case_id)["lessons"] == "Ne rien semer."


def test_what_is_chosen_has_a_history_in_words(site: Site) -> None:
    case_id = start(site, stages=["emergence"])
    change(site, case_id, "stages", stages=["mise-en-oeuvre"])
    html = site.as_("maryse").get(f"/recits/{case_id}/historique").text
    assert re.search(r"<ins>[^<]*Mise en œuvre", html)
    assert "mise-en-oeuvre" not in html
    assert restore(site, case_id, latest(site, case_id)) == 303
    assert answers(site, case_id)["stage"] == "emergence"


def test_a_part_that_was_emptied_comes_back_with_its_direction(site: Site) -> None:
    case_id = start(site, depth="full")
    part = "empowerment-communautaire-communication"
    change(site, case_id, "empowerment", **{part: "On se parle.", f"{part}-way": "up"})
    change(site, case_id, "empowerment")
    assert "empowerment/communautaire-communication" not in answers(site, case_id)
    assert restore(site, case_id, latest(site, case_id)) == 303
    assert answers(site, case_id)["empowerment/communautaire-communication"] == "On se parle."
    assert site.ask("SELECT direction FROM case_text WHERE case_id = $1", case_id) == "up"


def test_when_and_who_come_back_whole(site: Site) -> None:
    case_id = start(site, depth="full")
    change(site, case_id, "period", began="2023-04", ended="2024-06", progress="ended")
    actor = {"actors-0-family": "cdc", "actors-0-role": "Animation | relève", "actors-0-relation": "acteur-terrain"}
    change(site, case_id, "actors", **actor, **{"actors-0-stages": ["emergence", "perennisation"]})
    change(site, case_id, "actors")
    assert site.ask("SELECT count(*) FROM case_actor WHERE case_id = $1", case_id) == 0
    restore(site, case_id, latest(site, case_id))
    assert site.ask("SELECT role FROM case_actor WHERE case_id = $1", case_id) == "Animation | relève"
    assert site.ask("SELECT cardinality(stage_ids) FROM case_actor WHERE case_id = $1", case_id) == 2
    change(site, case_id, "period", progress="ongoing")
    assert site.ask("SELECT began_on FROM practice_case WHERE id = $1", case_id) is None
    restore(site, case_id, latest(site, case_id))
    assert str(site.ask("SELECT ended_on FROM practice_case WHERE id = $1", case_id)) == "2024-06-01"
    html = site.as_("maryse").get(f"/recits/{case_id}/historique").text
    assert "avril\u00a02023" in html


def test_only_those_who_write_see_what_was_there(site: Site) -> None:
    case_id = start(site, lessons="Semer tôt.")
    change(site, case_id, "lessons", lessons="Ne rien semer.")
    coauthor(site, case_id, "josee", "reader")
    assert site.as_("josee").get(f"/recits/{case_id}/historique").status_code == 403
    assert restore(site, case_id, latest(site, case_id), "josee") == 403
    assert site.as_("felix").get(f"/recits/{case_id}/historique").status_code == 404
    writes = guest(site, case_id)
    assert writes.get(f"/recits/{case_id}/historique").status_code == 200
    assert writes.post(f"/recits/{case_id}/historique/{latest(site, case_id)}/retablir").status_code == 303
    assert answers(site, case_id)["lessons"] == "Semer tôt."


def test_a_revision_of_another_story_is_not_here(site: Site) -> None:
    other = start(site, lessons="Semer tôt.")
    change(site, other, "lessons", lessons="Ne rien semer.")
    assert restore(site, start(site), latest(site, other)) == 404


def test_nothing_is_put_back_that_would_empty_a_published_story(site: Site) -> None:
    case_id = story(site, "maryse")
    change(site, case_id, "lessons", lessons="- Commencer tôt.")
    site.ask("UPDATE case_revision SET body = '' WHERE id = $1", latest(site, case_id))
    assert restore(site, case_id, latest(site, case_id)) == 409
    assert answers(site, case_id)["lessons"] == "- Commencer tôt."


def test_long_histories_have_pages(site: Site) -> None:
    case_id = start(site)
    for number in range(32):
        change(site, case_id, "lessons", lessons=f"Leçon {number}.")
        site.ask("DELETE FROM rate_limit")
    html = site.as_("maryse").get(f"/recits/{case_id}/historique").text
    match = re.search(r'href="(/recits/[0-9]+/historique\?avant=[0-9]+)"', html)
    assert match is not None
    assert "<ins>Leçon 0.</ins>" not in html
    assert "<ins>Leçon 0.</ins>" in site.as_("maryse").get(match[1]).text
