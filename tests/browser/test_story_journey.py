"""A story from nothing to publication on a phone, with somebody's consent, tried elsewhere, and taken back."""

import re
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, Reader
from tests.conftest import finish

TITLE = "On a déplacé la réunion dans une cuisine"
NAME = "Ghyslaine Thibodeau-Lavertu"
QUOTE = "Chez nous, on parle mieux les mains dans la farine."
ANSWERS = {
    "summary": "Le comité se vidait. On l’a déplacé dans une cuisine. Douze personnes le convoquent maintenant.",
    "starting_point": "Il restait quatre permanents autour de la table, et ils se parlaient déjà au téléphone.",
    "what_we_did": f"{NAME} a prêté sa cuisine.\n\n« {QUOTE} » Nous avons rangé l’ordre du jour.",
    "lessons": "- Commencer par la table.\n- Taire les titres.\n- Revenir le mois suivant.",
}


def words_of(live: Live) -> str:
    """Every word of every table."""

    async def read() -> str:
        connection = await asyncpg.connect(live.dsn)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        try:
            said: list[str] = [
                # The names of our own tables, nothing given.
                await connection.fetchval(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM \"{row[0]}\" AS t")  # noqa: S608
                for row in tables
            ]
        finally:
            await connection.close()
        return "\n".join(said)

    return finish(read())


def tells(page: Page) -> None:
    """One question after the other, as on a phone in a waiting room."""
    for question in ("summary", "regions", "stages", "starting_point", "what_we_did", "what_changed", "lessons"):
        expect(page).to_have_url(re.compile(f"/ecrire/{question}$"))
        if question == "regions":
            page.get_by_label("Mauricie").check()
            page.get_by_label("Échelle").select_option(label="Municipalité ou arrondissement")
        elif question == "stages":
            page.get_by_label("Mise en œuvre").check()
        elif question == "what_changed":
            field = page.get_by_role("group").filter(has_text="Capacités de la communauté").last
            field.locator("summary").click()
            field.locator("textarea").fill("Douze personnes convoquent elles-mêmes. Nous le voyons à la porte.")
        else:
            page.locator(f"textarea[name={question}]").fill(ANSWERS[question])
        page.get_by_role("button", name=re.compile("^(Suivant|Enregistrer)$")).click()


@pytest.mark.browser
def test_a_story_is_told_agreed_to_tried_again_and_taken_back(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader(width=360, height=740)
    maryse.has_session_of("maryse")
    page = maryse.goes_to("/recits/nouveau")
    page.get_by_label("Un titre qui dit ce qui s’est passé").or_(page.locator("input[name=title]")).first.fill(TITLE)
    page.get_by_role("button", name="Commencer").click()
    page.wait_for_url("**/ecrire/*")
    number = re.search(r"/recits/(\d+)/", page.url)
    assert number
    story = f"/recits/{number[1]}"
    tells(page)

    # Somebody is named in it: written down first, and asked on a page of her own.
    maryse.goes_to(f"{story}/personnes")
    page.get_by_label("Nom, ou description").fill(NAME)
    page.locator("textarea[name=quotes]").fill(QUOTE)
    page.get_by_role("button", name="Inscrire", exact=True).click()
    maryse.goes_to(f"{story}/publier")
    expect(page.get_by_text("1 personne n’a pas encore répondu.")).to_be_visible()
    maryse.goes_to(f"{story}/personnes")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("button", name="Créer un lien à remettre en main propre").click()
    hers = page.get_by_label("L’adresse de sa page").input_value()

    ghyslaine = reader(width=360, height=740, scheme="dark")
    her_page = ghyslaine.goes_to(hers)
    expect(her_page.get_by_text(QUOTE).first).to_be_visible()
    her_page.get_by_label(re.compile("^Sous son nom complet")).check()
    her_page.get_by_role("button", name="C’est ma décision").click()
    expect(her_page.get_by_role("status").first).to_be_visible()

    maryse.goes_to(f"{story}/publier")
    for statement in page.locator(
        "form input[type=checkbox][name^=nobody], form [name=could_read], form [name=no_file]"
    ).all():
        statement.check()
    page.get_by_role("button", name="Publier le récit").click()
    page.wait_for_url(re.compile(rf"{story}-"))

    # Somebody 600 km away finds it by its stage and its region.
    josee = reader()
    josee.has_session_of("josee")
    found = josee.goes_to("/recits")
    found.get_by_role("checkbox", name=re.compile("^Mise en œuvre")).check()
    found.get_by_role("checkbox", name=re.compile("^Mauricie")).check()
    found.get_by_role("button", name="Voir les récits").click()
    found.get_by_role("link", name=TITLE).click()
    expect(found.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(found.get_by_text(NAME).first).to_be_visible()
    found.get_by_role("link", name="On l’a essayé aussi").first.click()
    found.locator("select[name=outcome]").select_option("different")
    found.locator("select[name=region]").select_option(label="Côte-Nord")
    found.locator("textarea[name=adapted]").fill("Pas une cuisine, un garage. Le reste pareil.")
    found.locator("textarea[name=what_happened]").fill("Les gens sont venus réparer des vélos, et ont fini par voter.")
    for box in found.locator("form.narrow input[type=checkbox]").all():
        box.check()
    found.get_by_role("button", name="Publier", exact=True).click()
    stranger = reader(width=360)
    source = stranger.goes_to(story)
    expect(source.get_by_text("Essayé 1 fois", exact=False)).to_be_visible()
    for kept in (".pdf", ".json", ".md", ".bib"):
        answer = stranger.context.request.get(f"{live.url}{story}{kept}")
        assert answer.status == 200, kept
    assert stranger.context.request.get(f"{live.url}{story}.pdf").body().startswith(b"%PDF")

    # She takes it back: the story is gone at once, and nothing that is kept knows her name.
    assert "Lavertu" in words_of(live)
    ghyslaine.goes_to(hers)
    her_page.get_by_label("Je ne veux plus", exact=False).check()
    her_page.get_by_role("button", name="Me retirer de ce récit").click()
    gone: Any = stranger.page.goto(live.url + story)
    assert gone.status == 404
    kept_words = words_of(live)
    for word in ("Ghyslaine", "Lavertu", "mains dans la farine"):
        assert word not in kept_words, word
    for path in (
        "/recits",
        "/recits/flux.atom",
        "/recits/export.json",
        "/recits/export.md",
        f"{story}.json",
        f"{story}.pdf",
    ):
        answer = stranger.context.request.get(live.url + path)
        assert "Lavertu" not in answer.text()
    # What somebody else told of it stays hers.
    assert stranger.context.request.get(f"{live.url}/recits").status == 200
