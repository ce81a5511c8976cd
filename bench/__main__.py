"""`make bench`: load a fixed volume, measure each workload against the floor in turns, say how it went.

On a database of its own: in an embedded PostgreSQL under `var/bench`, or, where MAILLAGE_DATABASE_URL is set, in a
database `maillage_bench` on that server, made for the run and dropped after it.
"""

import asyncio
import itertools
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import asyncpg

from bench import load, report, servers
from bench.counting import MESSAGE, Counted, count_all, count_pages
from bench.scene import Scene, case_pages, set_scene
from maillage.core.config import Settings, Trouble
from maillage.core.config import load as load_settings
from maillage.core.db import Database
from maillage.web import log
from maillage.web.flood import flood
from maillage.web.flood.cases import flood_cases
from maillage.web.flood.gatherings import flood_gatherings
from maillage.web.installation import standing
from maillage.web.migrating import migrate

THREADS, POSTS, HOT = 2_000, 100_000, 5_000
FEW_CASES, CASES, GATHERINGS = 200, 20_000, 2_000
ROUNDS, SECONDS, WARM_UP = 3, 4, 2
# Everybody may post 12 times at once; 300 authors can then keep ten connections busy for so long.
POSTING_SECONDS = 3
REPLY_GOAL, REGISTRATION_GOAL = 0.5, 0.5
# How many gatherings one round fills: each of the writers registers once for each, fifty at a time.
_FILLED, REGISTERING = 15, 50
_DATABASE = "maillage_bench"


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


@asynccontextmanager
async def _database(settings: Settings, *, given: bool) -> AsyncIterator[Settings]:
    """A database of our own on the server at hand."""
    if not given:
        yield settings
        return
    address = urlunsplit(urlsplit(settings.dsn)._replace(path=f"/{_DATABASE}"))
    connection = await asyncpg.connect(settings.dsn)
    drop = f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)"
    try:
        await connection.execute(drop)
        await connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0 ENCODING 'UTF8'")
        yield settings.with_database(address)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Trouble("The user of MAILLAGE_DATABASE_URL may not make databases, which the bench needs.") from error
    finally:
        await connection.execute(drop)
        await connection.close()


async def _forget_limits(settings: Settings) -> None:
    connection = await asyncpg.connect(settings.dsn)
    await connection.execute("TRUNCATE rate_limit")
    await connection.close()


def _replies(scene: Scene, round_: str) -> list[str]:
    """Replies by everybody, everywhere, from everywhere, each once."""
    rng = random.Random(round_)
    requests = []
    for number in range(3_000):
        body = urlencode({"body": MESSAGE, "parent": "1"}) + f"&request_key={round_}-{load.NUMBER}"
        headers = {
            "Cookie": scene.writers[number % len(scene.writers)],
            "X-Forwarded-For": ".".join(str(rng.randint(1, 254)) for _ in range(4)),
        }
        requests.append(load.post(f"/discussions/{rng.choice(scene.targets)}/repondre", headers, body))
    return requests


def _registrations(scene: Scene, doors: list[tuple[int, int]], round_: str) -> list[str]:
    """Everybody registers for the first, then for the next: all who are on their way want the same date."""
    rng = random.Random(round_)
    requests = []
    for gathering_id, date_id in doors:
        for cookie in scene.writers:
            body = (
                urlencode({"date": f"{date_id}:in-person", "listed": "nobody"}) + f"&request_key={round_}-{load.NUMBER}"
            )
            headers = {"Cookie": cookie, "X-Forwarded-For": ".".join(str(rng.randint(1, 254)) for _ in range(4))}
            requests.append(load.post(f"/rencontres/{gathering_id}/inscription", headers, body))
    return requests


# Send the load, called so, for so many seconds.
Go = Callable[[str, int], load.Result]


@dataclass(frozen=True, slots=True)
class Taken:
    """The middle of the rounds, and what one request cost the server's processor; None where nobody says."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float | None


def _in_turns(server: servers.Server, bare: servers.Server, seconds: int, ours: Go, floor: Go) -> tuple[Taken, Taken]:
    """One after the other, so that whatever else the machine does falls on both."""
    both = ((server, ours), (bare, floor))
    for _, go in both:
        go("warm", WARM_UP)
    rounds: list[list[tuple[load.Result, float | None]]] = [[], []]
    for number in range(ROUNDS):
        for taken, (process, go) in zip(rounds, both, strict=True):
            before = process.cpu_s()
            result = go(str(number), seconds)
            after = process.cpu_s()
            spent = None if before is None or after is None else 1000 * (after - before) / result.count
            taken.append((result, spent))
    mine, floors = (_middle(taken) for taken in rounds)
    return mine, floors


def _middle(rounds: list[tuple[load.Result, float | None]]) -> Taken:
    spent = [cpu for _, cpu in rounds if cpu is not None]
    return Taken(
        statistics.median(result.requests_per_s for result, _ in rounds),
        statistics.median(result.p50_ms for result, _ in rounds),
        statistics.median(result.p99_ms for result, _ in rounds),
        statistics.median(spent) if spent else None,
    )


def _measured(
    settings: Settings, scene: Scene, counted: dict[str, Counted], few: dict[str, Counted], plan: Path
) -> list[report.Line]:
    cores = servers.spread_out()
    core, others = cores if cores else (None, None)
    if cores is None:
        say("One core only, or no way to choose: server and load share it, and ratios are less sure.")
    lines = []
    with ExitStack() as stack:
        server = stack.enter_context(servers.ours(settings, core))
        bare = stack.enter_context(servers.floor(plan, core))
        for number, page in enumerate(scene.pages):
            headers = {"Cookie": scene.reader} if page.signed_in else {}
            length = len(counted[page.name].body)
            ours = partial(_ask, server.port, page.path, headers, length, others)
            floor = partial(_ask, bare.port, f"/{number}", {}, length, others)
            both = _in_turns(server, bare, SECONDS, ours, floor)
            line = _line(page.name, page.goal, counted[page.name], both, server)
            if before := few.get(page.name):
                line = replace(line, few_queries=before.queries, few_buffers=before.buffers)
            lines.append(line)
        for connections in (1, 10):
            ours, floor = (
                partial(_post, settings, scene, port, connections, others) for port in (server.port, bare.port)
            )
            both = _in_turns(server, bare, POSTING_SECONDS, ours, floor)
            name = f"reply, {connections} connection{'s' if connections > 1 else ''}"
            lines.append(_line(name, REPLY_GOAL, counted["reply"], both, server))
        doors = iter(scene.doors)
        ours, floor = (partial(_register, settings, scene, doors, port, others) for port in (server.port, bare.port))
        both = _in_turns(server, bare, POSTING_SECONDS, ours, floor)
        name = f"registration, {REGISTERING} connections"
        lines.append(_line(name, REGISTRATION_GOAL, counted["registration"], both, server))
    return lines


def _ask(
    port: int, path: str, headers: dict[str, str], length: int, cores: set[int] | None, _name: str, seconds: int
) -> load.Result:
    return load.pages(port, path, headers, length, seconds, cores)


def _post(
    settings: Settings, scene: Scene, port: int, connections: int, cores: set[int] | None, name: str, seconds: int
) -> load.Result:
    asyncio.run(_forget_limits(settings))
    requests = _replies(scene, f"{port}-{connections}-{name}")
    return load.run(load.Order(port, requests, 303, connections, seconds), cores)


def _register(
    settings: Settings,
    scene: Scene,
    doors: Iterator[tuple[int, int]],
    port: int,
    cores: set[int] | None,
    name: str,
    seconds: int,
) -> load.Result:
    asyncio.run(_forget_limits(settings))
    # Gatherings that no round before has touched: registering twice would only be told so.
    requests = _registrations(scene, list(itertools.islice(doors, _FILLED)), f"{port}-{name}")
    return load.run(load.Order(port, requests, 303, REGISTERING, seconds), cores)


def _line(name: str, goal: float, count: Counted, both: tuple[Taken, Taken], server: servers.Server) -> report.Line:
    mine, bare = both
    line = report.Line(
        name=name,
        requests_per_s=round(mine.requests_per_s, 1),
        p50_ms=round(mine.p50_ms, 3),
        p99_ms=round(mine.p99_ms, 3),
        bytes=len(count.body),
        queries=count.queries,
        buffers=count.buffers,
        floor_requests_per_s=round(bare.requests_per_s, 1),
        ratio=round(mine.requests_per_s / bare.requests_per_s, 3),
        goal=goal,
        p99_over_p50=round(mine.p99_ms / mine.p50_ms, 2),
        kept_queries=count.kept_queries,
        kept_buffers=count.kept_buffers,
        cpu_ms=_rounded(mine.cpu_ms, 3),
        floor_cpu_ms=_rounded(bare.cpu_ms, 3),
        memory_mb=_rounded(server.memory_mb(), 1),
    )
    say(f"{name}: {line.requests_per_s:,.0f}/s, ratio {line.ratio:.2f}")
    return line


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None else round(number, digits)


def main() -> None:
    began = time.monotonic()
    settings = load_settings({**os.environ, "MAILLAGE_ENV": "demo"})
    out = settings.data_dir / "bench.json"
    given = settings.database_url is not None
    folder = settings.data_dir / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o711)
    # A data directory of its own: nothing that `make serve` keeps is touched.
    apart = settings.model_copy(update={"data_dir": folder})
    try:
        with standing(apart, say) as ready, (folder / "recording.log").open("w") as recording:
            log.configure(ready, recording)
            lines = asyncio.run(_run(ready, folder, given=given))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.write(lines, out)
    print(report.table(lines))
    say(f"\nWritten to {out} after {time.monotonic() - began:.0f} s.")


async def _run(settings: Settings, folder: Path, *, given: bool) -> list[report.Line]:
    async with _database(settings, given=given) as settings:
        await migrate(settings.dsn, say)
        database = await Database.open(settings.dsn, statement_timeout_ms=0, size=2)
        try:
            await flood(database, threads=THREADS, posts=POSTS, hot=HOT, say=say)
            await flood_cases(database, cases=FEW_CASES, say=say)
            await flood_gatherings(database, gatherings=GATHERINGS, say=say)
            scene = await set_scene(database, settings)
            few = await count_pages(settings, [page for page in scene.pages if page.before], scene.reader)
            await flood_cases(database, cases=CASES - FEW_CASES, say=say)
            async with database.reading() as db:
                scene = replace(scene, pages=[*(p for p in scene.pages if not p.before), *await case_pages(db)])
        finally:
            await database.close()
        counted, plan = await count_all(settings, scene, folder)
        return await asyncio.to_thread(_measured, settings, scene, counted, few, plan)


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        sys.exit(str(trouble))
