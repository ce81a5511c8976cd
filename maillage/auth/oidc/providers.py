"""A provider in its own words: its description and its keys, asked for within limits of size and time."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from maillage.auth.oidc import trouble

SCOPE = "openid profile email"
TIMEOUT = 5
MAX_DOCUMENT = 1024 * 1024
# After that a provider is asked again who it is; for its keys also when a token names one we do not know.
KEPT_FOR = 300
# Asymmetric only: with a shared secret, or none, whoever knows what is public could sign for anybody.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NEEDED = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
_USED = _NEEDED | {"userinfo_endpoint"}


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


@dataclass(slots=True)
class Description:
    """What a provider says of itself, and until when to believe it without asking."""

    endpoints: dict[str, str]
    algorithms: list[str]
    # How it wants to be shown the secret.
    secret_in: str
    # Whether its call-backs always carry `iss` (RFC 9207).
    says_issuer: bool
    until: float
    keys: KeySet | None = None


# Of this process; any other asks for itself.
_descriptions: dict[str, Description] = {}


def forget() -> None:
    """Ask every provider anew."""
    _descriptions.clear()


async def description(client: Client) -> Description:
    kept = _descriptions.get(client.issuer)
    if kept is not None and kept.until > monotonic():
        return kept
    address = client.issuer.rstrip("/") + "/.well-known/openid-configuration"
    if not _safe(address):
        raise trouble.ill_described(client.label, "issuer")
    async with talk(client) as http:
        said = await document(http, client, address)
    about = _read(client, said)
    _descriptions[client.issuer] = about
    return about


def _read(client: Client, said: Mapping[str, Any]) -> Description:
    # The exact issuer, or a provider could speak for another.
    if said.get("issuer") != client.issuer:
        raise trouble.ill_described(client.label, "issuer")
    endpoints = {name: url for name, url in said.items() if name in _USED}
    if _NEEDED - endpoints.keys() or not all(isinstance(url, str) and _safe(url) for url in endpoints.values()):
        raise trouble.ill_described(client.label, "endpoints")
    announced = said.get("id_token_signing_alg_values_supported")
    algorithms = ALGORITHMS.intersection(map(str, announced)) if isinstance(announced, list) else {"RS256"}
    if not algorithms:
        raise trouble.unsafe_algorithm(client.label)
    methods = said.get("token_endpoint_auth_methods_supported")
    only_post = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    return Description(
        endpoints=endpoints,
        algorithms=sorted(algorithms),
        secret_in="client_secret_post" if only_post else "client_secret_basic",
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        until=monotonic() + KEPT_FOR,
    )


async def fresh_keys(http: AsyncOAuth2Client, client: Client, about: Description) -> KeySet:
    """The provider's keys as they are now."""
    listed = (await document(http, client, about.endpoints["jwks_uri"])).get("keys")
    keys = []
    for key in listed if isinstance(listed, list) else []:
        # A key of a kind that we do not know is no reason to refuse those that we do.
        try:
            if key["kty"] != "oct":
                keys.append(import_key(key))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
    if not keys:
        raise trouble.ill_described(client.label, "keys")
    about.keys = KeySet(keys)
    return about.keys


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
                scope=SCOPE,
                redirect_uri=client.redirect_uri,
                code_challenge_method="S256",
                transport=_Bounded(),
                timeout=TIMEOUT,
                headers={"Accept-Encoding": "identity"},
                follow_redirects=False,
            ) as http,
        ):
            yield http
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise trouble.slow(client.label) from error
    except httpx2.DecodingError as error:
        raise trouble.ill_described(client.label, "oversized") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise trouble.unreachable(client.label) from error


def _safe(url: str) -> bool:
    """Whether a secret may travel there: encrypted, or not leaving this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


class _Bounded(httpx2.AsyncBaseTransport):
    """Lets no answer grow beyond `MAX_DOCUMENT`, compressed ones included."""

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport(verify=_tls())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            # We did not ask for it, and a small body could unpack into any size.
            await response.aclose()
            raise httpx2.DecodingError("compressed unasked", request=request)
        stream = cast(httpx2.AsyncByteStream, response.stream)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(stream, request),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._inner, self._request = inner, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > MAX_DOCUMENT:
                raise httpx2.DecodingError("too long", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


@cache
def _tls() -> ssl.SSLContext:
    # Reading the machine's certificates takes tens of milliseconds: once.
    return httpx2.create_ssl_context()
