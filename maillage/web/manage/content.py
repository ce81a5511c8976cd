"""`demo` and `flood`: what fills an installation that nobody uses yet."""

import argparse
import asyncio
import time

from maillage.core.config import Settings, Trouble, load
from maillage.core.db import Database
from maillage.web import demo
from maillage.web.flood import flood
from maillage.web.flood.cases import flood_cases
from maillage.web.flood.gatherings import flood_gatherings
from maillage.web.installation import is_empty, standing
from maillage.web.manage import say
from maillage.web.migrating import migrate

# Loading writes much at once: no limit per statement.
_NO_LIMIT_MS = 0


def arguments(command: str, parser: argparse.ArgumentParser) -> None:
    if command == "demo":
        parser.add_argument("--clear", action="store_true", help="take the demonstration world away")
    else:
        parser.add_argument("--threads", type=int, default=2000, metavar="N", help="how many threads (2000)")
        parser.add_argument("--posts", type=int, default=100_000, metavar="M", help="how many posts in all (100000)")
        parser.add_argument("--hot", type=int, default=5000, metavar="K", help="replies in the one hot thread (5000)")
        parser.add_argument("--cases", type=int, default=2000, metavar="C", help="how many practice stories (2000)")
        parser.add_argument("--gatherings", type=int, default=500, metavar="G", help="how many gatherings (500)")


def run(arguments: argparse.Namespace) -> None:
    settings = load()
    if settings.env != "demo":
        raise Trouble(f"`maillage {arguments.command}` is for demonstrations; this installation is in production.")
    with standing(settings, say) as ready:
        asyncio.run(_demo(ready, clear=arguments.clear) if arguments.command == "demo" else _flood(ready, arguments))


async def _demo(settings: Settings, *, clear: bool) -> None:
    await migrate(settings.dsn, say)
    database = await Database.open(settings.dsn, statement_timeout_ms=_NO_LIMIT_MS, size=2)
    try:
        async with database.writing() as db:
            if clear:
                await demo.clear(db)
                say("The demonstration world is gone.")
                return
        if not await is_empty(settings.dsn):
            raise Trouble("There are people in this database already; the demonstration world goes into an empty one.")
        say("Loading the demonstration world ...")
        async with database.writing() as db:
            await demo.load(db, settings)
    finally:
        await database.close()


async def _flood(settings: Settings, arguments: argparse.Namespace) -> None:
    threads, posts, hot = arguments.threads, arguments.posts, arguments.hot
    if threads < 1 or hot < 0 or posts < threads + hot:
        raise Trouble("--posts must be at least --threads and --hot together: each thread begins with a post.")
    await migrate(settings.dsn, say)
    database = await Database.open(settings.dsn, statement_timeout_ms=_NO_LIMIT_MS, size=2)
    began = time.monotonic()
    try:
        await flood(database, threads=threads, posts=posts, hot=hot, say=say)
        if arguments.cases > 0:
            await flood_cases(database, cases=arguments.cases, say=say)
        if arguments.gatherings > 0:
            await flood_gatherings(database, gatherings=arguments.gatherings, say=say)
    finally:
        await database.close()
    others = f"{max(0, arguments.cases)} stories and {max(0, arguments.gatherings)} gatherings"
    say(f"{threads} threads, {posts} posts, {others} in {time.monotonic() - began:.0f} s.")
