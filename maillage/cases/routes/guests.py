"""Coming to a story by a private link, without an account."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.cases.commands.team import LASTS
from maillage.cases.queries.team import Guest, by_link
from maillage.cases.routes.entering import enter, guest_cookie
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import reading
from maillage.core.errors import NotHere
from maillage.core.pages import page

_PATH = "/recits"


async def _guest(request: Request) -> Guest:
    async with reading(request) as db:
        guest = await by_link(db, request.path_params["token"], clock.now())
    if guest is None:
        raise NotHere
    return guest


async def guest(request: Request) -> Response:
    """Whose story it is, and a button: a program that only follows links opens nothing."""
    response = page(request, "cases/guest.html", guest=await _guest(request))
    response.headers["Cache-Control"] = "no-store"
    return response


async def come_in(request: Request) -> Response:
    """From now on this browser takes part under her name."""
    await limits.check(request, "sign-in")
    found = await _guest(request)
    settings: Settings = request.app.state.settings
    writes = found.kind in ("author", "coauthor")
    response = RedirectResponse(f"/recits/{found.case_id}/{'ecrire' if writes else 'remarques'}", 303)
    response.set_cookie(
        guest_cookie(found.case_id),
        request.path_params["token"],
        max_age=int(LASTS.total_seconds()),
        path=_PATH,
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )
    return response


async def go_out(request: Request) -> Response:
    """This browser takes part no longer; her link still opens the story, here or elsewhere."""
    async with reading(request) as db:
        look = await enter(request, db)
    settings: Settings = request.app.state.settings
    response = RedirectResponse(_PATH, 303)
    response.delete_cookie(
        guest_cookie(look.case_id), path=_PATH, secure=settings.is_https, httponly=True, samesite="lax"
    )
    return response


routes: list[BaseRoute] = [
    Route("/recits/acces/{token}", guest, name="case_guest"),
    Route("/recits/acces/{token}", come_in, methods=["POST"], name="enter_as_guest"),
    Route("/recits/{id:int}/quitter", go_out, methods=["POST"], name="leave_as_guest"),
]
