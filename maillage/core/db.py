"""The database: one pool of asyncpg connections, statements written with SQLAlchemy and compiled once.

SQLAlchemy describes the tables and builds every statement; asyncpg runs them. No ORM object and no engine
stands between, because on a page of 50 rows those cost several times the query itself.

`reading(request)` gives a connection in autocommit, for the questions of a page. `writing(request)` gives one
inside a transaction that commits when the block ends, before the response leaves.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

import asyncpg
from sqlalchemy import MetaData
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.expression import ClauseElement
from starlette.requests import Request

from maillage.core.errors import Unavailable

Row = asyncpg.Record
T = TypeVar("T")


class Base(DeclarativeBase):
    """What every table stands on: constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]
# Queries run since the request began; the log line, a response header in tests, and the bench read it.
query_count: ContextVar[list[int] | None] = ContextVar("query_count", default=None)


class Statement:
    """A statement compiled once, at its first use: SQL with $n places, and the names of the parameters in their order.

    Make them at module level from `select(...)`, `insert(...)` and the like, with `bindparam("name")` for what
    varies. Values in the statement itself (defaults, literals) keep their place as constants.
    """

    __slots__ = ("_clause", "_constants", "_names", "_sql")

    def __init__(self, clause: ClauseElement | str, names: Sequence[str] = ()) -> None:
        self._clause = None if isinstance(clause, str) else clause
        self._sql = clause if isinstance(clause, str) else ""
        self._names = tuple(names)
        self._constants: dict[str, Any] = {}

    @property
    def sql(self) -> str:
        # A process that starts has a hundred of these and needs three of them for its first page.
        if self._clause is not None:
            self._compile(self._clause)
        return self._sql

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of their places."""
        return self._names if self.sql else ()

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        names = self.names
        if unknown := given.keys() - set(names):
            raise TypeError(f"no such parameter: {', '.join(sorted(unknown))}")
        return [given[name] if name in given else self._constants[name] for name in names]

    def _compile(self, clause: ClauseElement) -> None:
        compiled = clause.compile(dialect=_DIALECT)
        sql = str(compiled)
        if "__[POSTCOMPILE" in sql:
            raise TypeError("write `= ANY(array)` instead of IN: nothing expands lists after this")
        self._names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._constants = dict(compiled.params)
        self._sql, self._clause = sql, None


class Db:
    """One connection. Statements are `Statement`s (compiled once) or any SQLAlchemy clause (compiled now)."""

    __slots__ = ("connection",)

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def rows(self, statement: Statement | ClauseElement, **given: Any) -> list[Row]:
        sql, arguments = self._prepare(statement, given)
        return await self.connection.fetch(sql, *arguments)

    async def row(self, statement: Statement | ClauseElement, **given: Any) -> Row | None:
        """The first row, or None."""
        sql, arguments = self._prepare(statement, given)
        return await self.connection.fetchrow(sql, *arguments)

    async def value(self, statement: Statement | ClauseElement, **given: Any) -> Any:
        """The first column of the first row, or None."""
        sql, arguments = self._prepare(statement, given)
        return await self.connection.fetchval(sql, *arguments)

    async def run(self, statement: Statement | ClauseElement, **given: Any) -> int:
        """Run it and return how many rows it touched."""
        sql, arguments = self._prepare(statement, given)
        status = await self.connection.execute(sql, *arguments)
        return int(status.rpartition(" ")[2]) if status[-1:].isdigit() else 0

    def _prepare(self, statement: Statement | ClauseElement, given: dict[str, Any]) -> tuple[str, list[Any]]:
        compiled = statement if isinstance(statement, Statement) else Statement(statement)
        if (counter := query_count.get()) is not None:
            counter[0] += 1
        return compiled.sql, compiled.arguments(given)


class Database:
    """The pool of one process. Made at start-up, closed at the end, kept at `app.state.database`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    @classmethod
    async def open(cls, dsn: str, *, statement_timeout_ms: int = 10_000, size: int = 10) -> "Database":
        """Connect. `dsn` is a libpq URL; raises asyncpg's or the system's error when nothing answers."""
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            reset=_nothing,
            init=_prepare_connection,
            # To connect; nothing that waits for a free connection is timed, which costs more than it saves.
            timeout=10,
            server_settings={
                "application_name": "maillage",
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": "30000",
                # asyncpg's statements are short; compiling them to machine code never pays.
                "jit": "off",
            },
        )
        return cls(pool)

    async def close(self) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Db]:
        async with self._connection() as connection:
            yield Db(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Db]:
        async with self._connection() as connection, connection.transaction():
            yield Db(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            connection = await self.pool.acquire()
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresConnectionError,
            asyncpg.CannotConnectNowError,
        ) as error:
            raise Unavailable("the database does not answer") from error
        try:
            yield cast("asyncpg.Connection[Row]", connection)
        except (ConnectionError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError) as error:
            raise Unavailable("the database went away") from error
        finally:
            await self.pool.release(connection)


async def _nothing(_connection: asyncpg.Connection) -> None:
    # A connection carries no session state between requests (no SET, LISTEN or advisory session lock is ever
    # used on a pooled one), so that the usual reset would only be a round trip.
    return None


async def _prepare_connection(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


def database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


@asynccontextmanager
async def reading(request: Request) -> AsyncIterator[Db]:
    """A connection in autocommit for the questions of one page."""
    async with database(request).reading() as db:
        yield db


@asynccontextmanager
async def writing(request: Request) -> AsyncIterator[Db]:
    """A transaction: commits at the end of the block, rolls back on any exception."""
    async with database(request).writing() as db:
        yield db


# Somebody else holds what we need, and has held it for longer than we wait; or two waited for each other.
_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


async def writing_again(request: Request, act: Callable[[Db], Awaitable[T]]) -> T:
    """What `act` returns, done in a transaction of its own, and tried up to three times while others are in the way.

    Raises `Unavailable` when they still are. `act` must bear being done again from the beginning.
    """
    for tried in range(3):
        try:
            async with writing(request) as db:
                return await act(db)
        except _BUSY:
            # Not all at the same time again.
            await asyncio.sleep(random.uniform(0.02, 0.1) * 2**tried)  # noqa: S311 — no secret
    raise Unavailable("too many at the same time")
