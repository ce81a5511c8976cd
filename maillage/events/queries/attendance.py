"""Who is expected at the door, who is there, and what somebody may be given a certificate of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maillage.core.db import Db, Row, Statement
from maillage.core.names import sort_key
from maillage.events.policies.attendance import TO_LOOK_AT

_SESSIONS = Statement(
    """
    SELECT s.id, s.occurrence_id, s.local_start, s.local_end, s.zone, s.starts_at, s.ends_at, s.title,
           o.label, o.mode, o.place, o.locality
      FROM event_session s
      JOIN occurrence o ON o.id = s.occurrence_id AND o.state <> 'cancelled'
     WHERE o.gathering_id = $1
     ORDER BY s.starts_at, s.id LIMIT 500
    """,
    ("gathering_id",),
)
# Who was there stays on the list, whatever became of the registration.
_EXPECTED = Statement(
    """
    SELECT r.id, r.way, r.ticket, coalesce(nullif(r.named, ''), p.name, pa.name) AS name, org.name AS organization,
           a.at, a.source
      FROM event_session s
      JOIN registration r ON r.occurrence_id = s.occurrence_id
      LEFT JOIN attendance a ON a.registration_id = r.id AND a.session_id = s.id
      LEFT JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
      LEFT JOIN registration_party party ON party.id = r.party_id
      LEFT JOIN organization org ON org.id = coalesce(r.organization_id, party.organization_id)
     WHERE s.id = $1 AND (r.status = 'confirmed' OR a.at IS NOT NULL)
    """,
    ("session_id",),
)
_SCAN = """
    SELECT scan.nonce, scan.outcome, scan.registration_id, scan.at AS scanned_at, a.at,
           coalesce(nullif(r.named, ''), p.name, pa.name) AS name
      FROM scan
      LEFT JOIN registration r ON r.id = scan.registration_id
      LEFT JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
      LEFT JOIN attendance a ON a.registration_id = scan.registration_id AND a.session_id = scan.session_id
"""
_ONE_SCAN = Statement(f"{_SCAN} WHERE scan.session_id = $1 AND scan.nonce = $2", ("session_id", "nonce"))
# Somebody who was let in after all is no longer one to look at.
_ODD_SCANS = Statement(
    f"{_SCAN} WHERE scan.session_id = $1 AND scan.outcome = ANY ($2) AND a.at IS NULL ORDER BY scan.at DESC LIMIT 20",
    ("session_id", "outcomes"),
)
_ROOM = Statement(
    """
    SELECT o.id AS occurrence_id, o.starts_at, p.limited,
           (SELECT count(*) FROM seat x WHERE x.occurrence_id = o.id AND x.way = p.way AND NOT EXISTS (
               SELECT FROM registration r WHERE r.occurrence_id = o.id AND r.way = p.way AND r.seat_no = x.n)) AS free,
           (SELECT count(*) FROM registration r WHERE r.occurrence_id = o.id AND r.way = p.way
               AND r.status = 'waiting') AS waiting
      FROM event_session s
      JOIN occurrence o ON o.id = s.occurrence_id
      JOIN seat_pool p ON p.occurrence_id = o.id AND p.way = 'in-person'
     WHERE s.id = $1
    """,
    ("session_id",),
)
_WHOSE = Statement(
    """
    SELECT r.id, coalesce(p.name, pa.name) AS name, coalesce(p.locale, pa.locale) AS locale, g.id AS gathering_id,
           g.title, g.language,
           (SELECT array_agg(x.name ORDER BY b.position) FROM gathering_organization b
              JOIN organization x ON x.id = b.organization_id WHERE b.gathering_id = g.id) AS organizations,
           (SELECT array_agg(x.name ORDER BY x.name) FROM gathering_hand h JOIN person x ON x.id = h.person_id
             WHERE h.gathering_id = g.id AND h.role = 'organizer' AND x.closed_at IS NULL) AS organizers
      FROM registration r
      JOIN occurrence o ON o.id = r.occurrence_id
      JOIN gathering g ON g.id = o.gathering_id
      JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
     WHERE r.id = $1
    """,
    ("registration_id",),
)
# All that she attended of that gathering, for whichever of its dates she had registered.
_ATTENDED = Statement(
    """
    SELECT s.id, s.local_start, s.local_end, s.zone, s.starts_at, s.ends_at, s.title, r.way, o.place, o.locality,
           r.id AS registration_id
      FROM registration asked
      JOIN occurrence its ON its.id = asked.occurrence_id
      JOIN registration r ON r.participant_id = asked.participant_id
      JOIN occurrence o ON o.id = r.occurrence_id AND o.gathering_id = its.gathering_id
      JOIN attendance a ON a.registration_id = r.id
      JOIN event_session s ON s.id = a.session_id AND s.ends_at <= $2
     WHERE asked.id = $1
     ORDER BY s.starts_at, s.id
    """,
    ("registration_id", "now"),
)


@dataclass(frozen=True, slots=True)
class Attended:
    """Somebody, the gathering, and the sessions of it that she attended and that are over, the first one first."""

    whose: Row
    sessions: Sequence[Row]


async def sessions(db: Db, gathering_id: int) -> Sequence[Row]:
    """The sessions at whose door somebody may stand, the first one first."""
    return await db.rows(_SESSIONS, gathering_id=gathering_id)


async def expected(db: Db, session_id: int) -> Sequence[Row]:
    """Those who have a seat, or were there, by name; seats without a name come last."""
    rows = await db.rows(_EXPECTED, session_id=session_id)
    return sorted(rows, key=lambda row: (row["name"] is None, sort_key(row["name"] or ""), row["id"]))


async def room(db: Db, session_id: int) -> Row | None:
    """How many seats are free in the room of a session, and how many wait for one; None where one comes online only."""
    return await db.row(_ROOM, session_id=session_id)


async def scan(db: Db, session_id: int, nonce: str) -> Row | None:
    """What became of one reading of a code."""
    return await db.row(_ONE_SCAN, session_id=session_id, nonce=nonce)


async def odd_scans(db: Db, session_id: int) -> Sequence[Row]:
    """The latest codes that somebody has to look at."""
    return await db.rows(_ODD_SCANS, session_id=session_id, outcomes=list(TO_LOOK_AT))


async def attended(db: Db, registration_id: int, now: datetime) -> Attended | None:
    """What a certificate can say to her whose registration it is; None where it is nobody's."""
    whose = await db.row(_WHOSE, registration_id=registration_id)
    if whose is None:
        return None
    return Attended(whose, await db.rows(_ATTENDED, registration_id=registration_id, now=now))
