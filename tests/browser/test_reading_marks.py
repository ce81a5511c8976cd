"""What was before her eyes is read; what flew past is not; the count follows."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, Reader

DEBATE = "La reddition de comptes"


@pytest.fixture
def maryse(reader: Callable[..., Reader]) -> Reader:
    maryse = reader(height=640)
    maryse.has_session_of("maryse")
    return maryse


def told(page: Page) -> set[int]:
    """The numbers of the next batch that the page reports as read."""
    with page.expect_request("**/lu") as sent:
        pass
    seqs = parse_qs(sent.value.post_data or "")["seqs"][0]
    found: set[int] = set()
    for part in seqs.split(","):
        first, _dash, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    response = sent.value.response()
    assert response
    assert response.status == 204
    return found


@pytest.mark.browser
def test_the_jump_leads_from_unread_to_unread_and_the_count_falls(maryse: Reader, live: Live) -> None:
    page = maryse.goes_to(live.thread(DEBATE))
    bar = page.locator(".bar-unread")
    expect(bar).to_contain_text("6 non lus")
    expect(bar).to_contain_text("dans 3 branches")
    unread = [int(one.get_attribute("data-seq") or 0) for one in page.locator(".post.unread").all()]
    assert len(unread) == 6
    for seq in unread[:2]:
        bar.get_by_role("link", name="Premier non lu").click()
        expect(page).to_have_url(re.compile(rf"#m-{seq}$"))
        expect(page.locator(f"#m-{seq} h2")).to_be_focused()
        # Beside the bar, not under it.
        head, strip = page.locator(f"#m-{seq} h2").bounding_box(), bar.bounding_box()
        assert head
        assert strip
        assert head["y"] >= strip["y"] + strip["height"]
    read = told(page)
    assert set(unread[:2]) <= read
    left = [seq for seq in unread if seq not in read]

    page.goto(f"{live.url}/discussions/espaces/questions-vives")
    badge = page.locator("li", has_text=DEBATE).locator(".unread-badge")
    expect(badge).to_have_text(f"{len(left)} non lus")
    badge.click()
    expect(page).to_have_url(re.compile(rf"#m-{left[0]}$"))
    expect(page.locator(".bar-unread")).to_contain_text(f"{len(left)} non lus")


@pytest.mark.browser
def test_scrolling_through_marks_what_stays_before_the_eyes(maryse: Reader, live: Live) -> None:
    page = maryse.goes_to(live.thread(DEBATE))
    first = page.locator(".post.unread").first
    seq = int(first.get_attribute("data-seq") or 0)
    first.scroll_into_view_if_needed()
    first.evaluate("post => post.scrollIntoView({block: 'center'})")
    assert seq in told(page)
    page.reload()
    expect(page.locator(f"#m-{seq}")).not_to_have_class(re.compile("unread"))
    expect(page.locator(".bar-unread")).not_to_contain_text("6 non lus")


@pytest.mark.browser
def test_flying_past_marks_nothing(maryse: Reader, live: Live) -> None:
    page = maryse.goes_to(live.thread(DEBATE))
    page.evaluate(
        """async () => {
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            for (let y = 0; y < document.body.scrollHeight; y += 400) { scrollTo(0, y); await frame(); }
            location.href = "/discussions";
        }"""
    )
    page.wait_for_url(f"{live.url}/discussions")
    page.goto(live.thread(DEBATE))
    expect(page.locator(".bar-unread")).to_contain_text("6 non lus")


@pytest.mark.browser
def test_a_message_of_many_screens_is_marked_too(maryse: Reader, live: Live) -> None:
    seq = 13
    live.ask(
        "UPDATE post SET body_html = repeat('<p>Une ligne parmi d’autres.</p>', 400) WHERE thread_id = $1 AND seq = $2",
        live.number(DEBATE),
        seq,
    )
    page = maryse.goes_to(live.thread(DEBATE))
    top = page.locator(f"#m-{seq}").evaluate("post => post.getBoundingClientRect().top + scrollY")
    # It comes in from below, a little at a time.
    for y in (top - 560, top - 400, top - 200, top + 4000):
        page.evaluate("y => scrollTo(0, y)", y)
        page.wait_for_timeout(60)
    assert seq in told(page)
