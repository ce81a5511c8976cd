"""A picture comes into a text from the composer, from the clipboard, or by hand where no script runs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, Reader
from tests.core import made

QUIET = "Votre assurance"


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    file = tmp_path / "Au parc.jpg"
    file.write_bytes(made.image("JPEG", (900, 600), exif=made.told_exif()))
    return file


@pytest.fixture
def page(live: Live, reader: Callable[..., Reader]) -> Page:
    maryse = reader()
    # A form that is refused, and a connection that breaks.
    maryse.forgives |= {"422", "net::ERR_FAILED"}
    maryse.has_session_of("maryse")
    maryse.goes_to(live.thread(QUIET))
    return maryse.page


@pytest.mark.browser
def test_the_dialog_puts_the_line_where_one_writes(page: Page, photograph: Path) -> None:
    writing = page.get_by_label("Votre réponse")
    writing.fill("Voici ce que nous avons fait.")
    page.get_by_role("button", name="Image ou document").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Fichier")).to_be_focused()
    dialog.get_by_label("Fichier").set_input_files(photograph)
    dialog.get_by_label("C’est moi qui l’ai fait").check()
    dialog.get_by_role("button", name="Ajouter le fichier").click()
    expect(dialog.locator(".error-summary")).to_be_focused()
    # Corrected without choosing the file again.
    dialog.get_by_label("Ce que montre l’image").fill("Deux voisines et leur jardin")
    dialog.get_by_role("button", name="Ajouter le fichier").click()
    expect(dialog).to_have_count(0)
    expect(writing).to_be_focused()
    text = writing.input_value()
    assert text.startswith("Voici ce que nous avons fait.\n\n![Deux voisines et leur jardin](fichier:")
    page.get_by_role("button", name="Envoyer la réponse").click()
    shown = page.get_by_role("img", name="Deux voisines et leur jardin")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("picture => picture.naturalWidth") > 0


@pytest.mark.browser
def test_the_dialog_can_be_left(page: Page, photograph: Path) -> None:
    page.get_by_label("Votre réponse").fill("Un texte")
    page.get_by_role("button", name="Image ou document").click()
    page.get_by_role("dialog").get_by_label("Fichier").set_input_files(photograph)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Votre réponse")).to_have_value("Un texte")


@pytest.mark.browser
def test_what_is_dropped_opens_the_same_dialog(page: Page) -> None:
    page.get_by_label("Votre réponse").evaluate(
        """area => {
          const data = new DataTransfer();
          data.items.add(new File(["notes"], "notes.txt", { type: "text/plain" }));
          area.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Ce que montre l’image")).to_be_focused()
    dialog.get_by_label("C’est moi qui l’ai fait").check()
    dialog.get_by_role("button", name="Ajouter le fichier").click()
    expect(page.get_by_label("Votre réponse")).to_have_value(re.compile(r"^\[notes\.txt\]\(fichier:"))


@pytest.mark.browser
def test_a_connection_that_breaks_is_said(page: Page, photograph: Path) -> None:
    page.get_by_role("button", name="Image ou document").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Fichier").set_input_files(photograph)
    dialog.get_by_label("Ce que montre l’image").fill("Un jardin")
    dialog.get_by_label("C’est moi qui l’ai fait").check()
    page.route("**/fichiers/nouveau", lambda route: route.abort())
    dialog.get_by_role("button", name="Ajouter le fichier").click()
    expect(dialog.get_by_role("status")).to_contain_text("n’a pas pu être envoyé")
    page.unroute("**/fichiers/nouveau")
    dialog.get_by_role("button", name="Ajouter le fichier").click()
    expect(page.get_by_label("Votre réponse")).to_have_value(re.compile("Un jardin"))


@pytest.mark.browser
def test_it_works_by_hand_without_scripts(live: Live, reader: Callable[..., Reader], photograph: Path) -> None:
    maryse = reader(scripts=False)
    maryse.has_session_of("maryse")
    page = maryse.page
    page.goto(f"{live.url}/fichiers/nouveau")
    page.get_by_label("Fichier", exact=True).set_input_files(photograph)
    page.get_by_label("Ce que montre l’image").fill("Un jardin")
    page.get_by_label("C’est moi qui l’ai fait").check()
    page.get_by_role("button", name="Ajouter le fichier").click()
    line = page.get_by_label("La ligne à placer").input_value()
    assert line.startswith("![Un jardin](fichier:")
    page.goto(f"{live.url}/discussions/nouvelle")
    page.get_by_label("Votre message").fill(line)
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("img", name="Un jardin")).to_be_visible()


def adds_to_a_story(page: Page, photograph: Path) -> None:
    page.get_by_label("Fichier", exact=True).set_input_files(photograph)
    page.get_by_label("Ce que montre l’image").fill("Deux voisines et leur jardin")
    page.get_by_label("C’est moi qui l’ai fait").check()
    page.get_by_role("button", name="Ajouter le fichier").click()


@pytest.mark.browser
@pytest.mark.parametrize("where", ["/what_we_did", ""])
def test_a_story_takes_a_picture_on_a_telephone(
    live: Live, reader: Callable[..., Reader], photograph: Path, where: str
) -> None:
    number = live.ask("SELECT id FROM practice_case WHERE starts_with(title, 'Évaluer avec des macarons')")
    maryse = reader(width=360)
    maryse.has_session_of("maryse")
    maryse.goes_to(f"/recits/{number}/ecrire{where}")
    page = maryse.page
    writing = page.locator("textarea[name=what_we_did]")
    writing.fill("Avant.")
    section = page.locator("[data-section=what_we_did]")
    section.get_by_role("button", name="Image ou document").click()
    adds_to_a_story(page, photograph)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(writing).to_be_focused()
    assert re.match(r"Avant\.\n\n!\[Deux voisines et leur jardin\]\(fichier:", writing.input_value())
    expect(section.locator("[data-status]")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Suivant" if where else "Enregistrer", exact=True).click()
    maryse.goes_to(f"/recits/{number}")
    shown = page.get_by_role("img", name="Deux voisines et leur jardin")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("picture => picture.naturalWidth") > 0


@pytest.mark.browser
def test_a_story_takes_a_picture_without_scripts(live: Live, reader: Callable[..., Reader], photograph: Path) -> None:
    number = live.ask("SELECT id FROM practice_case WHERE starts_with(title, 'Évaluer avec des macarons')")
    maryse = reader(width=360, scripts=False)
    maryse.has_session_of("maryse")
    page = maryse.page
    page.goto(f"{live.url}/recits/{number}/ecrire/what_we_did")
    expect(page.get_by_role("link", name="Ajouter une image ou un document")).to_have_attribute(
        "href", f"/recits/{number}/fichiers/nouveau"
    )
    page.goto(f"{live.url}/recits/{number}/fichiers/nouveau")
    adds_to_a_story(page, photograph)
    line = page.get_by_label("La ligne à placer").input_value()
    page.goto(f"{live.url}/recits/{number}/ecrire/what_we_did")
    page.locator("textarea[name=what_we_did]").fill(line)
    page.get_by_role("button", name="Suivant", exact=True).click()
    page.goto(f"{live.url}/recits/{number}")
    expect(page.get_by_role("img", name="Deux voisines et leur jardin")).to_be_visible()
