"""What a page costs the database: a fixed number of questions, and of blocks read, whatever there is to show."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from maillage.core.db import Db, Statement
from maillage.core.kept import KeptPages
from maillage.forum.queries import door, spaces, threads, unread
from maillage.web import flood
from tests.conftest import Site
from tests.forum import acts

SPACE = "/discussions/espaces/pratiques"
_VISIBLE = "SELECT relallvisible > 0.9 * relpages FROM pg_class WHERE relname = 'post'"


def questions(site: Site, address: str, who: str | None = None) -> int:
    """What the page costs when nothing is kept."""
    site.app.state.kept_pages = KeptPages()
    answer = (site.as_(who) if who else site.stranger).get(address)
    assert answer.status_code == 200
    return int(answer.headers["x-queries"])


def test_a_discussion_costs_the_same_however_long(site: Site) -> None:
    short = acts.path_of(site, acts.conversation(site, 1))
    long = acts.path_of(site, acts.conversation(site, *(max(1, number // 3) for number in range(1, 130))))
    for query in ("", "?ordre=date", "?page=2", "?page=3&ordre=date"):
        # Whom a message answers may have to be looked up on another page.
        assert questions(site, long + query) <= 4
        assert questions(site, long + query, "felix") <= 6
        assert questions(site, long + query, "etienne") <= 6
    assert questions(site, short) <= 4
    assert questions(site, short, "felix") <= 6


def test_a_page_that_is_kept_costs_one_look(site: Site) -> None:
    path = acts.path_of(site, acts.conversation(site, 1, 1))
    questions(site, path)
    assert site.stranger.get(path).headers["x-queries"] == "1"
    questions(site, path, "felix")
    # Who she is, and her look at the discussion.
    assert site.as_("felix").get(path).headers["x-queries"] == "2"


def test_the_list_of_a_space_costs_the_same_however_full(site: Site) -> None:
    before = {who: questions(site, SPACE, who) for who in (None, "felix")}
    for number in range(30):
        acts.start(site, title=f"Fil {number}")
    assert {who: questions(site, SPACE, who) for who in (None, "felix")} == before
    assert before[None] <= 4
    assert before["felix"] <= 6


class Recorder:
    """Notes the very statements that a page runs, with their values."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, list[Any]]] = []
        prepare = Db._prepare

        def noting(db: Db, statement: Any, given: dict[str, Any]) -> tuple[str, list[Any]]:
            sql, arguments = prepare(db, statement, given)
            self.seen.append((sql, arguments))
            return sql, arguments

        monkeypatch.setattr(Db, "_prepare", noting)


def blocks(site: Site, seen: list[tuple[str, list[Any]]]) -> int:
    """How many blocks these statements look at."""

    async def explain(db: Db) -> int:
        total = 0
        for sql, arguments in seen:
            text = await db.connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *arguments)
            plan = json.loads(text)[0]["Plan"]
            total += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return total

    return site.write(explain)


@pytest.fixture
def hot(site: Site) -> Iterator[str]:
    """The address of a discussion of 5,000 replies among 400 others."""
    database = site.app.state.database
    assert site.stranger.portal is not None

    async def fill() -> None:
        await flood.flood(database, threads=400, posts=12_000, hot=5_000, say=lambda _said: None)
        # Whatever else looks at this database for a moment, its statistics for one, can make the first
        # VACUUM leave work for another.
        async with database.pool.acquire() as connection:
            for _ in range(20):
                await connection.execute("VACUUM post")
                if await connection.fetchval(_VISIBLE):
                    return
                await asyncio.sleep(0.1)

    site.stranger.portal.call(fill)
    yield site.thread(flood.HOT_TITLE)
    # The audit reads every message of every thread: this volume has its own test, with the demonstration's.
    site.ask("TRUNCATE thread CASCADE")


def test_no_page_of_five_thousand_replies_reads_more_than_six_hundred_blocks(
    site: Site, hot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = flood.READER
    site.as_(reader)
    recorder = Recorder(monkeypatch)
    rng = random.Random(2)
    worst = {}
    for number in sorted({1, 2, 50, 99, 100, *(rng.randint(1, 100) for _ in range(4))}):
        for query in (f"?page={number}", f"?page={number}&ordre=date"):
            for who in (None, reader):
                recorder.seen.clear()
                assert questions(site, hot + query, who) <= (6 if who else 4)
                worst[query, who] = blocks(site, [(sql, given) for sql, given in recorder.seen if "SELECT" in sql])
    assert max(worst.values()) <= 600, max(worst, key=lambda key: worst[key])


def test_the_jump_to_the_first_unread_reads_no_more(site: Site, hot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    thread_id = int(hot.removeprefix("/discussions/").partition("-")[0])
    site.as_(flood.READER)
    recorder = Recorder(monkeypatch)
    site.app.state.kept_pages = KeptPages()
    answer = site.as_(flood.READER).get(f"/discussions/{thread_id}/non-lu")
    assert answer.status_code == 302
    assert blocks(site, [(sql, given) for sql, given in recorder.seen if "SELECT" in sql]) <= 600


def test_the_list_of_a_full_space_reads_no_more(site: Site, hot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site.as_(flood.READER)
    recorder = Recorder(monkeypatch)
    for who in (None, flood.READER):
        recorder.seen.clear()
        questions(site, f"/discussions/espaces/{flood.MARK}", who)
        assert blocks(site, [(sql, given) for sql, given in recorder.seen if "SELECT" in sql]) <= 600


def test_what_is_counted_here_is_what_the_pages_ask(site: Site) -> None:
    # The names that the tests above rely on without saying so.
    assert all(isinstance(each, Statement) for each in (door._LOOK, threads._HEAD, spaces._PAGE, unread._UNREAD))
