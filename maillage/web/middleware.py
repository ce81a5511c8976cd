"""The frame around every request: a reference number, what may come in, what must go out, and a line in the log.

One class of plain ASGI, because it runs for every page, those that cost a quarter of a millisecond included.

A response may bring its own `Content-Security-Policy` (see `policy`) and `Permissions-Policy` (see `permissions`); all
other headers here are not negotiable.
"""

import re
import secrets
from time import perf_counter
from urllib.parse import unquote_to_bytes

import structlog
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maillage.core.config import Settings
from maillage.core.content_policy import permissions, policy
from maillage.core.db import query_count
from maillage.core.errors import BadRequest
from maillage.core.faults import fault
from maillage.core.files.checks import MAX_DOCUMENT
from maillage.core.languages import _
from maillage.web import problems
from maillage.web.log import request_id, truncated

# The longest message takes a good third of that once its letters are escaped for the way.
MAX_BODY = 1024 * 1024
# The longest document, and the words that come with it.
MAX_UPLOAD = MAX_DOCUMENT + 256 * 1024
# The paths that take a file.
_UPLOADS = re.compile(r"/fichiers/nouveau|/recits/[0-9]{1,19}/fichiers/nouveau")
MAX_PATH = 1000
_SAFE = {"GET", "HEAD", "OPTIONS"}
# What a machine asks every few seconds says nothing worth a line when all is well.
_QUIET = {"/healthz", "/readyz"}

log = structlog.get_logger("maillage.web")


class Frame:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.limited = {most: RequestBodyLimitMiddleware(app, most) for most in (MAX_BODY, MAX_UPLOAD)}
        self.origin = settings.base_url.encode()
        self.proxies = settings.trusted_proxies
        self.counts_shown = settings.env == "demo"
        self.policies = [
            (b"content-security-policy", policy().encode()),
            (b"permissions-policy", permissions().encode()),
        ]
        self.headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]
        if settings.is_https:
            self.headers.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        number = secrets.token_hex(5)
        request_id.set(number)
        queries = [0]
        query_count.set(queries)
        address = self._address(scope)
        state = scope.setdefault("state", {})
        state["request_id"], state["address"] = number, address
        status = 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # A new list: the response that brings its own may be sent again.
                headers = [*message["headers"], *self.headers, (b"x-request-id", number.encode())]
                brought = dict(message["headers"])
                headers += [rule for rule in self.policies if rule[0] not in brought]
                if self.counts_shown:
                    headers.append((b"x-queries", b"%d" % queries[0]))
                message["headers"] = headers
            await send(message)

        async def taken() -> Message:
            # Whoever words a page about a problem must know whether there is still a body to read.
            state["body_taken"] = True
            return await receive()

        try:
            try:
                _refuse_nonsense(scope)
                if scope["method"] in _SAFE:
                    await self.app(scope, receive, framed)
                else:
                    self._refuse_other_sites(scope)
                    most = MAX_UPLOAD if _UPLOADS.fullmatch(scope["path"]) else MAX_BODY
                    _refuse_excess(scope, most)
                    await self.limited[most](scope, taken, framed)
            except ClientDisconnect:
                status = status or 499
            except Exception as error:  # every fault ends as a page and a line, here and nowhere else
                if status:
                    # Half a page has left: ending without the rest tells the browser that it is broken.
                    log.error("broken off", **fault(error).as_fields())  # noqa: TRY400 — its words stay out
                    return
                response = await problems.response(Request(scope, receive), error)
                await response(scope, receive, framed)
        finally:
            if scope["path"] not in _QUIET or status >= 400:
                route = scope.get("route")
                log.info(
                    "request",
                    id=number,
                    method=scope["method"],
                    route=getattr(route, "path", "-"),
                    status=status,
                    ms=round((perf_counter() - began) * 1000, 2),
                    queries=queries[0],
                    client=truncated(address),
                )

    def _address(self, scope: Scope) -> str:
        """Where the request comes from, as the last of our own proxies was told."""
        client = scope.get("client")
        address: str = client[0] if client else ""
        if not self.proxies:
            return address
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        hops = [hop.strip() for hop in forwarded.decode("latin-1").split(",") if hop.strip()]
        return hops[-self.proxies] if len(hops) >= self.proxies else address

    def _refuse_other_sites(self, scope: Scope) -> None:
        """Let an unsafe method pass only from our own pages, or from what is not a browser."""
        given = {name: value for name, value in scope["headers"] if name in (b"sec-fetch-site", b"origin", b"host")}
        if (site := given.get(b"sec-fetch-site")) is not None:
            ours = site in (b"same-origin", b"none")
        elif (origin := given.get(b"origin")) is not None:
            ours = origin == self.origin or origin.partition(b"://")[2] == given.get(b"host", b"-")
        else:
            ours = True
        if not ours:
            raise BadRequest(_("This request came from another site, so nothing was done."), status=403)


def _refuse_nonsense(scope: Scope) -> None:
    """Refuse addresses that are no text: NUL, half a character, bytes that are not UTF-8."""
    path, query = scope["raw_path"], scope["query_string"]
    if len(path) > MAX_PATH:
        raise BadRequest(_("This address makes no sense here."))
    for part in (path, query):
        if b"%" in part or not part.isascii():
            try:
                sensible = "\0" not in unquote_to_bytes(part).decode()
            except UnicodeDecodeError:
                sensible = False
            if not sensible:
                raise BadRequest(_("This address makes no sense here."))


def _refuse_excess(scope: Scope, most: int) -> None:
    # What announces itself as too long is refused unread; what does not is cut off by `limited` on its way in.
    for name, value in scope["headers"]:
        if name == b"content-length" and (len(value) > 9 or not value.isdigit() or int(value) > most):
            raise problems.too_long()
