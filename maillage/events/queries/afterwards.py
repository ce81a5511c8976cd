"""A gathering after it took place: its report, what came of it, what people said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from maillage.core.db import Db, Statement
from maillage.events.models import Evaluation, Gathering, GatheringText, Occurrence, Outcome
from maillage.events.policies.afterwards import FEWEST
from maillage.forum.models import Thread
from maillage.forum.queries.door import thread_path

_REPORT = Statement(
    select(
        Gathering.reported_at,
        select(func.max(Occurrence.ends_at))
        .where(Occurrence.gathering_id == Gathering.id, Occurrence.state == "scheduled")
        .scalar_subquery()
        .label("ended_at"),
    ).where(Gathering.id == bindparam("gathering_id"))
)
_TEXTS = Statement(
    select(GatheringText.field, GatheringText.body_md, GatheringText.body_html, GatheringText.revision).where(
        GatheringText.gathering_id == bindparam("gathering_id")
    )
)
_OUTCOMES = Statement(
    select(
        Outcome.id,
        Outcome.kind,
        Outcome.body,
        Outcome.owner,
        Outcome.due_on,
        Thread.id.label("thread_id"),
        Thread.slug.label("thread_slug"),
        func.coalesce(Thread.post_count, 1).label("posts"),
    )
    .outerjoin(Thread, Thread.id == Outcome.thread_id)
    .where(Outcome.gathering_id == bindparam("gathering_id"))
    .order_by(Outcome.id)
)
_SAID = Statement(
    select(Evaluation.useful, Evaluation.learned, Evaluation.change)
    .where(Evaluation.gathering_id == bindparam("gathering_id"))
    .order_by(Evaluation.id)
)
# Of registration `r` for date `o`: she came if somebody at the door saw her; where nobody stood there, if she was
# expected.
CAME = """
    (r.status = 'confirmed'
       AND (EXISTS (SELECT FROM attendance a WHERE a.registration_id = r.id)
            OR NOT EXISTS (SELECT FROM attendance a JOIN registration x ON x.id = a.registration_id
                            WHERE x.occurrence_id = o.id)))
"""
_CAME = Statement(
    f"""
    SELECT r.id, EXISTS (SELECT FROM evaluated e WHERE e.registration_id = r.id) AS done, max(s.ends_at) AS ended_at
      FROM registration r
      JOIN participant p ON p.id = r.participant_id
      JOIN occurrence o ON o.id = r.occurrence_id AND o.state = 'scheduled'
      JOIN event_session s ON s.occurrence_id = o.id
     WHERE o.gathering_id = $1 AND (p.person_id = $2::bigint OR r.id = $3::bigint) AND {CAME}
     GROUP BY r.id ORDER BY done, r.id LIMIT 1
    """,  # noqa: S608 — our own words
    ("gathering_id", "person_id", "registration_id"),
)


@dataclass(frozen=True, slots=True)
class Came:
    """Of somebody who came: her registration, whether she has answered, when it ended."""

    id: int
    done: bool
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    id: int
    kind: str
    body: str
    owner: str
    due_on: date | None
    thread_path: str | None
    replies: int


@dataclass(frozen=True, slots=True)
class Opinions:
    """What people said of it. Under five answers, only how many."""

    answers: int
    useful: Sequence[tuple[str, int]] = ()
    learned: Sequence[str] = ()
    change: Sequence[str] = ()

    @property
    def can_be_shown(self) -> bool:
        return self.answers >= FEWEST


@dataclass(frozen=True, slots=True)
class Report:
    reported_at: datetime | None
    ended_at: datetime | None
    notes_md: str
    notes_html: str
    revision: int
    changes_md: str
    changes_html: str
    outcomes: Sequence[OutcomeRow]
    opinions: Opinions


async def report(db: Db, gathering_id: int) -> Report:
    """Everything that its report says, in four questions."""
    row = await db.row(_REPORT, gathering_id=gathering_id)
    assert row is not None  # noqa: S101 — the door found it
    texts = {text["field"]: text for text in await db.rows(_TEXTS, gathering_id=gathering_id)}
    notes, changes = texts.get("notes"), texts.get("changes")
    outcomes = [
        OutcomeRow(
            each["id"],
            each["kind"],
            each["body"],
            each["owner"],
            each["due_on"],
            thread_path(each["thread_id"], each["thread_slug"]) if each["thread_id"] else None,
            each["posts"] - 1,
        )
        for each in await db.rows(_OUTCOMES, gathering_id=gathering_id)
    ]
    return Report(
        row["reported_at"],
        row["ended_at"],
        notes["body_md"] if notes else "",
        notes["body_html"] if notes else "",
        notes["revision"] if notes else 0,
        changes["body_md"] if changes else "",
        changes["body_html"] if changes else "",
        outcomes,
        await opinions(db, gathering_id),
    )


async def opinions(db: Db, gathering_id: int) -> Opinions:
    rows = await db.rows(_SAID, gathering_id=gathering_id)
    if len(rows) < FEWEST:
        return Opinions(len(rows))
    return Opinions(
        len(rows),
        [(str(n), sum(row["useful"] == n for row in rows)) for n in range(5, 0, -1)],
        [row["learned"] for row in rows if row["learned"]],
        [row["change"] for row in rows if row["change"]],
    )


async def came(db: Db, gathering_id: int, *, person_id: int | None, registration_id: int | None = None) -> Came | None:
    """Her registration for it, by her account or by the link in her letter, if she came."""
    row = await db.row(_CAME, gathering_id=gathering_id, person_id=person_id, registration_id=registration_id)
    return Came(row["id"], row["done"], row["ended_at"]) if row else None
