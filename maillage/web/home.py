"""The pages that belong to the whole house: who carries it, privacy, and two answers for machines."""

import asyncio

import asyncpg
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.core.config import Settings
from maillage.core.db import database
from maillage.core.errors import Unavailable
from maillage.core.pages import page

_NOT_KEPT = {"Cache-Control": "no-store"}
# A database that takes longer than that over nothing is not ready for anybody.
_PATIENCE = 2


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


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
    Route("/a-propos", about, name="about"),
    Route("/confidentialite", privacy, name="privacy"),
    Route("/healthz", alive, name="alive"),
    Route("/readyz", ready, name="ready"),
]
