"""Putting messages where they belong: under another message, in their own thread, in another thread or space.

A post keeps its key whatever happens; where its number in a thread changes, an alias keeps the old address alive.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from maillage.auth.viewer import Viewer
from maillage.core import names
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.forum.commands.editing import POST
from maillage.forum.commands.history import add_event
from maillage.forum.commands.holding import RECOUNT, TOUCH_SPACES, around, hold
from maillage.forum.commands.moderating import log
from maillage.forum.commands.posting import excerpt, placed
from maillage.forum.commands.rendering import say_anew, written
from maillage.forum.models import MAX_DEPTH, Post, Thread
from maillage.forum.queries.door import MOVED

_BRANCH = Statement(
    select(Post.id, Post.seq, Post.parent_seq)
    .where(
        Post.thread_id == bindparam("thread_id"),
        Post.path >= bindparam("path"),
        Post.path < bindparam("end"),
    )
    .order_by(Post.seq)
)
_PLACE = Statement(
    """
    UPDATE post SET thread_id = $1, seq = new.seq, parent_seq = new.parent_seq, depth = new.depth,
                    path = new.path, render_version = CASE WHEN $7 THEN 0 ELSE render_version END
      FROM unnest($2::bigint[], $3::int[], $4::int[], $5::int[], $6::bytea[])
           AS new (id, seq, parent_seq, depth, path)
     WHERE post.id = new.id
    """,
    ("thread_id", "ids", "seqs", "parents", "depths", "paths", "anew"),
)
_ALIAS = Statement(
    """
    INSERT INTO post_alias (thread_id, seq, post_id)
    SELECT $1, old.seq, old.id FROM unnest($2::int[], $3::bigint[]) AS old (seq, id)
    ON CONFLICT (thread_id, seq) DO UPDATE SET post_id = excluded.post_id
    """,
    ("thread_id", "seqs", "ids"),
)
# Whoever had read a message has read it in its new place too, and follows it there.
_READ_THERE = Statement(
    """
    INSERT INTO thread_read (person_id, thread_id, read)
    SELECT was.person_id, $2, range_agg(int4range(moved.new, moved.new + 1))
      FROM thread_read AS was
      JOIN unnest($3::int[], $4::int[]) AS moved (old, new) ON was.read @> moved.old
     WHERE was.thread_id = $1
     GROUP BY was.person_id
    ON CONFLICT (person_id, thread_id) DO UPDATE SET read = thread_read.read + excluded.read
    """,
    ("from_id", "to_id", "old", "new"),
)
_FOLLOW_THERE = Statement(
    """
    INSERT INTO follow (person_id, kind, target_id, reason, muted)
    SELECT person_id, 'thread', $2, reason, muted FROM follow WHERE kind = 'thread' AND target_id = $1
    ON CONFLICT (person_id, kind, target_id) DO NOTHING
    """,
    ("from_id", "to_id"),
)
# Whoever named the thread names what it became: when that changes, those messages are rendered again as well.
_LINK_THERE = Statement(
    """
    INSERT INTO thread_link (post_id, thread_id) SELECT post_id, $2 FROM thread_link WHERE thread_id = $1
    ON CONFLICT DO NOTHING
    """,
    ("from_id", "to_id"),
)
# It met the need of somebody who asked elsewhere; here it opens the conversation.
_NOT_HELPFUL_HERE = Statement(update(Post).where(Post.id == bindparam("of")).values(helped_at=None))
_TO_SPACE = Statement(update(Thread).where(Thread.id == bindparam("of")).values(space_id=bindparam("to")))
_MERGED = Statement(
    update(Thread)
    .where(Thread.id == bindparam("of"))
    .values(merged_into_id=bindparam("into"), version=Thread.version + 1)
)
_NEW_THREAD = Statement(
    """
    INSERT INTO thread (space_id, kind, title, slug, language, author_id, created_at, last_post_at, excerpt)
    SELECT $1, $2, $3, $4, p.language, p.author_id, p.created_at, p.created_at, $6
      FROM post AS p WHERE p.id = $5
    RETURNING id
    """,
    ("space_id", "kind", "title", "slug", "post_id", "excerpt"),
)


def _end(path: bytes) -> bytes:
    """The first path after a whole branch. A step is never 0xffffff: a thread ends long before."""
    return path[:-3] + (int.from_bytes(path[-3:], "big") + 1).to_bytes(3, "big")


async def _branch(db: Db, thread_id: int, top: Row) -> list[Row]:
    """A message and all that answers it, each after what it answers."""
    # At the deepest level, answers stand beside what they answer.
    path = top["path"] if top["depth"] < MAX_DEPTH else top["path"][:-3]
    answers = defaultdict(list)
    for row in await db.rows(_BRANCH, thread_id=thread_id, path=path, end=_end(path)):
        answers[row["parent_seq"]].append(row)
    branch = [top]
    for row in branch:
        branch += answers[row["seq"]]
    return branch


async def _place(
    db: Db, thread_id: int, branch: list[Row], numbers: Mapping[int, int], *, top_parent: Row | None, anew: bool
) -> None:
    """Write a branch to its place: below `top_parent`, each post under its new number."""
    there: dict[int, dict[str, Any]] = {}
    for row in branch:
        parent = top_parent if row is branch[0] else there[row["parent_seq"]]
        seq = numbers[row["seq"]]
        path, depth = placed(seq, parent)
        above = parent["seq"] if parent else None
        there[row["seq"]] = {"id": row["id"], "seq": seq, "parent": above, "path": path, "depth": depth}
    columns = zip(*(place.values() for place in there.values()), strict=True)
    arrays = dict(zip(("ids", "seqs", "parents", "paths", "depths"), map(list, columns), strict=True))
    await db.run(_PLACE, thread_id=thread_id, anew=anew, **arrays)


async def reparent(
    db: Db, *, who: Viewer, thread_id: int, seq: int, parent_seq: int, moderates: bool, now: datetime
) -> None:
    """Put a reply, with all that hangs below it, under the message that it really answers."""
    thread = (await hold(db, thread_id)).get(thread_id)
    post = await db.row(POST, thread_id=thread_id, seq=seq)
    parent = await db.row(POST, thread_id=thread_id, seq=parent_seq)
    if thread is None or post is None or post["parent_seq"] is None:
        raise NotHere
    if thread["locked_at"] is not None and not moderates:
        raise Refused(_("This discussion was locked while you were writing."))
    if parent is None or parent["event"] is not None:
        raise Refused(_("This discussion has no message of that number."))
    if post["parent_seq"] == parent_seq:
        return
    branch = await _branch(db, thread_id, post)
    numbers = {row["seq"]: row["seq"] for row in branch}
    if parent_seq in numbers:
        raise Refused(_("A message cannot be placed under itself or its own replies."))
    await _place(db, thread_id, branch, numbers, top_parent=parent, anew=False)
    await add_event(db, who=who, thread_id=thread_id, kind="reparented", now=now, under=seq)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])


async def split(db: Db, *, who: Viewer, thread_id: int, seq: int, title: str, kind: str, now: datetime) -> int:
    """Give a branch its own thread in the same space, and return that thread's number."""
    thread = (await hold(db, thread_id, also=await around(db, thread_id))).get(thread_id)
    top = await db.row(POST, thread_id=thread_id, seq=seq)
    if thread is None or top is None:
        raise NotHere
    if top["parent_seq"] is None or top["event"] is not None or top["removed_at"] is not None:
        raise Refused(_("Choose a reply that is still there: it becomes the first message."))
    branch = await _branch(db, thread_id, top)
    later = sorted(row["seq"] for row in branch if row["seq"] != seq)
    numbers = {seq: 1} | {old: new for new, old in enumerate(later, start=2)}
    text = await written(
        db,
        source=top["body_md"],
        language=top["language"],
        space_id=thread["space_id"],
        visibility="public",
        prefix="m-1-",
    )
    new_id: int = await db.value(
        _NEW_THREAD,
        space_id=thread["space_id"],
        kind=kind,
        title=title,
        slug=names.slug(title),
        post_id=top["id"],
        excerpt=excerpt(text.text),
    )
    await db.run(_NOT_HELPFUL_HERE, of=top["id"])
    await _move(db, thread_id, new_id, branch, numbers, None)
    await add_event(db, who=who, thread_id=new_id, kind="split_from", now=now, data={"thread": thread_id})
    await add_event(
        db,
        who=who,
        thread_id=thread_id,
        kind="split_to",
        now=now,
        data={"thread": new_id},
        under=top["parent_seq"],
    )
    await log(db, who=who, action="split", reason="", thread=thread, seq=seq, now=now)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])
    return new_id


async def merge(db: Db, *, who: Viewer, thread_id: int, into_id: int, now: datetime) -> None:
    """Pour a thread into another, after its last message. The old address leads to the new place."""
    if thread_id == into_id:
        raise Refused(_("A discussion cannot be merged into itself."))
    rows = await hold(db, thread_id, into_id, also=await around(db, thread_id, into_id))
    if thread_id not in rows or into_id not in rows:
        raise NotHere
    thread, into = rows[thread_id], rows[into_id]
    if thread["merged_into_id"] is not None or into["merged_into_id"] is not None:
        raise Refused(_("This discussion was merged into another while you were writing."))
    top = await db.row(POST, thread_id=thread_id, seq=1)
    under = await db.row(POST, thread_id=into_id, seq=1)
    if top is None or under is None:
        raise NotHere
    branch = await _branch(db, thread_id, top)
    numbers = {
        row["seq"]: new for new, row in enumerate(sorted(branch, key=lambda row: row["seq"]), start=into["next_seq"])
    }
    await _move(db, thread_id, into_id, branch, numbers, under)
    await db.run(_LINK_THERE, from_id=thread_id, to_id=into_id)
    await db.run(_MERGED, of=thread_id, into=into_id)
    await add_event(
        db,
        who=who,
        thread_id=into_id,
        kind="merged",
        now=now,
        data={"title": thread["title"]},
        under=numbers[1],
    )
    await log(db, who=who, action="merged", reason="", thread=thread, seq=None, now=now)
    await db.run(TOUCH_SPACES, ids=sorted({thread["space_id"], into["space_id"]}))


async def move(db: Db, *, who: Viewer, thread_id: int, from_id: int, to_id: int, now: datetime) -> None:
    """Put a thread in another space; what may be said of it elsewhere follows the new readers.

    `from_id` is the space that the caller asked `may_moderate` of: `Refused` when the thread has left it since.
    """
    thread = (await hold(db, thread_id, also=await around(db, thread_id))).get(thread_id)
    if thread is None:
        raise NotHere
    if thread["merged_into_id"] is not None:
        raise Refused(_("This discussion was merged into another while you were writing."))
    if thread["space_id"] == to_id:
        return
    if thread["space_id"] != from_id:
        raise Refused(MOVED)
    await db.run(_TO_SPACE, of=thread_id, to=to_id)
    await add_event(db, who=who, thread_id=thread_id, kind="moved", now=now)
    await say_anew(db, thread_id)
    await log(db, who=who, action="moved", reason="", thread=thread, seq=None, now=now)
    await db.run(TOUCH_SPACES, ids=sorted({from_id, to_id}))


async def _move(
    db: Db,
    from_id: int,
    to_id: int,
    branch: list[Row],
    numbers: Mapping[int, int],
    top_parent: Row | None,
) -> None:
    """Carry a branch to another thread, with its readers, its followers and its old addresses."""
    await say_anew(db, from_id)
    await _place(db, to_id, branch, numbers, top_parent=top_parent, anew=True)
    old = [row["seq"] for row in branch]
    await db.run(_ALIAS, thread_id=from_id, seqs=old, ids=[row["id"] for row in branch])
    await db.run(_READ_THERE, from_id=from_id, to_id=to_id, old=old, new=[numbers[seq] for seq in old])
    await db.run(_FOLLOW_THERE, from_id=from_id, to_id=to_id)
    for thread_id in (from_id, to_id):
        await db.run(RECOUNT, thread_id=thread_id)
