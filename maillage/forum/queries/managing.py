"""What a facilitator needs to see of a thread before acting on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, bindparam, func, select

from maillage.auth.models import Person
from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.forum.models import Post, Space, Thread
from maillage.forum.policies import tended
from maillage.forum.queries.shown import SpaceHead


@dataclass(frozen=True, slots=True)
class ManagedThread:
    id: int
    title: str
    language: str
    locked_at: datetime | None
    # Until when it is on top of its space; None once that is past.
    pinned_until: datetime | None
    summary_md: str | None
    summary_language: str | None
    summary_covers: int | None
    last_seq: int


_last = (
    select(func.max(Post.seq))
    .where(Post.thread_id == Thread.id, Post.event.is_(None))
    .correlate(Thread)
    .scalar_subquery()
)
_MANAGED = Statement(
    select(
        Thread.id,
        Thread.title,
        Thread.language,
        Thread.locked_at,
        func.nullif(func.greatest(Thread.pinned_until, func.now()), func.now()),
        Thread.summary_md,
        Thread.summary_language,
        Thread.summary_covers,
        _last,
    ).where(Thread.id == bindparam("thread_id"))
)
_DOORS = Statement(
    select(Space.id, Space.slug, Space.name, Space.purpose, Space.visibility)
    .where(tended(bindparam("person_id", type_=Person.id.type), bindparam("moderates", type_=Boolean())))
    .order_by(Space.position, Space.id)
)


async def managed_thread(db: Db, thread_id: int) -> ManagedThread:
    row = await db.row(_MANAGED, thread_id=thread_id)
    if row is None:
        raise NotHere
    return ManagedThread(*row)


async def spaces_to_tend(db: Db, who: Viewer) -> list[SpaceHead]:
    """The spaces that this person looks after: where a thread may be moved."""
    rows = await db.rows(_DOORS, person_id=who.id, moderates=who.moderates)
    return [SpaceHead(*row) for row in rows]
