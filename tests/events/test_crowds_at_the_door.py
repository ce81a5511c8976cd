"""Many at the door at once: the same form is one person, and the room is exactly full."""

import asyncio

from maillage.core import clock
from maillage.core.db import Database
from maillage.core.errors import Refused
from maillage.events.commands import attendance
from tests.conftest import finish
from tests.events.gatherings import make_date, make_gathering, on_the_wall
from tests.events.test_never_one_too_many import SEATLESS, UNLOCKED, opened


async def _prepared(database: Database, *, seats: int | None) -> tuple[int, int, int]:
    async with database.writing() as db:
        gathering_id = await make_gathering(db)
        date = await make_date(db, gathering_id, seats=seats, starts=on_the_wall(hours=-1))
        session = await db.connection.fetchval("SELECT id FROM event_session WHERE occurrence_id = $1", date)
        felix = await db.connection.fetchval("SELECT id FROM person WHERE handle = 'felix'")
    return date, session, felix


async def _walks_in(database: Database, session: int, by: int, name: str, email: str, nonce: str) -> str:
    try:
        async with database.writing() as db:
            now = clock.now()
            told = await attendance.walk_in(
                db,
                session_id=session,
                name=name,
                email=email,
                locale="fr-CA",
                nonce=nonce,
                at=now,
                now=now,
                by=by,
            )
    except Refused:
        return "refused"
    outcome: str = told["outcome"]
    return outcome


SEATS, PEOPLE = 12, 60


async def crowd(database: Database, *, locked: bool) -> tuple[int, int]:
    """Many are at the door at once, each sent twice, and some of those registered withdraw. How many have a seat?"""
    date, session, felix = await _prepared(database, seats=SEATS)
    async with database.writing() as db:
        if not locked:
            await db.connection.execute(UNLOCKED)
            await db.connection.execute(SEATLESS)
    jobs = [
        _walks_in(database, session, felix, f"P{n}", f"p{n}@courriel.example" if n % 2 else "", f"{n:020}")
        for n in range(PEOPLE)
        for _twice in range(2)
    ]
    said = await asyncio.gather(*jobs, return_exceptions=True)
    assert not locked or not [one for one in said if isinstance(one, BaseException)]
    async with database.reading() as db:
        count = "SELECT count(*) FROM registration WHERE occurrence_id = $1 AND status = 'confirmed'"
        here = "SELECT count(*) FROM attendance WHERE session_id = $1"
        return await db.connection.fetchval(count, date), await db.connection.fetchval(here, session)


def test_a_crowd_at_the_door_fills_the_room_exactly(world_dsn: str) -> None:
    async def weather() -> None:
        async with opened(world_dsn) as database:
            assert await crowd(database, locked=True) == (SEATS, SEATS)

    finish(weather())


def test_without_the_lock_the_same_crowd_oversells(world_dsn: str) -> None:
    async def weather() -> None:
        async with opened(world_dsn) as database:
            confirmed, _here = await crowd(database, locked=False)
            assert confirmed > SEATS

    finish(weather())


def test_two_at_once_with_the_same_number_are_one_person(world_dsn: str) -> None:
    async def race() -> None:
        async with opened(world_dsn) as database:
            date, session, felix = await _prepared(database, seats=None)
            await asyncio.gather(*(_walks_in(database, session, felix, "Gisèle", "", "n" * 20) for _n in range(8)))
            async with database.reading() as db:
                ask = db.connection.fetchval
                assert await ask("SELECT count(*) FROM registration WHERE occurrence_id = $1", date) == 1
                assert await ask("SELECT count(*) FROM participant WHERE name = 'Gisèle'") == 1
                assert await ask("SELECT count(*) FROM attendance WHERE session_id = $1", session) == 1

    finish(race())
