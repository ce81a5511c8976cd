"""Reminders: found again and again, and each written once for a person and a start."""

from datetime import datetime, timedelta

from maillage.core import jobs
from maillage.core.db import Db, Statement

# A reminder later than that says nothing useful: it is noted as missed, and not sent.
LATE = timedelta(hours=3)

# A date that moves is another start, hence another reminder; the earlier one finds itself wrong when it would leave.
_DUE = Statement(
    """
    INSERT INTO reminder (rule_id, registration_id, starts_at, status, at)
    SELECT rule.id, r.id, o.starts_at,
           CASE WHEN o.starts_at - make_interval(hours => rule.hours) < $1::timestamptz - $2::interval
                THEN 'missed' ELSE 'queued' END,
           $1
      FROM reminder_rule rule
      JOIN gathering g ON g.id = rule.gathering_id AND g.state = 'published'
      JOIN occurrence o ON o.gathering_id = g.id AND o.state = 'scheduled' AND o.starts_at > $1
           AND o.starts_at - make_interval(hours => rule.hours) <= $1
      JOIN registration r ON r.occurrence_id = o.id AND r.status = 'confirmed' AND r.participant_id IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING id, status
    """,
    ("now", "late"),
)
_ENDED = Statement("UPDATE reminder SET status = $2, at = $3 WHERE id = $1", ("reminder_id", "status", "now"))


async def remind(db: Db, *, now: datetime) -> int:
    """Have those reminded whose time has come. Returns how many."""
    due = [row["id"] for row in await db.rows(_DUE, now=now, late=LATE) if row["status"] == "queued"]
    for reminder_id in due:
        await jobs.enqueue(db, "reminder_letter", {"reminder_id": reminder_id}, dedupe_key=str(reminder_id))
    return len(due)


async def end(db: Db, *, reminder_id: int, status: str, now: datetime) -> None:
    """It was sent, or there is no longer any use in it."""
    await db.run(_ENDED, reminder_id=reminder_id, status=status, now=now)
