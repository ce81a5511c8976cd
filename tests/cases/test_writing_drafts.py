"""What is typed is kept for whoever types it, section by section; and others see who is writing where."""

from datetime import timedelta
from typing import Any

from maillage.core import clock
from tests.cases.writing import answers, coauthor, guest, opened, start
from tests.conftest import Site


def keep(browser: Any, case_id: int, sequence: int, words: str, section: str = "lessons", **more: str) -> int:
    form = {"section": section, "sequence": str(sequence), f"seen-{section}": "99999999-0", section: words} | more
    status: int = browser.post(f"/recits/{case_id}/brouillon", data=form).status_code
    return status


def test_a_draft_is_hers_alone_and_stands_in_the_form_again(site: Site) -> None:
    case_id = start(site, lessons="Semer tôt.")
    coauthor(site, case_id, "josee")
    assert keep(site.as_("maryse"), case_id, 1, "Semer tôt, et arroser.") == 204
    assert answers(site, case_id)["lessons"] == "Semer tôt."
    page = site.as_("maryse").get(f"/recits/{case_id}/ecrire/lessons").text
    assert "Semer tôt, et arroser." in page
    assert "Votre brouillon" in page
    assert "et arroser" not in site.as_("josee").get(f"/recits/{case_id}/ecrire/lessons").text
    assert "et arroser" not in site.as_("maryse").get(f"/recits/{case_id}", follow_redirects=True).text


def test_older_words_never_undo_newer_ones(site: Site) -> None:
    case_id = start(site)
    assert keep(site.as_("maryse"), case_id, 5, "Les dernières.") == 204
    assert keep(site.as_("maryse"), case_id, 5, "D’un autre onglet.") == 409
    assert keep(site.as_("maryse"), case_id, 4, "Les anciennes.") == 409
    assert "Les dernières." in site.as_("maryse").get(f"/recits/{case_id}/ecrire/lessons").text


def test_saving_uses_the_draft_up_and_no_old_tab_revives_it(site: Site) -> None:
    case_id = start(site)
    keep(site.as_("maryse"), case_id, 1, "En cours.")
    carried = opened(site, site.as_("maryse"), case_id, "lessons")
    assert carried["sequence-lessons"] == "2"
    site.as_("maryse").post(f"/recits/{case_id}/ecrire/lessons", data=carried | {"lessons": "Fini."})
    assert keep(site.as_("maryse"), case_id, 2, "En cours.") == 409
    page = site.as_("maryse").get(f"/recits/{case_id}/ecrire/lessons").text
    assert "Fini." in page
    assert "Votre brouillon" not in page


def test_a_draft_is_thrown_away_without_a_script(site: Site) -> None:
    case_id = start(site, lessons="Semer tôt.")
    keep(site.as_("maryse"), case_id, 1, "Autre chose.")
    answer = site.as_("maryse").post(f"/recits/{case_id}/brouillon", data={"discard": "lessons"})
    assert answer.status_code == 303
    page = site.as_("maryse").get(answer.headers["location"]).text
    assert "Semer tôt." in page
    assert "Autre chose." not in page


def test_a_draft_keeps_boxes_and_what_is_still_wrong(site: Site) -> None:
    case_id = start(site)
    form = {"section": "period", "sequence": "1", "began": "2024", "progress": "ended", "seen-period": "0-0"}
    assert site.as_("maryse").post(f"/recits/{case_id}/forme", data={"depth": "full", "language": "fr-CA"}).status_code
    assert site.as_("maryse").post(f"/recits/{case_id}/brouillon", data=form).status_code == 204
    page = site.as_("maryse").get(f"/recits/{case_id}/ecrire/period").text
    assert 'name="began" value="2024"' in page
    assert '<option value="ended" selected' in page


def test_a_draft_counts_from_what_its_author_had_seen(site: Site) -> None:
    case_id = start(site, what_we_did="Un.\n\nDeux.\n\nTrois.")
    coauthor(site, case_id, "josee")
    seen = opened(site, site.as_("josee"), case_id, "what_we_did")["seen-what_we_did"]
    words = "Un.\n\nDeux.\n\nTrois, et quatre."
    keep(site.as_("josee"), case_id, 1, words, "what_we_did", **{"seen-what_we_did": seen})
    mine = opened(site, site.as_("maryse"), case_id, "what_we_did")
    text = {"what_we_did": "Une fois.\n\nDeux.\n\nTrois."}
    site.as_("maryse").post(f"/recits/{case_id}/ecrire/what_we_did", data=mine | text)
    hers = opened(site, site.as_("josee"), case_id, "what_we_did")
    answer = site.as_("josee").post(f"/recits/{case_id}/ecrire/what_we_did", data=hers | {"what_we_did": words})
    assert answer.status_code == 303
    assert answers(site, case_id)["what_we_did"] == "Une fois.\n\nDeux.\n\nTrois, et quatre."


def test_nobody_else_keeps_drafts_here(site: Site) -> None:
    case_id = start(site)
    assert keep(site.as_("josee"), case_id, 1, "Rien.") == 404
    assert keep(site.stranger, case_id, 1, "Rien.") == 404
    reader = guest(site, case_id, kind="reader")
    assert keep(reader, case_id, 1, "Rien.") == 403
    assert site.ask("SELECT count(*) FROM case_draft WHERE case_id = $1", case_id) == 0


def test_others_see_who_is_writing_here_for_a_minute(site: Site) -> None:
    case_id = start(site)
    coauthor(site, case_id, "josee")
    browser = site.as_("josee")
    assert browser.post(f"/recits/{case_id}/presence", data={"section": "lessons"}).json() == {"here": []}
    name = site.ask("SELECT name FROM person WHERE handle = 'josee'")
    assert f"{name} écrit ici en ce moment" in site.as_("maryse").get(f"/recits/{case_id}/ecrire/lessons").text
    hers = site.as_("maryse").post(f"/recits/{case_id}/presence", data={"section": "title"})
    assert hers.json() == {"here": [{"section": "lessons", "name": name}]}
    site.ask("UPDATE case_presence SET seen_at = $1 WHERE section = 'lessons'", clock.now() - timedelta(seconds=61))
    assert f"{name} écrit ici" not in site.as_("maryse").get(f"/recits/{case_id}/ecrire/lessons").text


def test_looking_says_nothing_of_who_looks(site: Site) -> None:
    case_id = start(site)
    coauthor(site, case_id, "josee")
    site.as_("josee").get(f"/recits/{case_id}/ecrire/lessons")
    assert site.ask("SELECT count(*) FROM case_presence WHERE case_id = $1", case_id) == 0
