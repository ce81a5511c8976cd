"""The application of one process: the floors' routes behind one frame, and what opens and closes with it."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from maillage.auth.routes import routes as auth_routes
from maillage.auth.viewer import ViewerMiddleware
from maillage.cases.queries.shelf import shelf_of
from maillage.cases.routes import routes as case_routes
from maillage.core.config import Settings
from maillage.core.db import Database
from maillage.core.errors import Unavailable
from maillage.core.kept import KeptPages, slot
from maillage.core.languages import NAMES
from maillage.core.pages import STATIC_DIR, TEMPLATE_GLOBALS, environment
from maillage.core.places import Places
from maillage.events.routes import routes as event_routes
from maillage.forum.policies import CAPACITIES, KINDS
from maillage.forum.routes import routes as forum_routes
from maillage.notices.routes import routes as notices_routes
from maillage.taxonomies.routes import routes as taxonomies_routes
from maillage.web import assets, files, home, problems
from maillage.web.middleware import Frame
from maillage.web.site_map import SiteMap


async def _static(request: Request) -> Response:
    return assets.serve(request, STATIC_DIR)


def all_routes() -> list[BaseRoute]:
    """The site map, floor by floor."""
    return [
        *forum_routes,
        *home.routes,
        *files.routes,
        *case_routes,
        *event_routes,
        *notices_routes,
        *taxonomies_routes,
        *auth_routes,
        Route("/static/{path:path}", _static, name="static"),
    ]


async def _warm(app: Starlette) -> None:
    """What the first page of stories would wait for, while the server answers already."""
    # Whoever asks for that page then waits for it after all, and is told what the trouble is.
    with suppress(Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        async with app.state.database.reading() as db:
            await shelf_of(app.state.kept_pages, db)


def create_app(settings: Settings, *, dsn: str | None = None) -> Starlette:
    """The application. It opens its database (`dsn`, else the settings') when it starts and closes it when it stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.database = await Database.open(
            dsn or settings.dsn, statement_timeout_ms=settings.statement_timeout_ms
        )
        # What start-up made stays: the collector need not look at it again, and may come by less often.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        warming = asyncio.create_task(_warm(app))
        try:
            yield
        finally:
            warming.cancel()
            await asyncio.wait({warming})
            await app.state.database.close()

    globals_ = {
        "instance_name": settings.name,
        "is_demo": settings.env == "demo",
        "zone": settings.time_zone,
        "language_names": {locale: NAMES[locale] for locale in settings.locales},
        "relations": CAPACITIES,
        "kinds": KINDS,
        "slot": slot,
    }
    if any(TEMPLATE_GLOBALS.get(name) != value for name, value in globals_.items()):
        TEMPLATE_GLOBALS.update(globals_)
        # Environments made for another application of this process would not know these.
        environment.cache_clear()
    app = Starlette(
        routes=[SiteMap(all_routes())],
        lifespan=lifespan,
        middleware=[Middleware(Frame, settings=settings), Middleware(ViewerMiddleware, settings=settings)],
        exception_handlers={HTTPException: problems.response},
    )
    # A helpful redirect would repeat whatever host the request names.
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.kept_pages = KeptPages()
    app.state.places = Places(settings.country_database)
    return app
