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
from maillage.events.commands import registering
from maillage.events.queries.shown import PER_PAGE
from maillage.web import flood

_HOT_PAGE = 50
_TARGETS = 400
# Gatherings that nobody has registered for yet, each with one date: enough for every round of both servers.
_DOORS, _SEATS = 120, 100


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
    # Gatherings to register for, with their dates, and the participants that the writers are.
    doors: list[tuple[int, int]]
    participants: list[int]


async def set_scene(database: Database, settings: Settings) -> Scene:
    """Sign everybody in and choose what to ask for. The database holds the flood."""
    async with database.writing() as db:
        people = await db.connection.fetch("SELECT id, handle FROM person ORDER BY id")
        cookies = {row["handle"]: await _cookie(db, settings, row["id"]) for row in people}
        reader = cookies.pop(flood.READER)
        pages = [*await _pages(db), *await case_pages(db), *await _gathering_pages(db)]
        targets = await db.connection.fetch(
            "SELECT id FROM thread WHERE post_count BETWEEN 10 AND 200 ORDER BY id LIMIT $1", _TARGETS
        )
        doors = [await _door(db) for _ in range(_DOORS)]
        participants = await db.connection.fetch(
            "SELECT id FROM participant WHERE person_id = ANY ($1) ORDER BY person_id",
            [row["id"] for row in people if row["handle"] != flood.READER],
        )
    # The planner should know how many sessions there are, as it would.
    await database.pool.execute("VACUUM (ANALYZE) session")
    return Scene(
        pages,
        reader,
        list(cookies.values()),
        [row["id"] for row in targets],
        doors,
        [row["id"] for row in participants],
    )


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
            ("stranger", 0.03 if "filters" in what else 0.6),
            ("signed in", 0.03 if "filters" in what else 0.35),
        )
    ]


async def _gathering_pages(db: Db) -> list[Page]:
    """The list of what is coming, and the next gathering that the reader is registered for."""
    row = await db.connection.fetchrow(
        "SELECT g.id, g.slug FROM gathering g JOIN occurrence o ON o.gathering_id = g.id"
        " JOIN registration r ON r.occurrence_id = o.id JOIN participant pa ON pa.id = r.participant_id"
        " JOIN person p ON p.id = pa.person_id AND p.handle = $1"
        " WHERE o.starts_at > now() ORDER BY o.starts_at, o.id LIMIT 1",
        flood.READER,
    )
    assert row is not None
    path = f"/rencontres/{row['id']}-{row['slug']}"
    places = (
        ("gatherings", "/rencontres", b"<h2 lang=", PER_PAGE, floor.GATHERINGS, (), 0.2, 0.2),
        ("gathering", path, b"<h1", 1, floor.GATHERING, (row["id"],), 0.8, 0.3),
    )
    return [
        Page(f"{what}, {who}", path, who != "stranger", goal, mark, articles, sql, arguments)
        for what, path, mark, articles, sql, arguments, *goals in places
        for who, goal in zip(("stranger", "registered" if what == "gathering" else "signed in"), goals, strict=True)
    ]


async def _door(db: Db) -> tuple[int, int]:
    """A gathering to come with one date, that nobody has registered for."""
    gathering_id = await db.connection.fetchval(
        "INSERT INTO gathering (title, slug, language, state, created_by_id, published_at)"
        " SELECT 'Portes ouvertes', 'portes-ouvertes', 'fr-CA', 'published', min(id), now() FROM person RETURNING id"
    )
    date_id = await db.connection.fetchval(
        "INSERT INTO occurrence (gathering_id, mode, zone) VALUES ($1, 'in-person', 'America/Toronto') RETURNING id",
        gathering_id,
    )
    await db.connection.execute(
        "INSERT INTO event_session (occurrence_id, zone, local_start, local_end) SELECT $1, 'America/Toronto',"
        " date_trunc('day', now()::timestamp) + interval '800 days 9 hours',"
        " date_trunc('day', now()::timestamp) + interval '800 days 16 hours'",
        date_id,
    )
    await registering.set_seats(db, occurrence_id=date_id, way="in-person", seats=_SEATS, now=clock.now())
    return gathering_id, date_id
