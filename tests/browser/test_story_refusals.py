"""What a form of stories refuses, on a phone: the reasons are read first, and every word is still there."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Live, Reader
from tests.browser.pages import her_page, private_link, story, undecided
from tests.browser.test_axe import violations
from tests.browser.test_every_page_fits import TOO_WIDE

# Of each form: the page, its own address where it has one, what is written into it, and the field that is wrong.
FORMS: dict[str, tuple[str, str, dict[str, str | bool], str]] = {
    "begin": ("/recits/nouveau", "", {"title": " ", "way": "page"}, "title"),
    "desk": ("{writing}/ecrire", "", {"title": " ", "summary": "Trois phrases à garder."}, "title"),
    "question": ("{writing}/ecrire/lessons", "", {"lessons": "Voir ![](https://exemple.org/a.jpg)."}, "lessons"),
    "period": ("{whole}/ecrire/period", "", {"began": "2024-05", "ended": "2024-01"}, "ended"),
    "actors": ("{whole}/ecrire/actors", "", {"actors-5-role": "Le concierge de l’école"}, "actors-5-family"),
    "team": ("{writing}/equipe", "", {"name": "Madame B.", "email": "sans arobase"}, "email"),
    "remark": ("{writing}/remarques", "", {"body": " "}, "body"),
    "publish": ("{writing}/publier", "", {"could_read": True, "licence": "cc-by-nc-sa"}, "nobody_else"),
    "withdraw": ("{writing}/etat", "", {"reason": "Une raison à garder."}, "sure"),
    "register": ("{writing}/personnes", "", {"relation": "Le voisin d’en haut"}, "name"),
    "letter": ("{writing}/personnes/{person}", "/lettre", {"email": "sans arobase"}, "email"),
    "person": ("{writing}/personnes/{person}", "", {"name": " ", "shown_as": "un voisin"}, "name"),
    "departure": ("{writing}/personnes/{person}", "/retrait", {"more": "Le grand Patrice"}, "leave"),
    "correction": ("{hers}", "/correction", {"correction": " "}, "correction"),
    "decision": ("{hers}", "", {"expires_on": "2031-01-01"}, "choice"),
    "leaving": ("{hers}", "/retrait", {"more": "Le grand Patrice"}, "leave"),
    "trial": ("{told}/essais/nouveau", "", {"adapted": "Un garage plutôt qu’une cuisine."}, "outcome"),
    "contact": ("{told}/ecrire-aux-auteurs", "", {"body": "Une question à garder."}, "address_shown"),
}


@pytest.mark.browser
def test_every_form_of_stories_says_what_is_wrong_and_keeps_what_was_written(
    live: Live, reader: Callable[..., Reader]
) -> None:
    person = reader(width=360, height=740)
    person.has_session_of("maryse")
    told = story(live, "Two languages")
    live.ask("UPDATE practice_case SET contact = true WHERE id = $1 RETURNING id", int(told.rsplit("/", 1)[1]))
    places = {
        "writing": story(live),
        "whole": story(live, "Trois bailleurs"),
        "told": told,
        "person": undecided(live),
        "hers": her_page(live),
    }
    complaints = []
    for name, (path, further, given, wrong) in FORMS.items():
        at = path.format_map(places)
        page = person.goes_to(at)
        form = page.locator(f"form[action='{at}{further}'], form:not([action])").filter(
            has=page.locator(f"[name={next(iter(given))}]")
        )
        form = form.first
        for field, value in given.items():
            box = form.locator(f"[name={field}]").first
            if value is True:
                form.locator(f"[name={field}]").check()
            elif box.get_attribute("type") == "radio":
                form.locator(f"[name={field}][value={value}]").check()
            elif box.evaluate("one => one.tagName") == "SELECT":
                box.select_option(str(value))
            else:
                box.evaluate(
                    "one => { for (let e = one; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true }"
                )
                box.fill(str(value))
        form.evaluate("one => { one.noValidate = true }")
        # The script keeps drafts; this is about the form itself.
        with page.expect_navigation():
            form.locator("button:not([type=button]):not([formaction])").last.click()
        expect(page.locator(".error-summary").first, name).to_be_focused()
        assert page.locator(f"[name={wrong}]").count(), f"{name}: {wrong} is not there"
        reasons = page.locator(".error-summary a").all()
        assert f"#{wrong}" in [one.get_attribute("href") for one in reasons], name
        for one in reasons:
            target = str(one.get_attribute("href"))
            assert page.locator(target).count() == 1, f"{name}: {target} leads nowhere"
        for field, value in given.items():
            boxes = page.locator(f"form [name={field}]")
            if value is True:
                expect(boxes.first).to_be_checked()
            elif boxes.first.get_attribute("type") == "radio":
                expect(page.locator(f"form [name={field}][value={value}]")).to_be_checked()
            else:
                # What was blank may come back empty.
                assert str(value).strip() in [box.input_value() for box in boxes.all()], f"{name}: {field} is lost"
        complaints += [f"{name}: {one}" for one in [*violations(person), *page.evaluate(TOO_WIDE)]]
    assert complaints == []


@pytest.mark.browser
def test_whoever_may_not_come_in_is_told_so_on_a_page_that_fits(live: Live, reader: Callable[..., Reader]) -> None:
    writing = story(live)
    link = private_link(live)
    live.ask(
        "UPDATE case_author SET kind = 'reader' WHERE name = 'Mme B.' RETURNING id",
    )
    gone = live.ask(
        "UPDATE practice_case SET state = 'withdrawn' WHERE starts_with(title, 'Two languages') RETURNING id"
    )
    statuses = []
    person = reader(width=360)
    person.goes_to(link)
    person.page.get_by_role("button", name="Ouvrir le récit").click()
    portrait = person.page.url.removeprefix(live.url).split("/")[2]
    complaints: list[str] = []
    for path in (f"/recits/{portrait}/ecrire", f"/recits/{gone}", f"{writing}/ecrire", "/recits/acces/" + "x" * 43):
        answer = person.page.goto(live.url + path)
        assert answer
        statuses.append(answer.status)
        expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        complaints += [*violations(person), *person.page.evaluate(TOO_WIDE)]
    assert statuses == [403, 404, 404, 404]
    assert complaints == []


@pytest.mark.browser
def test_a_box_left_unticked_is_answered_in_the_words_of_the_platform(
    live: Live, reader: Callable[..., Reader]
) -> None:
    maryse = reader(width=360)
    maryse.has_session_of("maryse")
    page = maryse.goes_to(f"{story(live)}/publier")
    page.get_by_role("button", name="Publier le récit").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary li")).to_have_count(3)
    expect(page.locator("#nobody_else-error")).to_contain_text("Cochez cette case quand c’est le cas")
