"""Her own page, without an account: what is said of her, and what she decides."""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import Any

from maillage.cases.letters import consent as letters
from maillage.core import jobs
from tests.cases.people import choose, leave, page_of, seen, write_down
from tests.cases.stories import TEXTS, story
from tests.cases.test_publish import publish, state
from tests.cases.test_states import told
from tests.conftest import Site

SAYS = TEXTS | {"tools": "Un four.\n\nHermine Vaugeois a prêté ses chaudrons.\n\nLa conseillère, elle, a tout payé."}


def asked(site: Site, **more: str) -> tuple[int, int, str]:
    case_id = story(site, "maryse", state="draft", texts=SAYS)
    her = write_down(site, case_id, shown_as="la conseillère", quotes="On mange d’abord.", **more)
    return case_id, her, page_of(site, case_id, her)


def run_jobs(site: Site, name: str) -> None:
    """Run the jobs of this name that wait, as the worker would."""
    payloads = site.ask(
        "SELECT coalesce(array_agg(convert_from(payload, 'UTF8')::jsonb), '{}') FROM pgqueuer WHERE entrypoint = $1",
        name,
    )
    tools = jobs.Tools(site.app.state.database, site.settings)
    assert site.stranger.portal is not None
    for payload in payloads:
        site.stranger.portal.call(jobs.REGISTRY[name].work, tools, payload)


def letter_to(site: Site, address: str) -> str:
    folder = site.settings.data_dir / "letters"
    found = [text for file in folder.glob("*.eml") if f"To: {address}" in (text := file.read_text())]
    assert len(found) == 1
    return found[0].replace("=\n", "").replace("=3D", "=")


def test_she_reads_what_is_said_of_her_and_nothing_else(site: Site) -> None:
    _case_id, _her, page = asked(site)
    answer = site.stranger.get(page)
    assert answer.status_code == 200
    assert "Hermine Vaugeois a prêté ses chaudrons." in answer.text
    assert "La conseillère, elle, a tout payé." in answer.text
    assert "On mange d’abord." in answer.text
    assert "Un four." not in answer.text
    assert "Maryse Lacombe-Dubé" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.text


def test_nothing_is_chosen_for_her(site: Site) -> None:
    _case_id, _her, page = asked(site)
    assert " checked" not in site.stranger.get(page).text.partition("Votre décision")[2].partition("</fieldset>")[0]
    assert site.stranger.post(page, data={"seen": seen(site, page)}).status_code == 422


def test_opening_her_page_changes_nothing(site: Site) -> None:
    _case_id, her, page = asked(site)
    for _ in range(3):
        site.stranger.get(page)
    assert site.ask("SELECT choice FROM case_person WHERE id = $1", her) is None


def test_she_agrees(site: Site) -> None:
    case_id, her, page = asked(site)
    assert choose(site, page, "fonction-seulement", expires_on="2099-12-31").status_code == 303
    row = site.write(lambda db: db.connection.fetchrow("SELECT * FROM case_person WHERE id = $1", her))
    assert row is not None
    assert (row["choice"], row["how"], str(row["expires_on"])) == ("fonction-seulement", "page", "2099-12-31")
    for shown in ("Hermine Vaugeois a prêté ses chaudrons.", "« On mange d’abord. »"):
        assert shown in row["text_shown"]
    assert told(site, "consent-given") == {"maryse"}
    assert "1 personne du récit a répondu" in site.as_("maryse").get("/moi/avis").text
    assert "Votre décision est inscrite" in site.stranger.get(page + "?fait=choix").text
    # Chosen by role, still named in the text: not yet.
    assert publish(site, case_id).status_code == 409


def test_what_changed_while_she_was_reading_is_not_what_she_agreed_to(site: Site) -> None:
    case_id, her, page = asked(site)
    before = seen(site, page)
    site.ask(
        "UPDATE case_text SET body_md = 'Hermine Vaugeois a tout mangé.' WHERE field = 'tools' AND case_id = $1",
        case_id,
    )
    answer = site.stranger.post(page, data={"choice": "nom-complet", "seen": before})
    assert answer.status_code == 409
    assert "a changé pendant votre lecture" in answer.text
    assert "Hermine Vaugeois a tout mangé." in answer.text
    assert site.ask("SELECT choice FROM case_person WHERE id = $1", her) is None


def test_she_asks_for_a_correction(site: Site) -> None:
    case_id, her, page = asked(site)
    choose(site, page)
    assert site.stranger.post(page + "/correction", data={"correction": ""}).status_code == 422
    words = "Ce n’était pas mes chaudrons, mais ceux de ma sœur."
    assert site.stranger.post(page + "/correction", data={"correction": words}).status_code == 303
    assert told(site, "correction-asked") == {"maryse"}
    assert publish(site, case_id).status_code == 409
    path = f"/recits/{case_id}/personnes/{her}"
    assert words in site.as_("maryse").get(path).text
    assert site.as_("maryse").post(path + "/corrige").status_code == 303
    assert site.as_("maryse").post(path + "/corrige").status_code == 409
    assert publish(site, case_id).status_code == 303


def test_she_changes_her_mind_and_a_story_that_names_her_goes_off_line(site: Site) -> None:
    case_id, _her, page = asked(site)
    choose(site, page)
    publish(site, case_id)
    assert choose(site, page, "aucune-mention").status_code == 303
    assert state(site, case_id) == "withdrawn"
    # She has not withdrawn: her name is the authors' to take out.
    assert "Hermine" in site.ask("SELECT body_md FROM case_text WHERE case_id = $1 AND field = 'tools'", case_id)


def test_agreeing_again_leaves_it_where_it_is(site: Site) -> None:
    case_id, _her, page = asked(site)
    choose(site, page)
    publish(site, case_id)
    assert choose(site, page, expires_on="2099-12-31").status_code == 303
    assert state(site, case_id) == "published"


def test_a_wrong_link_opens_nothing(site: Site) -> None:
    asked(site)
    for token in ("x", "x" * 43, "x" * 44, "é" * 43):
        assert site.stranger.get(f"/recits/consentement/{token}").status_code == 404
        assert site.stranger.post(f"/recits/consentement/{token}/retrait", data={"leave": "y"}).status_code == 404


def test_a_new_link_takes_the_place_of_the_one_before(site: Site) -> None:
    case_id, her, page = asked(site)
    again = page_of(site, case_id, her)
    assert again != page
    assert site.stranger.get(page).status_code == 404
    assert site.stranger.get(again).status_code == 200


def test_no_table_holds_her_link(site: Site) -> None:
    _case_id, her, page = asked(site)
    token = page.rpartition("/")[2]
    assert len(site.ask("SELECT token_hash FROM case_person WHERE id = $1", her)) == 32
    assert token not in str(site.write(lambda db: db.connection.fetch("SELECT * FROM case_person")))


def test_the_link_to_hand_over_shows_to_its_maker_alone(site: Site) -> None:
    case_id, her, _page = asked(site)
    path = f"/recits/{case_id}/personnes/{her}/lien"
    assert "/recits/consentement/" in site.as_("maryse").get(path).text
    other = site.new_browser("maryse")
    assert "/recits/consentement/" not in other.get(path).text


def test_a_letter_brings_her_page(site: Site) -> None:
    case_id, her, _page = asked(site)
    path = f"/recits/{case_id}/personnes/{her}/lettre"
    assert site.as_("maryse").post(path, data={"email": "nulle part"}).status_code == 422
    assert site.as_("maryse").post(path, data={"email": "h@example.org"}).status_code == 303
    payload = site.ask("SELECT convert_from(payload, 'UTF8') FROM pgqueuer WHERE entrypoint = 'consent_asked'")
    assert "Hermine" not in payload
    assert "consentement" not in payload
    run_jobs(site, letters.consent_asked.__name__)
    letter = letter_to(site, "h@example.org")
    assert "Hermine" not in letter
    token = letter.partition("/recits/consentement/")[2][:43]
    assert site.stranger.get(f"/recits/consentement/{token}").status_code == 200
    assert site.ask("SELECT count(*) FROM case_person WHERE case_person::text LIKE '%example.org%'") == 0


def test_no_letter_leaves_once_she_has_withdrawn(site: Site) -> None:
    case_id, her, page = asked(site)
    site.as_("maryse").post(f"/recits/{case_id}/personnes/{her}/lettre", data={"email": "h@example.org"})
    leave(site, page)
    assert site.ask("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'consent_asked'") == 0


def test_letters_to_one_mailbox_are_limited(site: Site) -> None:
    case_id, her, _page = asked(site)
    path = f"/recits/{case_id}/personnes/{her}/lettre"
    answers = [site.as_("maryse").post(path, data={"email": "h@example.org"}).status_code for _ in range(4)]
    assert answers == [303, 303, 303, 422]


def test_the_authors_get_a_letter_when_it_goes_off_line(site: Site) -> None:
    case_id, _her, page = asked(site)
    choose(site, page)
    publish(site, case_id)
    leave(site, page)
    run_jobs(site, letters.story_off_line.__name__)
    run_jobs(site, letters.story_off_line_letter.__name__)
    address = site.ask("SELECT email FROM person WHERE handle = 'maryse'")
    folder = site.settings.data_dir / "letters"
    letter = "".join(file.read_text() for file in folder.glob("*.eml"))
    assert address in letter
    assert f"/recits/{case_id}/etat" in letter
    assert "Hermine" not in letter


def test_a_withdrawal_and_a_publication_at_the_same_moment_come_one_after_the_other(site: Site) -> None:
    case_id, _her, page = asked(site)
    choose(site, page)
    held, go_on = asyncio.Event(), asyncio.Event()
    portal = site.stranger.portal
    assert portal is not None

    async def holding() -> None:
        async with site.app.state.database.writing() as db:
            await db.connection.execute("SELECT FROM practice_case WHERE id = $1 FOR NO KEY UPDATE", case_id)
            held.set()
            await go_on.wait()

    async def waiting(number: int) -> None:
        while True:
            async with site.app.state.database.reading() as db:
                found = await db.connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if found >= number:
                return
            await asyncio.sleep(0.02)

    holder = portal.start_task_soon(holding)
    portal.call(held.wait)
    answers: list[Any] = []
    leaving = _later(lambda: answers.append(leave(site, page)))
    portal.call(waiting, 1)
    publishing = _later(lambda: answers.append(publish(site, case_id)))
    portal.call(waiting, 2)
    portal.call(go_on.set)
    for thread in (leaving, publishing):
        thread.join()
    holder.result()
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert state(site, case_id) == "draft"


def _later(act: Callable[[], None]) -> Thread:
    thread = Thread(target=act)
    thread.start()
    return thread
