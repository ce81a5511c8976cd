"""A practitioner's first evening: she reads, signs in, answers, corrects herself, and starts something of her own."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Live, Reader

DEBATE = "La reddition de comptes"


def selects(page: Page, seq: int, words: str) -> None:
    """Drag over words of a message, as a mouse would."""
    page.evaluate(
        """([seq, words]) => {
            const prose = document.querySelector(`#m-${seq} .prose`);
            const walk = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
            let node;
            while ((node = walk.nextNode()) && !node.data.includes(words));
            const range = document.createRange();
            range.setStart(node, node.data.indexOf(words));
            range.setEnd(node, node.data.indexOf(words) + words.length);
            prose.scrollIntoView();
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        [seq, words],
    )


def newest(page: Page, words: str) -> Locator:
    return page.locator("article", has_text=words).last


@pytest.mark.browser
def test_maryse_reads_signs_in_quotes_mentions_corrects_and_sees_what_changed(
    live: Live, reader: Callable[..., Reader]
) -> None:
    maryse = reader()
    page = maryse.goes_to(live.thread(DEBATE))
    expect(page.locator("html")).to_have_attribute("lang", "fr-CA")
    expect(page.locator("#m-2 .capacity")).to_contain_text("à titre de bailleur de fonds")

    # A branch folds, says how much it holds, and stays folded.
    fold = page.locator("#m-2 .fold")
    expect(fold).to_contain_text("3 réponses")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#m-3")).to_be_visible()
    fold.click()
    expect(page.locator("#m-3")).to_be_hidden()
    page.reload()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#m-3")).to_be_hidden()
    # What an address names is shown all the same.
    page.goto(f"{live.thread(DEBATE)}#m-3")
    expect(page.locator("#m-3")).to_be_visible()
    expect(page.locator("#m-3 h2")).to_be_focused()

    # A real exchange with the provider brings her back to where she was.
    page.get_by_role("banner").get_by_role("link", name="Se connecter").click()
    maryse.passes_through_the_provider("Maryse Lacombe-Dubé")
    expect(page).to_have_url(re.compile(re.escape(live.thread(DEBATE))))
    expect(page.locator("header summary")).to_contain_text("Maryse Lacombe-Dubé")

    # Words chosen with the mouse become a quotation in a reply to that very message.
    selects(page, 4, "un seul mot pour deux choses")
    page.locator(".quote-button", has_text="Citer").click()
    expect(page.locator("#m-4 [data-reply-box]")).to_be_visible()
    text = page.get_by_label("Votre réponse")
    number = live.number(DEBATE)
    assert text.input_value() == (
        f"> un seul mot pour deux choses\n>\n> [Sofia Benali, message 4](/discussions/{number}/m/4)\n\n"
    )
    expect(text).to_be_focused()

    # Somebody is mentioned by the first letters of her name; arrows and Enter choose.
    page.keyboard.type("Exactement. @ibr", delay=20)
    choices = page.get_by_role("listbox", name="Personnes").get_by_role("option")
    expect(choices).to_have_count(1)
    expect(text).to_have_attribute("aria-activedescendant", re.compile("-0$"))
    page.keyboard.press("Enter")
    assert text.input_value().endswith("Exactement. @ibrahima ")
    page.keyboard.type("le disait autrement.")
    page.get_by_role("button", name="Envoyer la réponse").click()

    # It stands where it belongs, and the focus is on it.
    page.wait_for_url(re.compile(r"#m-16$"))
    mine = page.locator("#m-16")
    expect(mine.locator("h2")).to_be_focused()
    expect(mine).to_be_in_viewport()
    expect(mine).to_have_attribute("data-parent", "4")
    expect(mine.locator("blockquote")).to_contain_text("un seul mot pour deux choses")
    expect(mine.locator("blockquote").get_by_role("link")).to_have_attribute("href", f"/discussions/{number}/m/4")
    expect(mine.get_by_role("link", name="@Ibrahima Sarr")).to_have_attribute("href", "/personnes/ibrahima")

    # Within the half hour nobody needs to know; an hour later readers do.
    live.ask("UPDATE post SET created_at = created_at - interval '1 hour' WHERE thread_id = $1 AND seq = 16", number)
    mine.get_by_role("link", name="Modifier").click()
    text = page.get_by_label("Votre message")
    text.fill(text.input_value().replace("autrement", "mieux que nous"))
    page.get_by_role("button", name="Enregistrer la modification").click()
    page.wait_for_url(re.compile(r"#m-16$"))
    expect(mine).to_contain_text("le disait mieux que nous.")
    mine.get_by_role("link", name="modifié").click()
    expect(page.get_by_role("heading", name="Historique du message 16")).to_be_visible()
    expect(page.locator("del")).to_have_text(["autrement."])
    expect(page.locator("ins")).to_have_text(["mieux que nous."])


@pytest.mark.browser
def test_a_pasted_link_alone_starts_a_discussion(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader()
    maryse.has_session_of("maryse")
    page = maryse.goes_to("/discussions/espaces/outils")
    # One box, and nothing else before it is touched.
    expect(page.get_by_role("button", name="Publier")).to_be_hidden()
    page.get_by_label("Ouvrir une discussion").click()
    page.keyboard.insert_text("https://www.exemple.org/guide-des-salles")
    # A link makes a poor title in the box: the server proposes where it leads.
    expect(page.get_by_label("Titre")).to_have_value("")
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("exemple.org/guide-des-salles")
    expect(page.locator("#m-1 .prose a")).to_have_attribute("href", "https://www.exemple.org/guide-des-salles")
    expect(page.get_by_text("Personne n’a encore répondu")).to_be_visible()
    # The draft that it was is used up.
    page.goto(f"{live.url}/discussions/espaces/outils")
    expect(page.get_by_label("Ouvrir une discussion")).to_have_value("")
    expect(page.locator(".composer-restore")).to_have_count(0)


@pytest.mark.browser
def test_a_first_line_proposes_the_title_until_she_writes_her_own(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader()
    maryse.has_session_of("maryse")
    page = maryse.goes_to("/discussions/espaces/pratiques")
    page.get_by_label("Ouvrir une discussion").click()
    page.keyboard.type("Qui garde les clés?")
    title = page.get_by_label("Titre")
    expect(title).to_have_value("Qui garde les clés?")
    title.fill("Les clés")
    page.get_by_label("Ouvrir une discussion").press("End")
    page.keyboard.type(" Et le code?")
    expect(title).to_have_value("Les clés")

    # What readers will see, before they do.
    page.get_by_label("Ouvrir une discussion").fill("Un **mot** et « un autre »")
    page.get_by_role("button", name="Aperçu").click()
    expect(page.locator(".preview strong")).to_have_text("mot")
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Les clés")
