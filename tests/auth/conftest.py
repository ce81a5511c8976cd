"""A small cast with providers of its own, in a database of their own."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import insert
from starlette.applications import Starlette

from maillage.auth import commands, oidc
from maillage.auth.models import (
    Membership,
    Organization,
    Person,
    Provider,
    ProviderIdentity,
)
from maillage.auth.routes.clients import PROVIDER_SECRET
from maillage.core import clock, names
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from maillage.core.sealing import seal
from maillage.web.app import create_app
from maillage.web.demo.provider import User, create_provider
from tests.auth.providers import CLIENT_ID, CLIENT_SECRET, HostileProvider, address, listening, served
from tests.conftest import Cluster

SECRET_KEY = "a secret key that only these tests know"
BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def auth_dsn(cluster: Cluster, empty_template: str) -> Iterator[str]:
    """One migrated database for these tests, emptied before each."""
    name = cluster.make(empty_template)
    yield cluster.address(name)
    cluster.drop(name)


@pytest.fixture(scope="session")
def provider_url() -> Iterator[str]:
    """The demonstration's provider, with people of these tests."""
    with listening() as heard:
        url = address(heard)
        users = [
            User("maryse", "Maryse Lacombe-Dubé", "maryse@example.org", "a"),
            User("nouvelle", "Nouvelle Venue", "maryse@example.org", "a"),
            User(
                "malice",
                "<script>alert(1)</script>\r\nBcc: x@evil.tld \u202ehttps://evil.tld",
                "m@example.org",
                "a",
            ),
            User("sans-nom", "\u200b", "n@example.org", "a"),
            User("suspendue", "Personne Suspendue", "s@example.org", "a"),
            User("maryse", "Une autre Maryse", "maryse@example.org", "b"),
        ]
        app = create_provider(users, url=url, client_origin=BASE_URL)
        with served(app, heard):
            yield url


@pytest.fixture(scope="session")
def _hostile() -> Iterator[HostileProvider]:
    with listening() as heard:
        provider = HostileProvider(address(heard))
        with served(provider.app, heard):
            yield provider


@pytest.fixture
def hostile(_hostile: HostileProvider) -> HostileProvider:
    _hostile.behave()
    return _hostile


@pytest.fixture
def settings(auth_dsn: str) -> Settings:
    return Settings(secret_key=SecretStr(SECRET_KEY), database_url=SecretStr(auth_dsn))


@dataclass(frozen=True)
class World:
    """Ids of what every test finds."""

    maryse: int
    ibrahima: int
    provider_a: int
    provider_b: int
    hostile: int
    down: int


@pytest.fixture
async def database(auth_dsn: str) -> AsyncIterator[Database]:
    database = await Database.open(auth_dsn, size=4)
    yield database
    await database.close()


@pytest.fixture
async def world(database: Database, provider_url: str, _hostile: HostileProvider) -> World:
    oidc.forget()
    async with database.writing() as db:
        await db.connection.execute("truncate organization, person, provider, rate_limit, site_epoch, pgqueuer cascade")
        await db.connection.execute("insert into site_epoch default values")

        async def made(table: Any, **values: Any) -> int:
            return int(await db.value(insert(table).values(**values).returning(table.id)))

        async def person(handle: str, name: str, **values: Any) -> int:
            return await made(Person, handle=handle, name=name, name_key=names.sort_key(name), **values)

        async def provider(label: str, issuer: str) -> int:
            secret = seal(SECRET_KEY, PROVIDER_SECRET, CLIENT_SECRET.encode())
            return await made(
                Provider, label=label, issuer=issuer, client_id=CLIENT_ID, client_secret=secret, enabled=True
            )

        org = await made(Organization, slug="cdc", name="CDC du Grand Détour", name_key="cdc du grand detour")
        maryse = await person("maryse", "Maryse Lacombe-Dubé", email="maryse@example.org")
        ibrahima = await person("ibrahima", "Ibrahima Sarr", title="coordonnateur")
        suspended = await person("suspendue", "Personne Suspendue", suspended_at=clock.now())
        # Long ago: of two memberships somebody speaks for the later, and days begin at other hours elsewhere.
        long_ago = date(2020, 1, 1)
        await made(Membership, person_id=maryse, organization_id=org, relation="bailleur-de-fonds", started_on=long_ago)
        a, b = f"{provider_url}/a", f"{provider_url}/b"
        await made(ProviderIdentity, issuer=a, subject="maryse", person_id=maryse)
        await made(ProviderIdentity, issuer=a, subject="suspendue", person_id=suspended)
        return World(
            maryse=maryse,
            ibrahima=ibrahima,
            provider_a=await provider("Fournisseur A", a),
            provider_b=await provider("Fournisseur B", b),
            hostile=await provider("Hostile", _hostile.issuer),
            down=await provider("En panne", f"{provider_url}/down"),
        )


@pytest.fixture
async def app(settings: Settings, world: World) -> AsyncIterator[Starlette]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def other_process(settings: Settings, world: World) -> AsyncIterator[Starlette]:
    """The same application, as another process has it."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


def browser(app: Starlette, **more: Any) -> httpx2.AsyncClient:
    """Somebody's browser, reading English so that tests can quote the source."""
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE_URL, **more)
    hold(client, "langue", "en")
    return client


def hold(client: httpx2.AsyncClient, cookie: str, value: str) -> None:
    """Put a cookie into that browser, in place of any of the same name."""
    client.cookies.set(cookie, value, domain="127.0.0.1", path="/")


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with browser(app) as client:
        yield client


@asynccontextmanager
async def signed_in(app: Starlette, database: Database, handle: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser in which that person is signed in, by a one-time link."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(browser(app))
        async with database.writing() as db:
            token = await commands.issue_sign_in_link(db, handle=handle, now=clock.now())
        response = await client.post(f"/connexion/lien/{token}")
        assert response.status_code == 303, response.text
        yield client


@pytest.fixture
async def maryse(app: Starlette, database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    async with signed_in(app, database, "maryse") as client:
        yield client


@pytest.fixture
async def ibrahima(app: Starlette, database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    async with signed_in(app, database, "ibrahima") as client:
        yield client


@pytest.fixture
async def db(database: Database) -> AsyncIterator[Db]:
    async with database.reading() as db:
        yield db


async def set_out(client: httpx2.AsyncClient, provider_id: int, **form: str) -> dict[str, str]:
    """Press the button of a provider; returns what the browser is sent to the provider with."""
    response = await client.post(f"/connexion/fournisseur/{provider_id}", data=form)
    assert response.status_code == 303, response.text
    url = response.headers["location"]
    return {"": url, **{name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}}


async def authorized(url: str, subject: str) -> str:
    """Pick that person on the provider's page; returns the path of the call-back."""
    async with httpx2.AsyncClient() as elsewhere:
        response = await elsewhere.post(url, data={"subject": subject})
    assert response.status_code == 303, response.text
    return str(response.headers["location"]).removeprefix(BASE_URL)


async def sign_in(client: httpx2.AsyncClient, provider_id: int, subject: str, **form: str) -> httpx2.Response:
    """The whole exchange."""
    out = await set_out(client, provider_id, **form)
    return await client.get(await authorized(out[""], subject))


async def come_in(client: httpx2.AsyncClient, **form: str) -> httpx2.Response:
    """Answer the questions of somebody's first time, with what is proposed to her unless `form` says otherwise."""
    page = await client.get("/bienvenue")
    assert page.status_code == 200, page.headers
    proposed = re.search(r'<input[^>]* name="name"[^>]* value="([^"]*)"', page.text)
    given = {"name": unescape(proposed[1]) if proposed else "", "of_age": "y", "terms": "y"}
    return await client.post("/bienvenue", data=given | form)


async def arrive(client: httpx2.AsyncClient, provider_id: int, subject: str, **form: str) -> httpx2.Response:
    """The whole exchange of somebody who has no account yet, and her first page."""
    response = await sign_in(client, provider_id, subject)
    assert response.headers["location"] == "/bienvenue"
    return await come_in(client, **form)


def said(response: httpx2.Response) -> str:
    """The page's text, unescaped."""
    return unescape(response.text)


async def who(client: httpx2.AsyncClient) -> str | None:
    """The handle of whoever is signed in there."""
    response = await client.get("/moi")
    return said(response).partition("writing @")[2].partition(".")[0] if response.status_code == 200 else None
