"""Limits hold whoever counts: several processes, a whole office behind one address, an act that fails."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from maillage.core import limits
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from maillage.core.errors import TooMany
from maillage.core.limits import Limit

THREE_AN_HOUR = Limit(3, timedelta(hours=1))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(secret_key=SecretStr("a key that is known to the tests alone"), data_dir=tmp_path)


def with_db(dsn: str, act: Callable[[Db], Awaitable[object]]) -> None:
    async def run() -> None:
        database = await Database.open(dsn, size=1)
        async with database.reading() as db:
            await act(db)
        await database.close()

    asyncio.run(run())


def test_a_burst_passes_and_the_next_act_is_told_how_long_to_wait(dsn: str) -> None:
    subject = uuid4().hex

    async def act(db: Db) -> None:
        for _ in range(3):
            await limits.hit(db, subject, "post", THREE_AN_HOUR)
        with pytest.raises(TooMany) as refused:
            await limits.hit(db, subject, "post", THREE_AN_HOUR)
        assert 1195 <= refused.value.seconds <= 1200

    with_db(dsn, act)


def test_a_refused_act_costs_nothing(dsn: str) -> None:
    subject = uuid4().hex

    async def act(db: Db) -> None:
        quick = Limit(2, timedelta(seconds=1))
        waits = []
        for _ in range(30):
            try:
                await limits.hit(db, subject, "post", quick)
            except TooMany as refused:
                waits.append(refused.seconds)
        assert waits
        assert max(waits) == 1

    with_db(dsn, act)


def test_the_allowance_comes_back_with_time(dsn: str) -> None:
    subject = uuid4().hex

    async def act(db: Db) -> None:
        quick = Limit(2, timedelta(milliseconds=400))
        await limits.hit(db, subject, "post", quick)
        await limits.hit(db, subject, "post", quick)
        with pytest.raises(TooMany):
            await limits.hit(db, subject, "post", quick)
        await asyncio.sleep(0.25)
        await limits.hit(db, subject, "post", quick)

    with_db(dsn, act)


def test_each_act_and_each_subject_has_its_own_allowance(dsn: str) -> None:
    one, other = uuid4().hex, uuid4().hex

    async def act(db: Db) -> None:
        single = Limit(1, timedelta(hours=1))
        await limits.hit(db, one, "post", single)
        await limits.hit(db, one, "thread", single)
        await limits.hit(db, other, "post", single)
        with pytest.raises(TooMany):
            await limits.hit(db, one, "post", single)

    with_db(dsn, act)


def test_two_processes_share_one_allowance(dsn: str) -> None:
    subject, limit = uuid4().hex, Limit(10, timedelta(hours=1))

    async def attempt(database: Database) -> bool:
        async with database.reading() as db:
            try:
                await limits.hit(db, subject, "post", limit)
            except TooMany:
                return False
            return True

    async def run() -> list[bool]:
        # Two pools, as two processes have.
        pools = [await Database.open(dsn, size=4) for _ in range(2)]
        passed = await asyncio.gather(*(attempt(pools[n % 2]) for n in range(40)))
        for pool in pools:
            await pool.close()
        return passed

    assert sum(asyncio.run(run())) == 10


def test_addresses_cannot_be_read_in_the_table(settings: Settings) -> None:
    subject = limits.address_subject(settings, "203.0.113.9")
    assert subject is not None
    assert "203" not in subject
    assert subject != limits.address_subject(settings, "203.0.113.10")


def test_the_secret_key_decides_what_an_address_becomes(settings: Settings) -> None:
    other = settings.model_copy(update={"secret_key": SecretStr("y" * 40)})
    assert limits.address_subject(settings, "203.0.113.9") != limits.address_subject(other, "203.0.113.9")


def test_one_network_of_the_new_internet_counts_as_one_address(settings: Settings) -> None:
    first, second, third = (
        limits.address_subject(settings, address)
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    )
    assert first == second != third
    mapped, plain = (limits.address_subject(settings, address) for address in ("::ffff:203.0.113.9", "203.0.113.9"))
    assert mapped == plain


def test_what_is_no_address_is_not_counted(settings: Settings) -> None:
    assert limits.address_subject(settings, "") is None


def test_old_rows_are_purged_and_fresh_ones_stay(dsn: str) -> None:
    old, fresh = uuid4().hex, uuid4().hex

    async def act(db: Db) -> None:
        await limits.hit(db, old, "post", Limit(1, timedelta(milliseconds=1)))
        await limits.hit(db, fresh, "post", THREE_AN_HOUR)
        await asyncio.sleep(0.01)
        await limits.purge(db)
        left = await db.connection.fetch("select subject from rate_limit")
        assert f"post {fresh}" in [row["subject"] for row in left]
        assert f"post {old}" not in [row["subject"] for row in left]

    with_db(dsn, act)
