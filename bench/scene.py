"""What the flooded database holds that the workloads need: pages to ask for, people to ask as, threads to write in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench import floor
from maillage.auth import commands as auth
from maillage.auth.viewer import session_cookie
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from maillage.web import flood

_HOT_PAGE = 50
_TARGETS = 400


@dataclass(frozen=True, slots=True)
class Page:
    """One page to measure. `articles` of `mark` must be on it."""

    name: str
    path: str
    signed_in: bool
    goal: float
    mark: bytes
    articles: int
    sql: str
    arguments: tuple[Any, ...]
    # Asked for first, so that the process knows what there is before it is counted.
    before: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the flooded database holds that the workloads need."""

    pages: list[Page]
    # Cookies of the reader and of everybody who writes; the threads that they write in.
    reader: str
    writers: list[str]
    targets: list[int]


async def set_scene(database: Database, settings: Settings) -> Scene:
    """Sign everybody in and choose what to ask for. The database holds the flood."""
    async with database.writing() as db:
        people = await db.connection.fetch("SELECT id, handle FROM person ORDER BY id")
        cookies = {row["handle"]: await _cookie(db, settings, row["id"]) for row in people}
        reader = cookies.pop(flood.READER)
        pages = [*await _pages(db), *await case_pages(db)]
        targets = await db.connection.fetch(
            "SELECT id FROM thread WHERE post_count BETWEEN 10 AND 200 ORDER BY id LIMIT $1", _TARGETS
        )
    # The planner should know how many sessions there are, as it would.
    await database.pool.execute("VACUUM (ANALYZE) session")
    return Scene(pages, reader, list(cookies.values()), [row["id"] for row in targets])


async def _cookie(db: Db, settings: Settings, person_id: int) -> str:
    token = await auth.open_session(
        db, person_id=person_id, provider_id=None, device="", now=clock.now(), lifetime=timedelta(days=1)
    )
    return f"{session_cookie(settings)}={token}"


async def _pages(db: Db) -> list[Page]:
    ask = db.connection.fetchrow
    space = await ask("SELECT id FROM space WHERE slug = $1", flood.MARK)
    hot = await ask("SELECT id, slug FROM thread WHERE title = $1", flood.HOT_TITLE)
    usual = await ask(
        "SELECT thread.id, slug FROM thread JOIN thread_read ON thread_id = thread.id"
        " JOIN person ON person.id = person_id AND handle = $1"
        " WHERE post_count BETWEEN 100 AND 200 ORDER BY thread.id LIMIT 1",
        flood.READER,
    )
    assert space is not None
    assert hot is not None
    assert usual is not None
    middle = await db.connection.fetchval(
        "SELECT seq FROM post WHERE thread_id = $1 ORDER BY path OFFSET $2 LIMIT 1",
        hot["id"],
        (_HOT_PAGE - 1) * 50,
    )
    thread, deep = (f"/discussions/{row['id']}-{row['slug']}" for row in (usual, hot))
    places = (
        ("space", f"/discussions/espaces/{flood.MARK}", b'<p class="tally', 30, floor.THREADS, (space["id"],)),
        ("thread, first page", thread, b"<article ", 50, floor.POSTS, (usual["id"], 1)),
        ("middle of 5,000", f"{deep}?page={_HOT_PAGE}", b"<article ", 50, floor.POSTS, (hot["id"], middle)),
    )
    return [
        Page(f"{what}, {who}", path, who != "stranger", goal, mark, articles, sql, arguments)
        for what, path, mark, articles, sql, arguments in places
        for who, goal in (("stranger", 1.3), ("signed in", 0.35))
    ]


_FILTERS = "region=laval&region=estrie&etape=emergence&etape=mise-en-oeuvre&enjeu=logement&ecrit-en=fr-CA"


async def case_pages(db: Db) -> list[Page]:
    """A story, the list of all of them, and one that is narrowed down four ways."""
    ask = db.connection.fetchrow
    story = await ask(
        "SELECT id, slug FROM practice_case WHERE depth = 'full' AND visibility = 'public' AND source_id IS NULL"
        " ORDER BY id LIMIT 1"
    )
    assert story is not None
    rows = await db.connection.fetch(
        "SELECT id FROM practice_case WHERE state = 'published' AND visibility = 'public'"
        " ORDER BY published_at DESC LIMIT 20"
    )
    listed = ([row["id"] for row in rows],)
    places = (
        ("story", f"/recits/{story['id']}-{story['slug']}", b'<section class="told', 5, floor.STORY, (story["id"],)),
        ("stories", "/recits", b"<h3 lang=", 20, floor.STORIES, listed),
        ("stories, four filters", f"/recits?{_FILTERS}", b"<h3 lang=", 1, floor.STORIES, listed),
    )
    return [
        Page(f"{what}, {who}", path, who != "stranger", goal, mark, times, sql, arguments, before="/recits/etapes")
        for what, path, mark, times, sql, arguments in places
        # A search that few make alike is made each time.
        for who, goal in (
            ("stranger", 0.05 if "filters" in what else 1.3),
            ("signed in", 0.05 if "filters" in what else 0.35),
        )
    ]
