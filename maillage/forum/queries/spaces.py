"""Spaces and the lists of their threads, page by page from a key, whatever the number of threads."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, literal_column, select, true, tuple_
from sqlalchemy.orm import aliased

from maillage.auth.models import Organization, Person
from maillage.auth.viewer import Viewer, Who
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere
from maillage.core.models import SiteEpoch
from maillage.forum.models import Post, Space, SpaceMember, Thread
from maillage.forum.policies import Place, may_read, readable
from maillage.forum.queries.door import thread_path
from maillage.forum.queries.shown import SpaceHead
from maillage.notices.models import Follow

THREADS_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class SpaceLook:
    """The one look at a space that every request takes."""

    head: SpaceHead
    version: tuple[int, int]
    place: Place
    follows: bool
    # The next moment at which time alone changes the list: a pin runs out.
    changes_at: datetime | None


_me = bindparam("person_id", type_=Person.id.type)
_EPOCH = select(SiteEpoch.number).scalar_subquery()
_next_unpin = (
    select(func.min(Thread.pinned_until))
    .where(Thread.space_id == Space.id, Thread.pinned_until > func.now())
    .correlate(Space)
    .scalar_subquery()
)
_LOOK = Statement(
    select(
        Space.id,
        Space.slug,
        Space.name,
        Space.purpose,
        Space.visibility,
        Space.version,
        _EPOCH.label("epoch"),
        _next_unpin.label("changes_at"),
        SpaceMember.role,
        Follow.id.is_not(None).label("follows"),
    )
    .outerjoin(SpaceMember, and_(SpaceMember.space_id == Space.id, SpaceMember.person_id == _me))
    .outerjoin(
        Follow,
        and_(Follow.person_id == _me, Follow.kind == "space", Follow.target_id == Space.id, ~Follow.muted),
    )
    .where(Space.slug == bindparam("slug"))
)


async def look(db: Db, who: Who, slug: str) -> SpaceLook:
    """The door to a space. Raises `NotHere` when it is absent or not this person's to read."""
    row = await db.row(_LOOK, slug=slug, person_id=who.id if who else 0)
    if row is None:
        raise NotHere
    place = Place(row["id"], row["visibility"], row["role"])
    if not may_read(who, place):
        raise NotHere
    head = SpaceHead(row["id"], row["slug"], row["name"], row["purpose"], row["visibility"])
    return SpaceLook(head, (row["version"], row["epoch"]), place, row["follows"], row["changes_at"])


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread in a list, the same for every reader."""

    id: int
    slug: str
    title: str
    language: str
    kind: str
    author_name: str
    organization_name: str | None
    created_at: datetime
    last_post_at: datetime
    last_author_name: str | None
    post_count: int
    locked: bool
    pinned: bool
    helped: bool
    excerpt: str

    @property
    def path(self) -> str:
        return thread_path(self.id, self.slug)


@dataclass(frozen=True, slots=True)
class SpacePage:
    space: SpaceHead
    pinned: list[ThreadRow]
    threads: list[ThreadRow]
    older_path: str | None
    newer_path: str | None


_Last = aliased(Person, name="last_author")
_First = aliased(Post, name="first_post")
_is_pinned = func.coalesce(Thread.pinned_until > func.now(), False)
# Written out, not passed along: the planner must see that the index of listed threads serves.
_LISTED = and_(Thread.post_count > literal_column("0"), Thread.merged_into_id.is_(None))


def _thread_rows(inner: Any) -> Any:
    """The rows of a list, from a sub-select that has already been limited."""
    key = inner.subquery("listed")
    return (
        select(
            Thread.id,
            Thread.slug,
            Thread.title,
            Thread.language,
            Thread.kind,
            Person.name.label("author_name"),
            Organization.name.label("organization_name"),
            Thread.created_at,
            Thread.last_post_at,
            _Last.name.label("last_author_name"),
            Thread.post_count,
            Thread.locked_at.is_not(None).label("locked"),
            _is_pinned.label("pinned"),
            Thread.helped_at.is_not(None).label("helped"),
            # Of a first message that was removed, nothing more is said.
            case((_First.removed_at.is_(None), Thread.excerpt), else_=literal_column("''")).label("excerpt"),
        )
        .join(key, key.c.id == Thread.id)
        .join(Person, Person.id == Thread.author_id)
        .outerjoin(_First, and_(_First.thread_id == Thread.id, _First.seq == 1))
        .outerjoin(Organization, Organization.id == _First.organization_id)
        .outerjoin(_Last, _Last.id == Thread.last_author_id)
    )


_PINNED = Statement(
    _thread_rows(
        select(Thread.id).where(Thread.space_id == bindparam("space_id"), Thread.pinned_until > func.now(), _LISTED)
    ).order_by(Thread.pinned_until.desc(), Thread.id.desc())
)
_PAGE = Statement(
    _thread_rows(
        select(Thread.id)
        .where(
            Thread.space_id == bindparam("space_id"),
            _LISTED,
            ~_is_pinned,
            tuple_(Thread.last_post_at, Thread.id)
            < tuple_(
                bindparam("before_at", type_=Thread.last_post_at.type),
                bindparam("before_id", type_=Thread.id.type),
            ),
        )
        .order_by(Thread.last_post_at.desc(), Thread.id.desc())
        .limit(THREADS_A_PAGE + 1)
    ).order_by(Thread.last_post_at.desc(), Thread.id.desc())
)
_END = (datetime(9999, 1, 1, tzinfo=UTC), 2**62)


async def space_page(db: Db, space: SpaceHead, after: str) -> SpacePage:
    """A page of a space's threads: the pinned first, then by last activity. `after` is a page key."""
    at, before_id = _END if not after else key_of(after)
    pinned = [] if after else await db.rows(_PINNED, space_id=space.id)
    rows = await db.rows(_PAGE, space_id=space.id, before_at=at, before_id=before_id)
    more = len(rows) > THREADS_A_PAGE
    rows = rows[:THREADS_A_PAGE]
    return SpacePage(
        space,
        [ThreadRow(*row) for row in pinned],
        [ThreadRow(*row) for row in rows],
        f"{space.path}?apres={page_key(rows[-1])}" if more else None,
        space.path if after else None,
    )


_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
# Nothing else: the key goes into the page's validator, and each spelling of it would be kept apart.
_KEY = re.compile("(0|[1-9][0-9]{0,17})-([1-9][0-9]{0,17})", re.ASCII)


def page_key(row: Row) -> str:
    """The key of the page after this row: last activity in µs since 1970, and the thread's number."""
    microseconds = (row["last_post_at"] - _ORIGIN) // (datetime.resolution)
    return f"{microseconds}-{row['id']}"


def key_of(key: str) -> tuple[datetime, int]:
    """Read a page key back. Nonsense is a page that is not there."""
    if (given := _KEY.fullmatch(key)) is None:
        raise NotHere
    try:
        return _ORIGIN + int(given[1]) * datetime.resolution, int(given[2])
    except OverflowError:
        raise NotHere from None


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A space in the list of spaces."""

    space: SpaceHead
    thread_count: int
    post_count: int
    last_post_at: datetime | None
    last_title: str | None
    last_language: str | None
    last_path: str | None


def _space_rows(stranger: bool) -> Statement:
    last = (
        select(Thread.id, Thread.title, Thread.slug, Thread.language, Thread.last_post_at)
        .where(Thread.space_id == Space.id, _LISTED)
        .order_by(Thread.last_post_at.desc(), Thread.id.desc())
        .limit(1)
        .correlate(Space)
        .lateral("last")
    )
    counts = (
        select(func.count().label("threads"), func.coalesce(func.sum(Thread.post_count), 0).label("posts"))
        .where(Thread.space_id == Space.id, _LISTED)
        .correlate(Space)
        .lateral("counts")
    )
    return Statement(
        select(
            Space.id,
            Space.slug,
            Space.name,
            Space.purpose,
            Space.visibility,
            counts.c.threads,
            counts.c.posts,
            last.c.last_post_at,
            last.c.title,
            last.c.language,
            last.c.id.label("last_id"),
            last.c.slug.label("last_slug"),
        )
        .select_from(Space)
        .outerjoin(last, true())
        .join(counts, true())
        .where(readable(None if stranger else bindparam("person_id", type_=Person.id.type)))
        .order_by(Space.position, Space.id)
    )


_SPACES_OF_STRANGER, _SPACES_OF_READER = _space_rows(stranger=True), _space_rows(stranger=False)


async def space_rows(db: Db, who: Who) -> list[SpaceRow]:
    """The spaces that this person may read, in their order, with what is going on in each."""
    rows = await (db.rows(_SPACES_OF_READER, person_id=who.id) if who else db.rows(_SPACES_OF_STRANGER))
    return [
        SpaceRow(
            SpaceHead(row["id"], row["slug"], row["name"], row["purpose"], row["visibility"]),
            row["threads"],
            row["posts"],
            row["last_post_at"],
            row["title"],
            row["language"],
            thread_path(row["last_id"], row["last_slug"]) if row["last_id"] else None,
        )
        for row in rows
    ]


def _list_of(where: Any, limit: int, stranger: bool, oldest_first: bool = False) -> Statement:
    """The latest threads over all the spaces that somebody may read."""
    spaces = select(Space.id).where(readable(None if stranger else bindparam("person_id", type_=Person.id.type)))
    order = (Thread.created_at, Thread.id) if oldest_first else (Thread.last_post_at.desc(), Thread.id.desc())
    return Statement(
        _thread_rows(
            select(Thread.id).where(Thread.space_id.in_(spaces), _LISTED, where).order_by(*order).limit(limit)
        ).order_by(*order)
    )


# A question that waits for a first reply.
UNANSWERED = and_(Thread.kind == "question", Thread.post_count == 1, Thread.locked_at.is_(None))
_RECENT = {stranger: _list_of(true(), 8, stranger) for stranger in (True, False)}
_UNANSWERED = {stranger: _list_of(UNANSWERED, 5, stranger, oldest_first=True) for stranger in (True, False)}


async def recent_threads(db: Db, who: Who) -> list[ThreadRow]:
    """What is being discussed now, wherever this person may read."""
    rows = await (db.rows(_RECENT[False], person_id=who.id) if who else db.rows(_RECENT[True]))
    return [ThreadRow(*row) for row in rows]


async def unanswered_questions(db: Db, who: Who) -> list[ThreadRow]:
    """Questions that wait for a first reply, the oldest first."""
    rows = await (db.rows(_UNANSWERED[False], person_id=who.id) if who else db.rows(_UNANSWERED[True]))
    return [ThreadRow(*row) for row in rows]


# What the front page and the list of spaces are kept by: any change in any public space, and the next moment at
# which time alone changes something.
_next_public_unpin = (
    select(func.min(Thread.pinned_until))
    .join(Space, Space.id == Thread.space_id)
    .where(Space.visibility == "public", Thread.pinned_until > func.now())
    .correlate(None)
    .scalar_subquery()
)
_PUBLIC_VERSION = Statement(
    select(func.sum(Space.version), _EPOCH, _next_public_unpin).where(Space.visibility == "public")
)


async def public_version(db: Db) -> tuple[int, int, datetime | None]:
    row = await db.row(_PUBLIC_VERSION)
    return (int(row[0] or 0), row[1], row[2]) if row else (0, 0, None)


_DOORS = Statement(
    select(Space.id, Space.slug, Space.name, Space.purpose, Space.visibility)
    .where(readable(bindparam("person_id", type_=Person.id.type)))
    .order_by(Space.position, Space.id)
)


async def spaces_to_write_in(db: Db, who: Viewer) -> list[SpaceHead]:
    """The spaces that a new thread may go to."""
    return [SpaceHead(*row) for row in await db.rows(_DOORS, person_id=who.id)]
