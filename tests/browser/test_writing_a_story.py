"""Writing a story in a browser: no word is lost, whoever else is writing, and whatever fails meanwhile."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, Reader

LESSONS = "textarea[name=lessons]"


@dataclass(frozen=True)
class Draft:
    """The story of the demonstration that Maryse and Annie-Claude are still writing."""

    live: Live
    number: int

    def at(self, section: str = "") -> str:
        return f"/recits/{self.number}/ecrire" + (f"/{section}" if section else "")

    def says(self, field: str) -> object:
        """What the others can read."""
        return self.live.ask(
            "SELECT body_md FROM case_text WHERE case_id = $1 AND field = $2 AND term_id IS NULL", self.number, field
        )

    def kept(self, field: str, handle: str) -> object:
        """What the server keeps for this person alone."""
        return self.live.ask(
            """
            SELECT case_draft.fields ->> $2 FROM case_draft JOIN case_author ON case_author.id = author_id
              JOIN person ON person.id = person_id
             WHERE case_draft.case_id = $1 AND section = $2 AND handle = $3
            """,
            self.number,
            field,
            handle,
        )

    def begins_with(self, field: str, words: str) -> None:
        """This answer, saved."""
        self.live.ask(
            "UPDATE case_text SET body_md = $3 WHERE case_id = $1 AND field = $2 RETURNING id",
            self.number,
            field,
            words,
        )


@pytest.fixture
def draft(live: Live) -> Draft:
    number = live.ask("SELECT id FROM practice_case WHERE starts_with(title, 'Évaluer avec des macarons')")
    assert isinstance(number, int)
    return Draft(live, number)


@pytest.fixture
def maryse(draft: Draft, reader: Callable[..., Reader]) -> Reader:
    """Signed in, before the question of the lessons."""
    maryse = reader(width=360)
    maryse.has_session_of("maryse")
    maryse.goes_to(draft.at("lessons"))
    return maryse


@pytest.fixture
def annie(draft: Draft, reader: Callable[..., Reader]) -> Reader:
    """Her co-author, before the same question."""
    annie = reader()
    annie.has_session_of("annie-claude")
    annie.goes_to(draft.at("lessons"))
    return annie


def said(page: Page, words: str) -> None:
    """What the script says under the question."""
    expect(page.locator("[data-status]").first).to_contain_text(words)


def saved(page: Page) -> None:
    said(page, "Brouillon enregistré")


def done(page: Page) -> None:
    """The desk says that all of it is saved."""
    expect(page.locator(".notice-done")).to_be_visible()


@pytest.mark.browser
def test_a_reload_gives_the_draft_back_and_the_others_do_not_see_it(
    maryse: Reader, annie: Reader, draft: Draft
) -> None:
    before = draft.says("lessons")
    page = maryse.page
    page.locator(LESSONS).fill("- Commencer par le thé.")
    saved(page)
    page.reload()
    expect(page.locator(LESSONS)).to_have_value("- Commencer par le thé.")
    expect(page.locator("main")).to_contain_text("les autres ne le voient pas")
    assert draft.kept("lessons", "maryse")
    assert draft.says("lessons") == before
    annie.page.reload()
    expect(annie.page.locator(LESSONS)).to_have_value(str(before))
    # Saved for all: the draft is used up, and nothing is offered any more.
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    done(page)
    assert draft.says("lessons") == "- Commencer par le thé."
    page.goto(draft.live.url + draft.at("lessons"))
    expect(page.locator(LESSONS)).to_have_value("- Commencer par le thé.")
    expect(page.locator(".drafted, .composer-restore")).to_have_count(0)


@pytest.mark.browser
def test_leaving_in_a_hurry_loses_nothing(maryse: Reader, draft: Draft) -> None:
    page = maryse.page
    words = ""
    for more in ("Un", ", deux", ", trois"):
        words += more
        page.locator(LESSONS).fill(words)
        # The save that leaving sends and the page that comes may arrive in either order.
        page.reload()
        if page.locator(LESSONS).input_value() != words:
            page.get_by_role("button", name="Le reprendre").click()
        expect(page.locator(LESSONS)).to_have_value(words)
    page.locator(LESSONS).fill(f"{words}.")
    saved(page)
    assert f"{words}." in str(draft.kept("lessons", "maryse"))


@pytest.mark.browser
def test_an_ended_session_says_so_and_the_words_are_there_when_she_is_back(maryse: Reader, draft: Draft) -> None:
    page = maryse.page
    maryse.session_ends()
    page.locator(LESSONS).fill("- Écrit juste après la fin de la session.")
    said(page, "Votre session")
    expect(page.locator(LESSONS)).to_have_value("- Écrit juste après la fin de la session.")
    maryse.signs_in_as("Maryse Lacombe-Dubé")
    maryse.goes_to(draft.at("lessons"))
    page.get_by_role("button", name="Le reprendre").click()
    expect(page.locator(LESSONS)).to_have_value("- Écrit juste après la fin de la session.")
    saved(page)


@pytest.mark.browser
def test_a_network_that_fails_in_mid_save_says_so_and_loses_nothing(maryse: Reader, draft: Draft) -> None:
    page = maryse.page
    maryse.forgives.add("ERR_")
    page.route("**/brouillon", lambda route: route.abort())
    page.locator(LESSONS).fill("- Écrit dans un sous-sol d’église.")
    said(page, "Le serveur ne répond pas")
    assert "sous-sol" not in str(draft.kept("lessons", "maryse"))
    page.reload()
    page.get_by_role("button", name="Le reprendre").click()
    expect(page.locator(LESSONS)).to_have_value("- Écrit dans un sous-sol d’église.")
    # Back upstairs, the next words take the others along.
    page.unroute("**/brouillon")
    page.locator(LESSONS).press("Control+End")
    page.keyboard.type(" Et remonté.")
    saved(page)
    assert "sous-sol d’église. Et remonté." in str(draft.kept("lessons", "maryse"))


@pytest.mark.browser
def test_an_older_tab_never_overwrites_newer_words(maryse: Reader, draft: Draft) -> None:
    page = maryse.page
    older = maryse.another_tab()
    older.goto(draft.live.url + draft.at("lessons"))
    page.locator(LESSONS).fill("- La version d’aujourd’hui.")
    saved(page)
    older.locator(LESSONS).fill("- Celle d’un onglet oublié.")
    said(older, "dans un autre onglet")
    assert "aujourd’hui" in str(draft.kept("lessons", "maryse"))
    # Neither text is lost: one is shown, the other offered.
    older.reload()
    expect(older.locator(LESSONS)).to_have_value("- La version d’aujourd’hui.")
    older.get_by_role("button", name="Le reprendre").click()
    expect(older.locator(LESSONS)).to_have_value("- Celle d’un onglet oublié.")


@pytest.mark.browser
def test_whoever_comes_to_a_question_sees_who_is_writing_there(maryse: Reader, annie: Reader, draft: Draft) -> None:
    here = "Annie-Claude Bergeron-Morin écrit ici en ce moment."
    expect(maryse.page.locator("p[data-here]")).to_be_hidden()
    with annie.page.expect_response("**/presence"):
        annie.page.locator(LESSONS).focus()
    # Without a reload, as soon as she begins herself.
    maryse.page.locator(LESSONS).focus()
    expect(maryse.page.locator("p[data-here]")).to_contain_text(here)
    expect(maryse.page.locator("p[data-here]")).to_be_visible()
    # And on the desk, without a script.
    page = maryse.goes_to(draft.at())
    expect(page.locator("#lessons-question [data-here]")).to_contain_text(here)
    expect(page.locator("#lessons-question [data-here]")).to_be_visible()
    expect(page.locator("#starting_point-question [data-here]")).to_be_hidden()
    # Longer than a minute ago, she is no longer there.
    draft.live.ask("UPDATE case_presence SET seen_at = seen_at - interval '2 minutes' RETURNING case_id")
    page.reload()
    expect(page.locator("#lessons-question [data-here]")).to_be_hidden()


@pytest.mark.browser
def test_two_authors_in_different_paragraphs_are_brought_together(maryse: Reader, annie: Reader, draft: Draft) -> None:
    draft.begins_with("lessons", "Le premier paragraphe.\n\nLe second paragraphe.")
    maryse.page.reload()
    annie.page.reload()
    annie.page.locator(LESSONS).fill("Le premier paragraphe, dit mieux.\n\nLe second paragraphe.")
    annie.page.get_by_role("button", name="Enregistrer", exact=True).click()
    done(annie.page)
    maryse.page.locator(LESSONS).fill("Le premier paragraphe.\n\nLe second paragraphe, dit autrement.")
    maryse.page.get_by_role("button", name="Enregistrer", exact=True).click()
    done(maryse.page)
    assert draft.says("lessons") == "Le premier paragraphe, dit mieux.\n\nLe second paragraphe, dit autrement."


@pytest.mark.browser
def test_two_authors_in_the_same_sentence_get_both_texts_before_them(
    maryse: Reader, annie: Reader, draft: Draft
) -> None:
    draft.begins_with("lessons", "Commencer par la table.")
    maryse.page.reload()
    annie.page.reload()
    annie.page.locator(LESSONS).fill("Commencer par la cuisine.")
    annie.page.get_by_role("button", name="Enregistrer", exact=True).click()
    done(annie.page)
    page = maryse.page
    page.locator(LESSONS).fill("Commencer par le jardin.")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deux textes à réunir")
    expect(page.locator(".saved-text")).to_have_text("Commencer par la cuisine.")
    expect(page.locator(".diff ins")).to_contain_text("jardin")
    expect(page.locator(LESSONS)).to_have_value("Commencer par le jardin.")
    assert draft.says("lessons") == "Commencer par la cuisine."
    # She goes away from it: her words are her draft, on this device and on any other.
    assert "jardin" in str(draft.kept("lessons", "maryse"))
    maryse.goes_to(draft.at("lessons"))
    expect(page.locator(LESSONS)).to_have_value("Commencer par le jardin.")
    # Her draft still clashes; brought together by hand, it is what the story says.
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deux textes à réunir")
    page.locator(LESSONS).fill("Commencer par la cuisine, ou le jardin.")
    page.get_by_role("button", name="Enregistrer ma version").click()
    done(page)
    assert draft.says("lessons") == "Commencer par la cuisine, ou le jardin."
    expect(page.locator(".composer-restore")).to_have_count(0)


@pytest.mark.browser
def test_with_the_keyboard_alone_a_story_is_begun_written_and_saved(live: Live, reader: Callable[..., Reader]) -> None:
    maryse = reader()
    maryse.has_session_of("maryse")
    page = maryse.goes_to("/recits/nouveau")

    def tab_to(target: str) -> None:
        for _ in range(60):
            if page.evaluate("target => document.activeElement.matches(target)", target):
                return
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
        pytest.fail(f"Tab never comes to {target}")

    tab_to("input[name=title]")
    page.keyboard.type("La table à pique-nique du stationnement")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ecrire/summary")
    tab_to("textarea[name=summary]")
    page.keyboard.type("Une table, puis douze personnes.")
    saved(page)
    tab_to("form.writing .actions .button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ecrire/regions")
    tab_to("input[name=regions]")
    page.keyboard.press("Space")
    tab_to("form.writing .actions .button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ecrire/stages")
    number = re.search(r"/recits/(\d+)/", page.url)
    assert number
    written = Draft(live, int(number[1]))
    assert written.says("summary") == "Une table, puis douze personnes."
    assert live.ask("SELECT count(*) FROM case_term WHERE case_id = $1", written.number) == 1
    # A part that is folded opens from the keyboard too.
    maryse.goes_to(written.at("what_changed"))
    tab_to("details.part:not([open]) > summary")
    page.keyboard.press("Enter")
    tab_to("details.part[open]:not(:first-of-type) textarea")
    page.keyboard.type("Elles convoquent elles-mêmes.")
    saved(page)


@pytest.mark.browser
def test_with_scripts_off_a_story_is_written_and_two_texts_meet(draft: Draft, reader: Callable[..., Reader]) -> None:
    maryse, annie = reader(width=360, scripts=False), reader(scripts=False)
    for person, handle in ((maryse, "maryse"), (annie, "annie-claude")):
        person.has_session_of(handle)
        person.goes_to(draft.at("lessons"))
    # Nothing is said that only a script could keep up with.
    expect(maryse.page.locator(".composer-restore")).to_have_count(0)
    annie.page.locator(LESSONS).fill("Sans script, la première.")
    annie.page.get_by_role("button", name="Enregistrer", exact=True).click()
    done(annie.page)
    page = maryse.page
    page.locator(LESSONS).fill("Sans script, la seconde.")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deux textes à réunir")
    expect(page.locator(".saved-text")).to_have_text("Sans script, la première.")
    expect(page.locator(LESSONS)).to_have_value("Sans script, la seconde.")
    page.get_by_role("button", name="Enregistrer ma version").click()
    done(page)
    assert draft.says("lessons") == "Sans script, la seconde."


@pytest.mark.browser
def test_what_is_refused_comes_back_with_the_focus_on_the_reason(draft: Draft, maryse: Reader) -> None:
    page = maryse.page
    words = "Voyez ![](https://exemple.org/table.jpg) la table."
    page.locator(LESSONS).fill(words)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(LESSONS)).to_have_value(words)
    page.locator(".error-summary a").click()
    expect(page.locator(LESSONS)).to_be_focused()
    # She leaves it so: the words are there when she is back.
    maryse.goes_to(draft.at("lessons"))
    if page.locator(LESSONS).input_value() != words:
        page.get_by_role("button", name="Le reprendre").click()
    expect(page.locator(LESSONS)).to_have_value(words)


@pytest.mark.browser
def test_words_taken_back_do_not_undo_what_somebody_saved_meanwhile(
    maryse: Reader, annie: Reader, draft: Draft
) -> None:
    draft.begins_with("lessons", "Le premier paragraphe.\n\nLe second paragraphe.")
    maryse.page.reload()
    annie.page.reload()
    page = maryse.page
    maryse.forgives.add("ERR_")
    page.route("**/brouillon", lambda route: route.abort())
    page.locator(LESSONS).fill("Le premier paragraphe.\n\nLe second, écrit dans le train.")
    said(page, "Le serveur ne répond pas")
    annie.page.locator(LESSONS).fill("Le premier paragraphe, dit mieux.\n\nLe second paragraphe.")
    annie.page.get_by_role("button", name="Enregistrer", exact=True).click()
    done(annie.page)
    page.unroute("**/brouillon")
    page.reload()
    expect(page.locator(LESSONS)).to_have_value("Le premier paragraphe, dit mieux.\n\nLe second paragraphe.")
    page.get_by_role("button", name="Le reprendre").click()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    done(page)
    assert draft.says("lessons") == "Le premier paragraphe, dit mieux.\n\nLe second, écrit dans le train."
