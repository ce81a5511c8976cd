"""A hundred seats and a thousand people at once: whatever they do in whatever order, nobody is one too many.

The same storm runs once with the lock taken away, and then it must go wrong: otherwise it would prove nothing.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from maillage.core import clock
from maillage.core.db import Database, Db
from maillage.events.commands import registering
from maillage.events.queries import health
from tests.conftest import finish
from tests.events.gatherings import make_date, make_gathering

PEOPLE, SEATS, CONNECTIONS = 300, 40, 16


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[Database]:
    database = await Database.open(dsn, size=CONNECTIONS, statement_timeout_ms=60_000)
    try:
        yield database
    finally:
        await database.close()


async def prepared(database: Database) -> tuple[int, int, list[int]]:
    async with database.writing() as db:
        gathering_id = await make_gathering(db)
        occurrence_id = await make_date(db, gathering_id, seats=SEATS)
        rows = await db.connection.fetch(
            "INSERT INTO participant (email, name) SELECT 'p' || n || '@courriel.example', 'P' || n "
            "FROM generate_series(1, $1) n RETURNING id",
            PEOPLE,
        )
    return gathering_id, occurrence_id, [row["id"] for row in rows]


async def storm(database: Database, occurrence_id: int, people: list[int], seed: int, *, strict: bool = True) -> None:
    """Each posts the same form twice at the same time; four in ten withdraw, some of them twice."""
    chance = random.Random(seed)
    plans = [(participant_id, chance.random() < 0.4) for participant_id in people]

    async def post(participant_id: int) -> int:
        async with database.writing() as db:
            registered = await registering.register(
                db,
                occurrence_id=occurrence_id,
                way="in-person",
                participant_id=participant_id,
                request_key=f"form-{participant_id}",
                now=clock.now(),
                by=None,
            )
        return registered.id

    async def life(participant_id: int, leaves: bool) -> None:
        first, second = await asyncio.gather(post(participant_id), post(participant_id))
        assert first == second
        if leaves:
            await asyncio.sleep(chance.random() * 0.05)

            async def withdraw() -> None:
                async with database.writing() as db:
                    await registering.withdraw(db, registration_ids=[first], now=clock.now(), by=None)

            await asyncio.gather(withdraw(), withdraw())

    lived = await asyncio.gather(*(life(*plan) for plan in plans), return_exceptions=True)
    errors = [error for error in lived if isinstance(error, BaseException)]
    assert strict is False or not errors, errors[:3]


async def counted(db: Db, occurrence_id: int) -> dict[str, int]:
    rows = await db.connection.fetch(
        "SELECT status, count(*) AS many FROM registration WHERE occurrence_id = $1 GROUP BY status", occurrence_id
    )
    return {row["status"]: row["many"] for row in rows}


def test_a_storm_fills_the_room_exactly(world_dsn: str) -> None:
    async def weather() -> None:
        async with opened(world_dsn) as database:
            gathering_id, occurrence_id, people = await prepared(database)
            await storm(database, occurrence_id, people, seed=7)
            async with database.reading() as db:
                assert await health.problems(db, [gathering_id], clock.now()) == []
                standing = await counted(db, occurrence_id)
                assert standing["confirmed"] == SEATS
                # Everybody is somewhere, once.
                assert sum(standing.values()) == PEOPLE
                changes = await db.connection.fetchval(
                    "SELECT count(*) FROM registration_change c JOIN registration r ON r.id = c.registration_id "
                    "WHERE r.occurrence_id = $1",
                    occurrence_id,
                )
                letters = await db.connection.fetchval(
                    "SELECT count(DISTINCT payload) FROM pgqueuer WHERE entrypoint = 'registration_letter'"
                )
                moves = await db.connection.fetchval(
                    "SELECT sum(transition) FROM registration WHERE occurrence_id = $1", occurrence_id
                )
                assert letters == changes == moves

    finish(weather())


UNLOCKED = "CREATE OR REPLACE FUNCTION event_hold(given bigint[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$"
# Seats without the rows that make a double use of one an error: what is left is the lock alone.
SEATLESS = """
    ALTER TABLE registration DROP CONSTRAINT uq_registration_occurrence_id_way_seat_no;
    DROP INDEX uq_registration_queue
"""


def test_without_the_lock_the_same_storm_oversells(world_dsn: str) -> None:
    async def weather() -> None:
        async with opened(world_dsn) as database:
            gathering_id, occurrence_id, people = await prepared(database)
            async with database.writing() as db:
                await db.connection.execute(UNLOCKED)
                await db.connection.execute(SEATLESS)
            # Whoever is refused by what is left of the constraints is not what is looked at here.
            await storm(database, occurrence_id, people, seed=7, strict=False)
            async with database.reading() as db:
                found = {problem.what for problem in await health.problems(db, [gathering_id], clock.now())}
                standing = await counted(db, occurrence_id)
        assert standing["confirmed"] > SEATS
        assert health.PROBLEMS["oversold"] in found

    finish(weather())


def test_without_the_lock_the_constraints_still_let_nobody_in_twice(world_dsn: str) -> None:
    async def weather() -> None:
        async with opened(world_dsn) as database:
            _gathering_id, occurrence_id, people = await prepared(database)
            async with database.writing() as db:
                await db.connection.execute(UNLOCKED)
            refused = 0

            async def post(participant_id: int) -> None:
                nonlocal refused
                try:
                    async with database.writing() as db:
                        await registering.register(
                            db,
                            occurrence_id=occurrence_id,
                            way="in-person",
                            participant_id=participant_id,
                            now=clock.now(),
                            by=None,
                        )
                except asyncpg.UniqueViolationError:
                    refused += 1

            await asyncio.gather(*(post(participant_id) for participant_id in people for _twice in range(2)))
            async with database.reading() as db:
                standing = await counted(db, occurrence_id)
                taken = await db.connection.fetchval(
                    "SELECT count(DISTINCT seat_no) FROM registration WHERE occurrence_id = $1 AND seat_no IS NOT NULL",
                    occurrence_id,
                )
        assert refused > 0
        assert standing["confirmed"] == taken <= SEATS

    finish(weather())


TWICE = """
    INSERT INTO registration (occurrence_id, way, limited, participant_id, status, ticket)
    SELECT occurrence_id, way, limited, participant_id, 'pending', 'x' || id FROM registration
"""


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE registration SET status = 'confirmed' WHERE status = 'waiting'",
        "UPDATE registration SET seat_no = 1 WHERE status = 'confirmed'",
        "UPDATE registration SET seat_no = 99 WHERE status = 'confirmed' AND seat_no = 1",
        "UPDATE registration SET limited = false, seat_no = NULL WHERE status = 'confirmed'",
        "DELETE FROM seat WHERE n = 1",
        TWICE,
    ],
)
def test_no_statement_can_oversell_a_room(world_dsn: str, wrong: str) -> None:
    async def attempt() -> None:
        async with opened(world_dsn) as database:
            async with database.writing() as db:
                gathering_id = await make_gathering(db)
                occurrence_id = await make_date(db, gathering_id, seats=2)
                for n in range(3):
                    participant_id = await db.connection.fetchval(
                        "INSERT INTO participant (email, name) VALUES ($1, 'P') RETURNING id", f"q{n}@courriel.example"
                    )
                    await registering.register(
                        db,
                        occurrence_id=occurrence_id,
                        way="in-person",
                        participant_id=participant_id,
                        now=clock.now(),
                        by=None,
                    )
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                async with database.writing() as db:
                    await db.connection.execute(wrong)

    finish(attempt())
