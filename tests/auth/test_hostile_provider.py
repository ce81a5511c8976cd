"""A provider that misbehaves signs nobody in, and each way of misbehaving has its own sentence."""

import time
from typing import Any

import asyncpg
import httpx2
import pytest
from joserfc import jwk

from maillage.auth.oidc import providers
from maillage.core.config import Settings
from maillage.core.db import Db
from tests.auth.conftest import World, come_in, said, set_out, who
from tests.auth.providers import HostileProvider, basic

pytestmark = pytest.mark.anyio
NOW = time.time()


async def come_back(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, **answer: str
) -> httpx2.Response:
    out = await set_out(client, world.hostile)
    hostile.nonce = out["nonce"]
    answer = {"state": out["state"], "code": "code", **answer}
    return await client.get("/connexion/retour", params=answer)


async def refused(client: httpx2.AsyncClient, response: httpx2.Response, why: str, db: Db) -> None:
    assert response.status_code in {400, 503}, said(response)
    assert why in said(response)
    assert await who(client) is None
    assert await db.connection.fetchval("select count(*) from session") == 0
    assert await db.connection.fetchval("select count(*) from person") == 3


async def test_when_it_behaves_it_signs_in(client: httpx2.AsyncClient, hostile: HostileProvider, world: World) -> None:
    response = await come_back(client, hostile, world)
    assert response.headers["location"] == "/bienvenue"
    await come_in(client)
    assert await who(client) == "hostile-person"


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("alg none", "not safe enough"),
        ("hs256", "not safe enough"),
        ("other key", "not signed by Hostile"),
        ("unknown key", "not signed by Hostile"),
        ("key inside", "not signed by Hostile"),
        ("tampered", "not signed by Hostile"),
        ("not a token", "not signed by Hostile"),
        ("claims a list", "not signed by Hostile"),
        ("code over", "no longer knows this sign-in"),
        ("secret wrong", "does not recognize this platform"),
        ("redirect wrong", "does not know this platform’s redirect address"),
        ("token page", "cannot be used"),
        ("token huge", "cannot be used"),
        ("token broken", "does not answer"),
        ("no id token", "did not say who you are"),
        ("odd id token", "did not say who you are"),
        ("no keys", "cannot be used"),
    ],
)
async def test_an_answer_that_proves_nothing_is_refused(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db, mode: str, why: str
) -> None:
    hostile.behave(mode)
    await refused(client, await come_back(client, hostile, world), why, db)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another-platform"}, "meant for another platform"),
        ({"aud": ["another-platform"], "azp": "maillage"}, "meant for another platform"),
        ({"aud": ["maillage", "another-platform"]}, "meant for another platform"),
        ({"aud": ["maillage", "x"], "azp": "x"}, "meant for another platform"),
        ({"aud": None}, "meant for another platform"),
        ({"iss": "https://other.example"}, "does not come from Hostile"),
        ({"nonce": "another"}, "belongs to another sign-in"),
        ({"nonce": None}, "belongs to another sign-in"),
        ({"exp": int(NOW) - 3600}, "came too late"),
        ({"exp": "tomorrow"}, "incomplete answer"),
        ({"iat": int(NOW) + 3600}, "dated in the future"),
        ({"nbf": int(NOW) + 3600}, "dated in the future"),
        ({"sub": None}, "incomplete answer"),
        ({"sub": ""}, "incomplete answer"),
        ({"sub": ["a"]}, "incomplete answer"),
        ({"sub": "x" * 256}, "incomplete answer"),
        ({"sub": "a\x00b"}, "incomplete answer"),
        ({"sub": "\ud800"}, "incomplete answer"),
        ({"at_hash": "AAAA"}, "incomplete answer"),
    ],
)
async def test_claims_that_are_not_for_this_sign_in_are_refused(
    client: httpx2.AsyncClient,
    hostile: HostileProvider,
    world: World,
    db: Db,
    claims: dict[str, Any],
    why: str,
) -> None:
    hostile.behave(**claims)
    await refused(client, await come_back(client, hostile, world), why, db)


@pytest.mark.parametrize(
    "claims",
    [
        {"name": 1, "email": 2, "email_verified": True},
        {"name": ["<b>"], "email": {"a": 1}},
        {"name": "\ud800 \x00", "email": "\ud800@x", "email_verified": True},
        {"name": "x" * 5000, "email": "y" * 5000 + "@x", "email_verified": True},
        {"name": "ﷺ" * 120},
        {"email": "a@b.ca\r\nBcc: z@z", "email_verified": True},
        {"email": "not.verified@example.org"},
        {"email": "not.verified@example.org", "email_verified": "true"},
        {"groups": ["admins"], "role": "admin", "picture": "javascript:x", "locale": "zz"},
    ],
)
async def test_odd_claims_are_dropped(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db, claims: dict[str, Any]
) -> None:
    hostile.behave(**claims)
    assert (await come_back(client, hostile, world)).status_code == 303
    assert (await come_in(client, name="")).status_code == 303
    assert await db.connection.fetchval("select count(*) from person") == 4
    row = await db.connection.fetchrow("select * from person order by id desc limit 1")
    assert row is not None
    assert row["email"] is None
    # Her browser's, not the claim's.
    assert row["locale"] == "en"
    assert row["name"].isprintable()
    assert await db.connection.fetchval("select count(*) from platform_role") == 0


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("other issuer", "calls itself by another address"),
        ("plain endpoints", "cannot be used"),
        ("no endpoints", "cannot be used"),
        ("not json", "cannot be used"),
        ("a list", "cannot be used"),
        ("nested", "cannot be used"),
        ("huge", "cannot be used"),
        ("endless", "cannot be used"),
        ("compressed", "cannot be used"),
        ("redirects", "cannot be used"),
        ("only none", "not safe enough"),
        ("broken", "does not answer"),
        ("slow", "takes too long"),
        ("drips", "takes too long"),
    ],
)
async def test_a_provider_that_cannot_be_used_is_said_to_be(
    client: httpx2.AsyncClient,
    hostile: HostileProvider,
    world: World,
    mode: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(providers, "TIMEOUT", 0.5)
    hostile.behave(mode)
    response = await client.post(f"/connexion/fournisseur/{world.hostile}", data={"suite": "/discussions"})
    assert response.status_code == 503
    assert why in said(response)
    # Another way in, and the number under which the log knows it.
    assert "Fournisseur A" in said(response)
    assert 'value="/discussions"' in response.text
    assert response.headers["x-request-id"] in response.text


async def test_a_provider_that_is_down_is_said_to_be(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    down = await client.post(f"/connexion/fournisseur/{world.down}")
    assert down.status_code == 503
    assert "En panne does not answer" in said(down)
    await db.connection.execute("update provider set issuer = 'http://127.0.0.1:1' where id = $1", world.down)
    gone = await client.post(f"/connexion/fournisseur/{world.down}")
    assert "En panne does not answer" in said(gone)


@pytest.mark.parametrize(
    "issuer", ["http://provider.example", "ftp://x", "javascript:1", "http://[", "", "file:///etc"]
)
async def test_an_issuer_that_is_no_safe_address_is_not_asked(
    client: httpx2.AsyncClient, world: World, db: Db, issuer: str
) -> None:
    await db.connection.execute("update provider set issuer = $2 where id = $1", world.down, issuer)
    response = await client.post(f"/connexion/fournisseur/{world.down}")
    assert response.status_code == 503
    assert "cannot be used" in said(response)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("access_denied", "You cancelled signing in at Hostile"),
        ("consent_required", "needs your agreement"),
        ("temporarily_unavailable", "a problem of its own"),
        ("redirect_uri_mismatch", "does not know this platform’s redirect address"),
        ("invalid_scope", "refuses our request"),
        ("<script>alert(1)</script>", "refuses our request"),
    ],
)
async def test_each_error_of_a_call_back_has_its_sentence(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db, error: str, why: str
) -> None:
    response = await come_back(client, hostile, world, error=error, error_description="Call 555-1234")
    await refused(client, response, why, db)
    assert "555-1234" not in response.text.partition("<main")[2]
    assert "<script>alert" not in response.text


async def test_an_answer_in_another_providers_name_is_refused(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db
) -> None:
    response = await come_back(client, hostile, world, iss="https://other.example")
    await refused(client, response, "does not come from Hostile", db)
    # Nothing was shown to the token endpoint: the code may belong to the other provider.
    assert hostile.token_requests == []


async def test_a_code_serves_once(client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db) -> None:
    hostile.behave("codes once")
    assert (await come_back(client, hostile, world)).status_code == 303
    await refused(client, await come_back(client, hostile, world), "no longer knows this sign-in", db)


async def test_one_organizations_provider_cannot_pass_off_an_answer_of_anothers(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db
) -> None:
    """Here the other one is honest and, as many are, silent about whose answer it is (no `iss`).

    Somebody sets out for the hostile provider, which leads her browser on to the honest one with a state of its own.
    """
    cdc = await db.connection.fetchval("select id from organization")
    evil = await db.connection.fetchval(
        "insert into organization (slug, name, name_key) values ('mal', 'Mal', 'mal') returning id"
    )
    await db.connection.execute("update provider set organization_id = $2 where id = $1", world.provider_b, cdc)
    await db.connection.execute("update provider set organization_id = $2 where id = $1", world.hostile, evil)
    honest = await set_out(client, world.provider_b)
    assert honest["redirect_uri"] == f"http://127.0.0.1:8000/connexion/retour/{cdc}"
    for path in (f"/connexion/retour/{cdc}", "/connexion/retour", "/connexion/retour/999999999999999999999"):
        out = await set_out(client, world.hostile)
        assert out["redirect_uri"] == f"http://127.0.0.1:8000/connexion/retour/{evil}"
        response = await client.get(path, params={"state": out["state"], "code": "of the honest one"})
        await refused(client, response, "does not come from Hostile", db)
    # The code of the honest one was shown to nobody.
    assert hostile.token_requests == []
    out = await set_out(client, world.hostile)
    hostile.nonce = out["nonce"]
    answer = {"state": out["state"], "code": "code"}
    assert (await client.get(f"/connexion/retour/{evil}", params=answer)).status_code == 303


async def test_a_provider_that_announces_its_name_must_give_it(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db
) -> None:
    hostile.behave("announces iss")
    await refused(client, await come_back(client, hostile, world), "does not come from Hostile", db)
    assert (await come_back(client, hostile, world, iss=hostile.issuer)).status_code == 303


async def test_the_code_verifier_and_the_secret_go_to_the_token_endpoint_alone(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    await come_back(client, hostile, world)
    (request,) = hostile.token_requests
    assert len(request["code_verifier"]) == 64
    assert request["redirect_uri"] == "http://127.0.0.1:8000/connexion/retour"
    assert basic(request["authorization"]) == ("maillage", "demonstration")
    assert "client_secret" not in request


async def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    hostile.behave("post only")
    await come_back(client, hostile, world)
    (request,) = hostile.token_requests
    assert request["client_secret"] == "demonstration"
    assert request["authorization"] == ""


async def test_a_provider_may_change_its_keys_at_any_moment(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    await come_back(client, hostile, world)
    kept = hostile.key
    try:
        hostile.key = jwk.RSAKey.generate_key(2048, {"kid": "second"})
        hostile.kid = "second"
        client.cookies.delete("session")
        assert (await come_back(client, hostile, world)).status_code == 303
    finally:
        hostile.key = kept


async def test_keys_of_unknown_kinds_do_no_harm(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    hostile.behave("odd keys")
    assert (await come_back(client, hostile, world)).status_code == 303


async def test_a_name_may_come_from_the_user_information(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World
) -> None:
    hostile.behave(name=None)
    assert (await come_back(client, hostile, world)).status_code == 303
    await come_in(client)
    assert await who(client) == "named-elsewhere"


async def test_user_information_about_somebody_else_is_refused(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db
) -> None:
    hostile.behave("two persons", name=None)
    await refused(client, await come_back(client, hostile, world), "contradicts itself", db)


@pytest.mark.parametrize("answer", [{"code": ""}, {"code": "x" * 5000}, {"state": ""}, {"state": "x" * 900}])
async def test_a_call_back_without_sense_is_refused(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db, answer: dict[str, str]
) -> None:
    response = await come_back(client, hostile, world, **answer)
    assert response.status_code == 400
    assert await who(client) is None


async def test_one_that_is_switched_off_while_it_takes_its_time_lets_nobody_in(
    client: httpx2.AsyncClient, hostile: HostileProvider, world: World, db: Db, settings: Settings
) -> None:
    await come_back(client, hostile, world)
    await come_in(client)
    await db.connection.execute("delete from session")

    async def switched_off() -> None:
        connection = await asyncpg.connect(settings.dsn)
        await connection.execute("update provider set enabled = false where id = $1", world.hostile)
        await connection.close()

    hostile.meanwhile = switched_off
    response = await come_back(client, hostile, world)
    assert response.status_code == 403
    assert "no longer used to sign in" in said(response)
    assert await db.connection.fetchval("select count(*) from session") == 0
