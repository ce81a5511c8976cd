"""A provider in its own words: its description and its keys, asked for within limits of size and time."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key

from maillage.auth.oidc import network, trouble

SCOPE = "openid profile email"
# A plain OAuth 2.0 service that is asked for `openid` would begin another protocol, or refuse.
PLAIN_SCOPE = "profile email"
TIMEOUT = 5
# After that a provider is asked again who it is; for its keys also when a token names one we do not know.
KEPT_FOR = 300
# How long after that it is not asked for keys again, however many tokens name unknown ones: anybody can make those.
PAUSE = 5
# Asymmetric only: with a shared secret, or none, whoever knows what is public could sign for anybody.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NEEDED = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
_USED = _NEEDED | {"userinfo_endpoint", "end_session_endpoint"}
_MICROSOFT = "login.microsoftonline.com"
# Microsoft's names for more than one directory; the number is the one of all personal accounts.
_MANY_DIRECTORIES = {"common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"}


@dataclass(frozen=True, slots=True)
class Plain:
    """What a plain OAuth 2.0 service does not say of itself: where to ask, and what its answer calls things."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    subject_claim: str
    name_claim: str | None
    email_claim: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """What this platform is to one provider."""

    label: str
    issuer: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    kind: str = "oidc"
    # The one claim beyond who she is that is read.
    group_claim: str | None = None
    # Of the kind "oauth2" only.
    plain: Plain | None = None
    # Whether it may stand on a private network or on this machine.
    private_ok: bool = False

    @property
    def is_microsoft(self) -> bool:
        return self.kind == "microsoft" or self.issuer.startswith(f"https://{_MICROSOFT}/")

    @property
    def is_google(self) -> bool:
        return self.kind == "google" or self.issuer == "https://accounts.google.com"


@dataclass(slots=True)
class Description:
    """What a provider says of itself, and until when to believe it without asking."""

    endpoints: dict[str, str]
    algorithms: list[str]
    # How it wants to be shown the secret.
    secret_in: str
    # Whether its call-backs always carry `iss` (RFC 9207).
    says_issuer: bool
    # Whether it says that it makes sure that whoever brings a code is who asked for it (PKCE).
    binds_codes: bool
    # Whether it tells us when its own sessions end.
    tells_of_sign_outs: bool
    until: float
    keys: KeySet | None = None
    not_before: float = 0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


# Of this process; any other asks for itself.
_descriptions: dict[str, Description] = {}


def forget() -> None:
    """Ask every provider anew."""
    _descriptions.clear()


async def description(client: Client, *, anew: bool = False) -> Description:
    if client.plain is not None:
        return _given(client, client.plain)
    kept = _descriptions.get(client.issuer)
    if kept is not None and kept.until > monotonic() and not anew:
        return kept
    address = client.issuer.rstrip("/") + "/.well-known/openid-configuration"
    if not _safe(address) or "?" in address:
        raise trouble.ill_described(client.label, "issuer")
    if client.is_microsoft and urlsplit(address).path.split("/")[1].lower() in _MANY_DIRECTORIES:
        raise trouble.many_directories(client.label)
    async with talk(client) as http:
        said = await document(http, client, address)
    about = _read(client, said)
    for issuer in [issuer for issuer, kept in _descriptions.items() if kept.until <= monotonic()]:
        del _descriptions[issuer]
    _descriptions[client.issuer] = about
    return about


def _given(client: Client, plain: Plain) -> Description:
    endpoints = {
        "authorization_endpoint": plain.authorization_endpoint,
        "token_endpoint": plain.token_endpoint,
        "userinfo_endpoint": plain.userinfo_endpoint,
    }
    if not all(_safe(url) for url in endpoints.values()):
        raise trouble.ill_described(client.label, "endpoints")
    return Description(
        endpoints=endpoints,
        algorithms=[],
        # Nothing tells which; this is what the well-known ones all take.
        secret_in="client_secret_post",  # noqa: S106 — where, not which
        says_issuer=False,
        binds_codes=False,
        tells_of_sign_outs=False,
        until=0,
    )


def _read(client: Client, said: Mapping[str, Any]) -> Description:
    # The exact issuer, or a provider could speak for another.
    if said.get("issuer") != client.issuer:
        raise trouble.wrong_issuer(client.label)
    endpoints = {name: url for name, url in said.items() if name in _USED}
    if _NEEDED - endpoints.keys() or not all(isinstance(url, str) and _safe(url) for url in endpoints.values()):
        raise trouble.ill_described(client.label, "endpoints")
    announced = said.get("id_token_signing_alg_values_supported")
    algorithms = ALGORITHMS.intersection(map(str, announced)) if isinstance(announced, list) else {"RS256"}
    if not algorithms:
        raise trouble.unsafe_algorithm(client.label)
    methods = said.get("token_endpoint_auth_methods_supported")
    only_post = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    challenges = said.get("code_challenge_methods_supported")
    return Description(
        endpoints=endpoints,
        algorithms=sorted(algorithms),
        secret_in="client_secret_post" if only_post else "client_secret_basic",
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        binds_codes=isinstance(challenges, list) and "S256" in challenges,
        tells_of_sign_outs=said.get("backchannel_logout_supported") is True,
        until=monotonic() + KEPT_FOR,
    )


async def keys(http: AsyncOAuth2Client, client: Client, about: Description, unfit: KeySet | None = None) -> KeySet:
    """The provider's keys; asked for anew when we have none, or when those that we have are `unfit`."""
    async with about.asking:
        if about.keys is not None:
            if about.keys is not unfit:
                return about.keys
            if about.not_before > monotonic():
                raise InvalidKeyIdError
            about.not_before = monotonic() + PAUSE
        about.keys = await _keys(http, client, about)
        return about.keys


async def _keys(http: AsyncOAuth2Client, client: Client, about: Description) -> KeySet:
    listed = (await document(http, client, about.endpoints["jwks_uri"])).get("keys")
    usable = []
    for key in listed if isinstance(listed, list) else []:
        # A key of a kind that we do not know is no reason to refuse those that we do.
        try:
            if key["kty"] != "oct":
                usable.append(import_key(key))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
    if not usable:
        raise trouble.ill_described(client.label, "keys")
    return KeySet(usable)


async def document(
    http: AsyncOAuth2Client, client: Client, url: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A JSON object from the provider."""
    wanted = {"Accept": "application/json", **(headers or {})}
    response = await http.request("GET", url, withhold_token=True, headers=wanted)
    if response.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
        response.raise_for_status()
    try:
        said = json.loads(response.content) if response.status_code == httpx2.codes.OK else None
    except (ValueError, RecursionError) as error:
        raise trouble.ill_described(client.label, "document") from error
    if not isinstance(said, dict):
        raise trouble.ill_described(client.label, "document")
    return said


async def must_be_public(client: Client, *urls: str) -> None:
    """That we could go to all of these; raises `SignInFailed`."""
    async with talk(client):
        for url in urls:
            parts = urlsplit(url)
            await network.addresses(
                parts.hostname or "", parts.port or 443, ours=_ours(client), private_ok=client.private_ok
            )


@asynccontextmanager
async def talk(client: Client, about: Description | None = None) -> AsyncIterator[AsyncOAuth2Client]:
    """Everything inside within one time limit; trouble on the way becomes `SignInFailed`."""
    secret_in = about.secret_in if about and client.client_secret else "none"
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            AsyncOAuth2Client(
                client.client_id,
                client.client_secret,
                token_endpoint_auth_method=secret_in,
                scope=SCOPE if client.plain is None else PLAIN_SCOPE,
                redirect_uri=client.redirect_uri,
                code_challenge_method="S256",
                transport=network.Guarded(ours=_ours(client), private_ok=client.private_ok),
                timeout=TIMEOUT,
                headers={"Accept-Encoding": "identity"},
                # No provider needs it, and each step would be another address that somebody else chose.
                follow_redirects=False,
            ) as http,
        ):
            yield http
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise trouble.slow(client.label) from error
    except network.NotPublic as error:
        raise trouble.private_address(client.label) from error
    except httpx2.DecodingError as error:
        raise trouble.ill_described(client.label, "oversized") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        if _distrusted(error):
            raise trouble.certificate(client.label) from error
        raise trouble.unreachable(client.label) from error


def _distrusted(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def _ours(client: Client) -> str:
    return urlsplit(client.redirect_uri).hostname or ""


def _safe(url: str) -> bool:
    """Whether a secret may travel there: encrypted, or not leaving this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return bool(host) and encrypted and parts.username is None and not parts.fragment
