"""Sessions that end on both sides: ours and the provider's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from maillage.auth.oidc import tokens, trouble
from maillage.auth.oidc.claims import label_in
from maillage.auth.oidc.providers import Client, description, talk
from maillage.auth.oidc.tokens import LEEWAY
from maillage.auth.oidc.trouble import SignInFailed
from maillage.core import clock

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# How old such a token may be, in seconds. Within that time the same one may come twice: it ends only what had begun
# before it was made.
_FRESH = 120
_MAX_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Whose session (or which one) has ended at the provider, and when it said so."""

    subject: str | None
    session: str | None
    issued_at: datetime


async def sign_out_address(client: Client, *, back_to: str, state: str) -> str | None:
    """Where a browser ends its session at the provider as well; None where that is not possible."""
    try:
        address = (await description(client)).endpoints.get("end_session_endpoint")
    except SignInFailed:
        # Whoever signs out has done so here; a provider that does not answer must not stand in the way.
        return None
    if address is None:
        return None
    asked = {"client_id": client.client_id, "post_logout_redirect_uri": back_to, "state": state}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


async def logged_out(client: Client, logout_token: str) -> LoggedOut:
    """What a logout token (OpenID Connect Back-Channel Logout 1.0) says, once it has been checked.

    Raises `SignInFailed`.
    """
    if client.plain is not None or len(logout_token) > _MAX_TOKEN:
        raise trouble.not_signed(client.label, "ill-made-token")
    about = await description(client)
    async with talk(client, about) as http:
        token = await tokens.signed(http, client, about, logout_token)
    kind, claims = token.header.get("typ", "JWT"), token.claims
    # Some call it by the name that any token may have.
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in {"logout+jwt", "jwt"}:
        raise trouble.wrong_claim(client.label, "typ")
    issued_at = _checked(client, claims)
    # Identity tokens carry a nonce: none of them must pass for this.
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict) or "nonce" in claims:
        raise trouble.wrong_claim(client.label, "events")
    subject, session = (label_in(claims, claim) for claim in ("sub", "sid"))
    if (subject is None) != ("sub" not in claims) or (session is None) != ("sid" not in claims):
        raise trouble.wrong_claim(client.label, "sub")
    if subject is None and session is None:
        raise trouble.wrong_claim(client.label, "sub")
    return LoggedOut(subject, session, issued_at)


def _checked(client: Client, claims: Mapping[str, Any]) -> datetime:
    """That the token is this provider's, for us, and of just now; when it was made."""
    audience, made, ends = claims.get("aud"), _moment(claims.get("iat")), _moment(claims.get("exp", float("inf")))
    if claims.get("iss") != client.issuer:
        raise trouble.wrong_claim(client.label, "iss")
    if client.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise trouble.wrong_claim(client.label, "aud")
    now = clock.now().timestamp()
    if made is None or ends is None or made > now + LEEWAY:
        raise trouble.wrong_claim(client.label, "iat")
    if made < now - _FRESH or ends < now - LEEWAY:
        raise trouble.too_late(client.label)
    return datetime.fromtimestamp(made, UTC)


def _moment(value: object) -> float | None:
    # Not-a-number is neither before nor after anything.
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
        return None
    return value
