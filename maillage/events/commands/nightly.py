"""What time does to gatherings that are over: their organizers are asked for a report, those who came what followed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update

from maillage.core import jobs
from maillage.core.db import Database, Db, Statement
from maillage.events.models import Gathering
from maillage.events.queries.afterwards import CAME
from maillage.events.queries.hands import organizers
from maillage.notices.commands import tell

# A report is asked for once, so long after the end; what followed, three months after.
REPORT, FOLLOW_UP = timedelta(days=3), timedelta(days=90)
# Nobody is asked about what was long ago when this began to be asked.
_TOO_LATE = timedelta(days=60)

_OVER = """
    SELECT g.id FROM gathering g
     WHERE g.state = 'published' AND {still}
       AND (SELECT max(o.ends_at) FROM occurrence o WHERE o.gathering_id = g.id AND o.state = 'scheduled')
           BETWEEN $1 AND $2
     ORDER BY g.id
"""
_UNREPORTED = Statement(_OVER.format(still="g.reported_at IS NULL AND g.report_asked_at IS NULL"), ("from_", "until"))
_TO_FOLLOW = Statement(_OVER.format(still="g.followed_up_at IS NULL"), ("from_", "until"))
_ASKED = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"), Gathering.reported_at.is_(None), Gathering.report_asked_at.is_(None))
    .values(report_asked_at=bindparam("now"))
    .returning(Gathering.id)
)
_FOLLOWED = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"), Gathering.followed_up_at.is_(None))
    .values(followed_up_at=bindparam("now"))
    .returning(Gathering.id)
)
# By account, where there is one: whoever has none is written to.
_THOSE_WHO_CAME = Statement(
    f"""
    SELECT DISTINCT p.id, p.person_id
      FROM registration r
      JOIN participant p ON p.id = r.participant_id AND (p.person_id IS NOT NULL OR p.email IS NOT NULL)
      JOIN occurrence o ON o.id = r.occurrence_id AND o.state = 'scheduled'
     WHERE o.gathering_id = $1 AND {CAME}
    """,  # noqa: S608 — our own words
    ("gathering_id",),
)


@dataclass(frozen=True, slots=True)
class LookedAfter:
    reports_asked: int
    followed_up: int


async def look_after(database: Database, *, now: datetime) -> LookedAfter:
    """Once a night. Each gathering in a transaction of its own."""
    async with database.reading() as db:
        unreported = await db.rows(_UNREPORTED, from_=now - _TOO_LATE, until=now - REPORT)
        to_follow = await db.rows(_TO_FOLLOW, from_=now - FOLLOW_UP - _TOO_LATE, until=now - FOLLOW_UP)
    asked = followed = 0
    for row in unreported:
        async with database.writing() as db:
            asked += await _ask_for_report(db, row["id"], now)
    for row in to_follow:
        async with database.writing() as db:
            followed += await _ask_what_followed(db, row["id"], now)
    return LookedAfter(asked, followed)


async def _ask_for_report(db: Db, gathering_id: int, now: datetime) -> bool:
    if await db.value(_ASKED, of=gathering_id, now=now) is None:
        return False
    people = await organizers(db, gathering_id)
    await tell(db, people=people, kind="report-missing", subject_kind="gathering", subject_id=gathering_id, now=now)
    return True


async def _ask_what_followed(db: Db, gathering_id: int, now: datetime) -> bool:
    if await db.value(_FOLLOWED, of=gathering_id, now=now) is None:
        return False
    came = await db.rows(_THOSE_WHO_CAME, gathering_id=gathering_id)
    people = {row["person_id"] for row in came if row["person_id"] is not None}
    await tell(db, people=people, kind="and-then", subject_kind="gathering_after", subject_id=gathering_id, now=now)
    for row in came:
        if row["person_id"] is None:
            payload = {"gathering_id": gathering_id, "participant_id": row["id"]}
            await jobs.enqueue(db, "and_then_letter", payload, dedupe_key=f"{gathering_id}:{row['id']}")
    return True
