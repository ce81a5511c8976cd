"""Pictures and documents in messages: a message takes those that it shows, and they are as visible as it is.

What an edit no longer shows is let go: whoever added it alone sees it then, and in a day it is deleted, unless a text
shows it again. Earlier versions of a message keep the words that named it, and those alone.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select, update

from maillage.core.db import Db, Statement
from maillage.core.files import commands as files
from maillage.core.files import subjects
from maillage.core.files.shown import ShownFile
from maillage.forum.commands.holding import TOUCH_THREADS, hold
from maillage.forum.models import Post
from maillage.forum.queries.attached import keys_in, may_see

POST = "post"


async def files_for(db: Db, *, source: str, author_id: int | None, post_id: int | None = None) -> dict[str, ShownFile]:
    """The files that a message may show, held until the transaction ends: its own, and its author's free ones."""
    return await files.usable(db, keys=keys_in(source), uploaded_by_id=author_id, kind=POST, subject_id=post_id)


async def keep_files(db: Db, *, post_id: int, author_id: int, keys: Iterable[str], now: datetime, edited: bool) -> None:
    """Give a message the files that it shows. Those that an edit no longer shows are let go."""
    shown = set(keys)
    if edited:
        former = {file.key for file in await files.of_subject(db, POST, post_id)}
        await files.detach(db, keys=former - shown, kind=POST, subject_id=post_id, now=now)
    await files.attach(db, keys=shown, uploaded_by_id=author_id, kind=POST, subject_id=post_id)


_THREAD = Statement(select(Post.thread_id).where(Post.id == bindparam("of")))
_STALE = Statement(update(Post).where(Post.id == bindparam("of")).values(render_version=0))


async def changed(db: Db, post_id: int) -> None:
    """One of its files is about to go: hold the thread, and have the message rendered again."""
    thread_id = await db.value(_THREAD, of=post_id)
    if thread_id is not None:
        await hold(db, thread_id)
        await db.run(_STALE, of=post_id)
        await db.run(TOUCH_THREADS, ids=[thread_id])


subjects.register(POST, may_see, changed=changed)
