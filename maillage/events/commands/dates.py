"""The dates of a gathering: added, changed, put off, cancelled.

Those who come are told of a new time or place, once for each save.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
from sqlalchemy import bindparam, delete, insert, update

from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.events.commands import registering
from maillage.events.commands.holding import hold_with_dates, touch
from maillage.events.models import EventSession, Occurrence, OccurrenceAccess, SeatPool
from maillage.events.policies.plans import Planned
from maillage.events.policies.words import CHANGED_MEANWHILE
from maillage.events.policies.zones import instant
from maillage.events.queries import editing as queries
from maillage.events.queries.editing import DATE_COLUMNS

_IN_USE = _("Somebody is registered, or was, in the way that you take away: this date keeps it.")
_ENDED = _("This date is cancelled: make another one instead.")
_OVER_BEFORE_IT_BEGAN = _("People are registered for this date: it cannot be moved to a time that is past.")

_ADD = Statement(
    insert(Occurrence)
    .values(
        {name: bindparam(name, type_=Occurrence.__table__.c[name].type) for name in ("gathering_id", *DATE_COLUMNS)}
    )
    .returning(Occurrence.id)
)
_SET_DATE = Statement(
    update(Occurrence)
    .where(Occurrence.id == bindparam("of"))
    .values(
        {name: bindparam(f"new_{name}", type_=Occurrence.__table__.c[name].type) for name in DATE_COLUMNS}
        | {"version": Occurrence.version + 1}
    )
)
_SET_STATE = Statement(
    update(Occurrence)
    .where(Occurrence.id == bindparam("of"))
    .values(state=bindparam("now_is"), reason=bindparam("why"), version=Occurrence.version + 1)
)
_DROP_SESSION = Statement(delete(EventSession).where(EventSession.id == bindparam("of")))
_SET_SESSION = Statement(
    update(EventSession)
    .where(EventSession.id == bindparam("of"))
    .values(local_start=bindparam("start"), local_end=bindparam("end"), changed_at=bindparam("now"))
)
_ADD_SESSION = Statement(
    insert(EventSession).values(
        occurrence_id=bindparam("occurrence_id"),
        zone=bindparam("zone"),
        local_start=bindparam("start"),
        local_end=bindparam("end"),
        changed_at=bindparam("now"),
    )
)
_BUMP = Statement(
    update(EventSession)
    .where(EventSession.occurrence_id == bindparam("of"))
    .values(ical_sequence=EventSession.ical_sequence + 1, changed_at=bindparam("now"))
)
_DROP_WAY = Statement(
    delete(SeatPool).where(SeatPool.occurrence_id == bindparam("of"), SeatPool.way == bindparam("how"))
)
_FORGET_ACCESS = Statement(delete(OccurrenceAccess).where(OccurrenceAccess.occurrence_id == bindparam("of")))
_ACCESS = Statement(
    insert(OccurrenceAccess).values(
        occurrence_id=bindparam("occurrence_id"),
        fact=bindparam("fact"),
        answer=bindparam("answer"),
        note=bindparam("note"),
    )
)
Sessions = Sequence[tuple[int | None, tuple[datetime, datetime]]]


async def add(db: Db, *, gathering_id: int, planned: Planned, now: datetime) -> int:
    """One more date. Returns its number."""
    columns = {name: getattr(planned, name) for name in DATE_COLUMNS}
    occurrence_id: int = await db.value(_ADD, gathering_id=gathering_id, **columns)
    await _add_sessions(db, occurrence_id, planned.zone, planned.sessions, now)
    await _say_access(db, occurrence_id, planned.access)
    await _set_seats(db, occurrence_id, planned.seats, now)
    await touch(db, gathering_id=gathering_id, now=now)
    return occurrence_id


async def change(
    db: Db,
    *,
    gathering_id: int,
    occurrence_id: int,
    planned: Planned,
    sessions: Sessions,
    seen: str | None = None,
    now: datetime,
    by: int,
) -> int:
    """Write one of its dates anew. Returns how many are told of a new time or place.

    Raises `Refused` where somebody did since `seen`, what `queries.as_seen` said; the same form again changes nothing.
    """
    date, there = await _held(db, gathering_id, occurrence_id)
    if date["state"] == "cancelled":
        raise Refused(_ENDED)
    if seen is not None and seen != queries.as_seen(date, there):
        if _is_so(date, there, planned, sessions):
            return 0
        raise Refused(CHANGED_MEANWHILE)
    if _goes_to_the_past(date, planned, sessions, now):
        raise Refused(_OVER_BEFORE_IT_BEGAN)
    moved = await _set_sessions(db, date, there, planned, sessions, now)
    elsewhere = any(
        date[name] != getattr(planned, name) for name in ("zone", "mode", "place", "address", "locality", "online_url")
    )
    new = {f"new_{name}": getattr(planned, name) for name in DATE_COLUMNS}
    await db.run(_SET_DATE, of=occurrence_id, **new)
    await db.run(_FORGET_ACCESS, of=occurrence_id)
    await _say_access(db, occurrence_id, planned.access)
    # A day given to what was put off is the day on which it takes place.
    if date["state"] == "postponed" and not _at_the_same_times(there, sessions):
        await db.run(_SET_STATE, of=occurrence_id, now_is="scheduled", why="")
    await _set_ways(db, occurrence_id, date, planned, now)
    await touch(db, gathering_id=gathering_id, now=now)
    if not (moved or elsewhere):
        return 0
    await db.run(_BUMP, of=occurrence_id, now=now)
    if date["gathering_state"] != "published" or date["ends_at"] is None or date["ends_at"] <= now:
        return 0
    return await registering.announce(db, occurrence_id=occurrence_id, cause="date-changed", now=now, by=by)


async def postpone(db: Db, *, gathering_id: int, occurrence_id: int, reason: str, now: datetime, by: int) -> None:
    """Its day no longer holds, and no other is known yet. Whoever is registered stays so, and is told."""
    date, _there = await _held(db, gathering_id, occurrence_id)
    if date["state"] != "scheduled":
        raise Refused(_ENDED if date["state"] == "cancelled" else _("This date is already postponed."))
    await db.run(_SET_STATE, of=occurrence_id, now_is="postponed", why=reason)
    await db.run(_BUMP, of=occurrence_id, now=now)
    await touch(db, gathering_id=gathering_id, now=now)
    if date["gathering_state"] == "published":
        await registering.announce(db, occurrence_id=occurrence_id, cause="postponed", now=now, by=by)


async def cancel(db: Db, *, gathering_id: int, occurrence_id: int, reason: str, now: datetime, by: int) -> None:
    """One date does not take place; it stays to be seen, and the others hold."""
    await _held(db, gathering_id, occurrence_id)
    await touch(db, gathering_id=gathering_id, now=now)
    await registering.cancel_date(db, occurrence_id=occurrence_id, reason=reason, now=now, by=by)


async def _held(db: Db, gathering_id: int, occurrence_id: int) -> tuple[Row, Sequence[Row]]:
    """The date and its sessions, once nobody else changes them."""
    await hold_with_dates(db, gathering_id=gathering_id)
    return await queries.date_of(db, gathering_id, occurrence_id)


def _is_so(date: Row, there: Sequence[Row], planned: Planned, sessions: Sessions) -> bool:
    """Whether the date is already what is asked for."""
    seats = {"in-person": date["seats"], "online": date["online_seats"]}
    return (
        all(date[name] == getattr(planned, name) for name in DATE_COLUMNS)
        and planned.seats == {way: seats[way] for way in planned.seats}
        and planned.access == {fact: (answer, note) for fact, answer, note in date["access"] or ()}
        and _at_the_same_times(there, sessions)
    )


def _goes_to_the_past(date: Row, planned: Planned, sessions: Sessions, now: datetime) -> bool:
    """A year written wrong would end what people expect, and tell nobody."""
    expected = date["inside"] + date["online"] + date["waiting"] > 0 and date["ends_at"] and date["ends_at"] > now
    return bool(expected and max(instant(end, planned.zone) for _id, (_start, end) in sessions) <= now)


def _at_the_same_times(there: Sequence[Row], sessions: Sessions) -> bool:
    return sorted(both for _id, both in sessions) == [(row["local_start"], row["local_end"]) for row in there]


async def _set_sessions(
    db: Db, date: Row, there: Sequence[Row], planned: Planned, sessions: Sessions, now: datetime
) -> bool:
    """Whether any session is at another time than before, is new, or is gone."""
    had = {row["id"]: (row["local_start"], row["local_end"]) for row in there}
    if any(id_ is not None and id_ not in had for id_, _both in sessions):
        raise NotHere
    kept = {id_: both for id_, both in sessions if id_ is not None}
    changed = {id_: both for id_, both in kept.items() if had[id_] != both}
    new = [both for id_, both in sessions if id_ is None]
    gone = had.keys() - kept.keys()
    # Two sessions may take one another's time: that no two are at the same is asked at the end.
    for id_, (start, end) in changed.items():
        await db.run(_SET_SESSION, of=id_, start=start, end=end, now=now)
    await _add_sessions(db, date["id"], date["zone"], new, now)
    for id_ in gone:
        await db.run(_DROP_SESSION, of=id_)
    return bool(changed or new or gone or date["zone"] != planned.zone)


async def _set_ways(db: Db, occurrence_id: int, date: Row, planned: Planned, now: datetime) -> None:
    had = {"in-person", "online"} if date["mode"] == "hybrid" else {date["mode"]}
    for way in sorted(had - planned.seats.keys()):
        try:
            await db.run(_DROP_WAY, of=occurrence_id, how=way)
        except asyncpg.ForeignKeyViolationError as error:
            raise Refused(_IN_USE) from error
    await _set_seats(db, occurrence_id, planned.seats, now)


async def _add_sessions(
    db: Db, occurrence_id: int, zone: str, sessions: Sequence[tuple[datetime, datetime]], now: datetime
) -> None:
    for start, end in sessions:
        await db.run(_ADD_SESSION, occurrence_id=occurrence_id, zone=zone, start=start, end=end, now=now)


async def _say_access(db: Db, occurrence_id: int, access: Mapping[str, tuple[str, str]]) -> None:
    for fact, (answer, note) in access.items():
        await db.run(_ACCESS, occurrence_id=occurrence_id, fact=fact, answer=answer, note=note)


async def _set_seats(db: Db, occurrence_id: int, ways: Mapping[str, int | None], now: datetime) -> None:
    for way, seats in ways.items():
        await registering.set_seats(db, occurrence_id=occurrence_id, way=way, seats=seats, now=now)
