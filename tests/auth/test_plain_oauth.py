"""A service that speaks plain OAuth 2.0: it signs nothing, so it is believed about its own people and no further."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from maillage.auth import oidc
from maillage.auth.oidc import SignInFailed
from tests.auth.providers import CLIENT_ID, CLIENT_SECRET, HostileProvider

pytestmark = pytest.mark.anyio


@pytest.fixture
def client(hostile: HostileProvider) -> oidc.Client:
    hostile.behave("plain")
    hostile.informs = {"id": 7, "login": "Karine B.", "mail": "karine@example.org", "sub": "other", "name": "Other"}
    plain = oidc.Plain(
        authorization_endpoint=f"{hostile.issuer}/authorize",
        token_endpoint=f"{hostile.issuer}/token",
        userinfo_endpoint=f"{hostile.issuer}/userinfo",
        subject_claim="id",
        name_claim="login",
        email_claim="mail",
    )
    return oidc.Client(
        "Hostile",
        "oauth2:made-up",
        CLIENT_ID,
        CLIENT_SECRET,
        "http://127.0.0.1:8000/retour",
        kind="oauth2",
        plain=plain,
        private_ok=True,
    )


async def arrived(client: oidc.Client) -> oidc.Claims:
    out = await oidc.departure(client, locale="fr-CA")
    return await oidc.arrival(client, {"code": "code"}, nonce=out.nonce, code_verifier=out.code_verifier)


async def test_the_way_out_asks_for_no_identity_token(client: oidc.Client) -> None:
    out = await oidc.departure(client, locale="fr-CA", login_hint="karine@example.org")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(out.url).query).items()}
    assert asked["state"] == out.state
    assert asked["scope"] == "profile email"
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert "nonce" not in asked


async def test_it_says_who_somebody_is_by_the_claims_that_were_named(
    client: oidc.Client, hostile: HostileProvider
) -> None:
    assert await arrived(client) == oidc.Claims(
        issuer="oauth2:made-up", subject="7", name="Karine B.", email=None, unverified=True
    )
    [request] = hostile.token_requests
    assert len(request["code_verifier"]) == 64
    assert request["redirect_uri"] == "http://127.0.0.1:8000/retour"
    assert hostile.asked == ["/token", "/userinfo"]


@pytest.mark.parametrize(("said", "is_hers"), [(True, True), ("true", False), (1, False), (None, False)])
async def test_its_address_counts_only_when_it_vouches_for_it(
    client: oidc.Client, hostile: HostileProvider, said: Any, is_hers: bool
) -> None:
    hostile.informs["email_verified"] = said
    claims = await arrived(client)
    assert (claims.email, claims.unverified) == (("karine@example.org", False) if is_hers else (None, True))


@pytest.mark.parametrize("subject", [None, "", True, 1.5, ["x"], {"a": 1}, "x" * 256, "a\nb"])
async def test_without_a_subject_nobody_has_signed_in(
    client: oidc.Client, hostile: HostileProvider, subject: Any
) -> None:
    hostile.informs["id"] = subject
    with pytest.raises(SignInFailed) as failed:
        await arrived(client)
    assert failed.value.reason == "claim"


async def test_claims_that_were_not_named_are_not_looked_for(client: oidc.Client, hostile: HostileProvider) -> None:
    assert client.plain is not None
    hostile.informs |= {"email": "victim@example.org", "email_verified": True, "sid": "there"}
    nameless = replace(client, plain=replace(client.plain, name_claim=None, email_claim=None))
    assert await arrived(nameless) == oidc.Claims(issuer="oauth2:made-up", subject="7", name="", email=None)


async def test_its_groups_are_read_too(client: oidc.Client, hostile: HostileProvider) -> None:
    hostile.informs["teams"] = ["a"]
    assert (await arrived(replace(client, group_claim="teams"))).groups == ("a",)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("plain error", "request-refused"),
        ("code over", "code-over"),
        ("secret wrong", "client-refused"),
        ("token page", "token-response"),
        ("token broken", "unreachable"),
        ("token huge", "oversized"),
    ],
)
async def test_what_goes_wrong_there_has_its_sentence(
    client: oidc.Client, hostile: HostileProvider, mode: str, reason: str
) -> None:
    hostile.mode = mode
    with pytest.raises(SignInFailed) as failed:
        await arrived(client)
    assert failed.value.reason == reason
    assert "555-1234" not in str(failed.value.why)


async def test_an_identity_token_from_there_is_not_looked_at(client: oidc.Client, hostile: HostileProvider) -> None:
    hostile.behave("alg none", sub="victim")
    hostile.informs = {"id": 7}
    assert (await arrived(client)).subject == "7"


async def test_its_addresses_must_be_safe_ones(client: oidc.Client) -> None:
    assert client.plain is not None
    for address in ("http://provider.example/token", "ftp://x", "javascript:1", ""):
        with pytest.raises(SignInFailed) as failed:
            await oidc.described(replace(client, plain=replace(client.plain, token_endpoint=address)))
        assert failed.value.reason == "endpoints"


async def test_it_is_described_by_what_was_given_and_knows_nothing_of_sign_outs(client: oidc.Client) -> None:
    found = await oidc.described(client)
    assert (found.issuer, found.signs_out, found.tells_of_sign_outs) == ("oauth2:made-up", False, False)
    assert await oidc.sign_out_address(client, back_to="http://127.0.0.1:8000/", state="s") is None
    with pytest.raises(SignInFailed):
        await oidc.logged_out(client, "a.b.c")


async def test_a_trial_shows_its_answer(client: oidc.Client) -> None:
    out = await oidc.departure(client, locale="fr-CA")
    found = await oidc.trial(client, {"code": "code"}, nonce=out.nonce, code_verifier=out.code_verifier)
    assert dict(found.claims)["id"] == "7"
    assert [str(warning) for warning in found.warnings if "vouching" in str(warning)]
