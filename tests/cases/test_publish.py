"""Publishing a story: what the gate asks, the three statements, and what follows."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from maillage.cases.commands import states
from maillage.core import clock
from maillage.core.db import Db
from tests.cases.people import in_register
from tests.cases.stories import TEXTS, story
from tests.conftest import Site

STATED = {"nobody_else": "y", "could_read": "y", "no_file": "y"}
TERMS = {"visibility": "public", "licence": "cc-by"}
WHOLE = STATED | TERMS


def publish(site: Site, case_id: int, handle: str = "maryse", **form: str) -> Any:
    return site.as_(handle).post(f"/recits/{case_id}/publier", data=WHOLE | form)


def state(site: Site, case_id: int) -> str:
    found: str = site.ask("SELECT state FROM practice_case WHERE id = $1", case_id)
    return found


def test_a_whole_story_is_published(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    before = site.ask("SELECT number FROM browsing_version")
    answer = publish(site, case_id)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/recits/{case_id}-")
    row = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT state, published_at, stated_at, revise_at, licence, browsing FROM practice_case WHERE id = $1",
            case_id,
        )
    )
    assert row is not None
    assert row["state"] == "published"
    assert row["published_at"] == row["stated_at"]
    assert row["revise_at"] - row["published_at"] == states.HOLDS_FOR
    assert row["licence"] == "cc-by"
    assert row["browsing"] == before + 1
    assert site.ask("SELECT cause FROM case_event WHERE case_id = $1 ORDER BY id DESC", case_id) == "published"


def test_the_page_says_what_is_missing(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", texts={"summary": "Une phrase."}, changed={}, terms={})
    in_register(site, case_id)
    html = site.as_("maryse").get(f"/recits/{case_id}/publier").text
    for field in ("regions", "stages", "starting_point", "what_we_did", "what_changed", "lessons"):
        assert f'href="/recits/{case_id}/ecrire/{field}"' in html
    assert "ecrire/summary" not in html
    assert f'href="/recits/{case_id}/personnes"' in html
    # Who is in the register is read there only, where every look is written down.
    assert "Gisèle" not in html


def test_nothing_is_published_while_what_changed_is_empty(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", changed={})
    answer = publish(site, case_id)
    assert answer.status_code == 409
    assert "Ce récit ne peut pas encore être publié" in answer.text
    assert state(site, case_id) == "draft"


@pytest.mark.parametrize("field", ["summary", "starting_point", "what_we_did", "lessons"])
def test_nothing_is_published_without_what_the_template_asks(site: Site, field: str) -> None:
    case_id = story(site, "maryse", state="draft")
    site.ask("UPDATE case_text SET body_md = '  ' WHERE case_id = $1 AND field = $2", case_id, field)
    assert publish(site, case_id).status_code == 409
    assert state(site, case_id) == "draft"


@pytest.mark.parametrize("taxonomy", ["region", "stage"])
def test_nothing_is_published_without_its_region_and_its_stage(site: Site, taxonomy: str) -> None:
    case_id = story(site, "maryse", state="draft")
    site.ask("DELETE FROM case_term USING term WHERE term.id = term_id AND taxonomy = $1", taxonomy)
    assert publish(site, case_id).status_code == 409
    assert state(site, case_id) == "draft"


def test_a_full_story_answers_more(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", depth="full")
    html = publish(site, case_id).text
    for field in ("period", "themes", "context", "actors", "people_concerned", "empowerment", "unexpected"):
        assert f"ecrire/{field}" in html
    assert state(site, case_id) == "draft"


@pytest.mark.parametrize("left_out", STATED)
def test_each_statement_is_ticked_each_time(site: Site, left_out: str) -> None:
    case_id = story(site, "maryse", state="draft")
    page = site.as_("maryse").get(f"/recits/{case_id}/publier").text
    assert "<input checked" not in page
    form = {name: value for name, value in WHOLE.items() if name != left_out}
    answer = site.as_("maryse").post(f"/recits/{case_id}/publier", data=form | {"licence": "cc-by-nc-sa"})
    assert answer.status_code == 422
    assert f'id="{left_out}-error"' in answer.text
    # What she chose is still chosen.
    assert 'value="cc-by-nc-sa" checked' in answer.text
    assert state(site, case_id) == "draft"


UNSETTLED: dict[str, dict[str, Any]] = {
    "has not answered": {},
    "has withdrawn and is not rewritten": {"name": "", "choice": "retire"},
    "agreed until yesterday": {"choice": "nom-complet", "expires_on": clock.now().date() - timedelta(days=2)},
    "asks for a correction": {"choice": "nom-complet", "correction": "Ce n’était pas un mardi."},
}


@pytest.mark.parametrize("who", UNSETTLED)
def test_nothing_is_published_until_everybody_in_it_is_settled(site: Site, who: str) -> None:
    case_id = story(site, "maryse", state="draft")
    key = in_register(site, case_id, **UNSETTLED[who])
    assert publish(site, case_id).status_code == 409
    assert state(site, case_id) == "draft"
    site.ask(
        "UPDATE case_person SET name = 'Gisèle Tremblay', choice = 'nom-complet', decided_at = now(), how = 'written',"
        " expires_on = NULL, correction = '' WHERE id = $1",
        key,
    )
    assert publish(site, case_id).status_code == 303


def test_nobody_is_named_who_chose_not_to_be(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", title="Le souper de GISELE  Tremblay")
    key = in_register(site, case_id, choice="fonction-seulement", shown_as="une voisine")
    answer = publish(site, case_id)
    assert answer.status_code == 409
    assert "nommée dans le texte" in answer.text
    site.ask("UPDATE case_person SET choice = 'nom-complet' WHERE id = $1", key)
    assert publish(site, case_id).status_code == 303


def test_only_an_author_publishes(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    for handle in ("felix", "etienne", "sofia"):
        assert publish(site, case_id, handle).status_code == 404
    assert site.stranger.post(f"/recits/{case_id}/publier", data=WHOLE).status_code == 404
    felix = site.ask("SELECT id FROM person WHERE handle = 'felix'")
    site.ask("INSERT INTO case_author (case_id, person_id, kind) VALUES ($1, $2, 'reader')", case_id, felix)
    assert publish(site, case_id, "felix").status_code == 403
    site.ask("UPDATE case_author SET kind = 'coauthor' WHERE person_id = $1", felix)
    assert publish(site, case_id, "felix").status_code == 303


def test_somebody_without_an_account_does_not_publish(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    site.ask(
        "INSERT INTO case_author (case_id, kind, name, token_hash, token_expires_at)"
        " VALUES ($1, 'coauthor', 'Mme B.', sha256('jeton'), now() + interval '1 day')",
        case_id,
    )
    guest = site.stranger
    guest.cookies.set(f"recit-{case_id}", "jeton", path="/recits")
    assert guest.get(f"/recits/{case_id}/etat").status_code == 200
    assert guest.get(f"/recits/{case_id}/publier").status_code == 303
    answer = guest.post(f"/recits/{case_id}/publier", data=WHOLE)
    assert answer.status_code == 403
    assert "/connexion" in answer.headers.get("location", answer.text)
    assert state(site, case_id) == "draft"


def test_the_database_refuses_what_the_code_would_let_pass(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    in_register(site, case_id)
    with pytest.raises(asyncpg.CheckViolationError):
        site.ask(
            "UPDATE practice_case SET state = 'published', published_at = now(), stated_at = now(),"
            " stated_by_id = (SELECT min(id) FROM case_author WHERE case_id = $1) WHERE id = $1",
            case_id,
        )


def test_a_publication_and_a_refusal_at_the_same_moment_come_one_after_the_other(site: Site) -> None:
    """Whichever is first, nothing is public of which somebody has just said no."""
    case_id = story(site, "maryse", state="draft")
    key = in_register(site, case_id, choice="nom-complet")
    held, browser = asyncio.Event(), site.as_("maryse")

    async def refuse(db: Db) -> None:
        await db.connection.execute("SELECT FROM practice_case WHERE id = $1 FOR NO KEY UPDATE", case_id)
        await db.connection.execute(
            "UPDATE case_person SET choice = 'retire', name = '', other_names = '' WHERE id = $1", key
        )
        held.set()
        # Long enough for the other to have asked, and to wait.
        await asyncio.sleep(0.3)

    portal = site.stranger.portal
    assert portal is not None

    async def refusal() -> None:
        async with site.app.state.database.writing() as db:
            await refuse(db)

    refusing = portal.start_task_soon(refusal)
    portal.call(held.wait)
    answer = browser.post(f"/recits/{case_id}/publier", data=WHOLE)
    refusing.result()
    assert answer.status_code == 409
    assert state(site, case_id) == "draft"


def test_two_years_later_it_is_said_to_hold(site: Site) -> None:
    case_id = story(site, "maryse", state="to_revise", days_ago=800)
    first = site.ask("SELECT published_at FROM practice_case WHERE id = $1", case_id)
    assert "Tient-il toujours?" in site.as_("maryse").get(f"/recits/{case_id}/publier").text
    assert publish(site, case_id).status_code == 303
    assert state(site, case_id) == "published"
    assert site.ask("SELECT published_at FROM practice_case WHERE id = $1", case_id) == first
    assert site.ask("SELECT revise_at > now() + interval '700 days' FROM practice_case WHERE id = $1", case_id)
    assert site.ask("SELECT cause FROM case_event WHERE case_id = $1 ORDER BY id DESC", case_id) == "revised"


def test_a_published_story_is_shared_on_other_terms(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    publish(site, case_id)
    first = site.ask("SELECT published_at FROM practice_case WHERE id = $1", case_id)
    assert site.stranger.get(f"/recits/{case_id}", follow_redirects=True).status_code == 200
    unticked = {"visibility": "members", "licence": "all-rights-reserved"}
    assert site.as_("maryse").post(f"/recits/{case_id}/publier", data=unticked).status_code == 422
    assert publish(site, case_id, visibility="members", licence="all-rights-reserved", contact="y").status_code == 303
    row = site.write(lambda db: db.connection.fetchrow("SELECT * FROM practice_case WHERE id = $1", case_id))
    assert row is not None
    assert (row["state"], row["visibility"], row["licence"]) == ("published", "members", "all-rights-reserved")
    assert row["contact"] is True
    assert row["published_at"] == first
    assert site.stranger.get(f"/recits/{case_id}").status_code == 404
    # Its discussion is for the same readers.
    assert site.stranger.get(f"/discussions/{row['thread_id']}").status_code == 404


def test_what_a_text_links_to_is_open_to_its_readers(site: Site) -> None:
    among = int(site.thread("Faut-il payer").rpartition("/")[2].partition("-")[0])
    site.ask("UPDATE thread SET space_id = (SELECT id FROM space WHERE slug = 'coulisses') WHERE id = $1", among)
    case_id = story(site, "maryse", state="draft", visibility="members", texts=TEXTS | {"tools": f"Voir #{among}."})
    tools = "SELECT body_html FROM case_text WHERE case_id = $1 AND field = 'tools'"
    assert f"/discussions/{among}" in site.ask(tools, case_id)
    assert publish(site, case_id, visibility="public").status_code == 303
    assert f"/discussions/{among}" not in site.ask(tools, case_id)
