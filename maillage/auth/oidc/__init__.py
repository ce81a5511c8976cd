"""The exchange with an OpenID Connect provider. Nobody outside this folder imports authlib or joserfc.

Out with a question that only this browser can bring back; in with an answer that is checked before anything
in it is believed. Nothing that a provider sends is trusted to be well made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jws import JWSRegistry

from maillage.auth.oidc import trouble
from maillage.auth.oidc.providers import Client, Description, Plain, description, document, forget, fresh_keys, talk
from maillage.auth.oidc.trouble import SignInFailed
from maillage.core.languages import Text
from maillage.core.sealing import new_token

__all__ = [
    "Claims",
    "Client",
    "Departure",
    "Described",
    "LoggedOut",
    "Plain",
    "SignInFailed",
    "Trial",
    "arrival",
    "departure",
    "described",
    "forget",
    "logged_out",
    "sign_out_address",
    "trial",
]

# How far clocks may be apart, in seconds.
LEEWAY = 60


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what to remember until it comes back."""

    url: str
    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """All that is kept of what a provider says; every other claim is dropped here."""

    issuer: str
    subject: str
    name: str
    # Only when the provider says that it has seen to it that the address is hers.
    email: str | None
    # It gave an address and did not say that.
    unverified: bool = False
    # What it calls its own session (`sid`).
    session: str | None = None
    # The values of the one group claim; None when not asked for or not sent.
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a provider sends, claim by claim, to be shown and not kept; and what would be kept of it."""

    claims: list[tuple[str, str]]
    kept: Claims
    warnings: list[Text]


@dataclass(frozen=True, slots=True)
class Described:
    """What a provider says of itself, for whoever connects it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo: str | None
    # It can end its own session when ours ends, and tells us when its own has ended.
    signs_out: bool
    tells_of_sign_outs: bool
    algorithms: list[str]


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Whose session (or which one) has ended at the provider, and when it said so."""

    subject: str | None
    session: str | None
    issued_at: datetime


async def trial(client: Client, params: Mapping[str, str], *, nonce: str, code_verifier: str) -> Trial:
    """Like `arrival`, for a look at all that the provider sends. Raises `SignInFailed`."""
    raise NotImplementedError


async def described(client: Client) -> Described:
    """Ask a provider who it is, anew. Raises `SignInFailed`."""
    raise NotImplementedError


async def sign_out_address(client: Client, *, back_to: str, state: str) -> str | None:
    """Where a browser ends its session at the provider as well; None where that is not possible."""
    raise NotImplementedError


async def logged_out(client: Client, logout_token: str) -> LoggedOut:
    """What a back-channel logout token says, once it has been checked. Raises `SignInFailed`."""
    raise NotImplementedError


async def departure(client: Client, *, login_hint: str = "", locale: str) -> Departure:
    """The way out: an address at the provider, with a state, a nonce and a PKCE challenge of its own."""
    about = await description(client)
    state, nonce, code_verifier = new_token(), new_token(), generate_token(64)
    extra = {"login_hint": login_hint} if login_hint else {}
    async with talk(client, about) as http:
        url, _state = http.create_authorization_url(
            about.endpoints["authorization_endpoint"],
            state=state,
            nonce=nonce,
            code_verifier=code_verifier,
            ui_locales=locale,
            **extra,
        )
    return Departure(url, state, nonce, code_verifier)


async def arrival(client: Client, params: Mapping[str, str], *, nonce: str, code_verifier: str) -> Claims:
    """The way in: exchange the code of the call-back `params` and check who has signed in.

    Raises `SignInFailed`.
    """
    about = await description(client)
    # RFC 9207: an answer that another provider gave must not be taken to this one.
    said = params.get("iss")
    if said != client.issuer and (said is not None or about.says_issuer):
        raise trouble.other_provider(client.label, "mix-up")
    if "error" in params:
        raise trouble.refused(client.label, params["error"])
    code = params.get("code", "")
    if not 0 < len(code) <= 4096:
        raise trouble.incomplete(client.label, "no-code")
    async with talk(client, about) as http:
        token = await _token(http, client, about, code, code_verifier)
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str):
            raise trouble.nobody(client.label)
        access_token = access_token if isinstance(access_token, str) and access_token.isascii() else None
        claims = await _checked(http, client, about, id_token, access_token, nonce)
        if not _name_in(claims) and access_token and "userinfo_endpoint" in about.endpoints:
            bearer = {"Authorization": f"Bearer {access_token}"}
            more = await document(http, client, about.endpoints["userinfo_endpoint"], bearer)
            if more.get("sub") != claims["sub"]:
                raise trouble.two_persons(client.label)
            claims = {**more, **claims}
    return _kept(client, claims)


async def _token(
    http: AsyncOAuth2Client, client: Client, about: Description, code: str, code_verifier: str
) -> Mapping[str, Any]:
    try:
        token: Mapping[str, Any] = await http.fetch_token(
            about.endpoints["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=code_verifier,
        )
    except AuthlibBaseError as error:
        raise trouble.not_exchanged(client.label, error.error or "") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise trouble.ill_described(client.label, "token-response") from error
    return token


async def _checked(
    http: AsyncOAuth2Client,
    client: Client,
    about: Description,
    id_token: str,
    access_token: str | None,
    nonce: str,
) -> dict[str, Any]:
    """The claims of an identity token signed by this provider, for us, now, and for this very sign-in."""
    try:
        signed = await _verified(http, client, about, id_token)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": client.issuer},
                "aud": {"essential": True, "value": client.client_id},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": client.client_id, "access_token": access_token},
        )
        claims.validate(leeway=LEEWAY)
    except UnsupportedAlgorithmError as error:
        raise trouble.unsafe_algorithm(client.label) from error
    except ExpiredTokenError as error:
        raise trouble.too_late(client.label) from error
    except ClaimError as error:
        raise trouble.wrong_claim(client.label, error.claim) from error
    except (BadSignatureError, InvalidKeyIdError) as error:
        raise trouble.not_signed(client.label, "signature") from error
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise trouble.not_signed(client.label, "ill-made-token") from error
    return dict(claims)


async def _verified(http: AsyncOAuth2Client, client: Client, about: Description, id_token: str) -> jwt.Token:
    registry = JWSRegistry(algorithms=about.algorithms, strict_check_header=False)
    if about.keys is not None:
        try:
            return jwt.decode(id_token, about.keys, registry=registry)
        except InvalidKeyIdError:
            # The provider has changed its keys since we asked.
            pass
    return jwt.decode(id_token, await fresh_keys(http, client, about), registry=registry)


def _kept(client: Client, claims: Mapping[str, Any]) -> Claims:
    subject, email = str(claims["sub"]), claims.get("email")
    if not 0 < len(subject) <= 255 or not subject.isprintable():
        raise trouble.wrong_claim(client.label, "sub")
    if claims.get("email_verified") is not True or not isinstance(email, str) or not _like_an_address(email):
        email = None
    return Claims(client.issuer, subject, _name_in(claims), email)


def _like_an_address(email: str) -> bool:
    return 2 < len(email) <= 254 and email.isprintable() and " " not in email and email.count("@") == 1


def _name_in(claims: Mapping[str, Any]) -> str:
    if isinstance(name := claims.get("name"), str) and name.strip():
        return name
    parts = [claims.get("given_name"), claims.get("family_name")]
    return " ".join(part for part in parts if isinstance(part, str) and part.strip())
