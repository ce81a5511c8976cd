"""What a request asks the database: its statements, recorded from the application itself, and what they read."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy.sql.expression import ClauseElement
from starlette.applications import Starlette

from maillage.core.config import Settings
from maillage.core.db import Database, Db, Statement
from maillage.web.app import create_app


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as it was run: its SQL, and its arguments with the names that the code gives them."""

    sql: str
    names: tuple[str, ...]
    arguments: tuple[Any, ...]


@dataclass(slots=True)
class Recorded:
    """An answer of the application and the statements that it took."""

    status: int = 0
    body: bytes = b""
    said: list[Said] = field(default_factory=list)


class _Listening(Db):
    """A connection that notes what is said on it."""

    __slots__ = ("said",)

    def __init__(self, db: Db, said: list[Said]) -> None:
        super().__init__(db.connection)
        self.said = said

    def _prepare(self, statement: Statement | ClauseElement, given: dict[str, Any]) -> tuple[str, list[Any]]:
        compiled = statement if isinstance(statement, Statement) else Statement(statement)
        sql, arguments = super()._prepare(compiled, given)
        self.said.append(Said(sql, compiled.names, tuple(arguments)))
        return sql, arguments


class _ListeningDatabase(Database):
    said: list[Said]

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Db]:
        async with super().reading() as db:
            yield _Listening(db, self.said)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[Db]:
        async with super().writing() as db:
            yield _Listening(db, self.said)


class Recorder:
    """The application inside this process. The first request for a page makes it, the next find it kept."""

    def __init__(self, app: Starlette, database: _ListeningDatabase) -> None:
        self._app, self._database = app, database

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, settings: Settings) -> "AsyncIterator[Recorder]":
        app = create_app(settings)
        database = _ListeningDatabase((await Database.open(settings.dsn)).pool)
        app.state.database = database
        try:
            yield cls(app, database)
        finally:
            await database.close()

    async def ask(self, path: str, *, cookie: str | None, form: dict[str, str] | None = None) -> Recorded:
        recorded = Recorded()
        self._database.said = recorded.said
        transport = httpx2.ASGITransport(app=self._app)
        headers = {"Accept-Encoding": "identity"} | ({"Cookie": cookie} if cookie else {})
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            answer = await (
                http.get(path, headers=headers) if form is None else http.post(path, headers=headers, data=form)
            )
        recorded.status, recorded.body = answer.status_code, answer.content
        return recorded


async def buffers(db: Db, said: list[Said]) -> int:
    """How many pages of 8 kB the statements touch. They are run: the caller rolls back."""
    touched = 0
    for one in said:
        plan = await db.connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {one.sql}", *one.arguments)
        top = json.loads(plan)[0]["Plan"]
        touched += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return touched


# Arguments as JSON, for the floor, which is told what to run.


def packed(value: Any) -> Any:
    """A value that JSON can carry, kinds that it lacks wrapped."""
    match value:
        case bytes():
            return {"bytes": value.hex()}
        case datetime():
            return {"moment": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case _:
            return value


def unpacked(value: Any) -> Any:
    match value:
        case {"bytes": digits}:
            return bytes.fromhex(digits)
        case {"moment": words}:
            return datetime.fromisoformat(words)
        case {"seconds": number}:
            return timedelta(seconds=number)
        case _:
            return value
