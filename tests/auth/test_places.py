"""The list of sessions names the country where each was last used: no finer, and only if the operator gave a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from starlette.applications import Starlette

from maillage.core.config import Settings, Trouble
from maillage.core.db import Db
from maillage.core.places import Places
from maillage.web.app import create_app
from tests.auth.conftest import World, hold, said, sign_in

pytestmark = pytest.mark.anyio
HOME, AWAY, UNKNOWN = "203.0.113.7", "198.51.100.9", "192.0.2.1"


@pytest.fixture(scope="session")
def countries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of countries such as operators download, of two networks; it tells towns too, as larger ones do."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Country")
    writer.insert_network(
        IPSet(["203.0.113.0/24"]), {"country": {"iso_code": "CA"}, "city": {"names": {"fr": "Sainte-Brume"}}}
    )
    writer.insert_network(IPSet(["198.51.100.0/24", "2001:db8::/32"]), {"country": {"iso_code": "FR"}})
    path = tmp_path_factory.mktemp("countries") / "countries.mmdb"
    writer.to_db_file(str(path))
    return path


@pytest.fixture
async def placed(settings: Settings, world: World, countries: Path) -> AsyncIterator[Starlette]:
    app = create_app(settings.model_copy(update={"country_database": countries}))
    async with app.router.lifespan_context(app):
        yield app


def browser_at(app: Starlette, address: str) -> httpx2.AsyncClient:
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, client=(address, 50_000)), base_url="http://127.0.0.1:8000"
    )
    hold(client, "langue", "en")
    return client


async def test_a_session_says_its_country_in_the_readers_language(placed: Starlette, world: World) -> None:
    async with browser_at(placed, AWAY) as client:
        await sign_in(client, world.provider_a, "maryse")
        assert "France" in said(await client.get("/moi/sessions"))
    async with browser_at(placed, HOME) as client:
        await sign_in(client, world.provider_a, "maryse")
        hold(client, "langue", "fr-CA")
        page = said(await client.get("/moi/sessions"))
    assert "Canada" in page
    assert "Sainte-Brume" not in page


async def test_it_follows_where_the_session_is_used(placed: Starlette, world: World, db: Db) -> None:
    async with browser_at(placed, HOME) as client:
        await sign_in(client, world.provider_a, "maryse")
        session = client.cookies["session"]
    await db.connection.execute("UPDATE session SET last_seen_at = last_seen_at - interval '11 minutes'")
    async with browser_at(placed, AWAY) as client:
        hold(client, "session", session)
        await client.get("/moi")
        assert "France" in said(await client.get("/moi/sessions"))


async def test_an_address_that_the_file_lacks_names_no_country(placed: Starlette, world: World, db: Db) -> None:
    async with browser_at(placed, UNKNOWN) as client:
        await sign_in(client, world.provider_a, "maryse")
        assert (await client.get("/moi/sessions")).status_code == 200
    assert await db.connection.fetchval("SELECT country FROM session") is None


async def test_the_address_itself_is_kept_nowhere(placed: Starlette, world: World, db: Db) -> None:
    async with browser_at(placed, HOME) as client:
        await sign_in(client, world.provider_a, "maryse")
    assert HOME not in await db.connection.fetchval("SELECT string_agg(session::text, ' ') FROM session")


async def test_without_a_file_no_place_is_named(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await sign_in(client, world.provider_a, "maryse")
    assert await db.connection.fetchval("SELECT country FROM session") is None


def test_a_file_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    for content in (None, b"", b"\0" * 4096):
        path = tmp_path / "countries.mmdb"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(Trouble, match="MAILLAGE_COUNTRY_DATABASE"):
            Places(path)
