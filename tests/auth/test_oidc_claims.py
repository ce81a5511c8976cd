"""What is kept of what a provider says: who it is about, a name, an address it vouches for, and named groups."""

from dataclasses import replace
from typing import Any

import pytest

from maillage.auth import oidc
from maillage.auth.oidc import SignInFailed
from tests.auth.providers import CLIENT_ID, CLIENT_SECRET, HostileProvider

pytestmark = pytest.mark.anyio
ADDRESS = "karine@example.org"


@pytest.fixture
def client(hostile: HostileProvider) -> oidc.Client:
    oidc.forget()
    return oidc.Client(
        "Hostile", hostile.issuer, CLIENT_ID, CLIENT_SECRET, "http://127.0.0.1:8000/retour", private_ok=True
    )


async def arrived(client: oidc.Client, hostile: HostileProvider) -> oidc.Claims:
    out = await oidc.departure(client, locale="fr-CA")
    hostile.nonce = out.nonce
    return await oidc.arrival(client, {"code": "code"}, nonce=out.nonce, code_verifier=out.code_verifier)


async def tried(client: oidc.Client, hostile: HostileProvider) -> oidc.Trial:
    out = await oidc.departure(client, locale="fr-CA")
    hostile.nonce = out.nonce
    return await oidc.trial(client, {"code": "code"}, nonce=out.nonce, code_verifier=out.code_verifier)


async def test_only_what_is_named_is_kept(client: oidc.Client, hostile: HostileProvider) -> None:
    hostile.behave(sid="there", email=ADDRESS, email_verified=True, picture="x", phone="555-1234", groups=["a"])
    assert await arrived(client, hostile) == oidc.Claims(
        issuer=hostile.issuer,
        subject="subject",
        name="Hostile Person",
        email=ADDRESS,
        unverified=False,
        session="there",
        groups=None,
    )


@pytest.mark.parametrize(
    ("kind", "said", "is_hers"),
    [
        ("oidc", {"email_verified": True}, True),
        ("oidc", {"email_verified": "true"}, False),
        ("oidc", {"email_verified": 1}, False),
        ("oidc", {"email_verified": False}, False),
        ("oidc", {}, False),
        # Microsoft's and Google's own words count for them alone.
        ("oidc", {"xms_edov": True}, False),
        ("microsoft", {"xms_edov": True}, True),
        ("microsoft", {"xms_edov": 1}, True),
        ("microsoft", {"xms_edov": "1"}, True),
        ("microsoft", {"xms_edov": False}, False),
        ("microsoft", {"xms_edov": "0"}, False),
        ("microsoft", {"xms_edov": ["x"]}, False),
        ("microsoft", {}, False),
        # Google has once seen the address of anybody; of the domains that it hosts it knows whose it is.
        ("google", {"email_verified": True}, False),
        ("google", {"email_verified": True, "hd": "example.org"}, True),
        ("google", {"email_verified": False, "hd": "example.org"}, False),
        ("google", {"email_verified": True, "email": "karine@gmail.com"}, True),
    ],
)
async def test_an_address_counts_only_when_the_provider_vouches_for_it(
    client: oidc.Client, hostile: HostileProvider, kind: str, said: dict[str, Any], is_hers: bool
) -> None:
    hostile.behave(**{"email": ADDRESS, **said})
    claims = await arrived(replace(client, kind=kind), hostile)
    assert (claims.email, claims.unverified) == ((said.get("email", ADDRESS), False) if is_hers else (None, True))


async def test_no_address_is_not_an_unverified_one(client: oidc.Client, hostile: HostileProvider) -> None:
    claims = await arrived(client, hostile)
    assert (claims.email, claims.unverified) == (None, False)


async def test_a_word_on_one_address_says_nothing_of_another(client: oidc.Client, hostile: HostileProvider) -> None:
    # The token gives one address without a word; the user information vouches for another.
    hostile.behave(email="victim@example.org", name=None)
    hostile.informs |= {"email": ADDRESS, "email_verified": True}
    assert (await arrived(client, hostile)).email == ADDRESS
    hostile.behave(email="victim@example.org", name=None)
    hostile.informs |= {"email_verified": True}
    claims = await arrived(client, hostile)
    assert (claims.email, claims.unverified) == (None, True)


@pytest.mark.parametrize("sid", ["", "x" * 256, "a\nb", 7, ["x"], None])
async def test_an_odd_session_name_is_no_session_name(client: oidc.Client, hostile: HostileProvider, sid: Any) -> None:
    hostile.behave(sid=sid)
    assert (await arrived(client, hostile)).session is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["a", "b", "a"], ("a", "b")),
        ("a", ("a",)),
        ([], ()),
        (["a", 1, None, {"b": 1}, "", "x" * 201, "a\x00b", "x" * 200], ("a", "x" * 200)),
        ([str(number) for number in range(300)], tuple(str(number) for number in range(200))),
        ({"a": True}, None),
        (7, None),
        (None, None),
    ],
)
async def test_groups_are_read_from_the_one_claim_that_is_named(
    client: oidc.Client, hostile: HostileProvider, sent: Any, kept: tuple[str, ...] | None
) -> None:
    hostile.behave(teams=sent, groups=["others"])
    assert (await arrived(replace(client, group_claim="teams"), hostile)).groups == kept


async def test_groups_may_come_with_the_user_information(client: oidc.Client, hostile: HostileProvider) -> None:
    hostile.informs["teams"] = ["a"]
    assert (await arrived(replace(client, group_claim="teams"), hostile)).groups == ("a",)


async def test_the_user_information_is_asked_for_only_what_is_missing(
    client: oidc.Client, hostile: HostileProvider
) -> None:
    hostile.behave(email=ADDRESS)
    await arrived(client, hostile)
    assert "/userinfo" not in hostile.asked
    await arrived(replace(client, group_claim="teams"), hostile)
    assert hostile.asked.count("/userinfo") == 1


async def test_a_trial_shows_every_claim_as_it_was_sent_and_keeps_what_a_sign_in_would(
    client: oidc.Client, hostile: HostileProvider
) -> None:
    hostile.behave(
        email=ADDRESS, email_verified=True, teams=["équipe", 7], odd="a\x00\u202eb", deep={"x": None}, long="y" * 5000
    )
    hostile.informs |= {"email": ADDRESS, "locale": "fr"}
    found = await tried(client, hostile)
    claims = dict(found.claims)
    assert claims["iss"] == hostile.issuer
    assert claims["email_verified"] == "true"
    assert claims["teams"] == '["équipe", 7]'
    assert claims["odd"] == "a\\x00\\u202eb"
    assert claims["deep"] == '{"x": null}'
    assert len(claims["long"]) == 2001
    assert claims["locale"] == "fr"
    # What both sources say alike is said once; what they say differently, twice.
    assert [value for name, value in found.claims if name == "email"] == [ADDRESS]
    assert [value for name, value in found.claims if name == "name"] == ["Hostile Person", "Named Elsewhere"]
    assert all(name.isprintable() and value.isprintable() for name, value in found.claims)
    assert found.kept == await arrived(client, hostile)
    assert found.warnings == []


@pytest.mark.parametrize(
    ("kind", "said", "describes", "warning"),
    [
        ("oidc", {"name": None}, {}, "sends no name"),
        ("oidc", {"email": None}, {}, "sends no e-mail address"),
        ("oidc", {"email_verified": None}, {}, "without vouching for it (email_verified)"),
        ("microsoft", {"email_verified": None}, {}, "optional claims email and xms_edov"),
        ("google", {}, {}, "not in Google Workspace"),
        ("oidc", {"teams": None}, {}, "no claim named teams"),
        ("oidc", {"teams": ["a"] * 201}, {}, "more than 200 groups"),
        ("oidc", {}, {"code_challenge_methods_supported": None}, "(PKCE)"),
    ],
)
async def test_a_trial_warns_of_what_will_not_be_as_expected(
    client: oidc.Client,
    hostile: HostileProvider,
    kind: str,
    said: dict[str, Any],
    describes: dict[str, Any],
    warning: str,
) -> None:
    hostile.behave(**{"email": ADDRESS, "email_verified": True, "teams": ["a"], **said})
    hostile.informs = {"sub": "subject"}
    hostile.describes = describes
    found = await tried(replace(client, kind=kind, group_claim="teams"), hostile)
    assert [warning in str(said) for said in found.warnings] == [True]
    assert all(warning.in_("fr-CA") != str(warning) for warning in found.warnings)


async def test_a_trial_is_refused_like_a_sign_in(client: oidc.Client, hostile: HostileProvider) -> None:
    hostile.behave("other key")
    with pytest.raises(SignInFailed) as failed:
        await tried(client, hostile)
    assert failed.value.reason == "signature"
    hostile.behave("two persons", email=ADDRESS)
    with pytest.raises(SignInFailed) as failed:
        await tried(client, hostile)
    assert failed.value.reason == "userinfo-subject"


@pytest.mark.parametrize(
    "directory",
    ["common", "organizations", "consumers", "Common", "9188040d-6c67-4c5b-b112-36a304b66dad"],
)
@pytest.mark.parametrize("kind", ["microsoft", "oidc"])
async def test_microsoft_speaks_for_one_directory_only(client: oidc.Client, directory: str, kind: str) -> None:
    issuer = f"https://login.microsoftonline.com/{directory}/v2.0"
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(replace(client, kind=kind, issuer=issuer))
    assert failed.value.reason == "tenant"
    assert "common, organizations or consumers" in str(failed.value.why)


@pytest.mark.parametrize("said", ["https://login.microsoftonline.com/{tenantid}/v2.0", "http://127.0.0.1:1", None, 7])
async def test_a_provider_with_another_name_is_refused_with_a_sentence(
    client: oidc.Client, hostile: HostileProvider, said: Any
) -> None:
    hostile.describes["issuer"] = said
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client)
    assert failed.value.reason == "issuer"
    assert "calls itself by another address" in str(failed.value.why)


async def test_a_description_is_asked_for_anew_with_its_keys(client: oidc.Client, hostile: HostileProvider) -> None:
    first = await oidc.described(client)
    assert first == oidc.Described(
        issuer=hostile.issuer,
        authorization_endpoint=f"{hostile.issuer}/authorize",
        token_endpoint=f"{hostile.issuer}/token",
        userinfo=f"{hostile.issuer}/userinfo",
        signs_out=True,
        tells_of_sign_outs=True,
        algorithms=["RS256"],
    )
    hostile.describes = {"end_session_endpoint": None, "backchannel_logout_supported": None, "userinfo_endpoint": None}
    second = await oidc.described(client)
    assert (second.userinfo, second.signs_out, second.tells_of_sign_outs) == (None, False, False)
    hostile.behave("no keys")
    with pytest.raises(SignInFailed) as failed:
        await oidc.described(client)
    assert failed.value.reason == "keys"
