"""A connection cut at any moment leaves a registration whole or absent; sent again, the form makes it whole, once."""

import asyncio

import asyncpg
import pytest

from maillage.core import clock
from maillage.core.db import Database, Db
from maillage.core.errors import Unavailable
from maillage.events.commands import registering
from maillage.events.queries import health
from tests.conftest import finish
from tests.events.gatherings import make_date, make_gathering, make_guest

# Where the function is held up: it has the lock and has read nothing; it has counted and written nothing; all is
# written but the letter; all is written.
PAUSE = "PERFORM pg_sleep(20) WHERE current_setting('application_name') = 'cut';"
AFTER_LOCK = f"""
    CREATE OR REPLACE FUNCTION event_hold(given bigint[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        PERFORM FROM occurrence WHERE id = ANY (event_reach(given)) ORDER BY id FOR NO KEY UPDATE;
        {PAUSE}
    END $$
"""
AFTER_COUNT = f"""
    ALTER FUNCTION event_move RENAME TO event_moved_at_once;
    CREATE FUNCTION event_move(moved bigint, onto text, why text, at timestamptz, who bigint, seat integer,
                               until timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
        {PAUSE}
        RETURN event_moved_at_once(moved, onto, why, at, who, seat, until);
    END $$
"""
BEFORE_LETTER = f"""
    CREATE FUNCTION paused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {PAUSE} RETURN NEW; END $$;
    CREATE TRIGGER paused BEFORE INSERT ON pgqueuer FOR EACH ROW EXECUTE FUNCTION paused()
"""
NOWHERE = "SELECT"


async def _prepared(database: Database, pause: str) -> tuple[int, int, int]:
    async with database.writing() as db:
        gathering_id = await make_gathering(db)
        occurrence_id = await make_date(db, gathering_id, seats=1)
        guest = await make_guest(db, "Aline Saint-Clair")
        await db.connection.execute(pause)
    return gathering_id, occurrence_id, guest


async def _register(db: Db, occurrence_id: int, guest: int) -> registering.Registered:
    return await registering.register(
        db,
        occurrence_id=occurrence_id,
        way="in-person",
        participant_id=guest,
        request_key="form-1",
        now=clock.now(),
        by=None,
    )


async def _cut(database: Database) -> None:
    """End the other's connection as soon as it sleeps."""
    async with database.reading() as db:
        for _try in range(200):
            cut = await db.connection.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'cut' "
                "AND datname = current_database() AND (wait_event = 'PgSleep' OR state = 'idle in transaction')"
            )
            if cut:
                return
            await asyncio.sleep(0.02)
    raise AssertionError("nothing to cut")


@pytest.mark.parametrize("pause", [AFTER_LOCK, AFTER_COUNT, BEFORE_LETTER, NOWHERE])
def test_what_was_cut_before_its_end_never_was(world_dsn: str, pause: str) -> None:
    async def life() -> None:
        database = await Database.open(world_dsn, size=3)
        gathering_id, occurrence_id, guest = await _prepared(database, pause)
        connection = await asyncpg.connect(world_dsn, server_settings={"application_name": "cut"})

        async def doomed() -> None:
            async with connection.transaction():
                await _register(Db(connection), occurrence_id, guest)
                # All done, and nothing kept yet.
                await asyncio.sleep(5)

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await asyncio.gather(doomed(), _cut(database))
        async with database.reading() as db:
            assert await db.connection.fetchval("SELECT count(*) FROM registration") == 0
            assert await db.connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
        # The same form, sent again, and once more after its answer was lost.
        async with database.writing() as db:
            assert not (await _register(db, occurrence_id, guest)).again
        async with database.writing() as db:
            assert (await _register(db, occurrence_id, guest)).again
        async with database.reading() as db:
            assert await db.connection.fetchval("SELECT array_agg(status::text) FROM registration") == ["confirmed"]
            assert await db.connection.fetchval("SELECT count(*) FROM pgqueuer") == 1
            assert await health.problems(db, [gathering_id], clock.now()) == []
        await database.close()

    finish(life())


def test_somebody_who_waits_for_the_lock_too_long_is_told_so(world_dsn: str) -> None:
    async def life() -> None:
        database = await Database.open(world_dsn, size=3)
        _gathering_id, occurrence_id, guest = await _prepared(database, NOWHERE)
        async with database.writing() as slow:
            await slow.connection.execute("SELECT FROM occurrence WHERE id = $1 FOR NO KEY UPDATE", occurrence_id)
            with pytest.raises((asyncpg.LockNotAvailableError, Unavailable)):
                async with database.writing() as db:
                    await _register(db, occurrence_id, guest)
        async with database.writing() as db:
            assert not (await _register(db, occurrence_id, guest)).again
        await database.close()

    finish(life())
