"""Somebody withdraws from a story that was tried elsewhere: what was tried, and what it was tried from, name her no
more either."""

import asyncio

import pytest

from maillage.cases.commands import consenting
from maillage.core import clock
from maillage.core.db import Database, Db
from tests.cases.people import leave, page_of, write_down
from tests.cases.stories import TEXTS, story
from tests.cases.test_discussion import thread_of
from tests.cases.test_publish import publish, state
from tests.cases.test_states import told
from tests.cases.test_withdrawal import plain
from tests.cases.writing import opened
from tests.conftest import Site

NAME = "Hermine Vaugeois"


def says(site: Site, case_id: int) -> str:
    """All that a story says and keeps, its title and address too."""
    tables = ("case_text", "case_revision", "case_draft", "case_remark", "case_actor", "case_event", "case_author")
    parts = [site.ask("SELECT to_jsonb(c)::text FROM practice_case AS c WHERE id = $1", case_id)]
    for table in tables:
        sql = f"SELECT jsonb_agg(t)::text FROM {table} AS t WHERE case_id = $1"  # noqa: S608 — names of tables
        parts.append(site.ask(sql, case_id) or "")
    return plain(" ".join(parts))


@pytest.fixture
def source(site: Site) -> int:
    """A story that names her, published, with its discussion."""
    case_id = story(site, "maryse", state="draft", title=f"Chez {NAME}", texts=TEXTS | {"tools": f"{NAME} cuisine."})
    write_down(site, case_id, name=NAME, choice="nom-complet", quotes="Jamais plus.")
    assert publish(site, case_id).status_code == 303
    return case_id


def tried(site: Site, source: int, handle: str = "josee", **more: str) -> int:
    return story(
        site,
        handle,
        depth="trial",
        source_id=source,
        outcome="same",
        title=more.pop("title", f"Essayé ici : Chez {NAME}"),
        texts={"adapted": f"Comme {NAME} l’avait dit : « Jamais plus. »", "what_happened": "Hermine est venue."} | more,
        changed={},
        locality="La cuisine d’Hermine",
    )


def her_page(site: Site, case_id: int) -> str:
    her = site.ask("SELECT id FROM case_person WHERE case_id = $1 AND name = $2", case_id, NAME)
    return page_of(site, case_id, her, site.ask(OWNER, case_id))


OWNER = "SELECT handle FROM person JOIN practice_case ON created_by_id = person.id WHERE practice_case.id = $1"


def test_a_trial_of_her_story_names_her_no_more(site: Site, source: int) -> None:
    trial = tried(site, source)
    author = site.ask("SELECT min(id) FROM case_author WHERE case_id = $1", trial)
    site.ask(
        "INSERT INTO case_revision (case_id, field, body, replaced_by_id) VALUES ($1, 'adapted', $2, $3)",
        *(trial, f"Avant, {NAME}.", author),
    )
    site.ask(
        "INSERT INTO case_draft (case_id, author_id, section, sequence, fields) VALUES ($1, $2, 'adapted', 1, $3)",
        *(trial, author, {"adapted": ["Hermine dit"]}),
    )
    assert "vaugeois" in says(site, trial)
    looks = "SELECT ARRAY[browsing, version] FROM practice_case WHERE id = $1"
    number, version = site.ask(looks, trial)
    kept = site.stranger.get(f"/recits/{trial}", follow_redirects=True)
    assert "Vaugeois" in kept.text
    leave(site, her_page(site, source))
    assert not [word for word in ("hermine", "vaugeois", "jamais plus") if word in says(site, trial)]
    assert site.ask("SELECT title FROM practice_case WHERE id = $1", trial) == "Essayé ici : Chez […]"
    # It stays on line; what readers and lists kept of it is renewed.
    assert state(site, trial) == "published"
    number_now, version_now = site.ask(looks, trial)
    assert number_now > number
    assert version_now > version
    shown = site.stranger.get(f"/recits/{trial}", follow_redirects=True).text
    assert "Vaugeois" not in shown
    assert "Vaugeois" not in site.stranger.get("/recits").text


def test_its_authors_are_told_without_the_name(site: Site, source: int) -> None:
    trial, silent = (
        tried(site, source),
        tried(site, source, "felix", title="Chez nous", adapted="Oui.", what_happened="Non."),
    )
    site.ask("UPDATE practice_case SET locality = '' WHERE id = $1", silent)
    leave(site, her_page(site, source))
    assert told(site, "linked-name-taken-out", trial) == {"josee"}
    assert told(site, "linked-name-taken-out", silent) == set()
    page = site.as_("josee").get("/moi/avis").text
    assert "une personne d’un récit lié" in page
    assert "Vaugeois" not in page


def test_what_her_story_was_tried_from_names_her_no_more(site: Site) -> None:
    source = story(site, "maryse", state="draft", texts=TEXTS | {"tools": f"Demander à {NAME}."})
    assert publish(site, source).status_code == 303
    trial = tried(site, source)
    talk = f"/discussions/{thread_of(site, source)['id']}"
    assert site.as_("felix").post(f"{talk}/repondre", data={"body": f"{NAME}!", "parent": "1"}).status_code == 303
    write_down(site, trial, "josee", name=NAME, choice="nom-complet")
    leave(site, her_page(site, trial))
    assert "vaugeois" not in says(site, source)
    said = site.ask(
        "SELECT string_agg(body_md || body_html, ' ') FROM post WHERE thread_id = $1", thread_of(site, source)["id"]
    )
    assert "Vaugeois" not in said
    assert state(site, source) == "published"
    assert told(site, "linked-name-taken-out", source) == {"maryse"}


def test_where_she_agreed_to_be_she_stays(site: Site, source: int) -> None:
    trial, hers = tried(site, source), tried(site, source, "felix")
    write_down(site, trial, "josee", name=NAME, choice="nom-complet")
    site.ask("INSERT INTO case_author (case_id, kind, name) VALUES ($1, 'coauthor', $2)", hers, NAME)
    leave(site, her_page(site, source))
    assert "vaugeois" in says(site, trial)
    assert "vaugeois" in says(site, hers)


def test_a_name_that_others_share_there_stays_theirs(site: Site, source: int) -> None:
    trial = tried(site, source, adapted="Hermine Roy et Hermine Vaugeois.")
    write_down(site, trial, "josee", name="Hermine Roy", choice="nom-complet")
    leave(site, her_page(site, source))
    body = site.ask("SELECT body_md FROM case_text WHERE case_id = $1 AND field = 'adapted'", trial)
    assert body == "Hermine Roy et […]."


def test_few_words_are_hers_only_where_they_are_quoted(site: Site) -> None:
    says = 'Elle a dit : « Jamais plus! »\n\n> *Jamais plus.*\n\nOn ne l’a jamais plus revue; "jamais plus", dit-elle.'
    case_id = story(site, "maryse", texts=TEXTS | {"tools": says})
    her = write_down(site, case_id, name=NAME, choice="nom-complet", quotes="Jamais plus.")
    leave(site, page_of(site, case_id, her))
    body = site.ask("SELECT body_md FROM case_text WHERE case_id = $1 AND field = 'tools'", case_id)
    assert body == 'Elle a dit : « […]! »\n\n> *[…].*\n\nOn ne l’a jamais plus revue; "[…]", dit-elle.'


def test_a_discussion_that_another_took_the_place_of_names_her_no_more(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", title=f"Chez {NAME}", visibility="members")
    write_down(site, case_id, name=NAME, choice="nom-complet")
    assert publish(site, case_id, visibility="members").status_code == 303
    among_members = thread_of(site, case_id)["id"]
    assert publish(site, case_id).status_code == 303
    assert thread_of(site, case_id)["id"] != among_members
    leave(site, her_page(site, case_id))
    assert "Vaugeois" not in site.ask("SELECT title FROM thread WHERE id = $1", among_members)


def test_letters_of_a_trial_that_wait_do_not_name_her(site: Site, source: int) -> None:
    trial = tried(site, source)
    site.ask(
        "INSERT INTO pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'queued', 'send_letter', $1)",
        f'{{"case_id": {trial}, "text": "{NAME}"}}'.encode(),
    )
    leave(site, her_page(site, source))
    assert "Vaugeois" not in site.ask("SELECT string_agg(convert_from(payload, 'UTF8'), ' ') FROM pgqueuer")


def test_two_who_withdraw_at_once_wait_for_one_another(site: Site, source: int) -> None:
    trial = tried(site, source)
    write_down(site, trial, "josee", name="Roland Dubois", choice="nom-complet")
    keys = {
        case_id: site.ask("SELECT min(id) FROM case_person WHERE case_id = $1", case_id) for case_id in (source, trial)
    }
    database: Database = site.app.state.database

    async def withdraw(case_id: int) -> None:
        async with database.writing() as db:
            await consenting.withdraw_for(db, case_id=case_id, person_id=keys[case_id], more=[], now=clock.now())

    async def free(db: Db, case_id: int) -> bool:
        sql = "SELECT id FROM practice_case WHERE id = $1 FOR UPDATE SKIP LOCKED"
        return await db.connection.fetchval(sql, case_id) is not None

    async def both() -> bool:
        async with database.writing() as holding:
            assert await free(holding, source)
            first = asyncio.create_task(withdraw(trial))
            async with database.reading() as looking:
                activity = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                waiting = f"{activity} AND wait_event_type = 'Lock'"
                while not await looking.connection.fetchval(waiting):  # noqa: ASYNC110 — another connection waits
                    await asyncio.sleep(0.01)
            # Whoever waits for the first story does not have the second already.
            async with database.writing() as looking:
                taken_in_order = await free(looking, trial)
        await asyncio.gather(first, withdraw(source))
        return taken_in_order

    assert site.stranger.portal is not None
    assert site.stranger.portal.call(both)
    assert site.ask("SELECT count(*) FROM case_person WHERE id = ANY($1) AND choice = 'retire'", [*keys.values()]) == 2


def test_a_form_opened_before_does_not_bring_the_name_back(site: Site, source: int) -> None:
    trial = tried(site, source)
    browser, path = site.as_("josee"), f"/recits/{trial}/ecrire/adapted"
    carried = opened(site, browser, trial, "adapted")
    leave(site, her_page(site, source))
    form = carried | {"adapted": f"Comme {NAME} l’avait dit, encore."}
    draft = form | {"section": "adapted", "sequence": "99"}
    assert browser.post(f"/recits/{trial}/brouillon", data=draft).status_code == 409
    answer = browser.post(path, data=form)
    assert answer.status_code == 409
    assert "consentement" in answer.text
    assert "vaugeois" not in says(site, trial)
    # What she writes after she was told is hers to answer for.
    form = opened(site, browser, trial, "adapted") | {"adapted": "Comme on nous l’avait dit."}
    assert browser.post(path, data=form).status_code == 303
