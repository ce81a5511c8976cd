"""Every kind of page, on the narrowest window and with the largest text, for every eye and hand."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Live, Reader
from tests.browser.pages import addresses

# What sticks out to the side, unless something around it scrolls on its own.
TOO_WIDE = """() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const scrolls = (one) => one && one !== document.body
        && (/auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
    return [...document.body.querySelectorAll("*")]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one.parentElement))
        .map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`)
        .concat("the page scrolls sideways");
}"""

# Success criterion 2.5.8: 24 px by 24, or in a sentence, or with room around it.
TOO_SMALL = """() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
        .filter((one) => one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true }))
        .map((one) => ({ one, box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && box.height > 1 && box.bottom + scrollY > 0);
    const small = ({ box }) => box.width < 23.9 || box.height < 23.9;
    const middle = ({ box }) => [box.left + box.width / 2, box.top + box.height / 2];
    const inSentence = ({ one }) => getComputedStyle(one).display === "inline"
        && one.parentElement.textContent.trim().length > one.textContent.trim().length;
    const crowds = (target, other) => {
        if (target.one.contains(other.one) || other.one.contains(target.one)) return false;
        const [x, y] = middle(target);
        if (small(other)) {
            const [ox, oy] = middle(other);
            return Math.hypot(x - ox, y - oy) < 24;
        }
        const dx = Math.max(other.box.left - x, 0, x - other.box.right);
        const dy = Math.max(other.box.top - y, 0, y - other.box.bottom);
        return Math.hypot(dx, dy) < 12;
    };
    return all
        .filter((target) => small(target) && !inSentence(target))
        .filter((target) => all.some((other) => other !== target && crowds(target, other)))
        .map(({ one, box }) => `${one.tagName} ${one.textContent.trim().slice(0, 30)} ${box.width}x${box.height}`);
}"""

# Nothing moves by itself, and nothing glides, for whoever asked for stillness.
MOVES = """() => [...document.querySelectorAll("*")]
    .filter((one) => ["", "::before", "::after"].some((part) => {
        const style = getComputedStyle(one, part);
        const longest = (list) => Math.max(...list.split(",").map(parseFloat));
        return longest(style.transitionDuration) > 0.01
            || (style.animationName !== "none" && longest(style.animationDuration) > 0.01)
            || style.scrollBehavior === "smooth";
    }))
    .map((one) => `${one.tagName}.${one.className}`)"""

CHECKS = {"too wide": TOO_WIDE, "too small": TOO_SMALL, "moves": MOVES}


def faults(person: Reader) -> list[str]:
    return [f"{person.page.url} {what}: {one}" for what, check in CHECKS.items() for one in person.page.evaluate(check)]


@pytest.mark.browser
@pytest.mark.parametrize("handle", [None, "maryse", "etienne", "karine", "sofia"])
def test_no_page_scrolls_sideways_crowds_its_targets_or_moves(
    live: Live, reader: Callable[..., Reader], handle: str | None
) -> None:
    person = reader(width=320)
    if handle:
        person.has_session_of(handle)
    found = []
    for address in addresses(live, handle):
        person.goes_to(address)
        found += faults(person)
        person.page.evaluate("document.documentElement.style.fontSize = '200%'")
        found += [f"at 200 %: {one}" for one in faults(person)]
    assert found == []


@pytest.mark.browser
def test_the_judge_of_pages_is_awake(live: Live, reader: Callable[..., Reader]) -> None:
    person = reader(width=320)
    person.goes_to("/discussions")
    person.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`
                h1 { inline-size: 400px; transition: color 1s }
                .foot ul { gap: 0 } .foot a { font-size: 4px; min-block-size: 0; display: block }
            `);
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    found = faults(person)
    assert {fault.split(" ", 1)[1].split(":")[0] for fault in found} == set(CHECKS)


@pytest.mark.browser
def test_what_a_page_asks_elsewhere_or_complains_of_is_heard(live: Live, reader: Callable[..., Reader]) -> None:
    """The policy refuses, and the harness hears it: the other tests would fail."""
    person = reader()
    person.goes_to("/")
    assert person.unforgiven() == []
    person.page.evaluate(
        """() => {
            document.body.append(Object.assign(new Image(), { src: "https://exemple.org/pixel.png" }));
            document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }));
            document.body.setAttribute("style", "color: red");
            document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>…</p>");
        }"""
    )
    person.page.wait_for_timeout(200)
    assert person.page.evaluate("window.ran") is None
    heard = "\n".join(person.unforgiven())
    for policy in ("img-src", "script-src", "style-src"):
        assert policy in heard
    person.forgives.update({"Content Security Policy", "another site"})


@pytest.mark.browser
def test_words_in_another_language_say_so(live: Live, reader: Callable[..., Reader]) -> None:
    person = reader()
    page = person.goes_to(live.thread("Who opens the hall"))
    expect(page.locator("html")).to_have_attribute("lang", "fr-CA")
    expect(page.get_by_role("heading", level=1)).to_have_attribute("lang", "en")
    assert {prose.get_attribute("lang") for prose in page.locator(".post .prose").all()} == {"en"}
    page.goto(f"{live.url}/discussions/espaces/deux-langues")
    row = page.locator(".threads li", has_text="Who opens the hall")
    expect(row.locator("h3")).to_have_attribute("lang", "en")
    expect(page.locator(".language")).to_have_attribute("lang", "en")
    # And the other way round.
    page.locator(".language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(live.thread("La reddition de comptes"))
    expect(page.get_by_role("heading", level=1)).to_have_attribute("lang", "fr-CA")


@pytest.mark.browser
def test_with_forced_colours_what_matters_still_shows(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader(forced_colors=True)
    maryse.has_session_of("maryse")
    page = maryse.goes_to(live.thread("La reddition de comptes"))
    style = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"

    def of(selector: str, name: str) -> str:
        found: str = page.evaluate(style, [selector, name])
        return found

    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert of(".post.unread .node", "fill") != of(".post:not(.unread) .node", "fill")
    assert of(".button", "borderTopStyle") == "solid"
    assert of(".composer-box", "borderTopStyle") == "solid"
    assert of(".summary", "borderTopStyle") == "solid"
    page.locator("#m-2 .reply-to").focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
