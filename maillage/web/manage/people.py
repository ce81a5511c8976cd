"""`sign-in-link` and `make-admin`: how the first administrator gets in."""

import argparse
import asyncio

from maillage.auth import commands
from maillage.core.clock import now
from maillage.core.config import Settings, Trouble, load
from maillage.core.db import Database
from maillage.core.errors import NotHere, Refused
from maillage.web.installation import must_be_current, standing
from maillage.web.manage import say


def arguments(_: str, parser: argparse.ArgumentParser) -> None:
    parser.add_argument("handle", metavar="HANDLE", help="the person's handle, without @")


def run(arguments: argparse.Namespace) -> None:
    with standing(load(), say) as settings:
        asyncio.run(_act(settings, arguments.command, arguments.handle.removeprefix("@")))


async def _act(settings: Settings, command: str, handle: str) -> None:
    await must_be_current(settings.dsn)
    database = await Database.open(settings.dsn, size=1)
    try:
        async with database.writing() as db:
            if command == "make-admin":
                await commands.make_admin(db, handle=handle, now=now())
                answer = f"{handle} administers the platform."
            else:
                token = await commands.issue_sign_in_link(db, handle=handle, now=now())
                answer = f"{settings.base_url}/connexion/lien/{token}"
    except NotHere as error:
        raise Trouble(f"Nobody here has the handle {handle!r}.") from error
    except Refused as error:
        raise Trouble(str(error.why)) from error
    finally:
        await database.close()
    print(answer)
