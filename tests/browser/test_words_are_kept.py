"""No word is lost: not to a reload, an ended session, another tab, a refused send, or the Back button."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, Reader

QUIET = "Votre assurance"


def saved(page: Page) -> None:
    expect(page.locator(".composer-status")).to_contain_text("Brouillon enregistré")


@pytest.fixture
def maryse(live: Live, reader: Callable[..., Reader]) -> Reader:
    """Signed in, before a discussion that nobody has answered."""
    maryse = reader()
    maryse.has_session_of("maryse")
    maryse.goes_to(live.thread(QUIET))
    return maryse


@pytest.mark.browser
def test_a_reload_gives_the_draft_back(maryse: Reader, live: Live) -> None:
    page = maryse.page
    page.get_by_label("Votre réponse").fill("Commencé un soir")
    saved(page)
    page.reload()
    expect(page.get_by_label("Votre réponse")).to_have_value("Commencé un soir")
    # Leaving at once does not wait for the two seconds of calm.
    page.get_by_label("Votre réponse").press("End")
    page.keyboard.type(", et fini le lendemain")
    page.goto(f"{live.url}/discussions/brouillons")
    whole = "Commencé un soir, et fini le lendemain"
    page.get_by_role("link", name="Commencé un soir").click()
    expect(page.get_by_label("Votre réponse")).to_have_value(whole)


@pytest.mark.browser
def test_a_reload_remembers_which_message_the_draft_answers(maryse: Reader, live: Live) -> None:
    page = maryse.goes_to(live.thread("La reddition"))
    page.locator("#m-3").get_by_role("link", name="Répondre").click()
    page.get_by_label("Votre réponse").fill("Pour vous répondre")
    saved(page)
    page.reload()
    expect(page.locator("#m-3").get_by_label("Votre réponse")).to_have_value("Pour vous répondre")
    page.get_by_role("button", name="Envoyer la réponse").click()
    parent = "SELECT parent_seq FROM post WHERE body_md = 'Pour vous répondre'"
    expect(page.locator(".post", has_text="Pour vous répondre").last).to_be_visible()
    assert live.ask(parent) == 3
    # The next text is one of its own.
    page.get_by_label("Votre réponse").fill("Autre chose")
    saved(page)
    page.reload()
    expect(page.locator("#m-3").get_by_label("Votre réponse")).to_have_count(0)
    expect(page.get_by_label("Votre réponse")).to_have_value("Autre chose")


@pytest.mark.browser
def test_leaving_in_a_hurry_again_and_again_loses_nothing(maryse: Reader, live: Live) -> None:
    page = maryse.page
    text = page.get_by_label("Votre réponse")
    words = ""
    for more in ("Un", ", deux", ", trois", ", quatre"):
        words += more
        text.focus()
        page.keyboard.press("Control+End")
        page.keyboard.type(more)
        # The save that leaving sends and the page that comes may arrive in either order.
        page.reload()
        if text.input_value() != words:
            page.get_by_role("button", name="Le reprendre").click()
        expect(text).to_have_value(words)
    page.keyboard.press("Control+End")
    page.keyboard.type(".")
    saved(page)
    assert live.ask("SELECT body FROM draft WHERE place = $1", f"thread:{live.number(QUIET)}") == f"{words}."


@pytest.mark.browser
def test_new_words_do_not_push_out_the_ones_that_were_offered(maryse: Reader) -> None:
    page = maryse.page
    maryse.forgives.add("ERR_")
    page.route("**/discussions/brouillon", lambda route: route.abort())
    page.get_by_label("Votre réponse").fill("Le premier texte")
    page.reload()
    expect(page.get_by_role("button", name="Le reprendre")).to_be_visible()
    page.get_by_label("Votre réponse").fill("Un second, sans regarder")
    page.unroute("**/discussions/brouillon")
    saved(page)
    page.reload()
    expect(page.get_by_label("Votre réponse")).to_have_value("Un second, sans regarder")
    page.get_by_role("button", name="Le reprendre").click()
    expect(page.get_by_label("Votre réponse")).to_have_value("Le premier texte")


@pytest.mark.browser
def test_a_refused_text_is_still_there_after_leaving_its_page(maryse: Reader, live: Live) -> None:
    page = maryse.page
    page.get_by_label("Votre réponse").fill("Regardez : ![](https://exemple.org/photo.jpg)")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.locator(".error-summary")).to_contain_text("description")
    page.goto(live.thread(QUIET))
    if not page.get_by_label("Votre réponse").input_value():
        page.get_by_role("button", name="Le reprendre").click()
    expect(page.get_by_label("Votre réponse")).to_have_value("Regardez : ![](https://exemple.org/photo.jpg)")


@pytest.mark.browser
def test_a_server_out_of_reach_leaves_the_text_in_the_browser(maryse: Reader) -> None:
    page = maryse.page
    maryse.forgives.add("ERR_")
    page.route("**/discussions/brouillon", lambda route: route.abort())
    page.get_by_label("Votre réponse").fill("Écrit pendant la panne")
    expect(page.locator(".composer-status")).to_contain_text("Le serveur ne répond pas")
    page.reload()
    expect(page.get_by_label("Votre réponse")).to_have_value("")
    page.get_by_role("button", name="Le reprendre").click()
    expect(page.get_by_label("Votre réponse")).to_have_value("Écrit pendant la panne")
    page.unroute("**/discussions/brouillon")
    page.keyboard.type(".")
    saved(page)


@pytest.mark.browser
def test_an_ended_session_keeps_the_text_until_she_is_back(maryse: Reader, live: Live) -> None:
    page = maryse.page
    page.get_by_label("Votre réponse").fill("Juste avant")
    saved(page)
    maryse.session_ends()
    page.get_by_label("Votre réponse").fill("Juste avant et juste après")
    expect(page.locator(".composer-status")).to_contain_text("Votre session")
    expect(page.get_by_label("Votre réponse")).to_have_value("Juste avant et juste après")

    # She sends all the same: the page gives the words back, with a way to sign in beside them.
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_label("Votre texte")).to_have_value("Juste avant et juste après")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Se connecter dans un autre onglet").click()
    beside = opened.value
    maryse.passes_through_the_provider("Maryse Lacombe-Dubé", beside)
    expect(beside.locator("header summary")).to_contain_text("Maryse")
    page.get_by_role("button", name="Envoyer de nouveau").click()
    page.wait_for_url(re.compile(r"#m-\d+$"))
    expect(page.locator(".post", has_text="Juste avant et juste après")).to_have_count(1)
    assert live.count("Juste avant") == 1


@pytest.mark.browser
def test_after_signing_in_again_the_text_that_the_server_never_got_is_offered(maryse: Reader, live: Live) -> None:
    page = maryse.page
    maryse.session_ends()
    page.get_by_label("Votre réponse").fill("Ce que le serveur n’a jamais reçu")
    expect(page.locator(".composer-status")).to_contain_text("Votre session")
    maryse.signs_in_as("Maryse Lacombe-Dubé")
    page.goto(live.thread(QUIET))
    page.get_by_role("button", name="Le reprendre").click()
    expect(page.get_by_label("Votre réponse")).to_have_value("Ce que le serveur n’a jamais reçu")


@pytest.mark.browser
def test_an_older_tab_never_overwrites_newer_words(maryse: Reader, live: Live) -> None:
    page = maryse.page
    older = maryse.another_tab()
    older.goto(live.thread(QUIET))
    page.get_by_label("Votre réponse").fill("La version d’aujourd’hui")
    saved(page)
    older.get_by_label("Votre réponse").fill("Celle d’un onglet oublié")
    expect(older.locator(".composer-status")).to_contain_text("Un brouillon plus récent existe")
    kept = "SELECT body FROM draft WHERE place = $1"
    assert live.ask(kept, f"thread:{live.number(QUIET)}") == "La version d’aujourd’hui"
    # Neither text is lost: one is shown, the other offered.
    older.reload()
    expect(older.get_by_label("Votre réponse")).to_have_value("La version d’aujourd’hui")
    older.get_by_role("button", name="Le reprendre").click()
    expect(older.get_by_label("Votre réponse")).to_have_value("Celle d’un onglet oublié")


@pytest.mark.browser
def test_a_discussion_locked_meanwhile_gives_the_words_back(maryse: Reader, live: Live) -> None:
    page = maryse.page
    number = live.number(QUIET)
    page.get_by_label("Votre réponse").fill("Une seconde trop tard")
    live.ask("UPDATE thread SET locked_at = now() WHERE id = $1 RETURNING id", number)
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.locator("main")).to_contain_text("Cette discussion est verrouillée")
    expect(page.get_by_label("Votre texte")).to_have_value("Une seconde trop tard")
    assert live.count("Une seconde trop tard") == 0
    # Going back finds it again, in the box where it was written.
    live.ask("UPDATE thread SET locked_at = NULL WHERE id = $1 RETURNING id", number)
    page.go_back()
    page.wait_for_load_state()
    if page.get_by_label("Votre réponse").input_value() != "Une seconde trop tard":
        page.get_by_role("button", name="Le reprendre").click()
    expect(page.get_by_label("Votre réponse")).to_have_value("Une seconde trop tard")
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.wait_for_url(re.compile(r"#m-\d+$"))
    assert live.count("Une seconde trop tard") == 1


@pytest.mark.browser
def test_wandering_off_and_back_finds_the_text_and_a_sent_text_does_not_return(maryse: Reader, live: Live) -> None:
    page = maryse.page
    page.get_by_label("Votre réponse").fill("En passant par ailleurs")
    page.get_by_role("banner").get_by_role("link", name="Discussions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Discussions")
    page.go_back()
    expect(page.get_by_label("Votre réponse")).to_have_value("En passant par ailleurs")
    page.go_forward()
    page.go_back()
    expect(page.get_by_label("Votre réponse")).to_have_value("En passant par ailleurs")
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.wait_for_url(re.compile(r"#m-\d+$"))
    page.goto(live.thread(QUIET))
    expect(page.get_by_label("Votre réponse")).to_have_value("")
    expect(page.locator(".composer-restore")).to_have_count(0)
