"""Work for later, on the same database: written in the transaction of the change that causes it, both or neither.

`PgQueuer` runs the jobs (web/worker.py). Only the worker loads it; writing a job is one insert into its table.

A job runs at least once: it may start again after a fault or a power cut, so it must bear being repeated. Its
payload is stored as it is: name things by their ids, and never put a token, a cookie or a password in it.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from maillage.core.config import Settings
from maillage.core.db import Database, Db, Statement


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job works with."""

    database: Database
    settings: Settings


Work = Callable[[Tools, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """`attempts` in all, further and further apart (`pause`), before it is given up and shown in the log."""

    name: str
    work: Work
    attempts: int

    def pause(self, failures: int) -> timedelta:
        """How long to wait after so many failures: 5 s, 20 s, 80 s … at most six hours."""
        return min(timedelta(seconds=5 * 4 ** min(failures - 1, 10)), timedelta(hours=6))


class Hopeless(Exception):
    """Raised by a job when trying again cannot help."""


# Every job there is, by name. Filled by `@job` when the modules that hold them are imported.
REGISTRY: dict[str, Job] = {}

_ENQUEUE = Statement(
    """
    insert into pgqueuer (priority, entrypoint, payload, dedupe_key, execute_after, status)
    values (0, $1, $2, $3, now() + $4::interval, 'queued')
    on conflict (dedupe_key) where status in ('queued', 'picked') and dedupe_key is not null do nothing
    returning id
    """,
    ["name", "payload", "dedupe_key", "delay"],
)


def job(name: str, *, attempts: int = 10) -> Callable[[Work], Work]:
    """Make a function the work of the jobs called `name`."""

    def register(work: Work) -> Work:
        if name in REGISTRY:
            raise ValueError(f"there is already a job called {name}")
        REGISTRY[name] = Job(name, work, attempts)
        return work

    return register


async def enqueue(
    db: Db, name: str, payload: dict[str, Any], *, dedupe_key: str | None = None, delay: timedelta = timedelta()
) -> int | None:
    """Write a job on this very connection, so that it exists if and only if the transaction commits.

    None when a job with the same `dedupe_key` is still waiting or under way: that one stands for both.
    """
    if name not in REGISTRY:
        raise LookupError(f"no job is called {name}")
    written: int | None = await db.value(
        _ENQUEUE,
        name=name,
        payload=json.dumps(payload, ensure_ascii=False).encode(),
        dedupe_key=None if dedupe_key is None else f"{name} {dedupe_key}",
        delay=delay,
    )
    return written
