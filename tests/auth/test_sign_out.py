"""Signing out ends the session here at once, and offers to end the provider's where it has one to end."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from maillage.auth.routes import sessions
from maillage.core import limits
from maillage.core.db import Db
from tests.auth.conftest import BASE_URL, World, said, sign_in, who
from tests.auth.providers import CLIENT_ID, HostileProvider

pytestmark = pytest.mark.anyio


def button(page: httpx2.Response) -> str | None:
    """Where the button that signs out elsewhere leads."""
    found = said(page).partition('<a class="button" href="')[2].partition('"')[0]
    return found or None


async def test_the_provider_is_offered_too(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await sign_in(client, world.provider_a, "maryse")
    response = await client.post("/deconnexion")
    assert response.status_code == 303
    assert response.headers["location"] == f"/deconnexion/fait?par={world.provider_a}"
    assert response.headers["clear-site-data"] == '"storage"'
    # Nothing waits for the second button.
    assert await db.connection.fetchval("select count(*) from session") == 0
    assert await who(client) is None
    page = await client.get(response.headers["location"])
    address = button(page)
    assert address is not None
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["client_id"] == CLIENT_ID
    assert asked["post_logout_redirect_uri"] == f"{BASE_URL}/deconnexion/fait"
    assert len(asked["state"]) == 43
    # No token of hers travels in an address.
    assert set(asked) == {"client_id", "post_logout_redirect_uri", "state"}
    back = await client.get("/deconnexion/fait", params={"state": asked["state"]})
    assert "You are signed out" in said(back)
    assert button(back) is None


async def test_a_link_leaves_nothing_to_sign_out_of(maryse: httpx2.AsyncClient) -> None:
    assert (await maryse.post("/deconnexion")).headers["location"] == "/"


async def test_a_provider_that_does_not_answer_keeps_nobody_in(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await sign_in(client, world.provider_a, "maryse")
    await db.connection.execute("update session set provider_id = $1", world.down)
    response = await client.post("/deconnexion")
    assert response.headers["location"] == "/"
    assert await who(client) is None


async def test_nobody_waits_for_a_provider_that_takes_its_time(
    client: httpx2.AsyncClient, world: World, hostile: HostileProvider, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(client, world.provider_a, "maryse")
    await db.connection.execute("update session set provider_id = $1", world.hostile)
    hostile.behave("slow")
    assert sessions.OFFER_WAITS <= 1, "second"
    monkeypatch.setattr(sessions, "OFFER_WAITS", 0.05)
    assert (await client.post("/deconnexion")).headers["location"] == "/"
    assert hostile.asked, "it was asked"


async def test_asking_a_provider_where_to_sign_out_is_limited(client: httpx2.AsyncClient, world: World) -> None:
    address = f"/deconnexion/fait?par={world.provider_a}"
    for _ in range(limits.ACTS["sign-in"].address.burst):
        assert (await client.get(address)).status_code == 200
    assert (await client.get(address)).status_code == 429
    # The page that asks nobody stays open.
    assert (await client.get("/deconnexion/fait")).status_code == 200


@pytest.mark.parametrize("given", ["", "x", "-1", "9" * 40, "0", "٣", "1;2", "%00"])
async def test_whatever_the_address_says_the_page_is_a_page(
    client: httpx2.AsyncClient, world: World, given: str
) -> None:
    page = await client.get(f"/deconnexion/fait?par={given}")
    assert page.status_code in {200, 400}
    assert button(page) is None


async def test_a_provider_that_is_switched_off_looks_like_none(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await db.connection.execute("update provider set enabled = false where id = $1", world.provider_a)
    page = await client.get(f"/deconnexion/fait?par={world.provider_a}")
    assert button(page) is None
    assert "Fournisseur A" not in said(page)
