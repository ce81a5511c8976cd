"""Étienne puts a discussion in order, and nobody's address stops leading where it led."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Live, Reader


@pytest.mark.browser
def test_a_branch_becomes_a_discussion_then_joins_another_and_old_addresses_follow(
    live: Live, reader: Callable[..., Reader]
) -> None:
    etienne = reader()
    etienne.has_session_of("etienne")
    before = live.number("Garder les personnes citoyennes")
    seq = live.ask(
        "SELECT parent_seq FROM post WHERE thread_id = $1 AND parent_seq > 1 ORDER BY parent_seq LIMIT 1", before
    )
    page = etienne.goes_to(f"/discussions/{before}/m/{seq}")
    message = page.locator(f"#m-{seq}")
    words = message.locator(".prose p").last.inner_text()
    below = int(message.locator(".fold").inner_text().split()[0])

    # Split.
    message.get_by_role("link", name="Autres actions").click()
    page.get_by_role("link", name="En faire une discussion à part").click()
    page.get_by_label("Titre de la nouvelle discussion").fill("Qui parle, et à quelle heure")
    page.get_by_role("button", name="Ouvrir la nouvelle discussion").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Qui parle, et à quelle heure")
    expect(page.locator(".post.opening")).to_contain_text(words)
    expect(page.locator(".posts .post")).to_have_count(1 + below)
    new = live.number("Qui parle, et à quelle heure")
    assert new != before
    page.goto(f"{live.url}/discussions/{before}/m/{seq}")
    expect(page).to_have_url(re.compile(rf"/discussions/{new}-qui-parle-et-a-quelle-heure#m-\d+$"))
    # The address with the fragment, as it was copied from the old page.
    page.goto(f"{live.thread('Garder les personnes citoyennes')}#m-{seq}")
    expect(page).to_have_url(re.compile(rf"/discussions/{new}-"))
    page.goto(live.thread("Garder les personnes citoyennes"))
    line = page.locator(".event", has_text="sa propre discussion")
    expect(line.get_by_role("link", name=f"#{new}")).to_have_attribute("href", f"/discussions/{new}")

    # Merge.
    into = live.number("Comment annoncez-vous")
    page.goto(live.thread("Qui parle, et à quelle heure"))
    page.get_by_role("link", name="Gérer cette discussion").click()
    page.get_by_label("Numéro de la discussion qui reste").fill(str(into))
    page.get_by_role("button", name="Fusionner la discussion").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Comment annoncez-vous")
    page = reader().page
    for address in (f"/discussions/{new}", f"/discussions/{new}/m/1", f"/discussions/{before}/m/{seq}"):
        page.goto(live.url + address)
        expect(page).to_have_url(re.compile(rf"/discussions/{into}-"))
    there = page.locator(re.sub(r".*(#m-\d+)$", r"\1", page.url))
    expect(there).to_contain_text(words)
    # A browser carries the fragment of an old address over to the new one, where other messages have these numbers.
    last = live.ask("SELECT max(seq) FROM post_alias WHERE thread_id = $1", new)
    lived = live.ask(
        "SELECT post.seq FROM post_alias AS old JOIN post ON id = post_id WHERE old.thread_id = $1 AND old.seq = $2",
        new,
        last,
    )
    page.goto(f"{live.url}/discussions/{new}#m-{last}")
    expect(page).to_have_url(re.compile(rf"/discussions/{into}-[^?]*#m-{lived}$"))
    page.goto(f"{live.url}/discussions/{before}/m/{seq}")
    there = page.locator(re.sub(r".*(#m-\d+)$", r"\1", page.url))
    expect(there).to_contain_text(words)
    expect(there.locator("h2")).to_be_focused()


@pytest.mark.browser
def test_a_locked_discussion_says_why_and_offers_no_reply(live: Live, reader: Callable[..., Reader]) -> None:
    etienne, maryse = reader(), reader()
    etienne.has_session_of("etienne")
    maryse.has_session_of("maryse")
    page = etienne.goes_to(f"/discussions/{live.number('Votre assurance')}/gestion")
    page.get_by_label("Raison").fill("La réponse est arrivée par l’assureur.")
    page.get_by_role("button", name="Verrouiller la discussion").click()
    seen = maryse.goes_to(live.thread("Votre assurance"))
    expect(seen.locator(".event")).to_contain_text("La réponse est arrivée par l’assureur.")
    expect(seen.get_by_text("Cette discussion est verrouillée")).to_be_visible()
    expect(seen.get_by_role("textbox")).to_have_count(0)
    expect(seen.get_by_role("link", name="Répondre")).to_have_count(0)
