"""At the door: noting that somebody is there, however often her code is read and from however many devices."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.events.commands import registering
from maillage.events.models import Attendance, Scan
from maillage.events.policies.attendance import no_seat
from maillage.events.queries import attendance as queries

# Of that gathering only: a code of another one is unknown here.
_FIND = """
    SELECT r.id, r.status, r.occurrence_id = s.occurrence_id AS here
      FROM event_session s
      JOIN occurrence its ON its.id = s.occurrence_id
      JOIN occurrence o ON o.gathering_id = its.gathering_id
      JOIN registration r ON r.occurrence_id = o.id
     WHERE s.id = $1 AND r.{what} = $2
"""
_BY_TICKET = Statement(_FIND.format(what="ticket"), ("session_id", "ticket"))
_BY_NUMBER = Statement(_FIND.format(what="id"), ("session_id", "registration_id"))
_ARRIVE = Statement(
    insert(Attendance)
    .values(
        registration_id=bindparam("registration_id"),
        session_id=bindparam("session_id"),
        at=bindparam("at"),
        recorded_at=bindparam("now"),
        by_id=bindparam("by"),
        source=bindparam("source"),
    )
    .on_conflict_do_nothing()
    .returning(Attendance.registration_id)
)
_LEAVE = Statement(
    delete(Attendance).where(
        Attendance.session_id == bindparam("session_id"), Attendance.registration_id == bindparam("registration_id")
    )
)
# Added at this session, and seen at no other.
_ADDED_HERE = Statement(
    """
    SELECT EXISTS (SELECT FROM attendance WHERE session_id = $1 AND registration_id = $2 AND source = 'spot')
       AND NOT EXISTS (SELECT FROM attendance WHERE session_id <> $1 AND registration_id = $2)
    """,
    ("session_id", "registration_id"),
)
_SCANNED = Statement(select(Scan.nonce).where(Scan.nonce == bindparam("nonce")))
_SCAN = Statement(
    insert(Scan)
    .values(
        nonce=bindparam("nonce"),
        session_id=bindparam("session_id"),
        registration_id=bindparam("registration_id"),
        outcome=bindparam("outcome"),
        at=bindparam("at"),
        by_id=bindparam("by"),
    )
    .on_conflict_do_nothing()
)
# Paper does not say when: they were there as it began.
_TYPE_IN = Statement(
    """
    INSERT INTO attendance (registration_id, session_id, at, recorded_at, by_id, source)
    SELECT r.id, s.id, s.starts_at, $3, $4, 'sheet'
      FROM event_session s
      JOIN registration r ON r.occurrence_id = s.occurrence_id AND r.status = 'confirmed' AND r.id = ANY ($2)
     WHERE s.id = $1
    ON CONFLICT DO NOTHING
    """,
    ("session_id", "registrations", "now", "by"),
)
_TAKE_OUT = Statement(
    "DELETE FROM attendance WHERE session_id = $1 AND registration_id = ANY ($2)", ("session_id", "registrations")
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown at the door: the ticket of a code, or the number of a name on the list."""

    ticket: str | None = None
    registration_id: int | None = None


async def arrive(db: Db, *, session_id: int, shown: Shown, nonce: str, at: datetime, now: datetime, by: int) -> Row:
    """Note an arrival, and what was read. Sent again, `nonce` is the same reading and changes nothing.

    Returns the reading: its outcome, whose it is, and since when she is there.
    """
    if await db.value(_SCANNED, nonce=nonce) is None:
        found = await _found(db, session_id, shown)
        outcome = await _outcome(db, session_id, found, shown, at, now, by)
        await _note(db, session_id, found["id"] if found else None, nonce, outcome, at, by)
    return await _told(db, session_id, nonce)


async def walk_in(
    db: Db,
    *,
    session_id: int,
    name: str,
    email: str,
    locale: str,
    nonce: str,
    at: datetime,
    now: datetime,
    by: int,
) -> Row:
    """Somebody is there without being registered: register her, and note that she is there.

    Returns what `arrive` does. Raises `Refused` when there is no seat for her; nothing is written then.
    """
    room = await queries.room(db, session_id)
    if room is None:
        raise NotHere
    if await db.value(_SCANNED, nonce=nonce) is None:
        outcome, registration_id = await registering.walk_in(
            db,
            occurrence_id=room["occurrence_id"],
            way="in-person",
            name=name,
            email=email.lower() or None,
            locale=locale,
            request_key=nonce,
            now=now,
            by=by,
        )
        if registration_id is None:
            raise Refused(no_seat(outcome, room["waiting"]))
        source = "spot" if outcome == "new" else "name"
        here = await _arrived(db, session_id, registration_id, at, now, by, source)
        await _note(db, session_id, registration_id, nonce, here, at, by)
    return await _told(db, session_id, nonce)


async def _note(
    db: Db, session_id: int, registration_id: int | None, nonce: str, outcome: str, at: datetime, by: int
) -> None:
    """What came of a reading. Where another one of its number came meanwhile, that one says what happened."""
    await db.run(
        _SCAN, nonce=nonce, session_id=session_id, registration_id=registration_id, outcome=outcome, at=at, by=by
    )


async def _told(db: Db, session_id: int, nonce: str) -> Row:
    told = await queries.scan(db, session_id, nonce)
    if told is None:
        # The number of a reading at another door.
        raise NotHere
    return told


async def _found(db: Db, session_id: int, shown: Shown) -> Row | None:
    if shown.ticket is not None:
        return await db.row(_BY_TICKET, session_id=session_id, ticket=shown.ticket)
    return await db.row(_BY_NUMBER, session_id=session_id, registration_id=shown.registration_id)


async def _outcome(
    db: Db, session_id: int, found: Row | None, shown: Shown, at: datetime, now: datetime, by: int
) -> str:
    if found is None:
        return "unknown"
    if not found["here"]:
        return "other-date"
    if found["status"] != "confirmed":
        return "not-confirmed"
    return await _arrived(db, session_id, found["id"], at, now, by, "name" if shown.ticket is None else "code")


async def _arrived(
    db: Db, session_id: int, registration_id: int, at: datetime, now: datetime, by: int, source: str
) -> str:
    new = await db.value(
        _ARRIVE, registration_id=registration_id, session_id=session_id, at=at, now=now, by=by, source=source
    )
    return "again" if new is None else "arrived"


async def undo(db: Db, *, session_id: int, registration_id: int, now: datetime, by: int) -> None:
    """She was noted by mistake. Somebody who was added at the door is not registered any more either."""
    # The date first, as everywhere.
    if await db.value(_ADDED_HERE, session_id=session_id, registration_id=registration_id):
        await registering.take_back(db, registration_id=registration_id, now=now, by=by)
    await db.run(_LEAVE, session_id=session_id, registration_id=registration_id)


async def type_in(
    db: Db, *, session_id: int, came: Collection[int], were: Collection[int], now: datetime, by: int
) -> None:
    """Keep the marks of a sheet. `were`: those who had theirs when it was opened; what others noted since stays."""
    await db.run(_TYPE_IN, session_id=session_id, registrations=sorted(set(came) - set(were)), now=now, by=by)
    await db.run(_TAKE_OUT, session_id=session_id, registrations=sorted(set(were) - set(came)))
