"""Taking a message away and putting it back. Nothing is destroyed: its place keeps the shape of the conversation."""

from datetime import datetime

from sqlalchemy import bindparam, null, update

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.forum.commands.editing import POST
from maillage.forum.commands.holding import RECOUNT, TOUCH_SPACES, hold, named_by
from maillage.forum.commands.moderating import log
from maillage.forum.commands.rendering import TOUCH_NAMED
from maillage.forum.models import Post

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


async def remove(db: Db, *, who: Viewer, thread_id: int, seq: int, reason: str, now: datetime) -> int:
    """Take a message away and return its key. By somebody else than its author, it goes into the moderation log."""
    named = await named_by(db, thread_id, seq)
    thread = (await hold(db, thread_id, also=named)).get(thread_id)
    post = await db.row(POST, thread_id=thread_id, seq=seq)
    if thread is None or post is None:
        raise NotHere
    if post["removed_at"] is not None or post["event"] is not None:
        raise Refused(_("This message is already removed."))
    await db.run(_REMOVE, of=post["id"], now=now, by=who.id, reason=reason or None)
    await _told(db, thread_id, post["id"], named)
    if post["author_id"] != who.id:
        await log(db, who=who, action="removed", reason=reason, thread=thread, seq=seq, now=now)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])
    return int(post["id"])


async def restore(db: Db, *, who: Viewer, thread_id: int, seq: int, moderates: bool, now: datetime) -> None:
    """Undo a removal. The caller has asked `may_restore`; whose removal it is, is asked again under the lock."""
    named = await named_by(db, thread_id, seq)
    thread = (await hold(db, thread_id, also=named)).get(thread_id)
    post = await db.row(POST, thread_id=thread_id, seq=seq)
    if thread is None or post is None:
        raise NotHere
    if post["removed_at"] is None:
        raise Refused(_("This message is not removed."))
    if post["removed_by_id"] != who.id and not moderates:
        raise Refused(_("A facilitator removed this message: only a facilitator can put it back."))
    await db.run(_RESTORE, of=post["id"])
    await _told(db, thread_id, post["id"], named)
    if post["author_id"] != who.id:
        await log(db, who=who, action="restored", reason="", thread=thread, seq=seq, now=now)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])


async def _told(db: Db, thread_id: int, post_id: int, named: list[int]) -> None:
    """Counted anew, and a removed message leaves no ghost among the unread; put back, it may be read again."""
    await db.run(RECOUNT, thread_id=thread_id)
    # The threads that it names list those that name them.
    if named:
        await db.run(TOUCH_NAMED, ids=named, post_id=post_id)
