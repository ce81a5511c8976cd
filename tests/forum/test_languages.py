"""Every message, title and excerpt says which language it is in."""

from tests.conftest import Site
from tests.forum import acts

FRENCH = "Bonjour, qui connaît une salle où l’on peut se réunir?"
ENGLISH = "Hello, who knows where we could meet with the others this week?"


def started(site: Site, body: str, **more: str) -> int:
    form = {"space": "deux-langues", "title": "", "kind": "", "body": body} | more
    acts.done(acts.press(site, "linda", "/discussions/nouvelle", **form))
    number: int = site.ask("SELECT max(id) FROM thread")
    return number


def test_the_language_is_found_from_the_words(site: Site) -> None:
    for body, language in ((FRENCH, "fr-CA"), (ENGLISH, "en")):
        thread_id = started(site, body)
        assert site.ask("SELECT language FROM thread WHERE id = $1", thread_id) == language
        assert site.ask("SELECT language FROM post WHERE thread_id = $1", thread_id) == language
        page = site.stranger.get(acts.path_of(site, thread_id)).text
        assert f'<h1 lang="{language}">' in page
        assert f'<div class="prose" lang="{language}">' in page


def test_the_language_that_she_chose_counts(site: Site) -> None:
    thread_id = started(site, FRENCH, language="en")
    assert site.ask("SELECT language FROM post WHERE thread_id = $1", thread_id) == "en"


def test_a_reply_in_another_language_says_its_own(site: Site) -> None:
    thread_id = started(site, FRENCH)
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", body=ENGLISH))
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    first, second = page.index('<div class="prose" lang="fr-CA">'), page.index('<div class="prose" lang="en">')
    assert first < second


def test_a_language_that_nobody_offers_is_guessed_instead(site: Site) -> None:
    thread_id = started(site, FRENCH, language='"><script>')
    assert site.ask("SELECT language FROM post WHERE thread_id = $1", thread_id) == "fr-CA"


def test_a_wrong_guess_is_corrected_without_changing_a_word(site: Site) -> None:
    thread_id = started(site, "OK pour jeudi")
    form = {"body": "OK pour jeudi", "language": "en", "revisions": 0}
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/m/1/modifier", **form))
    assert site.ask("SELECT language FROM post WHERE thread_id = $1", thread_id) == "en"
    assert site.ask("SELECT revisions FROM post WHERE thread_id = $1", thread_id) == 0
    assert '<div class="prose" lang="en">' in site.stranger.get(acts.path_of(site, thread_id)).text


def test_the_list_says_the_language_of_a_title_and_of_the_words_below_it(site: Site) -> None:
    started(site, ENGLISH)
    page = site.stranger.get("/discussions/espaces/deux-langues").text
    assert '<p class="excerpt" lang="en">Hello, who knows' in page
