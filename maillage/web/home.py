"""The pages that belong to the whole house: who carries it, privacy, and two answers for machines."""

import asyncio

import asyncpg
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import account_area, viewer_of
from maillage.cases.policies import OUTCOME_NAMES
from maillage.cases.policies import reading as case_words
from maillage.cases.queries import browsing
from maillage.cases.queries.browsing import Counts
from maillage.cases.queries.shelf import Shelf, shelf
from maillage.core.config import Settings
from maillage.core.db import Db, database, reading
from maillage.core.errors import Unavailable
from maillage.core.kept import Fill, KeptPage, kept_pages, readers_response, slot, strangers_response
from maillage.core.pages import fragment, locale_of, page
from maillage.forum.queries import desk, spaces
from maillage.notices.queries import unread_count
from maillage.taxonomies.queries.vocabulary import vocabulary

_NOT_KEPT = {"Cache-Control": "no-store"}
# A database that takes longer than that over nothing is not ready for anybody.
_PATIENCE = 2
_STORIES = 3


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def front(request: Request) -> Response:
    """What is being discussed now, and what waits for an answer. Strangers' is kept whole."""
    who = viewer_of(request)
    account: dict[str, Fill] = {"account": account_area(request)}
    async with reading(request) as db:
        if who is None:
            kept = await _kept_front(request, db)
            return strangers_response(request, kept, lambda: account, f"h{kept.version}-{locale_of(request)}")
        html = await _front_html(request, db, await shelf(request, db))
        drafts = await desk.draft_count(db, who)
        notices = await unread_count(db, who)
    line = fragment(request, "parts/_drafts.html", drafts=drafts, notices=notices).encode()
    return readers_response(request, KeptPage(html, 0).filled(account | {"drafts": line}))


async def _kept_front(request: Request, db: Db) -> KeptPage:
    pages, key = kept_pages(request), ("front", locale_of(request))
    shelved = await shelf(request, db)
    version = (await spaces.public_version(db), shelved.known, shelved.epoch)
    kept = pages.get(key, version)
    if isinstance(kept, KeptPage):
        return kept
    return pages.put(key, KeptPage(await _front_html(request, db, shelved), version))


async def _front_html(request: Request, db: Db, shelved: Shelf) -> str:
    who = viewer_of(request)
    known = await vocabulary(request, db, shelved.epoch)
    latest = shelved.page(Counts(shelved, known, who).seen, None, _STORIES)
    return fragment(
        request,
        "home.html",
        stories=await browsing.story_rows(db, who, latest),
        v=known,
        words=case_words,
        outcomes=OUTCOME_NAMES,
        recent=await spaces.recent_threads(db, who),
        unanswered=await spaces.unanswered_questions(db, who),
        spaces=await spaces.space_rows(db, who),
        slot=slot,
    )


async def about(request: Request) -> Response:
    return page(request, "home/about.html", settings=_settings(request))


async def privacy(request: Request) -> Response:
    return page(request, "home/privacy.html", settings=_settings(request))


async def alive(request: Request) -> Response:  # noqa: ARG001
    return PlainTextResponse("ok", headers=_NOT_KEPT)


async def ready(request: Request) -> Response:
    try:
        async with asyncio.timeout(_PATIENCE), database(request).reading() as db:
            await db.connection.execute("select 1")
    except (Unavailable, TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return PlainTextResponse("the database does not answer", 503, headers=_NOT_KEPT)
    return PlainTextResponse("ready", headers=_NOT_KEPT)


routes: list[BaseRoute] = [
    Route("/", front, name="front"),
    Route("/a-propos", about, name="about"),
    Route("/confidentialite", privacy, name="privacy"),
    Route("/healthz", alive, name="alive"),
    Route("/readyz", ready, name="ready"),
]
