"""Who is invited to a gathering, and what an invitation says to whoever has it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select

from maillage.auth.models import Person
from maillage.auth.queries.people import HERE
from maillage.core.db import Db, Row, Statement

_PEOPLE = Statement(select(Person.handle, Person.id).where(Person.handle == func.any(bindparam("handles")), HERE))
# Where she stands: what still holds before what has ended.
_INVITED = Statement(
    """
    SELECT i.id, i.created_at, p.name, p.handle, pa.email, pa.name AS guest, by.name AS inviter,
           (SELECT r.status FROM registration r JOIN occurrence o ON o.id = r.occurrence_id
             WHERE o.gathering_id = i.gathering_id AND r.participant_id = pa.id
             ORDER BY r.status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed') DESC, r.id DESC LIMIT 1)
               AS status
      FROM event_invitation i
      JOIN participant pa ON pa.id = i.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
      JOIN person by ON by.id = i.invited_by_id
     WHERE i.gathering_id = $1
     ORDER BY coalesce(p.name, pa.name), i.id LIMIT 1000
    """,
    ("gathering_id",),
)
_ONE = Statement(
    """
    SELECT i.id, i.note, i.gathering_id, g.title, g.slug, g.language, g.state, g.visibility, g.summary, pa.person_id,
           coalesce(p.email, pa.email) AS email, coalesce(p.name, pa.name) AS name,
           coalesce(p.locale, pa.locale) AS locale, by.name AS inviter,
           p.id IS NULL OR p.closed_at IS NULL AND p.suspended_at IS NULL AS is_here
      FROM event_invitation i
      JOIN gathering g ON g.id = i.gathering_id
      JOIN participant pa ON pa.id = i.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
      JOIN person by ON by.id = i.invited_by_id
     WHERE i.id = $1
    """,
    ("invitation_id",),
)
_WHEN = Statement(
    """
    SELECT o.zone, s.local_start, s.local_end
      FROM occurrence o
      JOIN LATERAL (SELECT local_start, local_end FROM event_session WHERE occurrence_id = o.id
                     ORDER BY starts_at LIMIT 1) s ON true
     WHERE o.gathering_id = $1 AND o.state = 'scheduled' AND o.starts_at > $2 ORDER BY o.starts_at, o.id LIMIT 5
    """,
    ("gathering_id", "now"),
)


async def accounts(db: Db, handles: Sequence[str]) -> dict[str, int]:
    """The accounts of these handles, by handle."""
    if not handles:
        return {}
    return {row["handle"]: row["id"] for row in await db.rows(_PEOPLE, handles=list(handles))}


async def invited(db: Db, gathering_id: int) -> Sequence[Row]:
    """Everybody who is invited, by name, and where her registration stands."""
    return await db.rows(_INVITED, gathering_id=gathering_id)


async def invitation(db: Db, invitation_id: int) -> Row | None:
    """One of them, with the gathering."""
    return await db.row(_ONE, invitation_id=invitation_id)


async def coming_dates(db: Db, gathering_id: int, now: datetime) -> Sequence[Row]:
    """When it takes place: the first session of each of its next dates."""
    return await db.rows(_WHEN, gathering_id=gathering_id, now=now)
