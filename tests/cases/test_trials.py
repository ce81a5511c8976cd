"""« On l’a essayé aussi »: a small story linked to the one that was tried, and counted with it."""

import re
from typing import Any

import pytest

from maillage.cases.commands.holding import say_to_lists
from maillage.core.db import Db
from tests.cases.stories import story
from tests.cases.test_story_page import path_of, read, run
from tests.conftest import Site

pytestmark = pytest.mark.usefixtures("no_stories")

FORM = {
    "outcome": "different",
    "region": "cote-nord",
    "adapted": "Nous avons gardé la cuisine, pas le souper.",
    "what_happened": "Neuf personnes sont revenues, *dont trois nouvelles*.",
    "title": "Une cuisine au Nord",
    "nobody_else": "y",
    "could_read": "y",
    "no_file": "y",
}


def try_it(site: Site, source: int, /, who: str = "josee", **changed: Any) -> Any:
    form = {name: value for name, value in (FORM | changed).items() if value is not None}
    return site.as_(who).post(f"/recits/{source}/essais/nouveau", data=form)


def with_discussion(site: Site, number: int) -> int:
    thread = site.ask(
        "SELECT thread.id FROM thread JOIN space ON space.id = space_id"
        " WHERE visibility = 'public' AND merged_into_id IS NULL AND locked_at IS NULL LIMIT 1"
    )
    run(site, "UPDATE practice_case SET thread_id = $2 WHERE id = $1", number, thread)
    return int(thread)


def test_a_trial_is_published_at_once_and_its_source_says_so(site: Site) -> None:
    source = story(site, "maryse")
    before = site.stranger.get("/recits").text
    assert "Une cuisine au Nord" not in before
    answer = try_it(site, source)
    assert answer.status_code == 303
    number = int(answer.headers["location"].rpartition("/")[2])
    page = read(site, number).text
    assert "neuf personnes" in page.lower()
    assert "<em>dont trois nouvelles</em>" in page
    assert f'href="{path_of(site, source)}"' in page
    shown = read(site, source).text
    assert "Essayé 1 fois" in shown
    assert "1 fois avec effet" in shown
    assert f'href="{path_of(site, number)}"' in shown
    assert "Une cuisine au Nord" in site.stranger.get("/recits").text
    assert "Une cuisine au Nord" in site.stranger.get("/recits?region=cote-nord").text
    assert site.ask("SELECT state FROM practice_case WHERE id = $1", number) == "published"
    assert site.ask("SELECT stated_at IS NOT NULL FROM practice_case WHERE id = $1", number)


def test_it_is_said_in_the_discussion_of_the_source(site: Site) -> None:
    source = story(site, "maryse")
    thread = with_discussion(site, source)
    number = int(try_it(site, source).headers["location"].rpartition("/")[2])
    last = site.ask("SELECT body_md FROM post WHERE thread_id = $1 ORDER BY seq DESC LIMIT 1", thread)
    assert "Une cuisine au Nord" in last
    assert path_of(site, number) in last
    assert "Neuf personnes" in last


def test_a_locked_discussion_stays_quiet_and_the_trial_is_told(site: Site) -> None:
    source = story(site, "maryse")
    thread = with_discussion(site, source)
    run(site, "UPDATE thread SET locked_at = now() WHERE id = $1", thread)
    before = site.ask("SELECT count(*) FROM post WHERE thread_id = $1", thread)
    assert try_it(site, source).status_code == 303
    assert site.ask("SELECT count(*) FROM post WHERE thread_id = $1", thread) == before


def test_without_the_three_statements_nothing_is_published_and_nothing_is_lost(site: Site) -> None:
    source = story(site, "maryse")
    for missing in ("nobody_else", "could_read", "no_file", "outcome", "region", "adapted", "what_happened"):
        without: dict[str, Any] = {missing: None}
        answer = try_it(site, source, **without)
        assert answer.status_code == 422
        assert f'id="{missing}-error"' in answer.text
        if missing != "what_happened":
            assert "Neuf personnes sont revenues" in answer.text
    for nonsense in ({"outcome": "parfait"}, {"region": "atlantide"}, {"title": "x" * 201}):
        assert try_it(site, source, **nonsense).status_code == 422
    assert site.ask("SELECT count(*) FROM practice_case") == 1


def test_a_draft_waits_for_its_statements(site: Site) -> None:
    source = story(site, "maryse")
    # The browser asks for the boxes too: it must let this button pass.
    form = site.as_("josee").get(f"/recits/{source}/essais/nouveau").text
    assert '<button class="button second" name="draft" value="y" formnovalidate>' in form
    answer = try_it(site, source, draft="y", nobody_else=None, could_read=None, no_file=None, region=None, adapted=None)
    assert answer.status_code == 303
    number = site.ask("SELECT max(id) FROM practice_case")
    assert answer.headers["location"] == f"/recits/{number}/ecrire"
    assert site.ask("SELECT state FROM practice_case WHERE id = $1", number) == "draft"
    assert read(site, number).status_code == 404
    assert "Une cuisine au Nord" not in read(site, source).text


def test_the_same_form_sent_twice_is_one_trial(site: Site) -> None:
    source = story(site, "maryse")
    key = re.search(
        r'name="request_key" value="([^"]+)"', site.as_("josee").get(f"/recits/{source}/essais/nouveau").text
    )
    assert key
    answers = [try_it(site, source, request_key=key[1]) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert site.ask("SELECT count(*) FROM practice_case") == 2


def test_without_a_title_it_takes_up_that_of_its_source(site: Site) -> None:
    source = story(site, "maryse", title="x" * 200)
    assert try_it(site, source, title="").status_code == 303
    title = site.ask("SELECT title FROM practice_case WHERE source_id = $1", source)
    assert title.startswith("Essayé ici")
    assert len(title) == 200


def test_only_what_she_may_read_and_is_published_can_be_tried(site: Site) -> None:
    assert site.stranger.get(f"/recits/{story(site, 'maryse')}/essais/nouveau").status_code == 303
    draft = story(site, "maryse", state="draft")
    assert try_it(site, draft).status_code == 404
    assert try_it(site, draft, who="maryse").status_code == 403
    assert try_it(site, 999).status_code == 404


def test_a_trial_of_a_story_for_members_is_for_members(site: Site) -> None:
    source = story(site, "maryse", visibility="members")
    number = int(try_it(site, source).headers["location"].rpartition("/")[2])
    assert read(site, number).status_code == 404
    assert read(site, number, "felix").status_code == 200


def test_the_source_counts_each_trial_by_what_came_of_it(site: Site) -> None:
    source = story(site, "maryse")
    for outcome in ("same", "different", "same", "did-not-work"):
        assert try_it(site, source, outcome=outcome, title=f"Essai {outcome}").status_code == 303
    shown = read(site, source).text
    assert "Essayé 4 fois" in shown
    assert "3 fois avec effet" in shown
    assert shown.count("Essai same") == 2


def test_chains_stop_at_what_they_have_seen_and_at_six(site: Site) -> None:
    numbers = [story(site, "maryse", title="Récit 0")]
    for number in range(1, 10):
        numbers.append(story(site, "maryse", title=f"Récit {number}", source_id=numbers[-1], outcome="same"))
    shown = read(site, numbers[-1]).text
    above = shown[shown.index('class="tried-from"') : shown.index("story-grid")]
    assert re.findall(r"Récit \d", above) == [f"Récit {number}" for number in (8, 7, 6, 5, 4, 3)]

    async def loop(db: Db) -> None:
        await db.connection.execute(
            "UPDATE practice_case SET source_id = $2, outcome = 'same' WHERE id = $1", numbers[0], numbers[1]
        )
        await say_to_lists(db, case_id=numbers[0])

    site.write(loop)
    shown = read(site, numbers[1]).text
    above = shown[shown.index('class="tried-from"') : shown.index("story-grid")]
    assert re.findall(r"Récit \d", above) == ["Récit 0"]
    assert read(site, numbers[0]).status_code == 200


def test_a_chain_ends_at_what_not_all_of_its_readers_may_read(site: Site) -> None:
    first = story(site, "maryse", title="Le tout premier")
    hidden = story(site, "maryse", title="Entre nous", visibility="members", source_id=first, outcome="same")
    last = story(site, "maryse", title="Le dernier", source_id=hidden, outcome="same")
    shown = read(site, last, "felix").text
    assert "Entre nous" not in shown
    assert "Le tout premier" not in shown
    assert "Entre nous" not in read(site, first, "felix").text
