"""Volume for measuring: the same threads and messages every time, written straight into the tables.

What is written is what the commands would have written, row for row, save that it all happens at once and
that nobody reads but one person, `READER`: some of everything, and 250 stretches of the hot thread. A few
hundred texts go through the real renderer; every message says one of them.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy import bindparam, insert, select

from maillage.auth.models import Membership, Organization, Person
from maillage.core import clock, markdown, names
from maillage.core.config import Trouble
from maillage.core.db import Base, Database, Db, Statement
from maillage.core.languages import ENGLISH, FRENCH
from maillage.forum.commands.posting import excerpt
from maillage.forum.models import Post, Space, Thread, ThreadRead
from maillage.forum.policies import CAPACITIES
from maillage.web.flood import trees, words

# Begins the handle of every person and the slug of every organization and space made here.
MARK = "volume"
READER = f"{MARK}-lecture"
HOT_TITLE = "Le fil qui ne finit jamais"
_SEED = 20_071_001
_PEOPLE, _ORGANIZATIONS, _TEXTS = 300, 40, 300
_YEARS = timedelta(days=720)
_REMOVED = 0.01
_HOT_STRETCHES = 250

_THERE = Statement(select(Space.id).where(Space.slug == MARK))
_SPACE = Statement(
    insert(Space)
    .values(
        slug=MARK,
        name={FRENCH: "Volume", ENGLISH: "Volume"},
        purpose={
            FRENCH: "Des mots qui ne veulent rien dire, pour mesurer.",
            ENGLISH: "Words that mean nothing, for measuring.",
        },
        visibility="public",
        position=1000,
        version=bindparam("version"),
        created_at=bindparam("at"),
    )
    .returning(Space.id)
)
# As every command does for the author of a message: it is read, and the thread is followed.
_OWN_READ = Statement(
    """
    INSERT INTO thread_read (person_id, thread_id, read, updated_at)
    SELECT author_id, thread_id, range_agg(int4range(seq, seq + 1)), max(created_at)
      FROM post WHERE thread_id = ANY($1::bigint[]) GROUP BY author_id, thread_id
    """,
    ("threads",),
)
_OWN_FOLLOW = Statement(
    """
    INSERT INTO follow (person_id, kind, target_id, reason, created_at, muted)
    SELECT author_id, 'thread', thread_id,
           CASE WHEN min(seq) = 1 THEN 'started' ELSE 'replied' END, min(created_at), false
      FROM post WHERE thread_id = ANY($1::bigint[]) GROUP BY author_id, thread_id
    """,
    ("threads",),
)


@dataclass(frozen=True, slots=True)
class _Text:
    source: str
    html: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class _Author:
    id: int
    organization_id: int
    relation: str


async def flood(database: Database, *, threads: int, posts: int, hot: int, say: Callable[[str], None]) -> None:
    """Write `threads` threads and `posts` posts, `hot` of them replies in one; then VACUUM, ANALYZE."""
    rng, now = random.Random(_SEED), clock.now()
    async with database.writing() as db:
        if await db.value(_THERE) is not None:
            raise Trouble("The volume is in this database already.")
        say("People and texts ...")
        texts = _rendered(rng)
        authors, reader_id = await _people(db, rng, now - _YEARS)
        say(f"{posts} posts in {threads} threads ...")
        await _conversations(db, rng, texts, authors, reader_id, threads, posts, hot, now)
    say("Statistics ...")
    async with database.pool.acquire() as connection:
        await connection.execute("VACUUM (ANALYZE)")


def _rendered(rng: random.Random) -> list[_Text]:
    nobody = markdown.References({}, {})
    texts = []
    for source in words.messages(rng, _TEXTS):
        # The sources have neither headings nor notes: nothing of them depends on the prefix.
        rendered = markdown.render(source, references=nobody, language=FRENCH, prefix="m-1-")
        texts.append(_Text(source, rendered.html, excerpt(rendered.text)))
    return texts


async def _people(db: Db, rng: random.Random, at: datetime) -> tuple[list[_Author], int]:
    """A few hundred people in some organizations, and one who reads."""
    relations = sorted(CAPACITIES)
    organizations = await new_keys(db, Organization, _ORGANIZATIONS)
    await copy(
        db,
        Organization,
        ("id", "slug", "name", "name_key", "relation", "created_at"),
        [
            (key, f"{MARK}-{n:02}", name, names.sort_key(name), relations[n % len(relations)], at)
            for n, (key, name) in enumerate(zip(organizations, words.organizations(_ORGANIZATIONS), strict=True))
        ],
    )
    keys = await new_keys(db, Person, _PEOPLE + 1)
    called = [(f"{MARK}-{n:03}", name) for n, name in enumerate(words.people(rng, _PEOPLE), 1)]
    called.append((READER, "Lise Toutlu"))
    await copy(
        db,
        Person,
        ("id", "handle", "name", "name_key", "created_at", "reading_since"),
        [(key, handle, name, names.sort_key(name), at, at) for key, (handle, name) in zip(keys, called, strict=True)],
    )
    authors = []
    for key in keys[:-1]:
        n = rng.randrange(_ORGANIZATIONS)
        authors.append(_Author(key, organizations[n], relations[n % len(relations)]))
    await copy(
        db,
        Membership,
        ("person_id", "organization_id", "started_on"),
        [(author.id, author.organization_id, at.date()) for author in authors],
    )
    return authors, keys[-1]


async def _conversations(
    db: Db,
    rng: random.Random,
    texts: Sequence[_Text],
    authors: Sequence[_Author],
    reader_id: int,
    threads: int,
    posts: int,
    hot: int,
    now: datetime,
) -> None:
    counts = (
        trees.sizes(rng, threads, posts - threads - hot)
        if threads == 1
        else [
            0,
            *trees.sizes(rng, threads - 1, posts - threads - hot),
        ]
    )
    counts[0] += hot
    titles = [HOT_TITLE, *words.titles(rng, threads - 1)]
    numbers = await new_keys(db, Thread, threads)
    thread_rows: list[tuple[Any, ...]] = []
    post_rows: list[tuple[Any, ...]] = []
    changes = 1
    for number, title, replies in zip(numbers, titles, counts, strict=True):
        began = now - _YEARS if number == numbers[0] else now - _YEARS * rng.random()
        nodes = trees.grown(rng, replies, began, now)
        spoken = [(rng.choice(authors), rng.choice(texts)) for _ in nodes]
        removed = [node.seq for node in nodes[1:] if rng.random() < _REMOVED]
        for node, (author, text) in zip(nodes, spoken, strict=True):
            gone = node.at if node.seq in removed else None
            post_rows.append(
                (
                    *(number, node.seq, node.parent_seq, node.depth, node.path),
                    *(author.id, author.relation, author.organization_id, FRENCH),
                    *(text.source, text.html, markdown.RENDER_VERSION, node.at),
                    *(gone, author.id if gone else None),
                )
            )
        (starter, first), (last_author, _) = spoken[0], spoken[-1]
        versions = replies + len(removed)
        changes += versions + 1
        thread_rows.append(
            (
                *(number, title, names.slug(title), "question", FRENCH, starter.id, began),
                *(replies + 2, replies + 1 - len(removed), nodes[-1].at, replies + 1, last_author.id),
                *([asyncpg.Range(seq, seq + 1) for seq in removed], 1 + versions, first.excerpt),
            )
        )
    space_id = await db.value(_SPACE, version=changes, at=now - _YEARS)
    await copy(
        db,
        Thread,
        (
            *("id", "title", "slug", "kind", "language", "author_id", "created_at"),
            *("next_seq", "post_count", "last_post_at", "last_seq", "last_author_id"),
            *("dead", "version", "excerpt", "space_id"),
        ),
        [(*row, space_id) for row in thread_rows],
    )
    # Keys grow with time, over all threads.
    post_rows.sort(key=lambda row: (row[12], row[0], row[1]))
    await copy(
        db,
        Post,
        (
            *("thread_id", "seq", "parent_seq", "depth", "path"),
            *("author_id", "relation", "organization_id", "language"),
            *("body_md", "body_html", "render_version", "created_at"),
            *("removed_at", "removed_by_id"),
        ),
        post_rows,
    )
    await db.run(_OWN_READ, threads=numbers)
    await db.run(_OWN_FOLLOW, threads=numbers)
    await copy(
        db,
        ThreadRead,
        ("person_id", "thread_id", "read", "updated_at"),
        [
            (reader_id, number, _read_by_somebody(rng, replies + 1), now)
            for number, replies in zip(numbers, counts, strict=True)
            # A few that she never opened.
            if number == numbers[0] or rng.random() < 0.9
        ],
    )


def _read_by_somebody(rng: random.Random, top: int) -> list[asyncpg.Range[int]]:
    """The numbers up to `top` that somebody has read who comes by now and then: stretches with gaps."""
    stretches = min(_HOT_STRETCHES, max(1, top // 20))
    edges = sorted(rng.sample(range(1, top + 2), min(2 * stretches, top + 1)))
    return [asyncpg.Range(lower, upper) for lower, upper in zip(edges[::2], edges[1::2], strict=False)]


async def new_keys(db: Db, table: type[Base], number: int) -> list[int]:
    """New keys of a table, so that rows that name each other can be copied in."""
    rows = await db.rows(_KEYS, table_name=table.__tablename__, number=number)
    return [row[0] for row in rows]


_KEYS = Statement(
    "SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2::int)",
    ("table_name", "number"),
)


async def copy(db: Db, table: type[Base], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    await db.connection.copy_records_to_table(table.__tablename__, columns=columns, records=rows)
