"""The questions for a gathering and its agenda, as whoever looks may read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from maillage.auth.models import Person
from maillage.auth.viewer import Who
from maillage.core.db import Db, Row, Statement
from maillage.events.models import AgendaQuestion, AgendaTopic, AgendaVote, Gathering, Occurrence
from maillage.events.policies.times import Times
from maillage.events.queries.times import COLUMNS, ITS_DATES, times_of
from maillage.forum.models import Post, Space, Thread
from maillage.forum.policies import readable
from maillage.forum.queries.door import post_path

_Reply = aliased(Post, name="reply")
_of = bindparam("gathering_id", type_=Gathering.id.type)
_me = bindparam("person_id", type_=Person.id.type)
# All who may read the gathering may read what is written there.
OPEN_TO_ALL = or_(Space.visibility == "public", and_(Space.visibility == "members", Gathering.visibility == "members"))
# Nobody took the message out, and all readers of the gathering may read it.
_shown = and_(Post.removed_at.is_(None), OPEN_TO_ALL)
_hidden = (
    select(func.string_agg(cast(AgendaQuestion.id, String), aggregate_order_by(literal(","), AgendaQuestion.id)))
    .select_from(AgendaQuestion)
    .join(Post, Post.id == AgendaQuestion.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Space, Space.id == Thread.space_id)
    .where(AgendaQuestion.gathering_id == Gathering.id, ~_shown)
    .correlate(Gathering)
    .scalar_subquery()
)
# Which questions of a published agenda its page leaves out, as a number, over `gathering`: moderating the forum changes
# it, and knows nothing of gatherings.
LEFT_OUT = case(
    (Gathering.agenda_at.is_not(None), func.hashtextextended(func.coalesce(_hidden, ""), literal_column("0"))), else_=0
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as one person sees it. `supports` are those of others than who asked it."""

    id: int
    body: str
    language: str
    topic_id: int | None
    position: int
    path: str
    asked_by_id: int | None
    asked_by: str
    created_at: datetime
    set_aside: bool
    supports: int
    supported: bool
    answer: str
    answer_path: str


@dataclass(frozen=True, slots=True)
class Point:
    """A topic of the agenda with its questions."""

    title: str
    minutes: int | None
    questions: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Agenda:
    """All that one person may see. `removed` counts what is no longer in the forum, or not where she may read."""

    published: bool
    revision: int
    times: Times
    topics: Sequence[Row]
    questions: Sequence[Asked]
    set_aside: Sequence[Asked]
    removed: int

    @property
    def points(self) -> list[Point]:
        """The agenda, in its order."""
        return [
            Point(
                topic["title"],
                topic["minutes"],
                sorted(
                    (asked for asked in self.questions if asked.topic_id == topic["id"]),
                    key=lambda asked: (asked.position, asked.created_at, asked.id),
                ),
            )
            for topic in self.topics
        ]

    @property
    def loose(self) -> list[Asked]:
        """Those under no topic."""
        return [asked for asked in self.questions if asked.topic_id is None]


_HEAD = Statement(
    select(Gathering.agenda_at, Gathering.agenda_revision, *COLUMNS)
    .outerjoin(Occurrence, ITS_DATES)
    .where(Gathering.id == _of)
    .group_by(Gathering.id)
)
_TOPICS = Statement(
    select(AgendaTopic.id, AgendaTopic.title, AgendaTopic.minutes)
    .where(AgendaTopic.gathering_id == _of)
    .order_by(AgendaTopic.position, AgendaTopic.id)
)
_THERE = Statement(
    select(AgendaQuestion.id).where(AgendaQuestion.id == bindparam("question_id"), AgendaQuestion.gathering_id == _of)
)
_votes = (
    select(func.count())
    .where(
        AgendaVote.question_id == AgendaQuestion.id,
        AgendaVote.person_id.is_distinct_from(AgendaQuestion.asked_by_id),
    )
    .correlate(AgendaQuestion)
    .scalar_subquery()
)


def _questions(may_read: ColumnElement[bool]) -> Statement:
    mine = (
        select(literal(1))
        .where(AgendaVote.question_id == AgendaQuestion.id, AgendaVote.person_id == _me)
        .correlate(AgendaQuestion)
        .exists()
    )
    supports = _votes.label("supports")
    return Statement(
        select(
            AgendaQuestion.id,
            AgendaQuestion.body,
            AgendaQuestion.topic_id,
            AgendaQuestion.position,
            AgendaQuestion.asked_by_id,
            AgendaQuestion.created_at,
            AgendaQuestion.set_aside_at,
            AgendaQuestion.answer,
            Post.language,
            Post.thread_id,
            Post.seq,
            Person.name.label("asked_by"),
            supports,
            mine.label("supported"),
            case((_Reply.removed_at.is_(None), _Reply.thread_id)).label("reply_thread"),
            _Reply.seq.label("reply_seq"),
            cast(and_(Post.removed_at.is_(None), may_read), Boolean).label("shown"),
        )
        .join(Post, Post.id == AgendaQuestion.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Space, Space.id == Thread.space_id)
        .outerjoin(Person, Person.id == AgendaQuestion.asked_by_id)
        .outerjoin(_Reply, _Reply.id == AgendaQuestion.answer_post_id)
        .where(AgendaQuestion.gathering_id == _of)
        .order_by(supports.desc(), AgendaQuestion.created_at, AgendaQuestion.id)
    )


_QUESTIONS, _QUESTIONS_OF_STRANGER = _questions(readable(_me)), _questions(readable(None))
_OF_PAGE = Statement(
    select(
        AgendaTopic.id,
        AgendaTopic.title,
        AgendaTopic.minutes,
        AgendaQuestion.id.label("question_id"),
        AgendaQuestion.body,
        (AgendaQuestion.answer != "").label("answered"),
        Post.language,
        Post.thread_id,
        Post.seq,
        _shown.label("shown"),
    )
    .join(Gathering, Gathering.id == AgendaTopic.gathering_id)
    .outerjoin(
        AgendaQuestion,
        and_(
            AgendaQuestion.gathering_id == AgendaTopic.gathering_id,
            AgendaQuestion.topic_id == AgendaTopic.id,
            AgendaQuestion.set_aside_at.is_(None),
        ),
    )
    .outerjoin(Post, Post.id == AgendaQuestion.post_id)
    .outerjoin(Thread, Thread.id == Post.thread_id)
    .outerjoin(Space, Space.id == Thread.space_id)
    .where(AgendaTopic.gathering_id == _of)
    .order_by(
        AgendaTopic.position, AgendaTopic.id, AgendaQuestion.position, AgendaQuestion.created_at, AgendaQuestion.id
    )
)


async def is_there(db: Db, gathering_id: int, question_id: int) -> bool:
    """Whether it is a question of this gathering."""
    return await db.value(_THERE, gathering_id=gathering_id, question_id=question_id) is not None


async def agenda(db: Db, who: Who, gathering_id: int) -> Agenda:
    """Three questions, however many were asked. The caller came through the door."""
    head = await db.row(_HEAD, gathering_id=gathering_id)
    assert head is not None  # noqa: S101 — the door found it
    topics = await db.rows(_TOPICS, gathering_id=gathering_id)
    statement = _QUESTIONS if who is not None else _QUESTIONS_OF_STRANGER
    rows = await db.rows(statement, gathering_id=gathering_id, person_id=who.id if who else 0)
    asked = [_asked(row) for row in rows if row["shown"]]
    return Agenda(
        head["agenda_at"] is not None,
        head["agenda_revision"],
        times_of(head),
        topics,
        [each for each in asked if not each.set_aside],
        [each for each in asked if each.set_aside],
        len(rows) - len(asked),
    )


async def of_page(db: Db, gathering_id: int) -> list[Point]:
    """The agenda as everybody sees it on the page of the gathering: no counts, which change all the time."""
    points: dict[int, tuple[Row, list[dict[str, Any]]]] = {}
    for row in await db.rows(_OF_PAGE, gathering_id=gathering_id):
        _topic, questions = points.setdefault(row["id"], (row, []))
        if row["shown"]:
            path = post_path(row["thread_id"], row["seq"])
            named = {name: row[name] for name in ("body", "language", "answered")}
            questions.append({"id": row["question_id"], "path": path} | named)
    return [Point(row["title"], row["minutes"], questions) for row, questions in points.values()]


def _asked(row: Row) -> Asked:
    return Asked(
        row["id"],
        row["body"],
        row["language"],
        row["topic_id"],
        row["position"],
        post_path(row["thread_id"], row["seq"]),
        row["asked_by_id"],
        row["asked_by"] or "",
        row["created_at"],
        row["set_aside_at"] is not None,
        row["supports"],
        row["supported"],
        row["answer"],
        post_path(row["reply_thread"], row["reply_seq"]) if row["reply_thread"] else "",
    )
