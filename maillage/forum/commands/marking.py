"""What a person has read."""

from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE, insert

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.forum.models import Thread, ThreadRead
from maillage.forum.queries.shape import Ranges

_whole = func.int4multirange(func.int4range(1, Thread.next_seq))


def _mark(where: ColumnElement[bool], what: ColumnElement[Any]) -> Statement:
    row = insert(ThreadRead).from_select(
        ["person_id", "thread_id", "read", "updated_at"],
        select(
            bindparam("person_id", type_=ThreadRead.person_id.type),
            Thread.id,
            what,
            bindparam("now", type_=ThreadRead.updated_at.type),
        )
        .where(where)
        .order_by(Thread.id),
    )
    return Statement(
        row.on_conflict_do_update(
            index_elements=[ThreadRead.person_id, ThreadRead.thread_id],
            set_={"read": ThreadRead.read.op("+")(row.excluded.read), "updated_at": row.excluded.updated_at},
        )
    )


_one_thread = Thread.id == bindparam("thread_id", type_=Thread.id.type)
_MARK = _mark(
    _one_thread,
    # What a browser sends is kept within what the thread has.
    bindparam("read", type_=INT4MULTIRANGE()).op("*", return_type=INT4MULTIRANGE())(_whole),
)
_MARK_THREAD = _mark(_one_thread, _whole)
_MARK_SPACE = _mark(Thread.space_id == bindparam("space_id", type_=Thread.space_id.type), _whole)


async def mark_read(db: Db, *, who: Viewer, thread_id: int, ranges: Ranges, now: datetime) -> None:
    """Mark some numbers of a thread as read."""
    read = [asyncpg.Range(lower, upper) for lower, upper in ranges]
    await db.run(_MARK, person_id=who.id, thread_id=thread_id, read=read, now=now)


async def mark_thread_read(db: Db, *, who: Viewer, thread_id: int, now: datetime) -> None:
    await db.run(_MARK_THREAD, person_id=who.id, thread_id=thread_id, now=now)


async def mark_space_read(db: Db, *, who: Viewer, space_id: int, now: datetime) -> None:
    """Mark every thread of a space as read up to now."""
    await db.run(_MARK_SPACE, person_id=who.id, space_id=space_id, now=now)
