"""The sessions that a calendar shows: of a list, of one gathering, of one registration, of one person."""

from collections.abc import Sequence
from datetime import datetime

from maillage.core.db import Db, Row, Statement
from maillage.core.sealing import TOKEN_LENGTH, token_hash
from maillage.events.models import LIVE
from maillage.events.queries.shown import NARROWED, NARROWED_BY, Filters

# A feed holds what has ended for so long: a calendar that looks seldom still learns that something was cancelled.
_KEPT = "interval '60 days'"
_COLUMNS = """
    s.ical_uid, s.ical_sequence, s.local_start, s.local_end, s.zone, s.starts_at, s.ends_at, s.title AS session_title,
    greatest(s.changed_at, g.changed_at) AS changed_at, o.id AS occurrence_id, o.state AS date_state, o.label, o.mode,
    o.place, o.address, o.locality, g.id, g.slug, g.title, g.state, g.summary,
    (SELECT count(*) FROM event_session e WHERE e.occurrence_id = o.id) AS of,
    (SELECT count(*) FROM event_session e WHERE e.occurrence_id = o.id AND e.starts_at <= s.starts_at) AS nth
"""
_SESSIONS = """
    FROM event_session s JOIN occurrence o ON o.id = s.occurrence_id JOIN gathering g ON g.id = o.gathering_id
"""
_PUBLIC = Statement(
    f"""
    SELECT {_COLUMNS} {_SESSIONS}
     WHERE {NARROWED} AND g.state IN ('published', 'cancelled') AND g.visibility = 'public'
       AND o.ends_at > date_trunc('day', $5::timestamptz) - {_KEPT}
     ORDER BY s.starts_at, s.id LIMIT 1000
    """,
    (*NARROWED_BY, "now"),
)
_OF_GATHERING = Statement(
    f"SELECT {_COLUMNS} {_SESSIONS} WHERE g.id = $1 AND ($2::bigint IS NULL OR o.id = $2)"
    " ORDER BY s.starts_at, s.id LIMIT 1000",
    ("gathering_id", "occurrence_id"),
)
# With how many times her place on that date had come or gone, since it was first hers, at one of its changes.
_OF_REGISTRATION = Statement(
    f"""
    SELECT {_COLUMNS}, r.way, o.online_url,
           (SELECT greatest(count(*) - 1, 0) FROM registration_change c JOIN registration h ON h.id = c.registration_id
             WHERE h.occurrence_id = r.occurrence_id AND h.participant_id = r.participant_id
               AND c.id <= $2
               AND (c.from_status IS NOT DISTINCT FROM 'confirmed') <> (c.to_status = 'confirmed')) AS moved
      {_SESSIONS} JOIN registration r ON r.occurrence_id = o.id
     WHERE r.id = $1
     ORDER BY s.starts_at, s.id
    """,  # noqa: S608 — our own words
    ("registration_id", "change_id"),
)
# Where she is registered, waits, or has a hand in it.
_OF_PERSON = Statement(
    f"""
    SELECT {_COLUMNS}, r.way, coalesce(r.status, 'confirmed') AS status
      {_SESSIONS}
      LEFT JOIN LATERAL (
          SELECT r.status, r.way FROM registration r JOIN participant pa ON pa.id = r.participant_id
           WHERE r.occurrence_id = o.id AND pa.person_id = $1 AND r.status = ANY ($2)
           ORDER BY r.status = 'confirmed' DESC, r.id LIMIT 1) r ON true
     WHERE o.id IN (SELECT r.occurrence_id FROM registration r JOIN participant pa ON pa.id = r.participant_id
                     WHERE pa.person_id = $1 AND r.status = ANY ($2)
                     UNION SELECT d.id FROM gathering_hand h JOIN occurrence d ON d.gathering_id = h.gathering_id
                     WHERE h.person_id = $1)
       AND g.state IN ('published', 'cancelled') AND o.ends_at > date_trunc('day', $3::timestamptz) - {_KEPT}
     ORDER BY s.starts_at, s.id LIMIT 1000
    """,  # noqa: S608 — our own words
    ("person_id", "live", "now"),
)
_FEED = Statement(
    """
    SELECT p.id, p.locale FROM calendar_feed f JOIN person p ON p.id = f.person_id
     WHERE f.token_hash = $1 AND p.closed_at IS NULL AND p.suspended_at IS NULL
    """,
    ("hash_is",),
)
_SINCE = Statement("SELECT created_at FROM calendar_feed WHERE person_id = $1", ("person_id",))


async def public(db: Db, filters: Filters, now: datetime) -> Sequence[Row]:
    """What anybody may see of these, two months back and all that is to come."""
    return await db.rows(_PUBLIC, **filters.given, now=now)


async def of_gathering(db: Db, gathering_id: int, occurrence_id: int | None) -> Sequence[Row]:
    """All of its sessions, or those of one date. The caller came through the door."""
    return await db.rows(_OF_GATHERING, gathering_id=gathering_id, occurrence_id=occurrence_id)


async def of_registration(db: Db, registration_id: int, change_id: int) -> Sequence[Row]:
    """The sessions of its date, with the way in which she takes part and how often, at that change, her place had come
    or gone."""
    return await db.rows(_OF_REGISTRATION, registration_id=registration_id, change_id=change_id)


async def of_person(db: Db, person_id: int, now: datetime) -> Sequence[Row]:
    """All that she takes part in or looks after."""
    return await db.rows(_OF_PERSON, person_id=person_id, live=list(LIVE), now=now)


async def feed_of(db: Db, token: str) -> Row | None:
    """Whose calendar this address is, and her language; nobody's once she has replaced it or left."""
    if len(token) != TOKEN_LENGTH:
        return None
    return await db.row(_FEED, hash_is=token_hash(token))


async def feed_since(db: Db, person_id: int) -> datetime | None:
    """Since when her calendar has the address that it has."""
    since: datetime | None = await db.value(_SINCE, person_id=person_id)
    return since
