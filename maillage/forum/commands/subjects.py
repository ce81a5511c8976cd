"""What a discussion is about, on a floor above, comes and goes: the discussion closes and opens with it."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Statement
from maillage.forum.commands.history import add_line
from maillage.forum.commands.holding import TOUCH_SPACES, hold
from maillage.forum.models import Post, Space, Thread

_OPEN_SPACE = Statement(
    insert(Space)
    .values(
        slug=bindparam("slug"),
        name=bindparam("name"),
        purpose=bindparam("purpose"),
        visibility=bindparam("visibility"),
        position=select(func.coalesce(func.max(Space.position), 0) + 1).scalar_subquery(),
    )
    .on_conflict_do_nothing(index_elements=[Space.slug])
)
_SPACE = Statement(select(Space.id, Space.visibility).where(Space.slug == bindparam("slug")))
_WHOSE = Statement(select(Thread.author_id).where(Thread.id == bindparam("of")))
_LOCKED = Statement(update(Thread).where(Thread.id == bindparam("of")).values(locked_at=bindparam("at")))
# What locked or unlocked it last.
_LAST = Statement(
    select(Post.event)
    .where(
        Post.thread_id == bindparam("of"),
        Post.event == func.any(bindparam("kinds")),
    )
    .order_by(Post.seq.desc())
    .limit(1)
)


async def space_for(db: Db, *, slug: str, name: dict[str, str], purpose: dict[str, str], visibility: str) -> int:
    """The space of this name, made at its first use. An administrator may have changed it since."""
    found = await db.row(_SPACE, slug=slug)
    if found is None:
        await db.run(_OPEN_SPACE, slug=slug, name=name, purpose=purpose, visibility=visibility)
        found = await db.row(_SPACE, slug=slug)
    assert found is not None  # noqa: S101 — it was found, or made by one of us
    return int(found["id"])


async def close(db: Db, *, thread_id: int, now: datetime) -> None:
    """Its subject is gone: it stays readable, takes no more messages, and says why. Closed already, it stays so."""
    thread = (await hold(db, thread_id)).get(thread_id)
    if thread is None or thread["merged_into_id"] is not None or thread["locked_at"] is not None:
        return
    await db.run(_LOCKED, of=thread_id, at=now)
    await _tell(db, thread_id, thread["space_id"], "subject_gone", now)


async def reopen(db: Db, *, thread_id: int, now: datetime) -> None:
    """Its subject is back. What a facilitator locked for another reason stays locked."""
    thread = (await hold(db, thread_id)).get(thread_id)
    if thread is None or thread["merged_into_id"] is not None or thread["locked_at"] is None:
        return
    if await db.value(_LAST, of=thread_id, kinds=["locked", "unlocked", "subject_gone", "subject_back"]) == "locked":
        return
    await db.run(_LOCKED, of=thread_id, at=None)
    await _tell(db, thread_id, thread["space_id"], "subject_back", now)


async def _tell(db: Db, thread_id: int, space_id: int, kind: str, now: datetime) -> None:
    author_id = await db.value(_WHOSE, of=thread_id)
    await add_line(db, author_id=author_id, thread_id=thread_id, kind=kind, now=now)
    await db.run(TOUCH_SPACES, ids=[space_id])
