"""The facilitators' desk: what waits for a person's eye; the public log; one's own drafts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Boolean, and_, bindparam, case, cast, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from maillage.auth.models import Membership, Organization, Person
from maillage.auth.viewer import SPOKEN_FOR_FIRST, Viewer, Who
from maillage.core.db import Db, Statement
from maillage.forum.models import Draft, ModerationEntry, Post, PostAlias, Report, Space, SpaceMember, Thread
from maillage.forum.policies import readable, tended
from maillage.forum.queries.door import post_path, thread_path

UNANSWERED_AFTER = timedelta(days=7)
NEWCOMER_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    title: str
    path: str
    language: str
    author_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingReport:
    id: int
    path: str
    title: str
    language: str
    author_name: str
    reporter_name: str
    reason: str
    excerpt: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    handle: str
    name: str
    organization_name: str | None
    created_at: datetime
    pending: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that waits for a facilitator, oldest first."""

    questions: list[WaitingQuestion]
    reports: list[WaitingReport]
    newcomers: list[Newcomer]


_me = bindparam("person_id", type_=Person.id.type)


_mine = tended(_me, bindparam("moderates", type_=Boolean()))
_QUESTIONS = Statement(
    select(Thread.id, Thread.slug, Thread.title, Thread.language, Person.name, Thread.created_at)
    .join(Space, Space.id == Thread.space_id)
    .join(Person, Person.id == Thread.author_id)
    .where(
        _mine,
        Thread.kind == "question",
        Thread.post_count == 1,
        Thread.locked_at.is_(None),
        Thread.merged_into_id.is_(None),
        Thread.created_at < bindparam("before"),
    )
    .order_by(Thread.created_at)
    .limit(50)
)
_Reporter = aliased(Person, name="reporter")
_REPORTS = Statement(
    select(
        Report.id,
        Post.thread_id,
        Post.seq,
        Thread.title,
        Thread.language,
        Person.name,
        _Reporter.name.label("reporter_name"),
        Report.reason,
        func.left(Post.body_md, 300).label("excerpt"),
        Report.created_at,
    )
    .join(Post, Post.id == Report.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Space, Space.id == Thread.space_id)
    .join(Person, Person.id == Post.author_id)
    .join(_Reporter, _Reporter.id == Report.person_id)
    .where(_mine, Report.settled_at.is_(None))
    .order_by(Report.created_at)
    .limit(50)
)
# One line a person, however many organizations she has: the one that she waits for, else the one she speaks for.
_belonging = (
    select(Organization.name, Membership.state)
    .join(Organization, Organization.id == Membership.organization_id)
    .where(Membership.person_id == Person.id, Membership.ended_on.is_(None), Organization.closed_at.is_(None))
    .order_by((Membership.state == "pending").desc(), *SPOKEN_FOR_FIRST)
    .limit(1)
    .lateral("belonging")
)
_NEWCOMERS = Statement(
    select(
        Person.handle,
        Person.name,
        _belonging.c.name.label("organization_name"),
        Person.created_at,
        func.coalesce(_belonging.c.state == "pending", False).label("pending"),
    )
    .outerjoin(_belonging, true())
    .where(
        Person.closed_at.is_(None),
        or_(
            _belonging.c.state == "pending",
            and_(
                Person.created_at > bindparam("since"),
                ~select(literal_column("1")).where(Post.author_id == Person.id).exists(),
            ),
        ),
    )
    .order_by(Person.created_at)
    .limit(50)
)


async def inbox(db: Db, who: Viewer, now: datetime) -> Inbox:
    """What waits for this facilitator. Newcomers are shown to those who moderate the whole platform."""
    mine = {"person_id": who.id, "moderates": who.moderates}
    questions = await db.rows(_QUESTIONS, **mine, before=now - UNANSWERED_AFTER)
    reports = await db.rows(_REPORTS, **mine)
    newcomers = await db.rows(_NEWCOMERS, since=now - NEWCOMER_FOR) if who.moderates else []
    return Inbox(
        [
            WaitingQuestion(
                row["title"],
                thread_path(row["id"], row["slug"]),
                row["language"],
                row["name"],
                row["created_at"],
            )
            for row in questions
        ],
        [
            WaitingReport(
                row["id"],
                post_path(row["thread_id"], row["seq"]),
                row["title"],
                row["language"],
                row["name"],
                row["reporter_name"],
                row["reason"],
                row["excerpt"],
                row["created_at"],
            )
            for row in reports
        ],
        [Newcomer(*row) for row in newcomers],
    )


_TENDS = Statement(
    select(literal_column("1")).where(SpaceMember.person_id == _me, SpaceMember.role == "facilitator").limit(1)
)
_report_space = (
    select(Thread.space_id)
    .join(Post, Post.thread_id == Thread.id)
    .join(Report, Report.post_id == Post.id)
    .where(Report.id == bindparam("report_id"))
)
_MAY_SETTLE = Statement(select(Space.id).where(_mine, Space.id == _report_space.scalar_subquery()))


async def tends_something(db: Db, who: Viewer) -> bool:
    """Whether there is any space that this person looks after."""
    return who.moderates or await db.value(_TENDS, person_id=who.id) is not None


async def may_settle(db: Db, who: Viewer, report_id: int) -> bool:
    """Whether a report is about a message of a space that this person looks after."""
    found = await db.value(_MAY_SETTLE, person_id=who.id, moderates=who.moderates, report_id=report_id)
    return found is not None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the moderation log. Its actor is named to those signed in, and is a role to everyone else."""

    at: datetime
    action: str
    reason: str
    actor_name: str
    title: str
    language: str
    path: str


_Home = aliased(Thread, name="home")


def _log(stranger: bool) -> Statement:
    return Statement(
        select(
            ModerationEntry.id,
            ModerationEntry.at,
            ModerationEntry.action,
            ModerationEntry.reason,
            Person.name,
            Thread.title,
            Thread.language,
            ModerationEntry.thread_id,
            ModerationEntry.seq,
        )
        .join(Person, Person.id == ModerationEntry.actor_id)
        .join(Thread, Thread.id == ModerationEntry.thread_id)
        # Where its first message is now decides who may read of a thread, and so does where it was then.
        .outerjoin(PostAlias, and_(PostAlias.thread_id == Thread.id, PostAlias.seq == literal_column("1")))
        .outerjoin(Post, Post.id == PostAlias.post_id)
        .join(_Home, _Home.id == func.coalesce(Post.thread_id, Thread.id))
        .join(Space, Space.id == _Home.space_id)
        .where(
            readable(None if stranger else _me),
            ModerationEntry.space_id.in_(select(Space.id).where(readable(None if stranger else _me))),
            ModerationEntry.id < bindparam("before", type_=ModerationEntry.id.type),
        )
        .order_by(ModerationEntry.id.desc())
        .limit(50)
    )


_LOG_OF_STRANGER, _LOG_OF_READER = _log(stranger=True), _log(stranger=False)


async def log_lines(db: Db, who: Who, before: int = 2**62) -> tuple[list[LogLine], int | None]:
    """Fifty lines of the log, the newest first, and the key of the next page if there is one."""
    rows = await (
        db.rows(_LOG_OF_READER, person_id=who.id, before=before) if who else db.rows(_LOG_OF_STRANGER, before=before)
    )
    lines = [
        LogLine(
            row["at"],
            row["action"],
            row["reason"],
            row["name"],
            row["title"],
            row["language"],
            post_path(row["thread_id"], row["seq"] or 1),
        )
        for row in rows
    ]
    return lines, rows[-1]["id"] if len(rows) == 50 else None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A text not yet sent. `edits` is the address of the message that it would change, if that is what it is for."""

    place: str
    title: str
    body: str
    updated_at: datetime
    edits: str | None


_edited_id = case(
    (Draft.place.regexp_match("^edit:[0-9]{1,18}$"), cast(func.substr(Draft.place, len("edit:") + 1), Post.id.type))
)
_DRAFTS = Statement(
    select(Draft.place, Draft.title, Draft.body, Draft.updated_at, Post.thread_id, Post.seq)
    .outerjoin(Post, Post.id == _edited_id)
    .where(Draft.person_id == _me, or_(Draft.body != "", Draft.title != ""))
    .order_by(Draft.updated_at.desc())
    .limit(50)
)
_DRAFT = Statement(
    select(Draft.title, Draft.body, Draft.sequence).where(Draft.person_id == _me, Draft.place == bindparam("place"))
)
_DRAFT_COUNT = Statement(select(func.count()).where(Draft.person_id == _me, or_(Draft.body != "", Draft.title != "")))


async def drafts(db: Db, who: Viewer) -> list[DraftRow]:
    return [
        DraftRow(
            row["place"],
            row["title"],
            row["body"],
            row["updated_at"],
            post_path(row["thread_id"], row["seq"]) if row["thread_id"] else None,
        )
        for row in await db.rows(_DRAFTS, person_id=who.id)
    ]


async def draft_count(db: Db, who: Viewer) -> int:
    return int(await db.value(_DRAFT_COUNT, person_id=who.id))


async def draft(db: Db, who: Viewer, place: str) -> tuple[str, str, int]:
    """Title, body and number of the draft for a place; empty when there is none."""
    row = await db.row(_DRAFT, person_id=who.id, place=place)
    return (row["title"], row["body"], row["sequence"]) if row else ("", "", 0)
