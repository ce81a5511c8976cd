"""The worker: runs the jobs that the floors wrote, tries again what fails, and tidies up at night.

Told to stop, it takes no more jobs and lets those under way finish; one that does not finish in time goes back
to the queue. A job that another worker died over is taken up again once its heartbeat is missed.
"""

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Schedule
from pgqueuer.domain.models import Job as Queued
from sqlalchemy import bindparam, delete, or_

from maillage.auth.letters import domains as domain_letters
from maillage.auth.letters import members as member_letters
from maillage.auth.letters import signing_in as sign_in_letters
from maillage.auth.models import Arrival, Session, SignInAttempt, SignInEvent, SignInLink
from maillage.cases.commands import nightly as case_nights
from maillage.cases.letters import consent as consent_letters
from maillage.cases.letters import contact as contact_letters
from maillage.cases.letters import team as team_letters
from maillage.core import clock, jobs, limits, mail
from maillage.core.config import Settings
from maillage.core.db import Database, Statement
from maillage.core.errors import Unavailable
from maillage.core.faults import Fault, fault
from maillage.core.files import commands as files
from maillage.core.files.comparing import differences
from maillage.core.files.store import store_of
from maillage.events import letters as gathering_letters
from maillage.events.commands import merging, registering, reminding, saying, thanking
from maillage.events.commands import nightly as event_nights
from maillage.forum import letters
from maillage.forum.models import Draft
from maillage.notices.models import Notice

log = structlog.get_logger("maillage.worker")

# The modules whose jobs this worker knows: importing them has registered them.
SOURCES = (
    mail,
    files,
    letters,
    sign_in_letters,
    member_letters,
    domain_letters,
    consent_letters,
    contact_letters,
    team_letters,
    gathering_letters,
    merging,
)
# In UTC: the small hours in Québec.
NIGHTLY = "23 8 * * *"
EVERY_MINUTE, EVERY_TEN_MINUTES = "* * * * *", "*/10 * * * *"
# How long a job may go without a sign of life before another worker takes it up.
_HEARTBEAT = timedelta(seconds=30)
# A job put back to be tried again wakes nobody: the queue is looked at this often in any case.
_LOOK_AGAIN = timedelta(seconds=2)
_AT_ONCE = 10
_LONGEST_PAUSE = 30
_CLOSING = 5

_PURGES = {
    "sessions": Statement(
        delete(Session).where(or_(Session.expires_at < bindparam("now"), Session.last_seen_at < bindparam("idle")))
    ),
    "attempts": Statement(delete(SignInAttempt).where(SignInAttempt.expires_at < bindparam("now"))),
    "links": Statement(delete(SignInLink).where(SignInLink.expires_at < bindparam("now"))),
    "arrivals": Statement(delete(Arrival).where(Arrival.expires_at < bindparam("now"))),
    "sign_in_events": Statement(delete(SignInEvent).where(SignInEvent.at < bindparam("quarter"))),
    "drafts": Statement(delete(Draft).where(Draft.updated_at < bindparam("quarter"))),
    # What she has read and left for a year; what she has not read waits for her.
    "notices": Statement(delete(Notice).where(Notice.read_at < bindparam("year"))),
    "job_log": Statement("delete from pgqueuer_log where created < $1", ["month"]),
    "job_counts": Statement("delete from pgqueuer_statistics where created < $1", ["quarter"]),
    "dead_jobs": Statement("delete from pgqueuer where status = 'failed' and updated < $1", ["quarter"]),
}


_WORDLESS = Statement("update pgqueuer set payload = $2 where id = $1", ["number", "payload"])


# The last: a connection that was cut in the middle of something is in no state to be given back.
_INTERRUPTED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable, asyncpg.InternalClientError)


class GivenUp(Exception):
    """What the queue keeps of a job that failed for good: the kind of fault, none of its words."""


async def run(
    settings: Settings, dsn: str | None = None, stop: asyncio.Event | None = None, *, grace: float = 15
) -> None:
    """Run jobs until `stop` is set (being cancelled says the same), then end within about `grace` seconds.

    A database that goes away is waited for.
    """
    stop = stop or asyncio.Event()
    work = asyncio.create_task(_work(settings, dsn or settings.dsn, stop, grace))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        await work
        raise


async def purge(database: Database, settings: Settings) -> dict[str, int]:
    """Delete what has had its time; returns how many rows of each."""
    now = clock.now()
    moments = {
        "now": now,
        "idle": now - timedelta(days=settings.session_idle_days),
        "month": now - timedelta(days=30),
        "quarter": now - timedelta(days=90),
        "year": now - timedelta(days=365),
    }
    async with database.reading() as db:
        gone = {
            name: await db.run(statement, **{key: moments[key] for key in statement.names})
            for name, statement in _PURGES.items()
        }
        gone |= {"limits": await limits.purge(db)}
    async with database.writing() as db:
        return gone | {"files": await files.sweep(db, now=now)}


async def _work(settings: Settings, dsn: str, stop: asyncio.Event, grace: float) -> None:
    pause = 1
    while not stop.is_set():
        began = perf_counter()
        try:
            await _serve(settings, dsn, stop, grace)
        # A connection cut in the middle of something may also say that it is in no state to be given back.
        except (
            OSError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            Unavailable,
        ) as error:
            pause = 1 if perf_counter() - began > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
            log.warning("worker interrupted", again_in=pause, **fault(error).as_fields())
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _serve(settings: Settings, dsn: str, stop: asyncio.Event, grace: float) -> None:
    """Run jobs on one set of connections until told to stop, or until the database goes away."""
    out_of_time, lost = asyncio.Event(), asyncio.Event()

    async def watched(connection: asyncpg.Connection) -> None:
        connection.add_termination_listener(lambda _connection: lost.set())

    async with AsyncExitStack() as closing:
        database = await Database.open(dsn, statement_timeout_ms=settings.statement_timeout_ms, size=_AT_ONCE)
        closing.push_async_callback(_close, database.pool)
        # Apart from ours: one of these listens all the time, and none is held while a job works.
        pool = await asyncpg.create_pool(
            dsn,
            min_size=3,
            max_size=3,
            # None is closed for idleness, so that one that ends means that the database went away.
            max_inactive_connection_lifetime=0,
            init=watched,
            server_settings={"application_name": "maillage worker"},
        )
        closing.push_async_callback(_close, pool)
        queue = PgQueuer.from_asyncpg_pool(pool)
        tools = jobs.Tools(database, settings)
        for job in jobs.REGISTRY.values():
            queue.entrypoint(job.name, on_failure="hold", executor_factory=partial(Attempt, job, tools, out_of_time))(
                _never
            )
        queue.schedule("purge", NIGHTLY)(partial(_purge, tools))
        queue.schedule("stories", NIGHTLY)(partial(_look_after_stories, tools))
        queue.schedule("gatherings", NIGHTLY)(partial(_look_after_gatherings, tools))
        queue.schedule("seats", EVERY_MINUTE)(partial(_take_back_seats, tools))
        queue.schedule("reminders", EVERY_TEN_MINUTES)(partial(_remind, tools))
        queue.schedule("thanks", EVERY_TEN_MINUTES)(partial(_thank, tools))
        queue.schedule("needs", NIGHTLY)(partial(_erase_needs, tools))
        log.info("worker ready", jobs=sorted(jobs.REGISTRY))
        running = asyncio.create_task(
            queue.run(
                dequeue_timeout=_LOOK_AGAIN,
                batch_size=_AT_ONCE,
                max_concurrent_tasks=2 * _AT_ONCE,
                heartbeat_timeout=_HEARTBEAT,
                # Its probe may run before it listens and then miss its own call: the queue is looked at in any case,
                # and connections that end are noticed above.
                shutdown_on_listener_failure=False,
            )
        )
        # A queue that has lost the connection on which it listens would sit there for half a minute.
        ending = [asyncio.create_task(_end(queue, running, told, out_of_time, grace)) for told in (stop, lost)]
        try:
            await running
        except asyncio.CancelledError:
            if not out_of_time.is_set():
                raise
        finally:
            for task in ending:
                task.cancel()
    if stop.is_set():
        log.info("worker stopped")


async def _close(pool: asyncpg.Pool) -> None:
    # A connection that broke in the queue's hands may never be given back.
    with suppress(TimeoutError):
        await asyncio.wait_for(pool.close(), _CLOSING)


async def _end(
    queue: PgQueuer, running: asyncio.Task[None], told: asyncio.Event, out_of_time: asyncio.Event, grace: float
) -> None:
    """Once told: take no more jobs; after `grace` seconds hand back those under way; then wait no longer."""
    await told.wait()
    queue.shutdown.set()
    await asyncio.sleep(grace)
    out_of_time.set()
    await asyncio.sleep(_CLOSING)
    running.cancel()


async def _purge(tools: jobs.Tools, schedule: Schedule) -> None:  # noqa: ARG001
    log.info("purged", **await purge(tools.database, tools.settings))
    try:
        async with tools.database.reading() as db:
            lost = (await differences(db, store_of(tools.settings))).lost
    except Unavailable as error:
        log.warning("files not looked at", **fault(error).as_fields())
        return
    if lost:
        log.error("files have lost their bytes", keys=lost)


async def _look_after_stories(tools: jobs.Tools, schedule: Schedule) -> None:  # noqa: ARG001
    found = await case_nights.look_after(tools.database, now=clock.now(), today=clock.today(tools.settings.time_zone))
    log.info("stories looked after", to_revise=found.to_revise, off_line=found.off_line, warned=found.warned)


async def _look_after_gatherings(tools: jobs.Tools, schedule: Schedule) -> None:  # noqa: ARG001
    found = await event_nights.look_after(tools.database, now=clock.now())
    log.info("gatherings looked after", reports_asked=found.reports_asked, followed_up=found.followed_up)


async def _take_back_seats(tools: jobs.Tools, schedule: Schedule) -> None:  # noqa: ARG001
    async with tools.database.writing() as db:
        if many := await registering.expire(db, now=clock.now()):
            log.info("seats taken back", many=many)


async def _remind(tools: jobs.Tools, schedule: Schedule) -> None:  # noqa: ARG001
    async with tools.database.writing() as db:
        if many := await reminding.remind(db, now=clock.now()):
            log.info("people reminded", many=many)


async def _thank(tools: jobs.Tools, schedule: Schedule) -> None:  # noqa: ARG001
    async with tools.database.writing() as db:
        if many := await thanking.thank(db, now=clock.now()):
            log.info("people thanked", many=many)


async def _erase_needs(tools: jobs.Tools, schedule: Schedule) -> None:  # noqa: ARG001
    async with tools.database.writing() as db:
        log.info("needs erased", lines=await saying.erase(db, now=clock.now()))


async def _never(queued: Queued) -> None:
    """What the queue asks for besides an executor; `Attempt` is the executor and calls the job itself."""
    raise NotImplementedError(queued.entrypoint)


class Attempt(AbstractEntrypointExecutor):
    """One go at a job: done, to be tried again later, handed back for want of time, or given up for good."""

    def __init__(
        self, job: jobs.Job, tools: jobs.Tools, out_of_time: asyncio.Event, parameters: EntrypointExecutorParameters
    ) -> None:
        super().__init__(parameters)
        self.job, self.tools, self.out_of_time = job, tools, out_of_time

    async def execute(self, job: Queued, context: Context) -> None:  # noqa: ARG002
        began = perf_counter()
        about: dict[str, Any] = {"job": self.job.name, "number": job.id, "attempt": job.attempts + 1}
        work = asyncio.ensure_future(self.job.work(self.tools, json.loads(job.payload or b"{}")))
        try:
            finished = await _within(work, self.out_of_time)
        except Exception as error:
            failed = fault(error)
            if isinstance(error, jobs.Hopeless) or job.attempts + 1 >= self.job.attempts:
                await self._keep_no_words(job)
                log.error("job given up", **about, **failed.as_fields())  # noqa: TRY400 — its words stay out
                raise GivenUp(_brief(failed)) from None
            pause = self.job.pause(job.attempts + 1)
            log.warning("job failed", again_in=pause.total_seconds(), **about, **failed.as_fields())
            raise RetryRequested(pause, reason=_brief(failed)) from None
        if not finished:
            log.info("job handed back", **about)
            raise RetryRequested(timedelta(), reason="the worker was stopping")
        log.info("job done", ms=round((perf_counter() - began) * 1000, 1), **about)

    async def _keep_no_words(self, job: Queued) -> None:
        """What stays of it for three months are numbers: no address, no name, no reason that somebody wrote."""
        kept = {name: value for name, value in json.loads(job.payload or b"{}").items() if isinstance(value, int)}
        async with self.tools.database.reading() as db:
            await db.run(_WORDLESS, number=job.id, payload=json.dumps(kept).encode())


def _brief(failed: Fault) -> str:
    return f"{failed.kind}: {failed.said}"


async def _within(work: asyncio.Future[None], out_of_time: asyncio.Event) -> bool:
    """Wait for the work; False when time ran out first, and then it has been cancelled."""
    over = asyncio.ensure_future(out_of_time.wait())
    try:
        await asyncio.wait((work, over), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
            return True
        return False
    finally:
        over.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
