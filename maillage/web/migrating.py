"""Migrating: brings the database to this version's tables, once, however many processes start together."""

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from maillage.core.config import Trouble
from maillage.web.installation import MIGRATION_LOCK, MIGRATIONS, Say, connect


def _config() -> Config:
    config = Config()
    # Alembic reads this value with % as an escape.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


async def migrate(dsn: str, say: Say) -> bool:
    """Bring the database up to date; say whether there was anything to do. Raises `Trouble`."""
    script = ScriptDirectory.from_config(_config())
    waiting = await connect(dsn)
    try:
        # Held on a connection of its own until we are done; whoever comes second waits here, then finds nothing to do.
        await waiting.execute("SET statement_timeout = 0")
        await waiting.execute(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
        if await _current(waiting) == set(script.get_heads()):
            return False
        say("Bringing the database up to date ...")
        engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: connect(dsn), poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(_upgrade)
        except CommandError as error:
            raise Trouble(
                f"The database was written by a newer version of Maillage; run that version here. ({error})"
            ) from error
        finally:
            await engine.dispose()
        return True
    finally:
        await waiting.close()


async def is_current(dsn: str) -> bool:
    """Whether the database has this version's tables."""
    connection = await connect(dsn)
    try:
        return await _current(connection) == set(ScriptDirectory.from_config(_config()).get_heads())
    finally:
        await connection.close()


async def _current(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    try:
        return {row["version_num"] for row in await connection.fetch("SELECT version_num FROM alembic_version")}
    except asyncpg.UndefinedTableError:
        return set()


def _upgrade(connection: Connection) -> None:
    config = _config()
    # migrations/env.py runs on this connection, inside this transaction: all migrations or none.
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
