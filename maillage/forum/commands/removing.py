"""Taking a message away and putting it back. Nothing is destroyed: its place keeps the shape of the conversation."""

from datetime import datetime

from sqlalchemy import bindparam, func, null, update
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.forum.commands.editing import POST
from maillage.forum.commands.moderating import log
from maillage.forum.commands.posting import LOCK, TOUCH_SPACES
from maillage.forum.models import Post, Thread

_REMOVE = Statement(
    update(Post)
    .where(Post.id == bindparam("of"))
    .values(removed_at=bindparam("now"), removed_by_id=bindparam("by"), removal_reason=bindparam("reason"))
)
_RESTORE = Statement(
    update(Post)
    .where(Post.id == bindparam("of"))
    .values(removed_at=null(), removed_by_id=null(), removal_reason=null())
)


def _count(change: int, operator: str) -> Statement:
    one = func.int4multirange(func.int4range(bindparam("seq"), bindparam("seq") + 1))
    return Statement(
        update(Thread)
        .where(Thread.id == bindparam("of"))
        .values(
            post_count=Thread.post_count + change,
            # A removed message leaves no ghost among the unread; put back, it may be read again.
            dead=Thread.dead.op(operator, return_type=INT4MULTIRANGE())(one),
            version=Thread.version + 1,
        )
    )


_COUNT_REMOVED, _COUNT_RESTORED = _count(-1, "+"), _count(1, "-")


async def remove(db: Db, *, who: Viewer, thread_id: int, seq: int, reason: str, now: datetime) -> int:
    """Take a message away and return its key. By somebody else than its author, it goes into the moderation log."""
    thread = await db.row(LOCK, ids=[thread_id])
    post = await db.row(POST, thread_id=thread_id, seq=seq)
    if thread is None or post is None:
        raise NotHere
    if post["removed_at"] is not None or post["event"] is not None:
        raise Refused(_("This message is already removed."))
    await db.run(_REMOVE, of=post["id"], now=now, by=who.id, reason=reason or None)
    await db.run(_COUNT_REMOVED, of=thread_id, seq=seq)
    if post["author_id"] != who.id:
        await log(db, who=who, action="removed", reason=reason, thread=thread, seq=seq, now=now)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])
    return int(post["id"])


async def restore(db: Db, *, who: Viewer, thread_id: int, seq: int, now: datetime) -> None:
    """Undo a removal."""
    thread = await db.row(LOCK, ids=[thread_id])
    post = await db.row(POST, thread_id=thread_id, seq=seq)
    if thread is None or post is None:
        raise NotHere
    if post["removed_at"] is None:
        raise Refused(_("This message is not removed."))
    await db.run(_RESTORE, of=post["id"])
    await db.run(_COUNT_RESTORED, of=thread_id, seq=seq)
    if post["author_id"] != who.id:
        await log(db, who=who, action="restored", reason="", thread=thread, seq=seq, now=now)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])
