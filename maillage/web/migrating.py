"""Migrating: brings the database to this version's tables, once, however many processes start together."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from maillage.core.config import Trouble
from maillage.web.installation import MIGRATION_LOCK, MIGRATIONS, Say, connect, heads, revisions


def _config() -> Config:
    config = Config()
    # Alembic reads this value with % as an escape.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


async def migrate(dsn: str, say: Say) -> bool:
    """Bring the database up to date; say whether there was anything to do. Raises `Trouble`."""
    waiting = await connect(dsn)
    try:
        # Held on a connection of its own until we are done; whoever comes second waits here, then finds nothing to do.
        await waiting.execute("SET statement_timeout = 0")
        await waiting.execute(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
        if await revisions(waiting) == heads():
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


def _upgrade(connection: Connection) -> None:
    config = _config()
    # migrations/env.py runs on this connection, inside this transaction: all migrations or none.
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
