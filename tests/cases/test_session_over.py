"""A session ends in mid-paragraph: nothing written is lost, and nothing private is shown."""

import re
from html import unescape
from typing import Any

from maillage.auth.viewer import session_cookie
from tests.cases.writing import answers, guest, opened, start
from tests.conftest import Site

WORDS = "Semer ensemble,\nlongtemps & « fort »."


def sent_again(browser: Any, page: Any) -> Any:
    """Press the button of the page that gives the words back."""
    form = re.search(r'<form method="post">(.*?)</form>', page.text, re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]))
    fields |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', form[1], re.DOTALL))
    return browser.post(page.url, data={name: unescape(value) for name, value in fields.items()})


def test_she_signs_in_elsewhere_and_sends_it_again(site: Site) -> None:
    case_id = start(site, lessons="Avant.")
    browser = site.new_browser("maryse")
    form = opened(site, browser, case_id, "lessons") | {"lessons": WORDS}
    site.ask("DELETE FROM session")
    page = browser.post(f"/recits/{case_id}/ecrire/lessons", data=form)
    assert page.status_code == 404
    assert "Votre texte est ici" in page.text
    assert "dans un autre onglet" in page.text
    assert "Le potager du presbytère" not in page.text
    assert "Avant." not in page.text
    browser.cookies.set(session_cookie(site.settings), site.open_session("maryse"))
    assert sent_again(browser, page).status_code == 303
    assert answers(site, case_id)["lessons"] == WORDS


def test_a_private_link_that_ends_gives_the_words_back(site: Site) -> None:
    case_id = start(site)
    browser = guest(site, case_id)
    form = opened(site, browser, case_id, "lessons") | {"lessons": WORDS}
    until = "UPDATE case_author SET token_expires_at = now() + make_interval(days => $2) WHERE case_id = $1"
    until += " AND token_hash IS NOT NULL"
    site.ask(until, case_id, -1)
    page = browser.post(f"/recits/{case_id}/ecrire/lessons", data=form)
    assert page.status_code == 404
    site.ask(until, case_id, 1)
    assert sent_again(browser, page).status_code == 303
    assert answers(site, case_id)["lessons"] == WORDS


def test_of_a_story_that_is_not_there_the_same_is_said(site: Site) -> None:
    case_id, form = start(site), {"lessons": WORDS, "seen-lessons": "0-0"}
    there, nowhere = (site.stranger.post(f"/recits/{number}/ecrire/lessons", data=form) for number in (case_id, 10**9))
    said = [re.sub(r"/recits/\d+|<code>.*?</code>", "", page.text) for page in (there, nowhere)]
    assert said[0] == said[1]
    assert (there.status_code, nowhere.status_code) == (404, 404)
