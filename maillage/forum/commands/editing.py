"""Editing one's message, with what it said before kept beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from maillage.auth.viewer import Viewer
from maillage.core import markdown, names
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.forum.commands.attaching import files_for, keep_files
from maillage.forum.commands.drafts import used_up
from maillage.forum.commands.history import add_event
from maillage.forum.commands.holding import TOUCH_SPACES, TOUCH_THREADS, around, hold, named_by
from maillage.forum.commands.posting import excerpt, still_open
from maillage.forum.commands.rendering import keep_references, say_anew, written
from maillage.forum.models import Post, PostRevision, Thread

POST = Statement(
    select(
        Post.id,
        Post.seq,
        Post.parent_seq,
        Post.path,
        Post.depth,
        Post.author_id,
        Post.language,
        Post.body_md,
        Post.revisions,
        Post.removed_at,
        Post.removed_by_id,
        Post.event,
        Post.helped_at,
    ).where(Post.thread_id == bindparam("thread_id"), Post.seq == bindparam("seq"))
)
_KEEP_OLD = Statement(
    insert(PostRevision).values(
        post_id=bindparam("post_id"),
        number=bindparam("number"),
        body_md=bindparam("body_md"),
        title=bindparam("title"),
        replaced_at=bindparam("now"),
        replaced_by_id=bindparam("by"),
    )
)


def _change(**more: Any) -> Statement:
    return Statement(
        update(Post)
        .where(Post.id == bindparam("of"))
        .values(
            body_md=bindparam("new_md"),
            body_html=bindparam("new_html"),
            language=bindparam("new_language"),
            render_version=markdown.RENDER_VERSION,
            **more,
        )
    )


_RELABEL = _change()
_CHANGE_QUIETLY = _change(revisions=Post.revisions + 1)
_CHANGE = _change(revisions=Post.revisions + 1, edited_at=bindparam("new_edited_at"))
_EXCERPT = Statement(update(Thread).where(Thread.id == bindparam("of")).values(excerpt=bindparam("new")))
_RETITLE = Statement(
    update(Thread)
    .where(Thread.id == bindparam("of"))
    .values(
        title=bindparam("new_title"),
        slug=bindparam("new_slug"),
        language=bindparam("new_language"),
        version=Thread.version + 1,
    )
)


async def edit(
    db: Db,
    *,
    who: Viewer,
    thread_id: int,
    seq: int,
    visibility: str,
    body: str,
    language: str,
    seen_revisions: int,
    shows: bool,
    now: datetime,
    moderates: bool = False,
    sequence: int = 0,
) -> None:
    """Change a message. `seen_revisions` is what its author had before her: if it changed since, `Refused`.

    `shows` says that her own window has passed, so that the edit is told beside the message.
    """
    named = await named_by(db, thread_id, seq)
    thread = (await hold(db, thread_id, naming=body, also=named)).get(thread_id)
    post = await db.row(POST, thread_id=thread_id, seq=seq)
    if thread is None or post is None:
        raise NotHere
    still_open(thread, moderates=moderates)
    if post["removed_at"] is not None:
        raise Refused(_("This message was removed while you were writing."))
    if post["revisions"] != seen_revisions:
        raise Refused(_("This message was changed elsewhere while you were writing: compare before you save."))
    await used_up(db, who=who, place=f"edit:{post['id']}", sequence=sequence)
    if post["body_md"] == body and post["language"] == language:
        return
    text = await written(
        db,
        source=body,
        language=language,
        space_id=thread["space_id"],
        visibility=visibility,
        prefix=f"m-{seq}-",
        files=await files_for(db, source=body, author_id=who.id, post_id=post["id"]),
    )
    changed = {"of": post["id"], "new_md": body, "new_html": text.html, "new_language": language}
    if post["body_md"] == body:
        # The words are the same: only what language they are in was wrong.
        await db.run(_RELABEL, **changed)
    else:
        await db.run(
            _KEEP_OLD,
            post_id=post["id"],
            number=post["revisions"] + 1,
            body_md=post["body_md"],
            title=None,
            now=now,
            by=who.id,
        )
        if shows:
            await db.run(_CHANGE, **changed, new_edited_at=now)
        else:
            await db.run(_CHANGE_QUIETLY, **changed)
    await keep_references(db, post_id=post["id"], text=text, edited=True)
    await keep_files(db, post_id=post["id"], author_id=who.id, keys=text.files, now=now, edited=True)
    await db.run(TOUCH_THREADS, ids=[thread_id])
    if seq == 1:
        await db.run(_EXCERPT, of=thread_id, new=excerpt(text.text))
        await db.run(TOUCH_SPACES, ids=[thread["space_id"]])


async def retitle(
    db: Db, *, who: Viewer, thread_id: int, title: str, language: str, now: datetime, moderates: bool
) -> None:
    """Give a thread another title. Its number, and so its address, stay."""
    thread = (await hold(db, thread_id, also=await around(db, thread_id))).get(thread_id)
    if thread is None:
        raise NotHere
    still_open(thread, moderates=moderates)
    if thread["title"] == title:
        return
    await db.run(_RETITLE, of=thread_id, new_title=title, new_slug=names.slug(title), new_language=language)
    await add_event(db, who=who, thread_id=thread_id, kind="retitled", now=now, data={"before": thread["title"]})
    await say_anew(db, thread_id)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])
