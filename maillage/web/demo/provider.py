"""The demonstration's sign-in providers: a small OpenID Connect provider, run in a process of its own.

One process holds several issuers, each with its own key and people: `{url}/a`, `{url}/b`, and `{url}/down`, which
is always out of order. It keeps to the protocol where a client could be wrong: authorization code with PKCE S256
(required), one-time codes, exact redirect address, client secret, nonce, and `iss` in its answers. It signs in
whoever picks a name on its page: never run it anywhere but in a demonstration.

At `{url}/a/` and `{url}/b/` stands what the administrator of such a service would see: what to enter in the client,
and a button that closes somebody's account, of which the client is told (OpenID Connect Back-Channel Logout).
"""

import base64
import hashlib
import hmac
import secrets
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_plus, urlencode, urlsplit

import httpx2
from joserfc import jwk, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from maillage.web.demo import provider_pages

PEOPLE = Path(__file__).parent / "world" / "people.toml"
# Who has an account at work and none here yet.
COLLEAGUES = Path(__file__).parent / "world" / "colleagues.toml"
CLIENT_ID = "maillage"
CLIENT_SECRET = "demonstration"  # noqa: S105 — the demonstration's secret is that it has none
DOWN = "down"
_CODE_LIFE_S = 60
_TOKEN_LIFE_S = 600


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an account at a provider. `subject` is what the provider calls her for good."""

    subject: str
    name: str
    email: str
    provider: str
    # What such a service knows and tells although nobody asked: a client keeps it only where it was told to.
    groups: tuple[str, ...] = ()

    def claims(self, scope: str) -> dict[str, object]:
        wanted = scope.split()
        claims: dict[str, object] = {"sub": self.subject}
        if self.groups:
            claims["groups"] = list(self.groups)
        if "profile" in wanted:
            claims |= {"name": self.name, "preferred_username": self.subject, "locale": "fr-CA"}
        if "email" in wanted:
            claims |= {"email": self.email, "email_verified": True}
        return claims


def users() -> list[User]:
    """The people of the demonstration who have an account at a provider."""
    people = [p for path in (PEOPLE, COLLEAGUES) for p in tomllib.loads(path.read_text("utf-8"))["person"]]
    return [
        User(p["handle"], p["name"], p["email"], p["provider"], (p["role"],))
        for p in people
        if p["provider"] not in {"", DOWN}
    ]


def issuer(url: str, provider: str) -> str:
    """What the provider named `provider` calls itself, when the process listens at `url`."""
    return f"{url}/{provider}"


@dataclass
class _Grant:
    """A code, or an access token, and what it was given for."""

    user: User
    scope: str
    expires_at: float
    redirect_uri: str = ""
    challenge: str = ""
    nonce: str | None = None
    session: str = ""


@dataclass
class _Issuer:
    address: str
    users: dict[str, User]
    # Callbacks of this origin only: the provider must not send codes wherever a link says.
    client_origin: str
    key: jwk.RSAKey = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, auto_kid=True))
    codes: dict[str, _Grant] = field(default_factory=dict)
    tokens: dict[str, _Grant] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    # Where the client wants to hear of sign-outs.
    tells: str = ""

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/cles", self.keys),
            Route("/autorisation", self.authorize, methods=["GET", "POST"]),
            Route("/jeton", self.token, methods=["POST"]),
            Route("/profil", self.profile),
            Route("/sortie", self.sign_out),
            Route("/", self.desk),
            Route("/", self.change, methods=["POST"]),
        ]

    async def configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/autorisation",
                "token_endpoint": f"{self.address}/jeton",
                "userinfo_endpoint": f"{self.address}/profil",
                "jwks_uri": f"{self.address}/cles",
                "end_session_endpoint": f"{self.address}/sortie",
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "profile", "email"],
                "claims_supported": [
                    "sub",
                    "name",
                    "preferred_username",
                    "locale",
                    "email",
                    "email_verified",
                    "groups",
                    "sid",
                ],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [{**self.key.as_dict(private=False), "use": "sig", "alg": "RS256"}]})

    async def authorize(self, request: Request) -> Response:
        """GET shows who could sign in; POST signs in the one who was picked."""
        asked = request.query_params
        redirect_uri = asked.get("redirect_uri", "")
        parts = urlsplit(redirect_uri)
        if asked.get("client_id") != CLIENT_ID or f"{parts.scheme}://{parts.netloc}" != self.client_origin:
            # Nothing may be sent back to an address that is not known to be the client's.
            return PlainTextResponse("Ce client n’est pas connu ici.", 400)

        def back(**answer: str) -> Response:
            answer |= {"iss": self.address} | ({"state": asked["state"]} if "state" in asked else {})
            separator = "&" if parts.query else "?"
            return RedirectResponse(f"{redirect_uri}{separator}{urlencode(answer)}", 303)

        scope = asked.get("scope", "")
        if asked.get("response_type") != "code":
            return back(error="unsupported_response_type")
        if "openid" not in scope.split():
            return back(error="invalid_scope")
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
            return back(error="invalid_request", error_description="PKCE with S256 is required")
        if asked.get("prompt") == "none":
            return back(error="login_required")
        if request.method == "GET":
            open_accounts = [user for user in self.users.values() if user.subject not in self.closed]
            return HTMLResponse(provider_pages.choice(open_accounts, asked.get("login_hint", "")))
        form = await request.form()
        user = self.users.get(str(form.get("subject", "")))
        if user is None or user.subject in self.closed:
            return back(error="access_denied")
        code = secrets.token_urlsafe(32)
        self.codes[code] = _Grant(
            user,
            scope,
            time.monotonic() + _CODE_LIFE_S,
            redirect_uri,
            asked["code_challenge"],
            asked.get("nonce"),
            secrets.token_urlsafe(16),
        )
        return back(code=code)

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if not _is_the_client(request, form):
            return _no("invalid_client", 401)
        if form.get("grant_type") != "authorization_code":
            return _no("unsupported_grant_type")
        grant = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            grant is None
            or grant.expires_at < time.monotonic()
            or grant.redirect_uri != form.get("redirect_uri")
            or not hmac.compare_digest(grant.challenge, challenge)
        ):
            return _no("invalid_grant")
        now = int(time.time())
        claims = {
            **grant.user.claims(grant.scope),
            "iss": self.address,
            "aud": CLIENT_ID,
            "iat": now,
            "auth_time": now,
            "sid": grant.session,
        }
        claims["exp"] = now + _TOKEN_LIFE_S
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        access = secrets.token_urlsafe(32)
        self.tokens[access] = _Grant(grant.user, grant.scope, time.monotonic() + _TOKEN_LIFE_S)
        return JSONResponse(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": _TOKEN_LIFE_S,
                "scope": grant.scope,
                "id_token": jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key),
            },
            headers={"Cache-Control": "no-store"},
        )

    async def profile(self, request: Request) -> Response:
        grant = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if grant is None or grant.expires_at < time.monotonic():
            return _no("invalid_token", 401)
        return JSONResponse(grant.user.claims(grant.scope))

    async def sign_out(self, request: Request) -> Response:
        """The end of the session here, which this provider does not really keep, then back to the client."""
        asked = request.query_params
        after = asked.get("post_logout_redirect_uri", "")
        parts = urlsplit(after)
        if asked.get("client_id") != CLIENT_ID or f"{parts.scheme}://{parts.netloc}" != self.client_origin:
            return PlainTextResponse("La session est terminée ici aussi.")
        return RedirectResponse(f"{after}?{urlencode({'state': asked.get('state', '')})}", 303)

    async def desk(self, _: Request) -> Response:
        """What the administrator of such a service sees."""
        return HTMLResponse(
            provider_pages.desk(
                self.address, (CLIENT_ID, CLIENT_SECRET), list(self.users.values()), self.closed, self.tells
            )
        )

    async def change(self, request: Request) -> Response:
        """Open or close somebody's account, or say where the client wants to hear of it."""
        form = await request.form()
        tells, subject = str(form.get("tells", "")), str(form.get("subject", ""))
        if tells.startswith(f"{self.client_origin}/"):
            self.tells = tells
        if subject in self.closed:
            self.closed.remove(subject)
        elif subject in self.users:
            self.closed.add(subject)
            if self.tells:
                async with httpx2.AsyncClient(timeout=5) as http:
                    await http.post(self.tells, data={"logout_token": self._logout_token(subject)})
        return RedirectResponse(f"{self.address}/", 303)

    def _logout_token(self, subject: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "sub": subject,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        return jwt.encode({"alg": "RS256", "kid": self.key.kid, "typ": "logout+jwt"}, claims, self.key)


def create_provider(people: list[User], *, url: str, client_origin: str) -> Starlette:
    """All the issuers under `url`, for a client whose callbacks live at `client_origin`."""
    names = sorted({user.provider for user in people})
    mounts = [
        Mount(
            f"/{name}",
            routes=_Issuer(
                issuer(url, name),
                {user.subject: user for user in people if user.provider == name},
                client_origin,
            ).routes(),
        )
        for name in names
    ]
    return Starlette(routes=[Route(f"/{DOWN}/{{path:path}}", _out_of_order), *mounts])


async def _out_of_order(_: Request) -> Response:
    return PlainTextResponse("Ce fournisseur est en panne, exprès.", 503)


def _is_the_client(request: Request, form: dict[str, str]) -> bool:
    given = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            return False
        given = unquote_plus(name), unquote_plus(secret)
    return hmac.compare_digest(":".join(given).encode(), f"{CLIENT_ID}:{CLIENT_SECRET}".encode())


def _no(error: str, status: int = 400) -> Response:
    return JSONResponse({"error": error}, status, headers={"Cache-Control": "no-store"})
