"""The page of what somebody has been told."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock
from maillage.core.db import reading, writing
from maillage.core.errors import BadRequest
from maillage.core.forms import form_data
from maillage.core.languages import _
from maillage.core.pages import page
from maillage.notices import commands, queries
from maillage.notices.policies import oneself


async def notices(request: Request) -> Response:
    """Her notices. Looking marks nothing: a button does."""
    who = oneself(viewer_of(request))
    async with reading(request) as db:
        told = await queries.told(db, who)
    return page(request, "notices/list.html", told=told, until=clock.now().isoformat())


async def mark_notices_read(request: Request) -> Response:
    who = oneself(viewer_of(request))
    data = await form_data(request)
    try:
        until = datetime.fromisoformat(str(data.get("until") or ""))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise BadRequest(_("The form that reached us could not be read."))
    async with writing(request) as db:
        await commands.mark_read(db, person_id=who.id, until=until, now=clock.now())
    return RedirectResponse("/moi/avis", 303)


routes: list[BaseRoute] = [
    Route("/moi/avis", notices, name="notices"),
    Route("/moi/avis/lu", mark_notices_read, methods=["POST"], name="mark_notices_read"),
]
