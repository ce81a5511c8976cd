"""The letter of the day after: found again and again, and each written once to somebody who came."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, update

from maillage.core import jobs
from maillage.core.db import Db, Statement
from maillage.events.models import Thanks
from maillage.events.queries.afterwards import CAME

# So long after the end: at home again, and the sheet of the door is typed in. Two days later it says nothing any more.
AFTER, LATE = timedelta(hours=15), timedelta(days=2)
# Of what was over for longer when this began to be looked at, nothing is said.
_LONG_OVER = timedelta(days=30)

_DUE = Statement(
    f"""
    INSERT INTO thanks (registration_id, status, at)
    SELECT r.id, CASE WHEN o.ends_at < $1::timestamptz - $2::interval - $3::interval THEN 'missed' ELSE 'queued' END, $1
      FROM occurrence o
      JOIN gathering g ON g.id = o.gathering_id AND g.state = 'published'
      JOIN registration r ON r.occurrence_id = o.id AND r.participant_id IS NOT NULL
     WHERE o.state = 'scheduled' AND o.ends_at BETWEEN $1::timestamptz - $4::interval AND $1::timestamptz - $2::interval
       AND {CAME}
    ON CONFLICT DO NOTHING
    RETURNING registration_id, status
    """,  # noqa: S608 — our own words
    ("now", "after", "late", "long_over"),
)
_ENDED = Statement(
    update(Thanks).where(Thanks.registration_id == bindparam("of")).values(status=bindparam("new"), at=bindparam("now"))
)


async def thank(db: Db, *, now: datetime) -> int:
    """Have those thanked who came to what is over. Returns how many."""
    rows = await db.rows(_DUE, now=now, after=AFTER, late=LATE, long_over=_LONG_OVER)
    due = [row["registration_id"] for row in rows if row["status"] == "queued"]
    for registration_id in due:
        await jobs.enqueue(
            db, "thanks_letter", {"registration_id": registration_id}, dedupe_key=f"thanks {registration_id}"
        )
    return len(due)


async def end(db: Db, *, registration_id: int, status: str, now: datetime) -> None:
    """It was sent, or there is no longer any use in it."""
    await db.run(_ENDED, of=registration_id, new=status, now=now)
