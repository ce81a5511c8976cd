"""What this installation stands on: one lock per data directory, one database that fits, migrated once.

`standing(settings)` is what the commands use: it lends a running, checked database, starting the embedded one for
the time of the command when `maillage serve` is not running.
"""

import asyncio
import contextlib
import os
import re
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from maillage.core.config import Settings, Trouble
from maillage.core.embedded import OLDEST, Embedded

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

Say = Callable[[str], None]
# Any number will do, as long as it stays: it names our migrations among PostgreSQL's advisory locks.
MIGRATION_LOCK = 7_205_759_403
MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Lock:
    """Says that this process alone runs on a data directory. The system lets go of it however the process ends."""

    def __init__(self, data_dir: Path, role: str) -> None:
        self._path = data_dir / "in-use"
        self._role = role
        self._descriptor: int | None = None

    def take(self) -> str | None:
        """Take it, and return None; or return the role of the process that has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return self._path.read_text("ascii").strip() or "another command"
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{self._role} (process {os.getpid()})\n".encode("ascii"))
        self._descriptor = descriptor
        return None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextlib.contextmanager
def standing(settings: Settings, say: Say, *, alone: bool = False) -> Iterator[Settings]:
    """The settings with a database that answers and fits, for the time of the block.

    `alone`: refuse while `maillage serve` or another command runs on this data directory. Raises `Trouble`.
    """
    lock = Lock(settings.data_dir, "maillage")
    if settings.database_url is not None:
        if alone and (holder := lock.take()):
            raise Trouble(f"Stop {holder} first: it runs on {settings.data_dir}.")
        try:
            asyncio.run(check(settings.dsn))
            yield settings
        finally:
            lock.release()
        return
    server = Embedded(settings.data_dir, say)
    waiting_until = time.monotonic() + 60
    while (holder := lock.take()) is not None:
        if alone:
            raise Trouble(f"Stop {holder} first: it runs on {settings.data_dir}.")
        # Beside `serve` we use its server. Another command would stop its own under us, so that we wait for our turn.
        if holder.startswith("maillage serve") and (dsn := server.attach()) is not None:
            yield settings.with_database(dsn)
            return
        if time.monotonic() > waiting_until:
            raise Trouble(f"{holder} has been using {settings.data_dir} for a minute; try again when it ends.")
        time.sleep(0.2)
    try:
        yield settings.with_database(server.start())
    finally:
        server.stop()
        lock.release()


async def connect(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection of our own, outside the pool. Raises `Trouble` with one sentence for whatever is wrong."""
    parts = urlsplit(dsn)
    where = f"{parts.hostname or 'this machine'}{f':{parts.port}' if parts.port else ''}"
    try:
        return await asyncpg.connect(dsn, timeout=15, server_settings={"application_name": "maillage-set-up"})
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise Trouble(
            f"The database at {where} refuses the user {parts.username or ''!r} of MAILLAGE_DATABASE_URL: "
            f"{_plain(error)}."
        ) from error
    except asyncpg.InvalidCatalogNameError as error:
        raise Trouble(f"The server at {where} has no database {parts.path.lstrip('/')!r}; create it first.") from error
    except (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
        raise Trouble(f"The database at {where} takes no connections now: {_plain(error)}.") from error
    except TimeoutError as error:
        raise Trouble(f"The database at {where} does not answer within 15 seconds.") from error
    except (OSError, ssl.SSLError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise Trouble(f"No database can be reached at {where} (MAILLAGE_DATABASE_URL): {_plain(error)}.") from error


async def check(dsn: str) -> str:
    """See that the database is recent enough and speaks UTF-8; return its version. Raises `Trouble`."""
    connection = await connect(dsn)
    try:
        version, number, encoding = await connection.fetchrow(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int,"
            " current_setting('server_encoding')"
        ) or ("", 0, "")
    finally:
        await connection.close()
    refuse_unfit(version, number, encoding)
    return str(version)


def refuse_unfit(version: str, number: int, encoding: str) -> None:
    """Refuse a server that we cannot stand on, from what it says of itself."""
    if number < OLDEST * 10_000:
        raise Trouble(f"The database is PostgreSQL {version}; Maillage needs {OLDEST} or newer.")
    if encoding != "UTF8":
        raise Trouble(f"The database is encoded in {encoding}; create it with ENCODING 'UTF8'.")


def heads() -> set[str]:
    """The revisions that this version's migrations lead to; read from their files, since Alembic takes long to load."""
    revisions: set[str] = set()
    earlier: set[str] = set()
    for file in (MIGRATIONS / "versions").glob("*.py"):
        source = file.read_text("utf-8")
        for found in re.finditer(r"^(down_)?revision\b.*?=(.*)$", source, re.MULTILINE):
            (earlier if found[1] else revisions).update(re.findall(r"[\"'](\w+)[\"']", found[2]))
    return revisions - earlier


async def is_current(dsn: str) -> bool:
    """Whether the database has this version's tables."""
    connection = await connect(dsn)
    try:
        return await revisions(connection) == heads()
    finally:
        await connection.close()


async def must_be_current(dsn: str) -> None:
    """Refuse a database without this version's tables."""
    if not await is_current(dsn):
        raise Trouble("The database lacks this version's tables; run: maillage migrate.")


async def revisions(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    """What the database was migrated to; nothing when it never was."""
    try:
        return {row["version_num"] for row in await connection.fetch("SELECT version_num FROM alembic_version")}
    except asyncpg.UndefinedTableError:
        return set()


async def is_empty(dsn: str) -> bool:
    """Whether nobody lives in this (migrated) database yet."""
    connection = await connect(dsn)
    try:
        return not await connection.fetchval("SELECT EXISTS (SELECT FROM person)")
    finally:
        await connection.close()


def _plain(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error) or type(error).__name__).strip().rstrip(".")
