"""A gathering and its dates as their forms show them."""

from collections.abc import Sequence
from hashlib import sha256

from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere

_GATHERING = Statement(
    """
    SELECT g.*, t.body_md AS description,
           (SELECT array_agg(term_id) FROM gathering_term WHERE gathering_id = g.id) AS terms,
           (SELECT array_agg(hours ORDER BY hours DESC) FROM reminder_rule WHERE gathering_id = g.id) AS reminders
      FROM gathering g LEFT JOIN gathering_text t ON t.gathering_id = g.id AND t.field = 'description'
     WHERE g.id = $1
    """,
    ("gathering_id",),
)
# With how many have a seat each way, and how many wait: what a change of numbers would do.
_DATES = """
    SELECT o.*, g.state AS gathering_state, inside.seats, online.seats AS online_seats,
           (SELECT array_agg(ARRAY[fact, answer, note] ORDER BY fact) FROM occurrence_access
             WHERE occurrence_id = o.id) AS access,
           (SELECT count(*) FROM registration WHERE occurrence_id = o.id AND way = 'in-person'
               AND status IN ('confirmed', 'offered')) AS inside,
           (SELECT count(*) FROM registration WHERE occurrence_id = o.id AND way = 'online'
               AND status IN ('confirmed', 'offered')) AS online,
           (SELECT count(*) FROM registration WHERE occurrence_id = o.id AND status = 'waiting') AS waiting,
           (SELECT min(local_start) FROM event_session WHERE occurrence_id = o.id) AS local_start,
           (SELECT max(local_end) FROM event_session WHERE occurrence_id = o.id) AS local_end
      FROM occurrence o
      JOIN gathering g ON g.id = o.gathering_id
      LEFT JOIN seat_pool inside ON inside.occurrence_id = o.id AND inside.way = 'in-person'
      LEFT JOIN seat_pool online ON online.occurrence_id = o.id AND online.way = 'online'
     WHERE o.gathering_id = $1
"""
_ALL = Statement(f"{_DATES} ORDER BY o.starts_at, o.id LIMIT 200", ("gathering_id",))
_ONE = Statement(f"{_DATES} AND o.id = $2", ("gathering_id", "occurrence_id"))
_SESSIONS = Statement(
    "SELECT id, local_start, local_end FROM event_session WHERE occurrence_id = $1 ORDER BY local_start",
    ("occurrence_id",),
)
# Those that are named already, in their order, then those to which she belongs.
_BODIES = Statement(
    """
    SELECT o.id, o.name, b.gathering_id IS NOT NULL AS named
      FROM organization o
      LEFT JOIN gathering_organization b ON b.organization_id = o.id AND b.gathering_id = $1
     WHERE b.gathering_id IS NOT NULL
        OR o.closed_at IS NULL AND EXISTS (
           SELECT FROM membership m
            WHERE m.organization_id = o.id AND m.person_id = $2 AND m.state = 'active' AND m.ended_on IS NULL)
     ORDER BY b.position, o.name, o.id
    """,
    ("gathering_id", "person_id"),
)
# What a form of a date shows; who comes is no part of it.
DATE_COLUMNS = (
    *("label", "mode", "zone", "place", "address", "locality", "region_id", "online_url", "online_note"),
    *("opens_at", "closes_at"),
)
# What she may begin another one with: the models that she has a hand in.
_MODELS = Statement(
    """
    SELECT g.id, g.title, g.language FROM gathering g JOIN gathering_hand h ON h.gathering_id = g.id
     WHERE h.person_id = $1 AND h.role = 'organizer' AND g.state = 'model' ORDER BY g.title, g.id LIMIT 50
    """,
    ("person_id",),
)


async def gathering_as_it_stands(db: Db, gathering_id: int) -> Row:
    """All that its form shows. The caller came through the door."""
    row = await db.row(_GATHERING, gathering_id=gathering_id)
    assert row is not None  # noqa: S101 — the door found it
    return row


async def dates_of(db: Db, gathering_id: int) -> Sequence[Row]:
    """Its dates with what a change of each would touch."""
    return await db.rows(_ALL, gathering_id=gathering_id)


async def date_of(db: Db, gathering_id: int, occurrence_id: int) -> tuple[Row, Sequence[Row]]:
    """One of its dates, and its sessions. Raises `NotHere` when it is not one of its dates."""
    row = await db.row(_ONE, gathering_id=gathering_id, occurrence_id=occurrence_id)
    if row is None:
        raise NotHere
    return row, await db.rows(_SESSIONS, occurrence_id=occurrence_id)


def as_seen(row: Row, sessions: Sequence[Row]) -> str:
    """What a date says, in one word that its form carries: another word, and somebody changed it meanwhile."""
    said = [row[name] for name in (*DATE_COLUMNS, "state", "seats", "online_seats", "access")]
    return sha256(repr((said, [tuple(session.values()) for session in sessions])).encode()).hexdigest()[:16]


async def bodies_of(db: Db, gathering_id: int, person_id: int) -> Sequence[Row]:
    """The organizations that she may name as those that hold it; `named` are those that it names now."""
    return await db.rows(_BODIES, gathering_id=gathering_id, person_id=person_id)


async def models_of(db: Db, person_id: int) -> Sequence[Row]:
    """The models with which she may begin."""
    return await db.rows(_MODELS, person_id=person_id)
