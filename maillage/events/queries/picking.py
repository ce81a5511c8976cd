"""Questions of the forum that nobody has answered yet, and that a gathering could talk of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, exists, literal, or_, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Person
from maillage.core.db import Db, Row, Statement
from maillage.events.models import AgendaQuestion, Gathering
from maillage.events.queries.agenda import OPEN_TO_ALL
from maillage.forum.models import Post, Space, Thread
from maillage.forum.queries.spaces import UNANSWERED

PER_PAGE = 20
# What LIKE does not take as it stands.
_STEERING = re.compile(r"[\\%_]")
_Own = aliased(Gathering, name="own")
_sought = bindparam("sought", type_=Thread.title.type)
_COLUMNS: tuple[Any, ...] = (
    Thread.id,
    Thread.slug,
    Thread.title,
    Thread.language,
    Thread.excerpt,
    Thread.author_id,
    Thread.created_at,
    Space.visibility,
    Post.id.label("post_id"),
    Person.name.label("asked_by"),
)
# All readers of the gathering may read them, since its agenda is the same for all. The discussion of a gathering is
# none of them.
_PICKABLE = (
    select(*_COLUMNS)
    .select_from(Gathering)
    .join(Space, OPEN_TO_ALL)
    .join(Thread, Thread.space_id == Space.id)
    .join(Post, and_(Post.thread_id == Thread.id, Post.seq == 1, Post.removed_at.is_(None)))
    .join(Person, Person.id == Thread.author_id)
    .where(
        Gathering.id == bindparam("gathering_id"),
        UNANSWERED,
        Thread.merged_into_id.is_(None),
        ~exists(select(literal(1)).where(_Own.thread_id == Thread.id)),
        ~exists(
            select(literal(1)).where(AgendaQuestion.gathering_id == Gathering.id, AgendaQuestion.post_id == Post.id)
        ),
    )
)
_PAGE = Statement(
    _PICKABLE.where(
        Thread.id > bindparam("after", type_=Thread.id.type),
        or_(Thread.title.ilike(_sought, escape="\\"), Thread.excerpt.ilike(_sought, escape="\\")),
    )
    .order_by(Thread.id)
    .limit(PER_PAGE + 1)
)
_ONE = Statement(_PICKABLE.where(Thread.id == bindparam("thread_id")))


@dataclass(frozen=True, slots=True)
class Pickable:
    """A page of them, the ones that have waited longest first; `after` is the key of the next page."""

    rows: Sequence[Row]
    after: int | None


async def pickable(db: Db, gathering_id: int, *, word: str, after: int) -> Pickable:
    """Those whose title or beginning has this word in it; all of them without one."""
    plain = _STEERING.sub(lambda found: "\\" + found[0], word)
    rows = await db.rows(_PAGE, gathering_id=gathering_id, sought=f"%{plain}%", after=after)
    more = len(rows) > PER_PAGE
    return Pickable(rows[:PER_PAGE], rows[PER_PAGE - 1]["id"] if more else None)


async def one(db: Db, gathering_id: int, thread_id: int) -> Row | None:
    """This one, while it can be picked."""
    return await db.row(_ONE, gathering_id=gathering_id, thread_id=thread_id)
