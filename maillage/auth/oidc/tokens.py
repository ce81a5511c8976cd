"""Tokens that a provider has signed: checked before anything in them is believed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
from maillage.auth.oidc.providers import Client, Description, keys

# How far clocks may be apart, in seconds.
LEEWAY = 60


async def identity(
    http: AsyncOAuth2Client,
    client: Client,
    about: Description,
    id_token: str,
    access_token: str | None,
    nonce: str,
) -> dict[str, Any]:
    """The claims of an identity token signed by this provider, for us, now, and for this very sign-in."""
    with _doubted(client):
        signed = await _signed(http, client, about, id_token)
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
    return dict(claims)


async def signed(http: AsyncOAuth2Client, client: Client, about: Description, token: str) -> jwt.Token:
    """A token signed by this provider; nothing that it says has been looked at yet."""
    with _doubted(client):
        return await _signed(http, client, about, token)


async def _signed(http: AsyncOAuth2Client, client: Client, about: Description, token: str) -> jwt.Token:
    registry = JWSRegistry(algorithms=about.algorithms, strict_check_header=False)
    known = await keys(http, client, about)
    try:
        return jwt.decode(token, known, registry=registry)
    except InvalidKeyIdError:
        # Perhaps the provider has changed its keys since we asked.
        return jwt.decode(token, await keys(http, client, about, unfit=known), registry=registry)


@contextmanager
def _doubted(client: Client) -> Iterator[None]:
    try:
        yield
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
