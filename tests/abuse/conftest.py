"""Abuse cases go through the front door, as somebody with bad intentions would: what they share stands here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx2 import Response
from starlette.routing import Route

from maillage.web.app import all_routes, create_app
from tests.abuse.changes import watch
from tests.conftest import Cluster, Site, finish, settings_for, with_database

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="session")
def watched_template(cluster: Cluster, world_template: str) -> Iterator[str]:
    """The name of a database that holds the demonstration, and notes whatever changes in it."""
    name = cluster.make(world_template)
    finish(with_database(cluster.address(name), watch))
    yield name
    cluster.drop(name)


@pytest.fixture(scope="module")
def shared(cluster: Cluster, watched_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all the tests of a module, for those that are refused everything or only look."""
    with opened(cluster, watched_template, tmp_path_factory) as site:
        yield site


@contextmanager
def opened(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on a copy of its own."""
    name = cluster.make(template)
    settings = settings_for(cluster.address(name), tmp_path_factory.mktemp("data"))
    site = Site(create_app(settings), settings)
    with site.stranger:
        yield site
    cluster.drop(name)


def browser(site: Site, handle: str) -> Any:
    """The browser of somebody, or of a stranger."""
    return site.as_(handle) if handle else site.stranger


def named(routes: list[Any] | None = None) -> dict[str, Route]:
    """Every route there is, by its name."""
    found = [route for route in (all_routes() if routes is None else routes) if isinstance(route, Route)]
    return {route.name: route for route in found}


def methods_of(route: Route) -> set[str]:
    return set(route.methods or ()) - {"HEAD", "OPTIONS"}


def patient(site: Site) -> None:
    """Let whoever is hurrying go on: limits have tests of their own."""
    site.write(lambda db: db.connection.execute("DELETE FROM rate_limit"))


@dataclass(frozen=True, slots=True)
class Circle:
    """What there is to know of the closed circle, for those who may."""

    space: str
    thread: int
    slug: str
    title: str
    post: int
    words: str


def circle_of(site: Site) -> Circle:
    row = site.write(
        lambda db: db.connection.fetchrow(
            """
            SELECT space.slug AS space, thread.id, thread.slug, thread.title, post.id AS post,
                   left(post.body_md, 40) AS words
              FROM thread JOIN space ON space.id = thread.space_id JOIN post ON post.thread_id = thread.id
             WHERE space.visibility = 'closed' AND post.seq = 2 ORDER BY thread.id LIMIT 1
            """
        )
    )
    assert row is not None
    return Circle(row["space"], row["id"], row["slug"], row["title"], row["post"], row["words"])


# The number of questions is shown in the demonstration only.
_EACH_TIME = {"x-request-id", "x-queries", "date"}
_REFERENCE = re.compile(r"<code>[0-9a-f]{10}</code>")
_REQUEST_KEY = re.compile(r'name="request_key" value="[^"]*"')


def plain(response: Response, *names: str) -> tuple[int, str, dict[str, str]]:
    """A response without what differs each time: its reference number, its one-time keys, and `names` given."""
    headers = {name: value for name, value in response.headers.items() if name not in _EACH_TIME}
    body = _REQUEST_KEY.sub('name="request_key"', _REFERENCE.sub("<code></code>", response.text))
    for name in names:
        body = body.replace(name, "[…]")
        headers = {key: kept.replace(name, "[…]") for key, kept in headers.items()}
    return response.status_code, body, headers


class Inert(HTMLParser):
    """Reads a page as a browser does and collects what would run, load or submit elsewhere."""

    _SCHEMES = re.compile(r"[\x00-\x20]*(?:javascript|data|vbscript|file|blob):", re.IGNORECASE)
    _LINKS = frozenset({"href", "src", "action", "formaction", "srcset", "poster", "data", "xlink:href", "ping"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.tags: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "script":
            self._in_script = True
            if not (given.get("src") or "").startswith("/static/"):
                self.wrong.append(f"<script {given}>")
        if tag in {"iframe", "object", "embed", "base", "style", "applet", "frame", "frameset", "marquee", "math"}:
            self.wrong.append(f"<{tag}>")
        if tag == "meta" and (given.get("http-equiv") or "").lower() == "refresh":
            self.wrong.append("<meta refresh>")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name in self._LINKS and self._SCHEMES.match(value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name in {"src", "action", "formaction"} and "://" in (value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.wrong.append(f"script of its own: {data[:60]!r}")


def dangers(html: str) -> list[str]:
    """What of a page would run, load from elsewhere or dress itself up. Nothing, if all is well."""
    reader = Inert()
    reader.feed(html)
    reader.close()
    return reader.wrong
