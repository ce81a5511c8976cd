"""Scripts off: everything that matters is a page, a link or a form."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Live, Reader


@pytest.mark.browser
def test_with_scripts_off_she_signs_in_replies_starts_a_discussion_and_marks_all_read(
    live: Live, reader: Callable[..., Reader]
) -> None:
    maryse = reader(width=360, scripts=False)
    maryse.signs_in_as("Maryse Lacombe-Dubé")
    page = maryse.goes_to(live.thread("La reddition de comptes"))
    # Nothing is offered that would not work.
    for what in (".fold", ".tools", ".keys-link", ".composer-restore", ".quote-button"):
        assert not any(one.is_visible() for one in page.locator(what).all()), what
    expect(page.locator(".folded-away")).to_have_count(0)

    # Under the discussion.
    page.get_by_label("Votre réponse").fill("Sans script, au bas de la page.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page).to_have_url(re.compile(r"#m-16$"))
    expect(page.locator("#m-16")).to_contain_text("Sans script, au bas de la page.")
    expect(page.locator("#m-16")).to_have_attribute("data-parent", "1")
    expect(page.get_by_label("Votre réponse")).to_have_value("")

    # To one message, on a page of its own.
    page.locator("#m-4").get_by_role("link", name="Répondre").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Répondre à Sofia Benali")
    page.get_by_label("Votre réponse").fill("Sans script, à Sofia.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page).to_have_url(re.compile(r"#m-17$"))
    expect(page.locator("#m-17")).to_have_attribute("data-parent", "4")

    # Read, all of it.
    expect(page.locator(".bar-unread")).to_contain_text("6 non lus")
    page.get_by_role("button", name="Tout marquer comme lu").click()
    expect(page.get_by_text("Vous avez tout lu ici.")).to_be_visible()
    expect(page.locator(".unread")).to_have_count(0)

    # Something of her own. An empty box says so beside the field, and what was chosen stays chosen.
    page.goto(f"{live.url}/discussions/espaces/pratiques")
    page.get_by_role("button", name="Publier").click()
    expect(page.locator(".error-summary")).to_contain_text("Ce champ est obligatoire.")
    expect(page.get_by_label("Espace")).to_have_value("pratiques")
    page.get_by_label("Votre message").fill("Qui prête un projecteur?\n\nPour un samedi.")
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Qui prête un projecteur?")
    expect(page.locator(".kind")).to_have_text("Question")


@contextmanager
def kept_waiting(live: Live, thread_id: int) -> Iterator[None]:
    """Whatever changes this discussion waits until the block ends, as when the server is busy."""
    holding, release = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(live.dsn)
        async with connection.transaction():
            await connection.execute("SELECT id FROM thread WHERE id = $1 FOR UPDATE", thread_id)
            holding.set()
            await asyncio.to_thread(release.wait, 10)
        await connection.close()

    holder = threading.Thread(target=lambda: asyncio.run(hold()))
    holder.start()
    assert holding.wait(10)
    try:
        yield
    finally:
        release.set()
        holder.join()


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_an_impatient_second_click_on_send_makes_one_message(
    live: Live, reader: Callable[..., Reader], scripts: bool
) -> None:
    maryse = reader(scripts=scripts)
    maryse.has_session_of("maryse")
    page = maryse.goes_to(live.thread("Votre assurance"))
    page.get_by_label("Votre réponse").fill("Une seule fois, s’il vous plaît.")
    send = page.get_by_role("button", name="Envoyer la réponse")
    send.scroll_into_view_if_needed()
    box = send.bounding_box()
    assert box
    with kept_waiting(live, live.number("Votre assurance")):
        for _click in range(2):
            # The mouse itself: a locator's click waits for the page to come.
            page.mouse.click(box["x"] + 10, box["y"] + 10)
            page.wait_for_timeout(400)
    page.wait_for_url(re.compile(r"#m-2$"))
    expect(page.locator(".post")).to_have_count(2)
    assert live.count("Une seule fois") == 1
