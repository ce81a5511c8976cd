"""The lines of a thread's own history: locked, moved, split … as posts that nobody has to read."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE

from maillage.auth.viewer import Viewer
from maillage.core import markdown
from maillage.core.db import Db, Statement
from maillage.forum.commands.posting import ADD_POST, PARENT, placed
from maillage.forum.models import Post, Thread

_ADD_EVENT_TO_THREAD = Statement(
    update(Thread)
    .where(Thread.id == bindparam("thread_id"))
    .values(
        next_seq=Thread.next_seq + 1,
        # A history line is nobody's unread message.
        dead=Thread.dead.op("+", return_type=INT4MULTIRANGE())(
            func.int4multirange(func.int4range(Thread.next_seq, Thread.next_seq + 1))
        ),
        version=Thread.version + 1,
    )
    .returning((Thread.next_seq - 1).label("seq"))
)
_FIRST = Statement(
    select(Post.seq, Post.path, Post.depth).where(Post.thread_id == bindparam("thread_id"), Post.depth == 0)
)


async def add_event(
    db: Db,
    *,
    who: Viewer,
    thread_id: int,
    kind: str,
    now: datetime,
    data: dict[str, Any] | None = None,
    under: int | None = None,
) -> None:
    """Write a line of history: at the end of the thread, or below message `under`. The thread is locked."""
    await add_line(db, author_id=who.id, thread_id=thread_id, kind=kind, now=now, data=data, under=under)


async def add_line(
    db: Db,
    *,
    author_id: int,
    thread_id: int,
    kind: str,
    now: datetime,
    data: dict[str, Any] | None = None,
    under: int | None = None,
) -> None:
    """The same for what nobody did, such as time: the row is then its author's whom the discussion is."""
    seq = await db.value(_ADD_EVENT_TO_THREAD, thread_id=thread_id)
    parent = await (
        db.row(_FIRST, thread_id=thread_id) if under is None else db.row(PARENT, thread_id=thread_id, seq=under)
    )
    path, depth = placed(seq, parent)
    await db.value(
        ADD_POST,
        thread_id=thread_id,
        seq=seq,
        parent_seq=parent["seq"] if parent else None,
        depth=depth,
        path=path,
        author_id=author_id,
        relation=None,
        organization_id=None,
        language="fr-CA",
        body_md="",
        body_html="",
        render_version=markdown.RENDER_VERSION,
        created_at=now,
        event=kind,
        event_data=data or {},
        request_key=None,
    )
