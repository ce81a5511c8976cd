"""The known cast on a real PostgreSQL: every test has a database of its own, copied from one made once.

`MAILLAGE_TEST_DATABASE_URL` may name a PostgreSQL in which databases can be made; without it, one of our own is
started for the run.
"""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from maillage.auth import commands as auth
from maillage.auth.viewer import session_cookie
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from maillage.core.embedded import Embedded
from maillage.web import demo
from maillage.web.app import create_app
from maillage.web.migrating import migrate

BASE_URL = "http://testserver"
# Hard stops have tests of their own; here speed is worth more than surviving them.
# Where memory can be written like a disk: making a database is to create six hundred files, and a disk that has just
# deleted as many takes ten times as long.
_MEMORY, _ENOUGH = Path("/dev/shm"), 3 * 1024**3  # noqa: S108 — a folder of our own is made in it
_CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
T = TypeVar("T")


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in a thread of its own: the browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


class Cluster:
    """A PostgreSQL in which databases are made and dropped. `dsn` opens it as somebody who may."""

    def __init__(self, dsn: str, portal: BlockingPortal) -> None:
        self.dsn = dsn
        # One connection for all of them, in a loop of its own: there are thousands of databases.
        self._portal = portal
        self._connection = portal.call(asyncpg.connect, dsn)

    def address(self, name: str) -> str:
        parts = urlsplit(self.dsn)
        return urlunsplit(parts._replace(path=f"/{name}"))

    def run(self, *statements: str) -> None:
        for statement in statements:
            self._portal.call(self._connection.execute, statement)

    def make(self, template: str | None = None) -> str:
        name = f"t_{uuid4().hex[:12]}"
        # Copied as files: the other way writes every page into the log as well, and takes five times as long.
        self.run(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        self._portal.call(self._connection.close)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        given = os.environ.get("MAILLAGE_TEST_DATABASE_URL")
        cluster = Cluster(given or stack.enter_context(_server_of_our_own()), portal)
        if not given:
            cluster.run(*(f"ALTER SYSTEM SET {setting}" for setting in _CARELESS), "SELECT pg_reload_conf()")
        yield cluster
        cluster.close()


@contextmanager
def _server_of_our_own() -> Iterator[str]:
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH
    with tempfile.TemporaryDirectory(prefix="maillage-test-", dir=_MEMORY if roomy else None) as folder:
        server = Embedded(Path(folder), lambda _said: None)
        with ThreadPoolExecutor(1) as threads:
            address = urlsplit(threads.submit(server.start).result())
        # Nobody else reaches its socket. To hash a password for each of some ten thousand connections takes minutes.
        access = Path(folder) / "postgres" / "pg_hba.conf"
        access.write_text("local all all trust\n" + access.read_text())
        password = (Path(folder) / "postgres-password").read_text().strip()
        superuser = address._replace(netloc=f"postgres:{password}@", path="/postgres")
        yield urlunsplit(superuser)
        server.stop()


def settings_for(dsn: str, data_dir: Path, **given: Any) -> Settings:
    return Settings(
        **{
            "database_url": SecretStr(dsn),
            "data_dir": data_dir,
            "base_url": BASE_URL,
            "secret_key": SecretStr("a key that is known to the tests alone"),
            "demo_provider_url": "http://127.0.0.1:9",
        }
        | given
    )


async def with_database(dsn: str, act: Callable[[Db], Awaitable[T]]) -> T:
    database = await Database.open(dsn, size=1)
    try:
        async with database.writing() as db:
            return await act(db)
    finally:
        await database.close()


@pytest.fixture(scope="session")
def empty_template(cluster: Cluster) -> Iterator[str]:
    """The name of a migrated database in which nobody lives."""
    name = cluster.make()
    finish(migrate(cluster.address(name), lambda _said: None))
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def world_template(cluster: Cluster, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database that holds the demonstration."""
    name = cluster.make(empty_template)
    dsn = cluster.address(name)
    settings = settings_for(dsn, tmp_path_factory.mktemp("data"))
    finish(with_database(dsn, lambda db: demo.load(db, settings)))
    cluster.run(f"ALTER DATABASE {name} SET jit = off")
    yield name
    cluster.drop(name)


@pytest.fixture
def dsn(cluster: Cluster, empty_template: str) -> Iterator[str]:
    """The address of a migrated, empty database, this test's own."""
    name = cluster.make(empty_template)
    yield cluster.address(name)
    cluster.drop(name)


@pytest.fixture
def world_dsn(cluster: Cluster, world_template: str) -> Iterator[str]:
    """The address of a database that holds the demonstration, this test's own."""
    name = cluster.make(world_template)
    yield cluster.address(name)
    cluster.drop(name)


class Site:
    """The application at its front door, with the demonstration behind it.

    `site.stranger` is a browser without an account, `site.as_("maryse")` one where she is signed in.
    `site.ask(sql, …)` looks behind the scenes.
    """

    def __init__(self, app: Starlette, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.stranger = self._browser()
        self._browsers: dict[str, TestClient] = {}

    def as_(self, handle: str) -> TestClient:
        """A browser where this person is signed in; the same one each time."""
        if handle not in self._browsers:
            self._browsers[handle] = self.new_browser(handle)
        return self._browsers[handle]

    def new_browser(self, handle: str) -> TestClient:
        browser = self._browser()
        browser.portal = self.stranger.portal
        browser.cookies.set(session_cookie(self.settings), self.open_session(handle))
        return browser

    def open_session(self, handle: str) -> str:
        async def act(db: Db) -> str:
            person_id = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle)
            return await auth.open_session(
                db,
                person_id=person_id,
                provider_id=None,
                device="",
                now=clock.now(),
                lifetime=timedelta(days=1),
            )

        return self.write(act)

    def write(self, act: Callable[[Db], Awaitable[T]]) -> T:
        """Run a command on the application's own database, in a transaction."""

        async def in_transaction() -> T:
            async with self.app.state.database.writing() as db:
                return await act(db)

        assert self.stranger.portal is not None
        return self.stranger.portal.call(in_transaction)

    def ask(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row."""

        async def fetch(db: Db) -> Any:
            return await db.connection.fetchval(sql, *arguments)

        return self.write(fetch)

    def thread(self, title_begins: str) -> str:
        """The path of the thread whose title begins so."""
        row = self.write(
            lambda db: db.connection.fetchrow("SELECT id, slug FROM thread WHERE starts_with(title, $1)", title_begins)
        )
        assert row is not None, f"no thread begins with {title_begins!r}"
        return f"/discussions/{row['id']}-{row['slug']}"

    def _browser(self) -> TestClient:
        return TestClient(self.app, base_url=BASE_URL, follow_redirects=False, raise_server_exceptions=True)


@pytest.fixture
def site(world_dsn: str, tmp_path: Path) -> Iterator[Site]:
    settings = settings_for(world_dsn, tmp_path)
    site = Site(create_app(settings), settings)
    with ExitStack() as stack:
        stack.enter_context(site.stranger)
        yield site
