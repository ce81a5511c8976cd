"""Kept pages: HTML made once per version and language, with gaps that are filled for whoever is reading.

A template rendered for keeping knows nobody. Where the viewer matters it leaves a gap, `{{ slot("name", arg) }}`,
and each request fills the gaps. Nobody's fill is ever kept, so that nothing of one reader can reach another.
What makes a kept page valid is a version number that the caller looks up in the database, which is also why any
number of processes can keep their own copies without telling each other.
"""

import asyncio
import gzip
import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Mapping
from hashlib import blake2s
from typing import Any, Protocol, TypeVar

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from maillage.core.pages import build, environment, locale_of

# Unguessable, so that nothing a person writes can open a gap.
_SECRET = secrets.token_hex(8)
_OPEN, _CLOSE = f"\x02{_SECRET}:", "\x03"
Fill = bytes | Callable[[str], bytes]


def slot(name: str, arg: object = "") -> Markup:
    """A gap in a kept template."""
    return Markup(f"{_OPEN}{name}:{arg}{_CLOSE}")  # noqa: S704 — made of our own constants and ids


class KeptPage:
    """One page as alternating constant bytes and gaps. `note` is whatever the caller needs to fill them."""

    __slots__ = ("_strangers", "gaps", "note", "pieces", "size", "version")

    def __init__(self, html: str, version: Hashable, note: Any = None) -> None:
        self.version, self.note = version, note
        first, *rest = html.split(_OPEN)
        self.pieces = [first.encode()]
        self.gaps: list[tuple[str, str]] = []
        for part in rest:
            gap, _, after = part.partition(_CLOSE)
            name, _, arg = gap.partition(":")
            self.gaps.append((name, arg))
            self.pieces.append(after.encode())
        self.size = len(html) * 2
        self._strangers: tuple[bytes, bytes, bytes] | None = None

    def filled(self, fills: Mapping[str, Fill]) -> bytes:
        """The whole page. A gap that `fills` does not name stays empty."""
        out = list(self.pieces)
        for place, (name, arg) in enumerate(self.gaps):
            if fill := fills.get(name):
                out[place] += fill if isinstance(fill, bytes) else fill(arg)
        return b"".join(out)

    def for_strangers(self, query: bytes, fills: Callable[[], Mapping[str, Fill]]) -> tuple[bytes, bytes]:
        """What everybody who is not signed in gets, plain and gzipped; made once for those who ask alike.

        The links that keep `query` are in the gaps: what one person's address holds is not for the next.
        """
        if self._strangers is None or self._strangers[0] != query:
            whole = self.filled(fills())
            self._strangers = query, whole, gzip.compress(whole, 6, mtime=0)
        return self._strangers[1:]


class Kept(Protocol):
    """What can be kept: it knows of which version it is and about how many bytes it takes."""

    @property
    def version(self) -> Hashable: ...
    @property
    def size(self) -> int: ...


K = TypeVar("K", bound=Kept)


class KeptPages:
    """What one process keeps in memory, the least recently used dropped first. `limit` is in bytes."""

    def __init__(self, limit: int = 48 * 1024 * 1024) -> None:
        self._pages: OrderedDict[Hashable, Kept] = OrderedDict()
        self._limit, self._size = limit, 0
        self._making: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    def get(self, key: Hashable, version: Hashable) -> Kept | None:
        kept = self._pages.get(key)
        if kept is None or kept.version != version:
            return None
        self._pages.move_to_end(key)
        return kept

    def making(self, key: Hashable) -> asyncio.Lock:
        """Held while something is made that is long to make: the others wait for it instead of making it too.

        For a handful of keys that are known in advance: a lock stays.
        """
        return self._making[key]

    def put(self, key: Hashable, kept: K) -> K:
        if (old := self._pages.pop(key, None)) is not None:
            self._size -= old.size
        self._pages[key] = kept
        self._size += kept.size
        while self._size > self._limit and len(self._pages) > 1:
            self._size -= self._pages.popitem(last=False)[1].size
        return kept


def kept_pages(request: Request) -> KeptPages:
    pages: KeptPages = request.app.state.kept_pages
    return pages


def kept_fragment(request: Request, template: str, **context: Hashable) -> KeptPage:
    """A small template kept for all who would see the same: `context` is everything that it may depend on.

    Its own gaps are what differs from one reader to the next. It is told neither the request nor the viewer.
    """
    locale = locale_of(request)
    pages, key = kept_pages(request), (template, locale, *context.items())
    kept = pages.get(key, None)
    if isinstance(kept, KeptPage):
        return kept
    html = environment(locale).get_template(template).render(context)
    return pages.put(key, KeptPage(html, None))


def strangers_response(request: Request, kept: KeptPage, fills: Callable[[], Mapping[str, Fill]], tag: str) -> Response:
    """A kept page for somebody not signed in, with its validator: unchanged pages cost a 304."""
    # Whatever `tag` is made of, a validator holds no spaces or quotes.
    etag = f'W/"{blake2s(f"{tag}-{build()}".encode(), digest_size=10).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Cookie, Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    whole, zipped = kept.for_strangers(request.scope["query_string"], fills)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        whole = zipped
    return Response(whole, media_type="text/html; charset=utf-8", headers=headers)


def readers_response(request: Request, body: bytes) -> Response:
    """A filled page for somebody signed in: hers alone, never kept by anything in between."""
    headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        # Level 1 costs a sixth of level 6 and gives a page one seventh longer.
        body = gzip.compress(body, 1, mtime=0)
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)
