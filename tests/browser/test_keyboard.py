"""Keyboard only: everything can be reached and done, and one always sees where one is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, Reader

DEBATE = "La reddition de comptes"

# What has the focus, whether anything shows it, and whether any of it can be seen.
WHERE = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const drawn = (style) =>
        (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) ||
        (style.boxShadow !== "none" && style.boxShadow !== "");
    let shown = false;
    for (let one = at; one && !shown && !one.matches("form, main, body"); one = one.parentElement)
        shown = drawn(getComputedStyle(one)) && (one === at || one.matches(":focus-within"));
    const box = at.getBoundingClientRect();
    const seen = [];
    for (const x of [0.1, 0.5, 0.9]) for (const y of [0.15, 0.5, 0.85]) {
        const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
        seen.push(Boolean(hit) && (at.contains(hit) || hit.contains(at)));
    }
    return {
        name: `${at.tagName} ${at.id} ${(at.textContent || at.value || "").trim().slice(0, 40)}`,
        shown,
        seen: seen.some(Boolean),
        key: [at.tagName, Math.round(box.left), Math.round(box.top + scrollY), at.textContent.length].join(),
    };
}"""


def where(page: Page) -> Any:
    return page.evaluate(WHERE)


def walk(page: Page, key: str, stops: int = 400) -> list[Any]:
    """Press `key` until it has been round once. Every stop shows, and is not hidden."""
    found: list[Any] = []
    for _stop in range(stops):
        page.keyboard.press(key)
        at = where(page)
        if at is None or (found and at["key"] == found[0]["key"]):
            return found
        found.append(at)
    raise AssertionError(f"{key} does not come round: {found[-5:]}")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_every_stop_of_tab_shows_and_is_never_hidden(live: Live, reader: Callable[..., Reader], width: int) -> None:
    maryse = reader(width=width, height=640)
    maryse.has_session_of("maryse")
    page = maryse.goes_to(live.thread(DEBATE))
    expect(page.locator(".tools")).to_be_visible()
    forth = walk(page, "Tab")
    page.evaluate("document.activeElement.blur()")
    back = walk(page, "Shift+Tab")
    assert len(forth) > 60
    assert abs(len(back) - len(forth)) <= 1
    assert [at["name"] for at in forth + back if not at["shown"]] == []
    assert [at["name"] for at in forth + back if not at["seen"]] == []


@pytest.mark.browser
def test_the_judge_of_focus_is_awake(live: Live, reader: Callable[..., Reader]) -> None:
    """The same walk on a page made worse finds it out."""
    maryse = reader(height=640)
    maryse.has_session_of("maryse")
    page = maryse.goes_to(live.thread(DEBATE))
    page.locator("#m-5 .reply-to").focus()
    page.keyboard.press("Tab")
    assert where(page)["shown"]
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(":focus-visible { outline: none !important } .bar-unread { block-size: 100vh }");
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    assert not where(page)["shown"]
    assert not where(page)["seen"]


@pytest.mark.browser
def test_an_evening_without_a_mouse(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader()
    maryse.has_session_of("maryse")
    page = maryse.goes_to(live.thread(DEBATE))
    press = page.keyboard.press

    def on(selector: str) -> None:
        expect(page.locator(selector)).to_be_focused()
        at = where(page)
        assert at["shown"], at
        assert at["seen"], at

    # Past the head of the page.
    press("Tab")
    on(".skip")
    expect(page.locator(".skip")).to_be_in_viewport()
    press("Enter")
    expect(page.locator("main")).to_be_focused()

    # The list of keys, and back.
    press("?")
    expect(page.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # From message to message, to what is unread, and over a folded branch.
    press("j")
    on("#m-1 h2")
    press("j")
    on("#m-2 h2")
    press("f")
    expect(page.locator("#m-3")).to_be_hidden()
    press("j")
    on("#m-4 h2")
    press("k")
    on("#m-2 h2")
    press("f")
    press("j")
    on("#m-3 h2")
    unread = [f"#{one.get_attribute('id')}" for one in page.locator(".post.unread").all()]
    press("n")
    on(f"{unread[0]} h2")
    press("n")
    on(f"{unread[1]} h2")

    # Writing: the letters are letters again, and Ctrl+Enter sends.
    press("r")
    expect(page.get_by_label("Votre réponse")).to_be_focused()
    assert where(page)["shown"]
    page.keyboard.type("Je garde les mots j, k, n, r, f et ? pour moi. ")
    press("Control+b")
    page.keyboard.type("Merci")
    assert page.get_by_label("Votre réponse").input_value().endswith("**Merci**")
    press("Control+Enter")
    page.wait_for_url(re.compile(r"#m-16$"))
    on("#m-16 h2")
    expect(page.locator("#m-16")).to_have_attribute("data-parent", unread[1].removeprefix("#m-"))

    # The tools are one stop; arrows walk them.
    press("c")
    expect(page.get_by_label("Votre réponse")).to_be_focused()
    press("Shift+Tab")
    on('[data-do="bold"]')
    press("ArrowRight")
    on('[data-do="italic"]')
    press("End")
    on('[data-do="preview"]')

    # The menu opens, closes, and lets her out.
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_have_text("Discussions")
    press("j")
    on(".spaces li:first-child a >> nth=0")
    for _stop in range(8):
        press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('summary')"):
            break
    on("header summary")
    press("Enter")
    press("Tab")
    on("header .menu a >> nth=0")
    press("Escape")
    on("header summary")
    expect(page.locator("header .menu ul")).to_be_hidden()
    press("Enter")
    # Her account, stories, notices and drafts come first.
    for _stop in range(5):
        press("Tab")
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_focused()
    press("Enter")
    expect(page.get_by_role("banner").get_by_role("link", name="Se connecter")).to_be_visible()


@pytest.mark.browser
def test_single_keys_can_be_turned_off(live: Live, reader: Callable[..., Reader]) -> None:
    person = reader()
    page = person.goes_to(live.thread(DEBATE))
    page.keyboard.press("?")
    page.get_by_label("Utiliser les raccourcis à une touche").uncheck()
    page.get_by_role("button", name="Fermer").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("#m-1 h2")).not_to_be_focused()
    # The list is still there for whoever wants them back.
    page.get_by_role("button", name="Raccourcis clavier").click()
    expect(page.get_by_role("dialog")).to_be_visible()
