"""Planning a gathering: beginning one, giving it dates, publishing it, cancelling it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing, writing_again
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies
from maillage.events.commands import dates, planning
from maillage.events.forms.planning import CancellationForm, DateForm, GatheringForm
from maillage.events.queries.door import look, look_to_organize
from maillage.events.queries.editing import models_of
from maillage.taxonomies.queries.vocabulary import vocabulary


async def new_gathering(request: Request) -> Response:
    """The form. `?module=…&region=…` begins it with a training and where it is waited for."""
    policies.may_create(viewer_of(request)).or_refuse()
    who = policies.signed_in(viewer_of(request))
    asked = request.query_params
    async with reading(request) as db:
        words = await vocabulary(request, db)
        models = await models_of(db, who.id)
    form = GatheringForm(
        locale_of(request),
        words,
        request_key=new_token(),
        kind="formation" if asked.get("module") else "",
        module=asked.get("module", ""),
        region=asked.get("region", ""),
    )
    return page(request, "events/new.html", form=form, models=models)


async def create_gathering(request: Request) -> Response:
    """A draft with its first date, which its organizer reads over before she publishes it."""
    policies.may_create(viewer_of(request)).or_refuse()
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "thread", who.id)
    data = await form_data(request)
    async with writing(request) as db:
        words = await vocabulary(request, db)
        form = GatheringForm(locale_of(request), words, data)
        if not form.validate():
            return page(request, "events/new.html", 422, form=form, models=())
        now = clock.now()
        made = await planning.create(
            db, who=who, plan=form.plan(words), now=now, request_key=form.request_key.data or None
        )
        if not made.again:
            await dates.add(db, gathering_id=made.id, planned=form.planned(words), now=now)
        seen = await look(db, who, made.id)
    return RedirectResponse(seen.path, 303)


async def new_date(request: Request) -> Response:
    """One more date."""
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        words = await vocabulary(request, db)
        if request.method == "GET":
            return page(request, "events/date.html", look=seen, form=DateForm(locale_of(request), words))
    form = DateForm(locale_of(request), words, await form_data(request))
    if not form.validate():
        return page(request, "events/date.html", 422, look=seen, form=form)
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)
    async with writing(request) as db:
        await dates.add(db, gathering_id=seen.gathering_id, planned=form.planned(words), now=clock.now())
    return RedirectResponse(seen.path, 303)


async def publish(request: Request) -> Response:
    """Everybody who may read it sees it now."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)
    settings: Settings = request.app.state.settings
    async with writing(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        await planning.publish(
            db, who=who, gathering_id=seen.gathering_id, address=settings.base_url + seen.path, now=clock.now()
        )
    return RedirectResponse(seen.path, 303)


async def cancel(request: Request) -> Response:
    """It does not take place; GET asks why."""
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
    form = CancellationForm(locale_of(request), await form_data(request) if request.method == "POST" else None)
    if request.method == "GET" or not form.validate():
        return page(request, "events/cancel.html", 422 if request.method == "POST" else 200, look=seen, form=form)
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)

    async def act(db: Db) -> None:
        await planning.cancel(db, who=who, gathering_id=seen.gathering_id, reason=form.reason.words, now=clock.now())

    await writing_again(request, act)
    return RedirectResponse(seen.path, 303)


_GATHERING = "/rencontres/{id:int}"
routes: list[BaseRoute] = [
    Route("/rencontres/nouvelle", new_gathering, name="new_gathering"),
    Route("/rencontres/nouvelle", create_gathering, methods=["POST"], name="create_gathering"),
    Route(_GATHERING + "/dates/nouvelle", new_date, methods=["GET", "POST"], name="new_date"),
    Route(_GATHERING + "/publier", publish, methods=["POST"], name="publish_gathering"),
    Route(_GATHERING + "/annuler", cancel, methods=["GET", "POST"], name="cancel_gathering"),
]
