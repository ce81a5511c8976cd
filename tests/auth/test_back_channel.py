"""A provider says that a session has ended: it ends here too, that one and no other, and nobody else can say so."""

import time
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core.db import Db
from tests.auth.conftest import World, browser, come_in, set_out, sign_in, who
from tests.auth.providers import HostileProvider

pytestmark = pytest.mark.anyio


async def enter(client: httpx2.AsyncClient, hostile: HostileProvider, world: World, **claims: Any) -> None:
    """Sign in at the provider that these tests hold in their hands."""
    hostile.behave(**claims)
    hostile.informs["sub"] = claims.get("sub", "subject")
    out = await set_out(client, world.hostile)
    hostile.nonce = out["nonce"]
    response = await client.get("/connexion/retour", params={"state": out["state"], "code": out["state"][:20]})
    if response.headers.get("location") == "/bienvenue":
        response = await come_in(client, name="Personne")
    assert response.status_code == 303, response.text


async def tell(client: httpx2.AsyncClient, world: World, token: str, provider: int | None = None) -> httpx2.Response:
    """As a provider does: no cookie, no origin."""
    transport = client._transport
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as machine:
        return await machine.post(f"/connexion/retrait/{provider or world.hostile}", data={"logout_token": token})


async def test_the_session_that_it_names_ends_and_no_other(
    client: httpx2.AsyncClient, app: Starlette, hostile: HostileProvider, world: World
) -> None:
    async with browser(app) as other:
        await enter(client, hostile, world, sid="one")
        await enter(other, hostile, world, sid="two")
        response = await tell(client, world, hostile.logout_token(sid="one"))
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
        assert await who(client) is None
        assert await who(other) == "personne"


async def test_all_of_a_persons_sessions_end_when_none_is_named(
    client: httpx2.AsyncClient, app: Starlette, hostile: HostileProvider, world: World, db: Db
) -> None:
    async with browser(app) as other, browser(app) as elsewhere:
        await enter(client, hostile, world, sid="one")
        await enter(other, hostile, world)
        await enter(elsewhere, hostile, world, sub="somebody-else")
        # Hers too, but not of this provider's making.
        await db.connection.execute(
            "insert into session (token_hash, person_id, expires_at)"
            " select 'x', person_id, now() + interval '1 day' from identity where subject = 'subject'"
        )
        hostile.behave()
        assert (await tell(client, world, hostile.logout_token(sid=None))).status_code == 200
        assert await who(client) is None
        assert await who(other) is None
        assert await who(elsewhere) is not None
        assert await db.connection.fetchval("select count(*) from session where token_hash = 'x'") == 1


async def test_a_session_whose_name_is_not_known_counts_for_its_person(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    await enter(client, hostile, world)
    assert (await tell(client, world, hostile.logout_token(sid="whatever"))).status_code == 200
    assert await who(client) is None


async def test_a_session_begun_since_goes_on(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db
) -> None:
    await enter(client, hostile, world, sid="one")
    token = hostile.logout_token(sid="one", iat=int(time.time()) - 60)
    assert (await tell(client, world, token)).status_code == 200
    assert await who(client) == "personne"


async def test_whoever_is_still_on_the_first_page_stops_there(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db
) -> None:
    hostile.behave(sid="one")
    out = await set_out(client, world.hostile)
    hostile.nonce = out["nonce"]
    response = await client.get("/connexion/retour", params={"state": out["state"], "code": "code"})
    assert response.headers["location"] == "/bienvenue"
    assert (await tell(client, world, hostile.logout_token(sid="one"))).status_code == 200
    assert (await client.get("/bienvenue")).headers["location"] == "/connexion"
    assert await db.connection.fetchval("select count(*) from arrival") == 0


@pytest.mark.parametrize("mode", ["other key", "alg none", "hs256", "tampered", "not a token", "unknown key"])
async def test_nobody_else_can_say_so(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, mode: str
) -> None:
    await enter(client, hostile, world, sid="one")
    hostile.behave(mode)
    response = await tell(client, world, hostile.logout_token(sid="one"))
    assert response.status_code == 400
    assert response.headers["cache-control"] == "no-store"
    assert await who(client) == "personne"


async def test_another_providers_word_ends_nothing(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    """Maryse came in through A; another provider names her subject and her session."""
    await sign_in(client, world.provider_a, "maryse")
    for provider in (world.hostile, world.provider_a):
        hostile.behave()
        await tell(client, world, hostile.logout_token(sub="maryse", sid=None), provider)
        assert await who(client) == "maryse"


async def test_a_provider_that_does_not_exist_is_answered_alike(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    answers = [await tell(client, world, "x.y.z", provider) for provider in (world.hostile, 999_999_999)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(400, '{"error":"invalid_request"}')] * 2


async def test_a_stranger_is_slowed_down_and_the_provider_is_not(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    await enter(client, hostile, world, sid="one")
    hostile.behave()
    good = [(await tell(client, world, hostile.logout_token(sid=f"s{n}"))).status_code for n in range(80)]
    assert good == [200] * 80
    bad = [(await tell(client, world, "x.y.z")).status_code for _ in range(70)]
    assert bad[:55] == [400] * 55
    assert bad[-1] == 429


async def test_the_journal_says_that_it_happened(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db
) -> None:
    await enter(client, hostile, world, sid="one")
    await db.connection.execute("update provider set organization_id = (select id from organization)")
    await tell(client, world, hostile.logout_token(sid="one"))
    assert [row[0] for row in await db.connection.fetch("select outcome from sign_in_event")] == ["signed-out"]
