"""A facilitator's acts on a whole thread, and the log of moderation."""

from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.forum.commands.history import add_event
from maillage.forum.commands.holding import TOUCH_SPACES, hold
from maillage.forum.commands.rendering import written
from maillage.forum.models import ModerationEntry, Post, Report, Thread

_LOG = Statement(
    insert(ModerationEntry).values(
        at=bindparam("now"),
        actor_id=bindparam("actor_id"),
        action=bindparam("action"),
        reason=bindparam("reason"),
        space_id=bindparam("space_id"),
        thread_id=bindparam("thread_id"),
        seq=bindparam("seq"),
    )
)


async def log(db: Db, *, who: Viewer, action: str, reason: str, thread: Row, seq: int | None, now: datetime) -> None:
    """Write a line of the moderation log, in the transaction of the act itself."""
    await db.run(
        _LOG,
        now=now,
        actor_id=who.id,
        action=action,
        reason=reason,
        space_id=thread["space_id"],
        thread_id=thread["id"],
        seq=seq,
    )


_LOCK_IT = Statement(update(Thread).where(Thread.id == bindparam("of")).values(locked_at=bindparam("at")))
_PIN = Statement(update(Thread).where(Thread.id == bindparam("of")).values(pinned_until=bindparam("until")))
_HELPED = Statement(
    update(Post)
    .where(Post.thread_id == bindparam("of"), Post.seq == bindparam("number"))
    .values(helped_at=bindparam("at"))
)
_THREAD_HELPED = Statement(
    update(Thread)
    .where(Thread.id == bindparam("of"))
    .values(
        helped_at=select(func.max(Post.helped_at))
        .where(Post.thread_id == bindparam("of"), Post.removed_at.is_(None))
        .scalar_subquery()
    )
)
_SUMMARIZE = Statement(
    update(Thread)
    .where(Thread.id == bindparam("of"))
    .values(
        summary_md=bindparam("source"),
        summary_html=bindparam("html"),
        summary_language=bindparam("lang"),
        summary_covers=bindparam("covers"),
        summary_author_id=bindparam("by"),
        summary_at=bindparam("at"),
    )
)
_REPORT = Statement(
    upsert(Report)
    .values(
        post_id=bindparam("post_id"),
        person_id=bindparam("person_id"),
        reason=bindparam("reason"),
        created_at=bindparam("now"),
    )
    .on_conflict_do_nothing(index_elements=[Report.post_id, Report.person_id], index_where=Report.settled_at.is_(None))
)
_SETTLE = Statement(
    update(Report)
    .where(Report.id == bindparam("of"), Report.settled_at.is_(None))
    .values(settled_at=bindparam("now"), settled_by_id=bindparam("by"))
)


async def _locked_row(db: Db, thread_id: int) -> Row:
    thread = (await hold(db, thread_id)).get(thread_id)
    if thread is None:
        raise NotHere
    if thread["merged_into_id"] is not None:
        raise Refused(_("This discussion was merged into another while you were writing."))
    return thread


async def lock(db: Db, *, who: Viewer, thread_id: int, reason: str, now: datetime) -> None:
    """Close a thread to new messages, with the reason that its readers will see."""
    thread = await _locked_row(db, thread_id)
    if thread["locked_at"] is not None:
        raise Refused(_("This discussion is already locked."))
    await db.run(_LOCK_IT, of=thread_id, at=now)
    await _told(db, who, thread, "locked", {"reason": reason}, reason, now)


async def unlock(db: Db, *, who: Viewer, thread_id: int, now: datetime) -> None:
    thread = await _locked_row(db, thread_id)
    if thread["locked_at"] is None:
        raise Refused(_("This discussion is not locked."))
    await db.run(_LOCK_IT, of=thread_id, at=None)
    await _told(db, who, thread, "unlocked", {}, "", now)


async def pin(db: Db, *, who: Viewer, thread_id: int, until: datetime, now: datetime) -> None:
    """Keep a thread on top of its space until a date."""
    thread = await _locked_row(db, thread_id)
    await db.run(_PIN, of=thread_id, until=until)
    await _told(db, who, thread, "pinned", {}, "", now)


async def unpin(db: Db, *, who: Viewer, thread_id: int, now: datetime) -> None:
    thread = await _locked_row(db, thread_id)
    if thread["pinned_until"] is None or thread["pinned_until"] <= now:
        raise Refused(_("This discussion is not pinned."))
    await db.run(_PIN, of=thread_id, until=None)
    await _told(db, who, thread, "unpinned", {}, "", now)


async def mark_helpful(db: Db, *, who: Viewer, thread_id: int, seq: int, helped: bool, now: datetime) -> None:
    """« A répondu à mon besoin », said of a reply or taken back."""
    thread = await _locked_row(db, thread_id)
    if await db.run(_HELPED, of=thread_id, number=seq, at=now if helped else None) == 0:
        raise NotHere
    await db.run(_THREAD_HELPED, of=thread_id)
    await add_event(
        db,
        who=who,
        thread_id=thread_id,
        kind="helped" if helped else "unhelped",
        now=now,
        under=seq,
    )
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])


async def summarize(
    db: Db,
    *,
    who: Viewer,
    thread_id: int,
    visibility: str,
    body: str,
    language: str,
    covers: int,
    now: datetime,
) -> None:
    """Write or renew the summary on top of a thread; it covers messages up to number `covers`."""
    thread = await _locked_row(db, thread_id)
    if not 0 < covers < thread["next_seq"]:
        raise Refused(_("This discussion has no message of that number."))
    text = await written(
        db,
        source=body,
        language=language,
        space_id=thread["space_id"],
        visibility=visibility,
        prefix="summary-",
        numbers_only=True,
    )
    await db.run(_SUMMARIZE, of=thread_id, source=body, html=text.html, lang=language, covers=covers, by=who.id, at=now)
    await _told(db, who, thread, "summarized", {"covers": covers}, "", now)


async def report(db: Db, *, who: Viewer, post_id: int, reason: str, now: datetime) -> None:
    """Ask a facilitator to look. Asking twice about the same message is one question."""
    await db.run(_REPORT, post_id=post_id, person_id=who.id, reason=reason, now=now)


async def settle_report(db: Db, *, who: Viewer, report_id: int, now: datetime) -> None:
    """A facilitator has looked and done what there was to do."""
    if await db.run(_SETTLE, of=report_id, now=now, by=who.id) == 0:
        raise Refused(_("Somebody has already dealt with this report."))


async def _told(
    db: Db, who: Viewer, thread: Row, kind: str, data: dict[str, object], reason: str, now: datetime
) -> None:
    """The line in the thread, the line in the log, and the lists that show it."""
    await add_event(db, who=who, thread_id=thread["id"], kind=kind, now=now, data=data)
    await log(db, who=who, action=kind, reason=reason, thread=thread, seq=None, now=now)
    await db.run(TOUCH_SPACES, ids=[thread["space_id"]])
