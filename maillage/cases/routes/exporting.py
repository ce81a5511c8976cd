"""Taking stories along: one as PDF, JSON, Markdown or BibTeX, all the public ones as JSON or Markdown."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases.pdf import as_pdf
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries import shown
from maillage.cases.queries.attached import files_of
from maillage.cases.queries.citing import citation
from maillage.cases.queries.door import Look
from maillage.cases.queries.exports import as_data, as_markdown, shows_files, with_addresses
from maillage.cases.queries.shelf import shelf
from maillage.cases.queries.told import StoryPage
from maillage.cases.routes.entering import enter
from maillage.cases.routes.reading import story
from maillage.core import limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading
from maillage.core.errors import Unavailable
from maillage.core.files.adding import part_of
from maillage.core.files.store import Missing, store_of
from maillage.core.kept import kept_pages
from maillage.core.pages import locale_of
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary

_AT_ONCE = 100
# Of the pictures on paper: as many as a long story has, and the width from which print no longer shows the difference.
_MOST_PICTURES, _WIDEST = 30, 1000

log = structlog.get_logger("maillage.cases")


@dataclass(frozen=True, slots=True)
class _KeptPdf:
    version: tuple[int, ...]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body)


async def pdf(request: Request) -> Response:
    """The story on paper. Made once per version."""
    async with reading(request) as db:
        look = await enter(request, db)
    pages, key = kept_pages(request), ("pdf", look.case_id)
    kept = pages.get(key, look.version)
    if not isinstance(kept, _KeptPdf):
        who = viewer_of(request)
        await limits.check(request, "export", who.id if who else None)
        _look, page, known = await _story(request)
        site, base_url = _site(request)
        pictures, all_there = await _pictures(request, look.case_id)
        kept = _KeptPdf(look.version, await as_pdf(page, known, site, base_url, pictures))
        if all_there:
            pages.put(key, kept)
    return _taken(look, kept.body, "application/pdf", "pdf")


async def _pictures(request: Request, case_id: int) -> tuple[dict[str, bytes], bool]:
    """Its pictures, of a size for paper, by key; and whether the store gave all that it was asked for."""
    async with reading(request) as db:
        files = (await files_of(db, [case_id])).get(case_id, {})
    found: dict[str, bytes] = {}
    images = [file for file in files.values() if file.is_image][:_MOST_PICTURES]
    store = store_of(request.app.state.settings)
    for file in images:
        part = part_of(max(size for size in file.sizes if size <= _WIDEST or size == file.sizes[0]))
        try:
            found[file.key] = b"".join([piece async for piece in (await store.read(file.key, part)).pieces])
        except (Missing, Unavailable):
            log.warning("a picture is missing on paper", key=file.key)
    return found, len(found) == len(images)


async def as_json(request: Request) -> Response:
    look, page, known = await _story(request, named=True)
    return _taken(look, _dumped(as_data(page, known, *_site(request))), "application/json", "json")


async def markdown(request: Request) -> Response:
    look, page, known = await _story(request, named=True)
    return _taken(look, as_markdown(page, known, *_site(request)).encode(), "text/markdown; charset=utf-8", "md")


async def bibtex(request: Request) -> Response:
    look, page, _known = await _story(request)
    cited = citation(page, *_site(request), locale_of(request))
    return _taken(look, cited.bibtex.encode(), "application/x-bibtex; charset=utf-8", "bib")


async def all_as_json(request: Request) -> Response:
    """Every public story, as one list."""
    site = _site(request)

    async def pieces() -> AsyncIterator[bytes]:
        before = b"[\n"
        async for page, known in _everything(request):
            yield before + _dumped(as_data(page, known, *site))
            before = b",\n"
        yield b"\n]\n" if before == b",\n" else b"[]\n"

    return await _streamed(request, pieces(), "application/json", "recits.json")


async def all_as_markdown(request: Request) -> Response:
    """Every public story, one after the other."""
    site = _site(request)

    async def pieces() -> AsyncIterator[bytes]:
        async for page, known in _everything(request):
            yield f"{as_markdown(page, known, *site)}\n\n".encode()

    return await _streamed(request, pieces(), "text/markdown; charset=utf-8", "recits.md")


async def _streamed(request: Request, pieces: AsyncIterator[bytes], kind: str, name: str) -> Response:
    who = viewer_of(request)
    await limits.check(request, "export", who.id if who else None)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"}
    return StreamingResponse(pieces, media_type=kind, headers=headers)


async def _everything(request: Request) -> AsyncIterator[tuple[StoryPage, Vocabulary]]:
    """The public stories by number, a few at a time: what is withdrawn meanwhile is left out."""
    async with reading(request) as db:
        shelved = await shelf(request, db)
        known = await vocabulary(request, db, shelved.epoch)
    ids = sorted(shelved.ids(shelved.public))
    for start in range(0, len(ids), _AT_ONCE):
        for page in await _some(request, ids[start : start + _AT_ONCE]):
            yield page, known


async def _some(request: Request, ids: Sequence[int]) -> list[StoryPage]:
    async with reading(request) as db:
        pages = [page for page, _rows in await shown.story_pages(db, ids)]
        pages = [page for page in pages if page.state in PUBLISHED and page.visibility == "public"]
        return await _with_addresses(request, db, pages)


async def _with_addresses(request: Request, db: Db, pages: list[StoryPage]) -> list[StoryPage]:
    """What their Markdown calls a file by is the file's address, for those who read it elsewhere."""
    showing = [page.id for page in pages if shows_files(page)]
    files = await files_of(db, showing) if showing else {}
    return [with_addresses(page, files.get(page.id, {}), _site(request)[1]) for page in pages]


async def _story(request: Request, *, named: bool = False) -> tuple[Look, StoryPage, Vocabulary]:
    async with reading(request) as db:
        look = await enter(request, db)
        page = await story(request, db, look)
        if named:
            [page] = await _with_addresses(request, db, [page])
        return look, page, await vocabulary(request, db, look.version[1])


def _site(request: Request) -> tuple[str, str]:
    settings: Settings = request.app.state.settings
    return settings.name, settings.base_url


def _dumped(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _taken(look: Look, body: bytes, kind: str, ending: str) -> Response:
    """A file named after the story. Whether it may be read is asked each time: nothing in between keeps it."""
    public = look.standing.is_published and look.standing.visibility == "public"
    headers = {
        "Content-Disposition": f'inline; filename="recit-{look.case_id}-{look.slug}.{ending}"',
        "Cache-Control": "no-cache" if public else "private, no-store",
        "Vary": "Cookie",
    }
    return Response(body, media_type=kind, headers=headers)


_CASE = "/recits/{id:int}"
routes: list[BaseRoute] = [
    Route("/recits/export.json", all_as_json, name="all_cases_json"),
    Route("/recits/export.md", all_as_markdown, name="all_cases_markdown"),
    Route(_CASE + ".pdf", pdf, name="case_pdf"),
    Route(_CASE + ".json", as_json, name="case_json"),
    Route(_CASE + ".md", markdown, name="case_markdown"),
    Route(_CASE + ".bib", bibtex, name="case_bibtex"),
]
