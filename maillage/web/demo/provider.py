"""The demonstration's sign-in providers: a small OpenID Connect provider, run in a process of its own.

One process holds several issuers, each with its own key and people: `{url}/a`, `{url}/b`, and `{url}/down`, which
is always out of order. It keeps to the protocol where a client could be wrong: authorization code with PKCE S256
(required), one-time codes, exact redirect address, client secret, nonce, and `iss` in its answers. It signs in
whoever picks a name on its page: never run it anywhere but in a demonstration.
"""

import base64
import hashlib
import hmac
import secrets
import time
import tomllib
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import unquote_plus, urlencode, urlsplit

from joserfc import jwk, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

PEOPLE = Path(__file__).parent / "world" / "people.toml"
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

    def claims(self, scope: str) -> dict[str, object]:
        wanted = scope.split()
        claims: dict[str, object] = {"sub": self.subject}
        if "profile" in wanted:
            claims |= {"name": self.name, "preferred_username": self.subject, "locale": "fr-CA"}
        if "email" in wanted:
            claims |= {"email": self.email, "email_verified": True}
        return claims


def users(path: Path = PEOPLE) -> list[User]:
    """The people of the demonstration who sign in through a provider."""
    people = tomllib.loads(path.read_text("utf-8"))["person"]
    return [User(p["handle"], p["name"], p["email"], p["provider"]) for p in people if p["provider"] not in {"", DOWN}]


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


@dataclass
class _Issuer:
    address: str
    users: dict[str, User]
    # Callbacks of this origin only: the provider must not send codes wherever a link says.
    client_origin: str
    key: jwk.RSAKey = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, auto_kid=True))
    codes: dict[str, _Grant] = field(default_factory=dict)
    tokens: dict[str, _Grant] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/cles", self.keys),
            Route("/autorisation", self.authorize, methods=["GET", "POST"]),
            Route("/jeton", self.token, methods=["POST"]),
            Route("/profil", self.profile),
        ]

    async def configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/autorisation",
                "token_endpoint": f"{self.address}/jeton",
                "userinfo_endpoint": f"{self.address}/profil",
                "jwks_uri": f"{self.address}/cles",
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
            return HTMLResponse(_page(list(self.users.values()), asked.get("login_hint", "")))
        form = await request.form()
        user = self.users.get(str(form.get("subject", "")))
        if user is None:
            return back(error="access_denied")
        code = secrets.token_urlsafe(32)
        self.codes[code] = _Grant(
            user,
            scope,
            time.monotonic() + _CODE_LIFE_S,
            redirect_uri,
            asked["code_challenge"],
            asked.get("nonce"),
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


_PAGE = """<!doctype html>
<html lang="fr-CA">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Qui êtes-vous? Fournisseur d’identité de démonstration</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.0625rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }}
form {{ display: grid; gap: .5rem; margin: 1.5rem 0 }}
button {{ font: inherit; text-align: start; padding: .6rem .9rem; min-height: 2.75rem; border-radius: .4rem;
  border: 1px solid currentColor; background: none; color: inherit; cursor: pointer }}
button:hover, button:focus-visible {{ outline: 3px solid Highlight; outline-offset: 1px }}
small {{ display: block; opacity: .8 }}
</style>
<main>
<h1>Qui êtes-vous?</h1>
<p>Ici, votre organisation vous demanderait votre mot de passe. Dans la démonstration, il suffit de choisir.</p>
<form method="post">
{people}
<button name="subject" value="">Annuler</button>
</form>
</main>
</html>
"""


def _page(people: list[User], hint: str) -> str:
    # Whom the client already named comes first, with the focus.
    ordered = sorted(people, key=lambda user: user.subject != hint)
    buttons = [
        f'<button name="subject" value="{escape(user.subject)}"{" autofocus" if user.subject == hint else ""}>'
        f"{escape(user.name)}<small>{escape(user.email)}</small></button>"
        for user in ordered
    ]
    return _PAGE.format(people="\n".join(buttons))
