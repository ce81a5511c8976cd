"""The programme, for its organizers: lines with hours, and workshops to choose from."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.db import Db, Row, reading, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text
from maillage.core.pages import locale_of, page
from maillage.events import policies
from maillage.events.commands import programme as commands
from maillage.events.forms.programme import ItemForm, item_form
from maillage.events.policies.programme import reference, timed
from maillage.events.policies.zones import span
from maillage.events.queries import asking
from maillage.events.queries.asking import Question
from maillage.events.queries.door import Look, look_to_organize


async def programme(request: Request) -> Response:
    """All of its lines, to be changed."""
    async with reading(request) as db:
        return await _page(request, db, await look_to_organize(db, viewer_of(request), request.path_params["id"]))


async def new_item(request: Request) -> Response:
    """One more line; `?ateliers=1` begins one with workshops."""
    workshops = request.query_params.get("ateliers") == "1"
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        date = await _date(db, seen)
    if date is None:
        return RedirectResponse(f"/rencontres/{seen.gathering_id}/programme", 303)
    form = item_form(locale_of(request), date, data, workshops=workshops)
    if data is None or not form.validate():
        return _form(request, seen, form, status=200 if data is None else 422)
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)

    async def act(db: Db) -> None:
        await commands.add_item(
            db, gathering_id=seen.gathering_id, item=form.item, workshops=form.workshops, now=clock.now()
        )

    await writing_again(request, act)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/programme", 303)


async def change_item(request: Request) -> Response:
    """A line and its workshops, written anew."""
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        item = await asking.item(db, seen.gathering_id, request.path_params["item"])
        asked = await _workshops(db, seen, item)
        date = await _date(db, seen)
    if date is None:
        return RedirectResponse(f"/rencontres/{seen.gathering_id}/programme", 303)
    form = item_form(locale_of(request), date, data, workshops=asked is not None, item=item, asked=asked)
    if data is None or not form.validate():
        return _form(request, seen, form, item=item, status=200 if data is None else 422)
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)

    async def act(db: Db) -> None:
        await commands.change_item(
            db,
            gathering_id=seen.gathering_id,
            item_id=item["id"],
            item=form.item,
            workshops=form.workshops,
            now=clock.now(),
        )

    try:
        await writing_again(request, act)
    except Refused as refused:
        return _form(request, seen, form, item=item, status=409, refused=refused.why)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/programme", 303)


async def drop_item(request: Request) -> Response:
    """Take a line out."""
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)
    item_id = request.path_params["item"]

    async def act(db: Db) -> None:
        await commands.drop_item(db, gathering_id=seen.gathering_id, item_id=item_id, now=clock.now())

    try:
        await writing_again(request, act)
    except Refused as refused:
        async with reading(request) as db:
            return await _page(request, db, seen, 409, refused.why)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/programme", 303)


async def _date(db: Db, seen: Look) -> Row | None:
    """The date whose hours are meant."""
    date: Row | None = reference(await asking.hours(db, seen.gathering_id), clock.now())
    return date


async def _workshops(db: Db, seen: Look, item: Row) -> Question | None:
    if item["question_id"] is None:
        return None
    try:
        return await asking.question(db, seen.gathering_id, item["question_id"])
    except NotHere:
        return None


async def _page(request: Request, db: Db, seen: Look, status: int = 200, refused: Text | None = None) -> Response:
    dates = await asking.hours(db, seen.gathering_id)
    date, items = reference(dates, clock.now()), await asking.items(db, seen.gathering_id)
    return page(
        request,
        "events/programme.html",
        status,
        look=seen,
        programme=timed(items, dates, clock.now()),
        date=date,
        span=span,
        refused=refused,
    )


def _form(
    request: Request,
    seen: Look,
    form: ItemForm,
    *,
    item: Row | None = None,
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    return page(
        request, "events/programme_item.html", status, look=seen, form=form, item=item, span=span, refused=refused
    )


_PROGRAMME = "/rencontres/{id:int}/programme"
_ITEM = _PROGRAMME + "/{item:int}"
routes: list[BaseRoute] = [
    Route(_PROGRAMME, programme, name="programme"),
    Route(_PROGRAMME + "/nouveau", new_item, methods=["GET", "POST"], name="new_programme_item"),
    Route(_ITEM, change_item, methods=["GET", "POST"], name="programme_item"),
    Route(_ITEM + "/retrait", drop_item, methods=["POST"], name="drop_programme_item"),
]
