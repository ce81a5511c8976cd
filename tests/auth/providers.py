"""Providers to sign in with: the demonstration's, which is a real one, and one that misbehaves by name."""

import asyncio
import base64
import gzip
import hmac
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import uvicorn
from joserfc import jwk, jws
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "maillage", "demonstration"
# More than any honest document has.
PADDING = "a" * 1_100_000
_CHUNKS, _CHUNK = 160, 65_536


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.socket() as heard:
        heard.bind(("127.0.0.1", 0))
        yield heard


def address(heard: socket.socket) -> str:
    return f"http://127.0.0.1:{heard.getsockname()[1]}"


@contextmanager
def served(app: Any, heard: socket.socket, *, certificate: Path | None = None) -> Iterator[None]:
    """`app` answering on that socket, in a thread of its own; over TLS with that certificate and its key."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [heard]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join()


class HostileProvider:
    """Keeps to the protocol except where `mode` says; `subject` is whoever it claims is signing in."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "first"})
        self.stranger = jwk.RSAKey.generate_key(2048, {"kid": "first"})
        self.behave()
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/moved", self.configuration),
                Route("/elsewhere", self.token, methods=["POST"]),
                Route("/jwks", self.jwks),
                Route("/token", self.token, methods=["POST"]),
                Route("/userinfo", self.userinfo),
            ]
        )

    def behave(self, mode: str = "", **claims: Any) -> None:
        """From now on misbehave like `mode`; `claims` replace or (None) remove what it would claim."""
        self.mode = mode
        self.claims = claims
        # What replaces or (None) removes something in its description; what its user information says.
        self.describes: dict[str, Any] = {}
        self.informs: dict[str, Any] = {"sub": "subject", "name": "Named Elsewhere"}
        self.nonce = ""
        self.kid = "first"
        # What it has done elsewhere before it answers.
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.token_requests: list[dict[str, str]] = []
        self.used_codes: set[str] = set()
        # The paths that were asked for, and how much of a long answer went out.
        self.asked: list[str] = []
        self.chunks = 0

    async def configuration(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        match self.mode:
            case "slow":
                await asyncio.sleep(3)
            case "drips":
                return StreamingResponse(_dripping(), media_type="application/json")
            case "endless":
                return StreamingResponse(_endless(), media_type="application/json")
            case "ten megabytes":
                size = {"Content-Length": str(_CHUNKS * _CHUNK)}
                return StreamingResponse(self.much(), headers=size, media_type="application/json")
            case "nested":
                return Response("[" * 200_000, media_type="application/json")
            case "not json":
                return PlainTextResponse("<html>")
            case "a list":
                return JSONResponse([])
            case "redirects" if request.url.path != "/moved":
                return RedirectResponse(f"{self.issuer}/moved")
            case "broken":
                return PlainTextResponse("oops", 500)
        said: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "backchannel_logout_supported": True,
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        said = {name: value for name, value in {**said, **self.describes}.items() if value is not None}
        match self.mode:
            case "other issuer":
                said["issuer"] = "http://127.0.0.1:1"
            case "plain endpoints":
                said["token_endpoint"] = "http://provider.example/token"
            case "no endpoints":
                del said["token_endpoint"]
            case "only none":
                said["id_token_signing_alg_values_supported"] = ["none", "HS256"]
            case "announces iss":
                said["authorization_response_iss_parameter_supported"] = True
            case "post only":
                said["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
            case "huge":
                said["padding"] = PADDING
            case "compressed":
                # Small on the way, and whatever size it likes here.
                packed = gzip.compress(json.dumps(said).encode())
                return Response(packed, headers={"Content-Encoding": "gzip"}, media_type="application/json")
        return JSONResponse(said)

    async def much(self) -> AsyncIterator[bytes]:
        for _ in range(_CHUNKS):
            self.chunks += 1
            yield b" " * _CHUNK
            await asyncio.sleep(0.001)

    async def jwks(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        match self.mode:
            case "no keys":
                return JSONResponse({"keys": []})
            case "odd keys":
                odd = [1, None, {"kty": "RSA"}, {"kty": "new"}, {"kty": "oct", "k": "AAAA", "kid": "first"}]
                return JSONResponse({"keys": [*odd, self.key.as_dict(private=False)]})
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.asked.append(request.url.path)
        self.token_requests.append({**form, "authorization": request.headers.get("authorization", "")})
        if self.meanwhile is not None:
            await self.meanwhile()
        code = form.get("code", "")
        if code in self.used_codes:
            return JSONResponse({"error": "invalid_grant"}, 400)
        match self.mode:
            case "codes once":
                self.used_codes.add(code)
            case "plain":
                return JSONResponse({"access_token": "a", "token_type": "bearer"})
            case "plain error":
                # With 200, as some do.
                return JSONResponse({"error": "bad_verification_code", "error_description": "Call 555-1234"})
            case "code over":
                return JSONResponse({"error": "invalid_grant"}, 400)
            case "secret wrong":
                return JSONResponse({"error": "invalid_client"}, 401)
            case "redirect wrong":
                return JSONResponse({"error": "redirect_uri_mismatch"}, 400)
            case "token moved":
                return RedirectResponse(f"{self.issuer}/elsewhere", 307)
            case "token page":
                return PlainTextResponse("<html>", 200)
            case "token broken":
                return PlainTextResponse("oops", 502)
            case "token huge":
                return JSONResponse({"access_token": "a", "id_token": self.id_token(), "padding": PADDING})
            case "no id token":
                return JSONResponse({"access_token": "a", "token_type": "Bearer"})
            case "odd id token":
                return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": {"sub": "x"}})
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": self.id_token()})

    async def userinfo(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if request.headers.get("authorization") != "Bearer a":
            return JSONResponse({"error": "invalid_token"}, 401)
        if self.mode == "two persons":
            return JSONResponse({**self.informs, "sub": "somebody-else"})
        return JSONResponse(self.informs)

    def id_token(self) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "subject",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "name": "Hostile Person",
        }
        return self.signed({**claims, **self.claims})

    def logout_token(self, *, typ: str | None = "logout+jwt", **claims: Any) -> str:
        """What it says when a session has ended there; `claims` replace or (None) remove."""
        said: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": int(time.time()),
            "exp": int(time.time()) + 120,
            "jti": "once",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sub": "subject",
            "sid": "session",
        }
        return self.signed({**said, **claims}, typ=typ)

    def signed(self, claims: dict[str, Any], *, typ: str | None = "JWT") -> str:
        """A token, signed as `mode` says."""
        claims = {name: value for name, value in claims.items() if value is not None}
        header: dict[str, Any] = {"alg": "RS256", "kid": self.kid} | ({} if typ is None else {"typ": typ})
        match self.mode:
            case "alg none":
                return f"{_part({'alg': 'none'})}.{_part(claims)}."
            case "hs256":
                # The public key, which everybody knows, taken for a shared secret.
                unsigned = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(claims)}"
                signature = hmac.digest(self.key.as_pem(private=False), unsigned.encode(), "sha256")
                return f"{unsigned}.{_encoded(signature)}"
            case "other key":
                return _signed(header, claims, self.stranger)
            case "unknown key":
                return _signed({**header, "kid": "nobody"}, claims, self.stranger)
            case "key inside":
                return _signed({**header, "jwk": self.stranger.as_dict(private=False)}, claims, self.stranger)
            case "tampered":
                head, _, mark = _signed(header, claims, self.key).split(".")
                return f"{head}.{_part({**claims, 'sub': 'victim'})}.{mark}"
            case "not a token":
                return "é.é.é"
            case "claims a list":
                return f"{_part(header)}.{_part([1])}.AAAA"
        return _signed(header, claims, self.key)


def _signed(header: dict[str, Any], claims: dict[str, Any], key: jwk.RSAKey) -> str:
    return jws.serialize_compact(header, json.dumps(claims).encode(), key)


def _part(value: Any) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


async def _endless() -> Any:
    for _ in range(40):
        yield b'{"issuer": "' + b"a" * 65_536
        await asyncio.sleep(0)


async def _dripping() -> Any:
    for _ in range(30):
        yield b" "
        await asyncio.sleep(0.1)


def basic(authorization: str) -> tuple[str, str]:
    """The name and the secret of a Basic header."""
    name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)
