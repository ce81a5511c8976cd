"""Jobs exist if and only if their change does, and are done whatever happens to those who do them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries
from pydantic import SecretStr
from structlog.testing import capture_logs

from maillage.core import jobs
from maillage.core.config import Settings
from maillage.core.db import Database
from maillage.web import worker


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(secret_key=SecretStr("a key that is known to the tests alone"), data_dir=tmp_path)


@pytest.fixture(autouse=True)
def _no_other_jobs_and_no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "REGISTRY", dict(jobs.REGISTRY))
    monkeypatch.setattr(jobs.Job, "pause", lambda _job, _failures: timedelta(milliseconds=50))


@asynccontextmanager
async def open_database(dsn: str) -> AsyncIterator[Database]:
    database = await Database.open(dsn, size=2)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def working(settings: Settings, dsn: str, *, grace: float = 5) -> AsyncIterator[asyncio.Event]:
    """A worker, told to stop at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(settings, dsn, stop, grace=grace))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def eventually(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            answer = condition()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.02)


async def waiting(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as db:
        rows = await db.connection.fetch("select entrypoint, status::text, attempts from pgqueuer order by id")
    return [dict(row) for row in rows]


def test_a_job_is_done(settings: Settings, dsn: str) -> None:
    done: list[dict[str, Any]] = []

    @jobs.job("note")
    async def note(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        async with tools.database.reading() as db:
            done.append(payload | {"one": await db.connection.fetchval("select 1")})

    async def run() -> None:
        async with open_database(dsn) as database, working(settings, dsn):
            async with database.writing() as db:
                await jobs.enqueue(db, "note", {"what": "été"})
            await eventually(lambda: done == [{"what": "été", "one": 1}])
            await eventually(lambda: _is_empty(database))

    asyncio.run(run())


async def _is_empty(database: Database) -> bool:
    return await waiting(database) == []


def test_a_change_that_is_rolled_back_leaves_no_job(settings: Settings, dsn: str) -> None:
    @jobs.job("note")
    async def note(tools: jobs.Tools, payload: dict[str, Any]) -> None: ...

    async def run() -> None:
        async with open_database(dsn) as database:
            with suppress(ZeroDivisionError):
                async with database.writing() as db:
                    await jobs.enqueue(db, "note", {})
                    raise ZeroDivisionError
            assert await waiting(database) == []

    asyncio.run(run())


def test_a_job_that_nobody_knows_is_refused(dsn: str) -> None:
    async def run() -> None:
        async with open_database(dsn) as database, database.writing() as db:
            with pytest.raises(LookupError, match="no job is called"):
                await jobs.enqueue(db, "nothing", {})

    asyncio.run(run())


def test_two_jobs_of_one_name_are_refused() -> None:
    async def work(tools: jobs.Tools, payload: dict[str, Any]) -> None: ...

    jobs.job("twice")(work)
    with pytest.raises(ValueError, match="already a job"):
        jobs.job("twice")(work)


def test_the_same_job_is_written_once_while_it_waits(dsn: str) -> None:
    @jobs.job("note")
    async def note(tools: jobs.Tools, payload: dict[str, Any]) -> None: ...

    async def run() -> None:
        async with open_database(dsn) as database:
            async with database.writing() as db:
                assert await jobs.enqueue(db, "note", {}, dedupe_key="a") is not None
                assert await jobs.enqueue(db, "note", {}, dedupe_key="a") is None
                assert await jobs.enqueue(db, "note", {}, dedupe_key="b") is not None
            assert len(await waiting(database)) == 2

    asyncio.run(run())


def test_a_delayed_job_waits_for_its_time(settings: Settings, dsn: str) -> None:
    done: list[str] = []

    @jobs.job("note")
    async def note(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        done.append(payload["which"])

    async def run() -> None:
        async with open_database(dsn) as database, working(settings, dsn):
            async with database.writing() as db:
                await jobs.enqueue(db, "note", {"which": "later"}, delay=timedelta(seconds=1))
                await jobs.enqueue(db, "note", {"which": "now"})
            await eventually(lambda: len(done) == 2)

    asyncio.run(run())
    assert done == ["now", "later"]


def test_a_job_that_fails_is_tried_again(settings: Settings, dsn: str) -> None:
    tries: list[int] = []

    @jobs.job("shaky")
    async def shaky(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError

    async def run() -> None:
        async with open_database(dsn) as database, working(settings, dsn):
            async with database.writing() as db:
                await jobs.enqueue(db, "shaky", {})
            await eventually(lambda: len(tries) == 3)
            await eventually(lambda: _is_empty(database))

    asyncio.run(run())


def test_pauses_between_attempts_grow_up_to_six_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    async def work(tools: jobs.Tools, payload: dict[str, Any]) -> None: ...

    pauses = [jobs.Job("x", work, 10).pause(failures).total_seconds() for failures in range(1, 10)]
    assert pauses[:4] == [5, 20, 80, 320]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 6 * 3600


def test_a_job_that_keeps_failing_is_kept_and_said_in_the_log_without_anybodys_words(
    settings: Settings, dsn: str
) -> None:
    @jobs.job("broken", attempts=2)
    async def broken(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        raise ValueError("cannot write to maryse@example.org about 'mon secret'")

    async def run() -> str:
        async with open_database(dsn) as database, working(settings, dsn):
            async with database.writing() as db:
                await jobs.enqueue(
                    db, "broken", {"person_id": 7, "address": "maryse@example.org", "why": ["mon secret"]}
                )
            await eventually(lambda: _has_failed(database))
            async with database.reading() as db:
                # What stays of it for months is no address, no name, nothing that somebody wrote.
                assert json.loads(await db.connection.fetchval("select payload from pgqueuer")) == {"person_id": 7}
                return "".join(str(row) for row in await db.connection.fetch("select traceback from pgqueuer_log"))

    with capture_logs() as lines:
        kept = asyncio.run(run())
    [line] = [line for line in lines if line["event"] == "job given up"]
    assert (line["job"], line["attempt"], line["log_level"]) == ("broken", 2, "error")
    assert "maryse" not in str(lines) + kept
    assert "mon secret" not in str(lines) + kept


async def _has_failed(database: Database) -> bool:
    return [row["status"] for row in await waiting(database)] == ["failed"]


def test_a_hopeless_job_is_not_tried_again(settings: Settings, dsn: str) -> None:
    tries: list[int] = []

    @jobs.job("hopeless")
    async def hopeless(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        tries.append(1)
        raise jobs.Hopeless("no")

    async def run() -> None:
        async with open_database(dsn) as database, working(settings, dsn):
            async with database.writing() as db:
                await jobs.enqueue(db, "hopeless", {})
            await eventually(lambda: _has_failed(database))

    asyncio.run(run())
    assert tries == [1]


def test_a_worker_told_to_stop_finishes_the_job_under_way(settings: Settings, dsn: str) -> None:
    done: list[str] = []

    @jobs.job("slow")
    async def slow(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        done.append("begun")
        await asyncio.sleep(0.5)
        done.append("finished")

    async def run() -> None:
        async with open_database(dsn) as database:
            async with working(settings, dsn) as stop:
                async with database.writing() as db:
                    await jobs.enqueue(db, "slow", {})
                await eventually(lambda: done == ["begun"])
                stop.set()
            assert done == ["begun", "finished"]
            assert await waiting(database) == []

    asyncio.run(run())


def test_a_job_that_takes_too_long_goes_back_to_the_queue_when_the_worker_stops(settings: Settings, dsn: str) -> None:
    begun: list[int] = []

    @jobs.job("endless")
    async def endless(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        begun.append(1)
        await asyncio.sleep(3600)

    async def run() -> None:
        async with open_database(dsn) as database:
            async with working(settings, dsn, grace=0.2):
                async with database.writing() as db:
                    await jobs.enqueue(db, "endless", {})
                await eventually(lambda: begun == [1])
            assert [row["status"] for row in await waiting(database)] == ["queued"]

    asyncio.run(run())


def test_cancelling_the_worker_stops_it_as_gently(settings: Settings, dsn: str) -> None:
    done: list[str] = []

    @jobs.job("slow")
    async def slow(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        done.append("begun")
        await asyncio.sleep(0.3)
        done.append("finished")

    async def run() -> None:
        async with open_database(dsn) as database:
            task = asyncio.create_task(worker.run(settings, dsn))
            async with database.writing() as db:
                await jobs.enqueue(db, "slow", {})
            await eventually(lambda: done == ["begun"])
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert done == ["begun", "finished"]

    asyncio.run(run())


def test_a_worker_outlives_its_connections(settings: Settings, dsn: str) -> None:
    done: list[int] = []

    @jobs.job("note")
    async def note(tools: jobs.Tools, payload: dict[str, Any]) -> None:
        done.append(payload["n"])

    async def run() -> None:
        async with open_database(dsn) as database, working(settings, dsn):
            async with database.writing() as db:
                await jobs.enqueue(db, "note", {"n": 1})
            await eventually(lambda: done == [1])
            async with database.reading() as db:
                await db.connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            # On new connections, long before the next sign of life is missed.
            await eventually(lambda: [line["event"] for line in lines].count("worker ready") == 2)
            async with database.writing() as db:
                await jobs.enqueue(db, "note", {"n": 2})
            await eventually(lambda: done == [1, 2])

    with capture_logs() as lines:
        asyncio.run(run())


def test_our_migration_makes_what_the_queue_expects(dsn: str) -> None:
    async def run() -> None:
        async with open_database(dsn) as database, database.reading() as db:
            queries = Queries.from_asyncpg_connection(db.connection)
            queries.qbe = QueryBuilderEnvironment(settings=DBSettings(durability=Durability.balanced))
            plan = await queries.plan_upgrade()
            assert (plan.statements, plan.notes) == ((), ())

    asyncio.run(run())


def test_the_nightly_purge_deletes_what_has_had_its_time(settings: Settings, dsn: str) -> None:
    async def run() -> None:
        async with open_database(dsn) as database:
            async with database.reading() as db:
                person = await db.connection.fetchval(
                    "insert into person (handle, name, name_key) values ('purge', 'P', 'p') returning id"
                )
                await db.connection.executemany(
                    "insert into session (token_hash, person_id, last_seen_at, expires_at)"
                    " values ($1, $2, now() - $3::interval, now() + $4::interval)",
                    [
                        (b"gone", person, timedelta(0), timedelta(seconds=-1)),
                        (b"idle", person, timedelta(days=settings.session_idle_days, hours=1), timedelta(days=1)),
                        (b"live", person, timedelta(hours=1), timedelta(days=1)),
                    ],
                )
                await db.connection.executemany(
                    "insert into draft (person_id, place, sequence, updated_at)"
                    " values ($1, $2, 1, now() - $3::interval)",
                    [(person, "old", timedelta(days=91)), (person, "new", timedelta(days=89))],
                )
            gone = await worker.purge(database, settings)
            assert (gone["sessions"], gone["drafts"]) == (2, 1)
            async with database.reading() as db:
                left = await db.connection.fetch("select token_hash from session where person_id = $1", person)
                assert [row["token_hash"] for row in left] == [b"live"]

    asyncio.run(run())
