"""Changing one's message: quietly for a moment, visibly afterwards, never somebody else's."""

from datetime import timedelta

import pytest

from maillage.core import clock
from tests.conftest import Site
from tests.forum import acts

LONG_AGO = timedelta(days=1)
EDITED = 'class="edited"'


def edit(site: Site, thread_id: int, body: str, *, seq: int = 1, who: str = "maryse", seen: int = 0) -> str:
    form = {"body": body, "revisions": seen}
    return acts.done(acts.press(site, who, f"/discussions/{thread_id}/m/{seq}/modifier", **form))


def old(site: Site, body: str = "Les mots d’avant") -> int:
    return acts.start(site, body=body, now=clock.now() - LONG_AGO)


def fresh(site: Site, body: str = "Les mots d’avant") -> int:
    return acts.start(site, body=body, now=clock.now())


def test_new_words_replace_the_old_ones_everywhere_at_once(site: Site) -> None:
    thread_id = old(site)
    path = acts.path_of(site, thread_id)
    places = (path, "/discussions/espaces/pratiques", f"/discussions/{thread_id}/repondre")
    for place in places:
        assert "Les mots d’avant" in site.as_("linda").get(place).text
    assert edit(site, thread_id, "Les mots d’après") == f"/discussions/{thread_id}/m/1"
    for place in places:
        page = site.as_("linda").get(place).text
        assert "Les mots d’après" in page
        assert "Les mots d’avant" not in page


def test_within_the_window_others_see_nothing_of_it(site: Site) -> None:
    thread_id = fresh(site)
    edit(site, thread_id, "Les mots d’après")
    assert EDITED not in site.stranger.get(acts.path_of(site, thread_id)).text
    for browser in (site.stranger, site.as_("linda")):
        assert browser.get(f"/discussions/{thread_id}/m/1/historique").status_code == 403
        actions = browser.get(f"/discussions/{thread_id}/m/1/actions").text
        assert f'href="/discussions/{thread_id}/m/1/historique"' not in actions
    assert "avant" in site.as_("maryse").get(f"/discussions/{thread_id}/m/1/historique").text


def test_after_the_window_the_edit_is_said_beside_the_message(site: Site) -> None:
    thread_id = old(site)
    assert EDITED not in site.stranger.get(acts.path_of(site, thread_id)).text
    edit(site, thread_id, "Les mots d’après")
    assert EDITED in site.stranger.get(acts.path_of(site, thread_id)).text
    assert "avant" in site.stranger.get(f"/discussions/{thread_id}/m/1/historique").text


def test_the_window_is_a_setting(site: Site) -> None:
    window = site.settings.edit_window
    for age, shows in ((window - timedelta(seconds=30), False), (window + timedelta(seconds=30), True)):
        thread_id = acts.start(site, now=clock.now() - age)
        edit(site, thread_id, "Autre chose")
        assert (EDITED in site.stranger.get(acts.path_of(site, thread_id)).text) is shows


def test_of_two_tabs_the_second_is_refused_and_its_words_come_back(site: Site) -> None:
    thread_id = old(site)
    edit(site, thread_id, "Premier onglet", seen=0)
    form = {"body": "Second onglet", "revisions": 0}
    answer = acts.press(site, "maryse", f"/discussions/{thread_id}/m/1/modifier", **form)
    assert answer.status_code == 409
    assert "Second onglet" in answer.text
    assert site.ask("SELECT body_md FROM post WHERE thread_id = $1", thread_id) == "Premier onglet"
    edit(site, thread_id, "Second onglet", seen=1)


def test_the_form_knows_which_version_it_shows(site: Site) -> None:
    thread_id = old(site)
    edit(site, thread_id, "Une fois")
    page = site.as_("maryse").get(f"/discussions/{thread_id}/m/1/modifier").text
    assert "Une fois</textarea>" in page
    assert 'name="revisions"' in page
    assert 'value="1"' in page.partition('name="revisions"')[2].partition(">")[0]


@pytest.mark.parametrize("who", ["linda", "etienne"])
def test_nobody_puts_words_in_somebody_elses_mouth_not_even_a_facilitator(site: Site, who: str) -> None:
    thread_id = old(site)
    path = f"/discussions/{thread_id}/m/1/modifier"
    assert acts.press(site, who, path, body="Pas les siens", revisions=0).status_code == 403
    assert site.as_(who).get(path).status_code == 403
    assert site.ask("SELECT body_md FROM post WHERE thread_id = $1", thread_id) == "Les mots d’avant"


def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    thread_id = old(site)
    assert site.stranger.get(f"/discussions/{thread_id}/m/1/modifier").status_code == 303
    answer = site.stranger.post(f"/discussions/{thread_id}/m/1/modifier", data={"body": "Anonyme"})
    assert answer.status_code == 403


def test_in_a_locked_discussion_nothing_is_edited(site: Site) -> None:
    thread_id = old(site)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/verrouiller", reason="Fin"))
    form = {"body": "Après coup", "revisions": 0}
    answer = acts.press(site, "maryse", f"/discussions/{thread_id}/m/1/modifier", **form)
    assert answer.status_code == 403
    assert "Après coup" in answer.text


def test_what_was_removed_is_not_edited(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/2/retirer"))
    form = {"body": "Revenir par la fenêtre", "revisions": 0}
    answer = acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/2/modifier", **form)
    assert answer.status_code == 403
    assert "Revenir par la fenêtre" not in site.stranger.get(acts.path_of(site, thread_id)).text


def test_a_line_of_history_is_not_edited(site: Site) -> None:
    thread_id = old(site)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="7"))
    form = {"body": "Autre histoire", "revisions": 0}
    assert acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/modifier", **form).status_code == 403


def test_saving_the_same_words_is_no_change(site: Site) -> None:
    thread_id = old(site)
    edit(site, thread_id, "Les mots d’avant")
    assert site.ask("SELECT revisions FROM post WHERE thread_id = $1", thread_id) == 0
    assert EDITED not in site.stranger.get(acts.path_of(site, thread_id)).text


def test_only_a_change_of_the_first_message_changes_what_lists_say(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    before = site.ask("SELECT excerpt FROM thread WHERE id = $1", thread_id)
    edit(site, thread_id, "La réponse, revue", seq=2, who="ibrahima")
    assert site.ask("SELECT excerpt FROM thread WHERE id = $1", thread_id) == before


def test_an_edit_does_not_make_a_message_unread_again(site: Site) -> None:
    thread_id = old(site)
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/lu"))
    edit(site, thread_id, "Les mots d’après")
    assert "bar-read" in site.as_("linda").get(acts.path_of(site, thread_id)).text


def test_what_an_edit_no_longer_names_no_longer_lists_it(site: Site) -> None:
    named = acts.start(site, title="Le fil nommé")
    naming = acts.start(site, "linda", title="Le fil qui nomme", body=f"Voir #{named}.")
    assert "Le fil qui nomme" in site.stranger.get(acts.path_of(site, named)).text
    edit(site, naming, "Voir ailleurs.", who="linda")
    assert "Le fil qui nomme" not in site.stranger.get(acts.path_of(site, named)).text
