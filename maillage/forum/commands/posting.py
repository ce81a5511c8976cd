"""Starting a thread, and replying."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.auth.viewer import Viewer
from maillage.core import markdown, names
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.forum.commands.attaching import files_for, keep_files
from maillage.forum.commands.drafts import used_up
from maillage.forum.commands.holding import TOUCH_SPACES, hold
from maillage.forum.commands.rendering import Written, keep_references, written
from maillage.forum.models import MAX_DEPTH, Post, Thread, ThreadRead
from maillage.notices.commands import follow_along
from maillage.notices.subjects import replied

EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a post went. `again` when the same form had already been received: nothing was written."""

    thread_id: int
    seq: int
    again: bool = False


# Two forms with the same key wait for each other here, so that the second finds what the first wrote.
_ONE_AT_A_TIME = Statement("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", ("key", "person_id"))
_ALREADY = Statement(
    select(Post.thread_id, Post.seq).where(
        Post.author_id == bindparam("author_id"), Post.request_key == bindparam("request_key")
    )
)
PARENT = Statement(
    select(Post.seq, Post.path, Post.depth, Post.event).where(
        Post.thread_id == bindparam("thread_id"), Post.seq == bindparam("seq")
    )
)
ADD_POST = Statement(
    insert(Post)
    .values(
        {
            name: bindparam(name)
            for name in (
                "thread_id",
                "seq",
                "parent_seq",
                "depth",
                "path",
                "author_id",
                "relation",
                "organization_id",
                "language",
                "body_md",
                "body_html",
                "render_version",
                "created_at",
                "event",
                "event_data",
                "request_key",
            )
        }
    )
    .returning(Post.id)
)
_ADD_THREAD = Statement(
    insert(Thread)
    .values(
        {name: bindparam(name) for name in ("space_id", "kind", "title", "slug", "language", "author_id", "excerpt")}
        | {"created_at": bindparam("now"), "last_post_at": bindparam("now")}
        | {"next_seq": 2, "post_count": 1, "last_author_id": bindparam("author_id")}
    )
    .returning(Thread.id)
)
# Of two replies at the same moment, the one that began to wait first may be written last.
_is_latest = or_(
    Thread.last_post_at <= bindparam("now", type_=Thread.last_post_at.type), Thread.post_count == literal(0)
)
_COUNT_REPLY = Statement(
    update(Thread)
    .where(Thread.id == bindparam("thread_id"))
    .values(
        next_seq=Thread.next_seq + 1,
        post_count=Thread.post_count + 1,
        last_post_at=case((_is_latest, bindparam("now")), else_=Thread.last_post_at),
        last_seq=case((_is_latest, bindparam("seq")), else_=Thread.last_seq),
        last_author_id=case((_is_latest, bindparam("author_id")), else_=Thread.last_author_id),
        version=Thread.version + 1,
    )
)
_one = func.int4multirange(func.int4range(bindparam("seq"), bindparam("seq") + 1))
_READ_OWN = Statement(
    upsert(ThreadRead)
    .values(
        person_id=bindparam("person_id"),
        thread_id=bindparam("thread_id"),
        read=_one,
        updated_at=bindparam("now"),
    )
    .on_conflict_do_update(
        index_elements=[ThreadRead.person_id, ThreadRead.thread_id],
        set_={"read": ThreadRead.read.op("+")(_one), "updated_at": bindparam("now")},
    )
)


async def start_thread(
    db: Db,
    *,
    who: Viewer,
    space_id: int,
    visibility: str,
    kind: str,
    title: str,
    body: str,
    language: str,
    now: datetime,
    request_key: str | None = None,
    place: str | None = None,
    sequence: int = 0,
) -> Posted:
    """Write a thread and its first message. The caller has asked `may_start`."""
    if request_key:
        await db.run(_ONE_AT_A_TIME, key=request_key, person_id=who.id)
    if already := await _already(db, who, request_key):
        return already
    await hold(db, naming=body)
    text = await written(
        db,
        source=body,
        language=language,
        space_id=space_id,
        visibility=visibility,
        prefix="m-1-",
        files=await files_for(db, source=body, author_id=who.id),
    )
    thread_id = await db.value(
        _ADD_THREAD,
        space_id=space_id,
        kind=kind,
        title=title,
        slug=names.slug(title),
        language=language,
        author_id=who.id,
        excerpt=excerpt(text.text),
        now=now,
    )
    await add_message(db, who, thread_id, 1, None, text, now, request_key)
    await _after(db, who, thread_id, 1, "started", now, place, sequence)
    await db.run(TOUCH_SPACES, ids=[space_id])
    return Posted(thread_id, 1)


async def reply(
    db: Db,
    *,
    who: Viewer,
    thread_id: int,
    parent_seq: int,
    visibility: str,
    body: str,
    language: str,
    now: datetime,
    moderates: bool = False,
    request_key: str | None = None,
    place: str | None = None,
    sequence: int = 0,
) -> Posted:
    """Write a reply under message `parent_seq`. The caller has asked `may_reply`; here it is asked under the lock.

    Raises `Refused` when the thread was locked or merged, or the message answered moved away, in the meantime.
    """
    thread = (await hold(db, thread_id, naming=body)).get(thread_id)
    if thread is None:
        raise NotHere
    # Asked under the lock: of the same form sent twice, the second waits here and then finds the first.
    if already := await _already(db, who, request_key):
        return already
    still_open(thread, moderates=moderates)
    parent = await db.row(PARENT, thread_id=thread_id, seq=parent_seq)
    if parent is None or parent["event"] is not None:
        raise Refused(_("The message that you answer is no longer in this discussion."))
    seq = thread["next_seq"]
    text = await written(
        db,
        source=body,
        language=language,
        space_id=thread["space_id"],
        visibility=visibility,
        prefix=f"m-{seq}-",
        files=await files_for(db, source=body, author_id=who.id),
    )
    await add_message(db, who, thread_id, seq, parent, text, now, request_key)
    await db.run(_COUNT_REPLY, thread_id=thread_id, seq=seq, author_id=who.id, now=now)
    await _after(db, who, thread_id, seq, "replied", now, place, sequence)
    await replied(db, thread_id=thread_id, by=who.id, now=now)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])
    return Posted(thread_id, seq)


def still_open(thread: Row, *, moderates: bool) -> None:
    if thread["merged_into_id"] is not None:
        raise Refused(_("This discussion was merged into another while you were writing."))
    if thread["locked_at"] is not None and not moderates:
        raise Refused(_("This discussion was locked while you were writing."))


async def add_message(
    db: Db,
    who: Viewer,
    thread_id: int,
    seq: int,
    parent: Row | None,
    text: Written,
    now: datetime,
    request_key: str | None,
) -> int:
    """Insert one message below `parent` (None: the first of its thread) and return its key."""
    path, depth = placed(seq, parent)
    post_id: int = await db.value(
        ADD_POST,
        thread_id=thread_id,
        seq=seq,
        parent_seq=parent["seq"] if parent else None,
        depth=depth,
        path=path,
        author_id=who.id,
        relation=who.relation,
        organization_id=who.organization_id,
        language=text.language,
        body_md=text.source,
        body_html=text.html,
        render_version=markdown.RENDER_VERSION,
        created_at=now,
        event=None,
        event_data=None,
        request_key=request_key,
    )
    await keep_references(db, post_id=post_id, text=text)
    await keep_files(db, post_id=post_id, author_id=who.id, keys=text.files, now=now, edited=False)
    return post_id


def placed(seq: int, parent: Mapping[str, Any] | Row | None) -> tuple[bytes, int]:
    """The path and depth of a new post. Below the deepest level, replies stand beside what they answer."""
    step = seq.to_bytes(3, "big")
    if parent is None:
        return step, 0
    path: bytes = parent["path"]
    depth: int = parent["depth"]
    return (path + step, depth + 1) if depth < MAX_DEPTH else (path[:-3] + step, depth)


def excerpt(text: str) -> str:
    """The beginning of a text in one line, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: line.rfind(" ", 60, EXCERPT - 1)].rstrip(" ,;:.") + "…"


async def _already(db: Db, who: Viewer, request_key: str | None) -> Posted | None:
    if not request_key:
        return None
    row = await db.row(_ALREADY, author_id=who.id, request_key=request_key)
    return Posted(row["thread_id"], row["seq"], again=True) if row else None


async def _after(
    db: Db,
    who: Viewer,
    thread_id: int,
    seq: int,
    reason: str,
    now: datetime,
    place: str | None,
    sequence: int,
) -> None:
    """What follows every message: its author has read it, follows the thread, and her draft is used up."""
    await db.run(_READ_OWN, person_id=who.id, thread_id=thread_id, seq=seq, now=now)
    await follow_along(db, person_id=who.id, kind="thread", target_id=thread_id, reason=reason)
    if place:
        await used_up(db, who=who, place=place, sequence=sequence)
