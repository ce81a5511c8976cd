"""On paper: the words, who said them, where they can be found again, and nothing to press."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Live, Reader
from tests.browser.pages import story


@pytest.mark.browser
def test_a_printed_discussion_holds_its_words_and_no_navigation(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader()
    maryse.has_session_of("maryse")
    page = maryse.goes_to(live.thread("La reddition de comptes"))
    page.locator("#m-2 .fold").click()
    expect(page.locator("#m-3")).to_be_hidden()
    printed = page.pdf(format="Letter")
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3

    page.emulate_media(media="print")
    for what in (
        "nav",
        ".account",
        ".skip",
        ".bar-unread",
        ".orders",
        ".post-foot",
        ".reply",
        ".follow",
        ".demo-banner",
    ):
        for one in page.locator(what).all():
            expect(one).to_be_hidden()
    # A branch that was folded on screen is on paper; so are the address and the numbers.
    expect(page.locator("#m-3 .prose")).to_be_visible()
    expect(page.locator(".print-address")).to_have_text(live.thread("La reddition de comptes"))
    words = page.locator("main").inner_text()
    for said in ("La reddition de comptes", "Marc-Antoine Péladeau-Roche", "à titre de bailleur de fonds"):
        assert said in words
    assert page.evaluate("getComputedStyle(document.querySelector('#m-2 h2'), '::before').content") == '"[2] "'


@pytest.mark.browser
def test_a_printed_story_its_register_and_its_remarks_hold_words_and_nothing_to_press(
    live: Live, reader: Callable[..., Reader]
) -> None:
    maryse = reader(scheme="dark")
    maryse.has_session_of("maryse")
    written, told = story(live), story(live, "Trois bailleurs")
    for path, said in (
        (told, "La franchise vient la deuxième année"),
        (f"{written}/personnes", "Ghislaine Beaudet-Hamel"),
        (f"{written}/remarques", "Laissez de la place sur la ligne"),
        (f"{written}/publier", "1 personne n’a pas encore répondu"),
    ):
        page = maryse.goes_to(path)
        page.emulate_media(media="print", color_scheme="dark")
        pressed = "nav, .account, .trail, main .button, main textarea, .page-head .row, .own-story"
        for one in page.locator(pressed).all():
            expect(one, path).to_be_hidden()
        assert said in page.locator("main").inner_text().replace("\u00a0", " "), path
        # Black on white, whatever the screen is set to.
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
