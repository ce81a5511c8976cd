"""Registering, and all that changes who has a seat: each act is one function of the database, one round trip.

The functions take the date before anything else, and give what they free to those who wait before they return. Nothing
slow may be done in the same transaction after them: others wait for the same date.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.events.policies.words import REFUSALS, STALE

_REGISTER = Statement(
    "select * from event_register($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    (
        "occurrence_id",
        "way",
        "participant_id",
        "request_key",
        "ticket",
        "listed",
        "organization_id",
        "choices",
        "leaves",
        "proved",
        "now",
        "by",
    ),
)
_PARTY = Statement(
    "select * from event_register_party($1, $2, $3, $4, $5, $6, $7, $8)",
    ("occurrence_id", "way", "organization_id", "members", "tickets", "request_key", "now", "by"),
)
_WALK_IN = Statement(
    "select * from event_walk_in($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    ("occurrence_id", "way", "name", "email", "locale", "request_key", "ticket", "now", "by"),
)
_CHOOSE = Statement("select event_choose($1, $2, $3)", ("registration_id", "choices", "now"))
_ADMIT = Statement("select event_admit($1, $2, $3, $4, $5)", ("registration_id", "was", "cause", "now", "by"))
_END = Statement("select event_end($1, $2, $3, $4, $5)", ("registrations", "status", "cause", "now", "by"))
# The twin of `policies.registrations.is_over`.
_OVER = Statement(
    """
    SELECT EXISTS (SELECT FROM registration r JOIN occurrence o ON o.id = r.occurrence_id
                    WHERE r.id = ANY ($1) AND o.state <> 'postponed' AND o.ends_at <= $2)
    """,
    ("registrations", "now"),
)
_ACCEPT = Statement("select event_accept_offer($1, $2, $3)", ("registration_id", "now", "by"))
_REPLACE = Statement(
    "select * from event_replace($1, $2, $3, $4, $5)", ("registration_id", "participant_id", "ticket", "now", "by")
)
_SEATS = Statement("select event_set_seats($1, $2, $3, $4)", ("occurrence_id", "way", "seats", "now"))
_DECLINE = Statement(
    "select event_decline($1, $2, $3, $4, $5)", ("occurrence_id", "participant_id", "ticket", "now", "by")
)
_EXPIRE = Statement("select event_expire($1)", ("now",))
_ANNOUNCE = Statement("select event_announce($1, $2, $3, $4)", ("occurrence_id", "cause", "now", "by"))
_CANCEL_DATE = Statement("select event_cancel_date($1, $2, $3, $4)", ("occurrence_id", "reason", "now", "by"))
# Calendars believe that something is cancelled once its number has grown.
_COUNT_UP = Statement(
    "UPDATE event_session SET ical_sequence = ical_sequence + 1, changed_at = $2 WHERE occurrence_id = $1",
    ("occurrence_id", "now"),
)
_MERGE = Statement("select event_merge($1, $2, $3, $4)", ("gone", "kept", "now", "by"))


@dataclass(frozen=True, slots=True)
class Registered:
    """`again`: that form had come already, or she was in; nothing was written."""

    id: int
    again: bool


def new_ticket() -> str:
    """What the code at the door holds: nobody guesses another one's."""
    return secrets.token_urlsafe(18)


async def register(
    db: Db,
    *,
    occurrence_id: int,
    way: str,
    participant_id: int,
    now: datetime,
    by: int | None,
    request_key: str | None = None,
    listed: str = "nobody",
    organization_id: int | None = None,
    choices: Sequence[int] = (),
    leaves: int | None = None,
    proved: bool = True,
) -> Registered:
    """Give her a seat, or a place in the queue, or ask the organizers. Raises `Refused` with the reason.

    `proved` is false while nobody has answered from her address. `leaves` is a registration of hers that this one takes
    the place of once it is confirmed.
    """
    with _choosing():
        row = await db.row(
            _REGISTER,
            occurrence_id=occurrence_id,
            way=way,
            participant_id=participant_id,
            request_key=request_key,
            ticket=new_ticket(),
            listed=listed,
            organization_id=organization_id,
            choices=list(choices),
            leaves=leaves,
            proved=proved,
            now=now,
            by=by,
        )
    assert row is not None  # noqa: S101 — a function with OUT parameters gives one row
    if row["outcome"] not in ("new", "again"):
        raise Refused(REFUSALS[row["outcome"]])
    return Registered(row["registration_id"], row["outcome"] == "again")


async def choose(db: Db, *, registration_id: int, choices: Sequence[int], now: datetime) -> None:
    """She makes her choices anew: those that she had and still wants stay hers. Raises `Refused` when one is full."""
    with _choosing():
        _done(await db.value(_CHOOSE, registration_id=registration_id, choices=list(choices), now=now))


@contextmanager
def _choosing() -> Iterator[None]:
    try:
        yield
    except asyncpg.ForeignKeyViolationError as error:
        # The organizers took out a choice while she filled in the form.
        if error.table_name == "registration_choice":
            raise Refused(REFUSALS["gone-choice"]) from error
        raise
    except asyncpg.PostgresError as error:
        if error.sqlstate == "MA001":
            raise Refused(REFUSALS["full-choice"]) from error
        raise


async def register_party(
    db: Db,
    *,
    occurrence_id: int,
    way: str,
    members: Sequence[int | None],
    organization_id: int | None,
    request_key: str | None,
    now: datetime,
    by: int,
) -> int:
    """Several together, all or none; None is a seat to be named later. Returns the number of the party."""
    row = await db.row(
        _PARTY,
        occurrence_id=occurrence_id,
        way=way,
        organization_id=organization_id,
        members=list(members),
        tickets=[new_ticket() for _member in members],
        request_key=request_key,
        now=now,
        by=by,
    )
    assert row is not None  # noqa: S101 — a function with OUT parameters gives one row
    if row["outcome"] not in ("new", "again"):
        raise Refused(REFUSALS[row["outcome"]])
    party: int = row["party"]
    return party


async def walk_in(
    db: Db,
    *,
    occurrence_id: int,
    way: str,
    name: str,
    email: str | None,
    locale: str,
    request_key: str,
    now: datetime,
    by: int,
) -> tuple[str, int | None]:
    """She is there: a seat if one is free, whatever one has to do to register otherwise.

    Returns what `event_walk_in` found, and her registration. Raises `Refused` unless it is for want of a seat.
    """
    row = await db.row(
        _WALK_IN,
        occurrence_id=occurrence_id,
        way=way,
        name=name,
        email=email,
        locale=locale,
        request_key=request_key,
        ticket=new_ticket(),
        now=now,
        by=by,
    )
    assert row is not None  # noqa: S101 — a function with OUT parameters gives one row
    if row["outcome"] in REFUSALS and row["registration_id"] is None:
        raise Refused(REFUSALS[row["outcome"]])
    return row["outcome"], row["registration_id"]


async def confirm_address(db: Db, *, registration_id: int, now: datetime) -> None:
    """Somebody answered from the address that was given: now she gets her seat, or her rank."""
    _done(
        await db.value(_ADMIT, registration_id=registration_id, was="unconfirmed", cause="registered", now=now, by=None)
    )


async def approve(db: Db, *, registration_id: int, now: datetime, by: int) -> None:
    """The organizers say yes; a party is approved as a whole. There may be no seat: then she waits."""
    _done(await db.value(_ADMIT, registration_id=registration_id, was="pending", cause="approved", now=now, by=by))


async def reject(db: Db, *, registration_ids: Sequence[int], now: datetime, by: int) -> int:
    """The organizers say no. Returns how many had not ended already."""
    return await _ended(db, registration_ids, "rejected", "rejected", now, by)


async def withdraw(db: Db, *, registration_ids: Sequence[int], now: datetime, by: int | None) -> int:
    """She does not come after all; whoever waits longest takes her seat. Returns how many had not ended already.

    Raises `Refused` once it is over.
    """
    if await db.value(_OVER, registrations=list(registration_ids), now=now):
        raise Refused(REFUSALS["past"])
    return await _ended(db, registration_ids, "cancelled", "withdrew", now, by)


async def give_back(db: Db, *, registration_ids: Sequence[int], now: datetime, by: int) -> int:
    """An organization does not need these seats. Returns how many had not ended already."""
    return await _ended(db, registration_ids, "cancelled", "given-back", now, by)


async def remove(db: Db, *, registration_ids: Sequence[int], now: datetime, by: int) -> int:
    """The organizers take somebody off the list."""
    return await _ended(db, registration_ids, "cancelled", "removed", now, by)


async def take_back(db: Db, *, registration_id: int, now: datetime, by: int) -> None:
    """The door added somebody by mistake."""
    await _ended(db, [registration_id], "cancelled", "undone-at-door", now, by)


async def decline(db: Db, *, occurrence_id: int, participant_id: int, now: datetime, by: int | None) -> None:
    """She says beforehand that she will not come. Nobody has a seat because of it, and nobody loses one."""
    _done(
        await db.value(
            _DECLINE, occurrence_id=occurrence_id, participant_id=participant_id, ticket=new_ticket(), now=now, by=by
        )
    )


async def accept_offer(db: Db, *, registration_id: int, now: datetime, by: int | None) -> None:
    """She takes the seat that is held for her."""
    _done(await db.value(_ACCEPT, registration_id=registration_id, now=now, by=by))


async def replace(db: Db, *, registration_id: int, participant_id: int, now: datetime, by: int) -> int:
    """Somebody else comes in her place, or on a seat that nobody was named for. Returns the new registration."""
    row = await db.row(
        _REPLACE, registration_id=registration_id, participant_id=participant_id, ticket=new_ticket(), now=now, by=by
    )
    assert row is not None  # noqa: S101 — a function with OUT parameters gives one row
    _done(row["outcome"])
    replacing: int = row["registration_id"]
    return replacing


async def set_seats(db: Db, *, occurrence_id: int, way: str, seats: int | None, now: datetime) -> None:
    """So many seats from now on, or as many as wish. More are given at once; fewer throw nobody out."""
    await db.run(_SEATS, occurrence_id=occurrence_id, way=way, seats=seats, now=now)


async def expire(db: Db, *, now: datetime) -> int:
    """Take back offers that nobody took, and seats that nobody was named for in time. Returns how many."""
    many: int = await db.value(_EXPIRE, now=now)
    return many


async def announce(db: Db, *, occurrence_id: int, cause: str, now: datetime, by: int | None) -> int:
    """Have everybody who comes, or would come, told what changed. Returns how many."""
    many: int = await db.value(_ANNOUNCE, occurrence_id=occurrence_id, cause=cause, now=now, by=by)
    return many


async def cancel_date(db: Db, *, occurrence_id: int, reason: str, now: datetime, by: int) -> int:
    """It does not take place. Returns how many had to be told."""
    many: int = await db.value(_CANCEL_DATE, occurrence_id=occurrence_id, reason=reason, now=now, by=by)
    await db.run(_COUNT_UP, occurrence_id=occurrence_id, now=now)
    return many


async def merge(db: Db, *, gone: int, kept: int, now: datetime, by: int | None) -> None:
    """Two participants are one person. Of two registrations for one date the better stays."""
    await db.run(_MERGE, gone=gone, kept=kept, now=now, by=by)


async def _ended(
    db: Db, registration_ids: Sequence[int], status: str, cause: str, now: datetime, by: int | None
) -> int:
    many: int = await db.value(_END, registrations=list(registration_ids), status=status, cause=cause, now=now, by=by)
    return many


def _done(outcome: str) -> None:
    if outcome != "done":
        raise Refused(REFUSALS.get(outcome, STALE))
