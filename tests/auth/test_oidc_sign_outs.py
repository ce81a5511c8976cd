"""A provider may say that a session has ended there; whoever else says so is not believed."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwk

from maillage.auth import oidc
from maillage.auth.oidc import SignInFailed
from tests.auth.providers import CLIENT_ID, CLIENT_SECRET, HostileProvider

pytestmark = pytest.mark.anyio
NOW = int(time.time())
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
async def client(hostile: HostileProvider) -> AsyncIterator[oidc.Client]:
    oidc.forget()
    yield oidc.Client(
        "Hostile", hostile.issuer, CLIENT_ID, CLIENT_SECRET, "http://127.0.0.1:8000/retour", private_ok=True
    )
    oidc.forget()


async def test_a_well_made_token_says_whose_session_ended(client: oidc.Client, hostile: HostileProvider) -> None:
    now = int(time.time())
    told = await oidc.logged_out(client, hostile.logout_token(iat=now))
    assert told == oidc.LoggedOut("subject", "session", datetime.fromtimestamp(now, UTC))
    assert (await oidc.logged_out(client, hostile.logout_token(sid=None))).session is None
    assert (await oidc.logged_out(client, hostile.logout_token(sub=None))).subject is None


@pytest.mark.parametrize("typ", ["logout+jwt", "application/logout+jwt", "Logout+JWT", "JWT", None])
async def test_the_kinds_that_providers_write_are_understood(
    client: oidc.Client, hostile: HostileProvider, typ: str | None
) -> None:
    assert (await oidc.logged_out(client, hostile.logout_token(typ=typ))).subject == "subject"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another-platform"},
        {"aud": ["another-platform"]},
        {"aud": None},
        {"aud": {"maillage": 1}},
        {"iat": NOW - 600},
        {"iat": NOW + 86_400},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": float("nan")},
        {"iat": 10**400},
        {"exp": NOW - 600},
        {"exp": "never"},
        {"events": None},
        {"events": []},
        {"events": EVENT},
        {"events": {}},
        {"events": {EVENT: True}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "n"},
        {"nonce": ""},
        {"sub": None, "sid": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sid": ["x"]},
        {"sid": "a\x00"},
        {"padding": "x" * 20_000},
    ],
)
async def test_a_token_that_is_wrong_in_one_way_ends_nothing(
    client: oidc.Client, hostile: HostileProvider, claims: dict[str, Any]
) -> None:
    with pytest.raises(SignInFailed):
        await oidc.logged_out(client, hostile.logout_token(**claims))


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("alg none", "algorithm"),
        ("hs256", "algorithm"),
        ("other key", "signature"),
        ("unknown key", "signature"),
        ("key inside", "ill-made-token"),
        ("tampered", "signature"),
        ("not a token", "ill-made-token"),
        ("claims a list", "signature"),
    ],
)
async def test_a_token_that_the_provider_did_not_sign_ends_nothing(
    client: oidc.Client, hostile: HostileProvider, mode: str, reason: str
) -> None:
    hostile.behave(mode)
    with pytest.raises(SignInFailed) as failed:
        await oidc.logged_out(client, hostile.logout_token())
    assert failed.value.reason == reason


@pytest.mark.parametrize("typ", ["at+jwt", "secevent+jwt", ""])
async def test_a_token_of_another_kind_ends_nothing(client: oidc.Client, hostile: HostileProvider, typ: str) -> None:
    with pytest.raises(SignInFailed):
        await oidc.logged_out(client, hostile.logout_token(typ=typ))


async def test_an_identity_token_ends_nothing_and_a_logout_token_signs_nobody_in(
    client: oidc.Client, hostile: HostileProvider
) -> None:
    with pytest.raises(SignInFailed):
        await oidc.logged_out(client, hostile.id_token())
    hostile.behave(events={EVENT: {}}, nonce=None)
    with pytest.raises(SignInFailed) as failed:
        await oidc.arrival(client, {"code": "code"}, nonce="n", code_verifier="v")
    assert failed.value.reason == "nonce"


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "x" * 100_000, "é.é.é", "\x00"])
async def test_what_is_no_token_ends_nothing(client: oidc.Client, text: str) -> None:
    with pytest.raises(SignInFailed):
        await oidc.logged_out(client, text)


async def test_keys_that_changed_are_asked_for_and_strangers_cannot_make_us_hammer(
    client: oidc.Client, hostile: HostileProvider
) -> None:
    await oidc.logged_out(client, hostile.logout_token())
    kept = hostile.key
    try:
        hostile.key, hostile.kid = jwk.RSAKey.generate_key(2048, {"kid": "second"}), "second"
        await oidc.logged_out(client, hostile.logout_token())
    finally:
        hostile.key = kept
    assert hostile.asked.count("/jwks") == 2
    hostile.mode = "unknown key"
    for _ in range(20):
        with pytest.raises(SignInFailed) as failed:
            await oidc.logged_out(client, hostile.logout_token())
        assert failed.value.reason == "signature"
    assert hostile.asked.count("/jwks") == 2
    assert hostile.asked.count("/.well-known/openid-configuration") == 1


async def test_the_way_out_of_the_provider_brings_back_here(client: oidc.Client, hostile: HostileProvider) -> None:
    back = "http://127.0.0.1:8000/deconnexion/fait"
    for endpoint in (f"{hostile.issuer}/logout", f"{hostile.issuer}/logout?realm=x"):
        oidc.forget()
        hostile.describes["end_session_endpoint"] = endpoint
        address = await oidc.sign_out_address(client, back_to=back, state="état &x")
        assert address is not None
        assert address.startswith(endpoint)
        assert address.count("?") == 1
        asked = parse_qs(urlsplit(address).query)
        assert asked["client_id"] == [CLIENT_ID]
        assert asked["post_logout_redirect_uri"] == [back]
        assert asked["state"] == ["état &x"]
        assert "id_token_hint" not in asked


async def test_there_is_no_way_out_where_the_provider_has_none(client: oidc.Client, hostile: HostileProvider) -> None:
    hostile.describes["end_session_endpoint"] = None
    assert await oidc.sign_out_address(client, back_to="http://127.0.0.1:8000/", state="s") is None


@pytest.mark.parametrize("mode", ["broken", "not json", "other issuer"])
async def test_a_provider_that_is_down_does_not_stand_in_the_way_of_leaving(
    client: oidc.Client, hostile: HostileProvider, mode: str
) -> None:
    hostile.behave(mode)
    assert await oidc.sign_out_address(client, back_to="http://127.0.0.1:8000/", state="s") is None


async def test_one_providers_token_ends_nothing_at_another(client: oidc.Client, hostile: HostileProvider) -> None:
    with pytest.raises(SignInFailed):
        await oidc.logged_out(replace(client, client_id="other"), hostile.logout_token())
