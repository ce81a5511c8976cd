"""What to read before a gathering, and what remains after it: its organizers write both on one page."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text
from maillage.core.pages import locale_of, page
from maillage.events import policies
from maillage.events.commands import material as commands
from maillage.events.forms.material import MaterialForm
from maillage.events.queries import material as queries
from maillage.events.queries.door import Look, look_to_organize


async def material(request: Request) -> Response:
    """Both texts. Files are added on their own page, and shown by a line in a text."""
    who = policies.signed_in(viewer_of(request))
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen = await look_to_organize(db, who, request.path_params["id"])
        form = MaterialForm(locale_of(request), await queries.material(db, seen.gathering_id), data)
    if data is None:
        return _page(request, seen, form)
    await limits.check(request, "edit", who.id)
    if not form.validate():
        return _page(request, seen, form, 422)
    try:
        async with writing(request) as db:
            await commands.save(
                db, by=who.id, gathering_id=seen.gathering_id, sources=form.sources, seen=form.seen, now=clock.now()
            )
    except Refused as refused:
        return _page(request, seen, form, 409, refused.why)
    return RedirectResponse(seen.path, 303)


def _page(request: Request, seen: Look, form: MaterialForm, status: int = 200, refused: Text | None = None) -> Response:
    return page(request, "events/material.html", status, look=seen, form=form, refused=refused)


routes: list[BaseRoute] = [
    Route("/rencontres/{id:int}/documents", material, methods=["GET", "POST"], name="gathering_material"),
]
