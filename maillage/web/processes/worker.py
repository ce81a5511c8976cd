"""The worker process: runs jobs until it is told to stop; a job under way goes back to the queue or finishes."""

import asyncio
import contextlib
import signal

import uvloop

from maillage.core.config import Settings
from maillage.web import log
from maillage.web import worker as queue
from maillage.web.processes import lifeline


async def _until_told(settings: Settings, *, watched: bool) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(queue.run(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    if watched:
        lifeline.when_cut(lambda: loop.call_soon_threadsafe(task.cancel))
    with contextlib.suppress(asyncio.CancelledError):
        await task


def run(settings: Settings, *, watched: bool = False) -> None:
    """Run the worker; `watched` says that a supervisor holds the other end of our input."""
    log.configure(settings)
    uvloop.run(_until_told(settings, watched=watched))


if __name__ == "__main__":
    run(lifeline.settings(), watched=True)
