"""A real Chromium before the real application, with the real sign-in provider beside it."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    sync_playwright,
)
from starlette.applications import Starlette

from maillage.auth.models import Provider, ProviderIdentity
from maillage.core.sealing import new_token, token_hash
from maillage.web.app import create_app
from maillage.web.demo.provider import create_provider, users
from tests.conftest import Cluster, finish, settings_for

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these Chromium looks for its maker's servers at every start.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(app: Starlette, port: int) -> Iterator[None]:
    """The application on a real port, until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < give_up, "the server does not answer"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(30)


@dataclass(frozen=True)
class Live:
    """The application as a browser sees it."""

    url: str
    dsn: str
    provider: str

    def ask(self, sql: str, *arguments: object) -> object:
        """The first column of the first row."""

        async def fetch() -> object:
            connection = await asyncpg.connect(self.dsn)
            try:
                return await connection.fetchval(sql, *arguments)
            finally:
                await connection.close()

        return finish(fetch())

    def thread(self, title_begins: str) -> str:
        """The address of the thread whose title begins so."""
        found = self.ask("SELECT id || '-' || slug FROM thread WHERE starts_with(title, $1)", title_begins)
        assert found, f"no thread begins with {title_begins!r}"
        return f"{self.url}/discussions/{found}"

    def number(self, title_begins: str) -> int:
        """The number of the thread whose title begins so."""
        found = self.ask("SELECT id FROM thread WHERE starts_with(title, $1)", title_begins)
        assert isinstance(found, int), f"no thread begins with {title_begins!r}"
        return found

    def count(self, words: str) -> object:
        """How many messages hold these words."""
        return self.ask("SELECT count(*) FROM post WHERE strpos(body_md, $1) > 0", words)


@pytest.fixture(scope="session")
def ports() -> tuple[int, int]:
    """Where the application and the provider listen: the provider knows the application's address."""
    return _free_port(), _free_port()


@pytest.fixture(scope="session")
def provider(ports: tuple[int, int]) -> Iterator[str]:
    mine, theirs = ports
    url = f"http://127.0.0.1:{theirs}"
    with served(create_provider(users(), url=url, client_origin=f"http://127.0.0.1:{mine}"), theirs):
        yield url


@pytest.fixture
def live(ports: tuple[int, int], provider: str, cluster: Cluster, world_dsn: str, tmp_path: Path) -> Iterator[Live]:
    port, _ = ports
    url = f"http://127.0.0.1:{port}"
    settings = settings_for(world_dsn, tmp_path, base_url=url, demo_provider_url=provider)
    live = Live(url, world_dsn, provider)
    # The world was loaded before anybody knew where the provider would listen.
    for table in (Provider.__tablename__, ProviderIdentity.__tablename__):
        live.ask(
            # The names of our own tables, nothing given.
            f"UPDATE {table} SET issuer = $1 || substring(issuer FROM '/[a-z]+$')",  # noqa: S608
            provider,
        )
    with served(create_app(settings), port):
        yield live


# For one file: while it lives its loop runs in this thread, and other tests have loops of their own.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    assert path, "no Chromium: `make test` installs one, or install the package `chromium`"
    browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    yield browser
    browser.close()


class Reader:
    """A person at a browser window. Anything that the page complains of, or asks of another site, fails the test.

    `forgives` holds pieces of complaints that a test provokes.
    """

    def __init__(self, context: BrowserContext, live: Live) -> None:
        self.context, self.live = context, live
        self.complaints: list[str] = []
        self.forgives: set[str] = set()
        # Tabs that pages open by themselves are listened to as well.
        context.on("page", self._listen)
        context.on("request", self._watch)
        self.page = self.another_tab()

    def another_tab(self) -> Page:
        """A new tab of the same window: the same cookies, the same storage."""
        page = self.context.new_page()
        page.set_default_timeout(10_000)
        return page

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        # What is refused on purpose shows in the console too.
        if said.type == "error" and "status of 4" not in said.text:
            self.complaints.append(said.text)

    def _watch(self, request: Request) -> None:
        if request.url.startswith(f"{self.live.url}/"):
            return
        signing_in = request.url.startswith(f"{self.live.provider}/") and request.is_navigation_request()
        if not signing_in:
            self.complaints.append(f"{request.resource_type} asked of another site: {request.url}")

    def unforgiven(self) -> list[str]:
        return [said for said in self.complaints if not any(piece in said for piece in self.forgives)]

    def goes_to(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.live.url + path)
        return self.page

    def has_session_of(self, handle: str) -> None:
        """Signed in already, for tests that are about something else."""
        token = new_token()
        self.live.ask(
            """
            INSERT INTO session (token_hash, person_id, expires_at)
            SELECT $1, id, now() + interval '1 day' FROM person WHERE handle = $2 RETURNING id
            """,
            token_hash(token),
            handle,
        )
        self.context.add_cookies([{"name": "session", "value": token, "url": self.live.url}])

    def signs_in_as(self, name: str) -> None:
        """Through the provider, as a person does."""
        self.goes_to("/connexion")
        self.passes_through_the_provider(name)

    def passes_through_the_provider(self, name: str, page: Page | None = None) -> None:
        """From the page of ways to sign in: she picks her name here, and confirms it at the provider's."""
        page = page or self.page
        page.get_by_role("button", name=name).first.click()
        page.wait_for_url(f"{self.live.provider}/**")
        page.get_by_role("button", name=name).first.click()
        page.wait_for_url(f"{self.live.url}/**")

    def session_ends(self) -> None:
        """Every session is gone, as after an absence."""
        self.live.ask("DELETE FROM session RETURNING id")


@pytest.fixture
def reader(browser: Browser, live: Live) -> Iterator[Callable[..., Reader]]:
    """Opens windows: `reader(width=360, scheme="dark", language="en", scripts=False)`."""
    opened: list[Reader] = []

    def open_one(
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        language: str = "fr-CA",
        scripts: bool = True,
        forced_colors: bool = False,
        scale: float = 1,
    ) -> Reader:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            forced_colors="active" if forced_colors else "none",
            device_scale_factor=scale,
        )
        context.add_cookies([{"name": "langue", "value": language, "url": live.url}])
        opened.append(Reader(context, live))
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()
    complaints = [complaint for one in opened for complaint in one.unforgiven()]
    assert complaints == []
