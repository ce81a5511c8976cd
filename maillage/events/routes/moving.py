"""Another date, or another way to take part: with an account, or by the link of a letter."""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, Row, reading, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies
from maillage.events.commands import registering
from maillage.events.forms.registering import move_form
from maillage.events.letters.registrations import link_of
from maillage.events.policies.registrations import may_move
from maillage.events.queries import registrations
from maillage.events.queries.door import look
from maillage.events.routes import registered
from maillage.events.routes.own import by_link


async def move_page(request: Request) -> Response:
    """Another date or another way, without giving up her place before she has one there."""
    return await _with_account(request, None)


async def move(request: Request) -> Response:
    """She asks for it; what she has stays hers until then."""
    return await _with_account(request, await form_data(request))


async def own_move_page(request: Request) -> Response:
    """The same, for whoever has the letter."""
    return await _by_link(request, None)


async def own_move(request: Request) -> Response:
    return await _by_link(request, await form_data(request))


async def _with_account(request: Request, data: FormData | None) -> Response:
    who = policies.signed_in(viewer_of(request))
    if data is not None:
        await limits.check(request, "register", who.id)
    wanted = str((request.query_params if data is None else data).get("registration") or "")
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        offer = await registered.offered(db, seen.gathering_id, seen.standing.state, seen.standing.registration)
        hers = await registrations.in_gathering(db, seen.gathering_id, who.id)
    row = next((row for row in hers if str(row["id"]) == wanted), None)
    own = f"/rencontres/{seen.gathering_id}/inscription"
    answer = await _move(request, data, row, hers, offer, f"/rencontres/{seen.gathering_id}/changer", own, who.id)
    return answer if isinstance(answer, Response) else RedirectResponse(f"{own}?fait=inscription", 303)


async def _by_link(request: Request, data: FormData | None) -> Response:
    if data is not None:
        await limits.check(request, "register")
    async with reading(request) as db:
        row = await by_link(request, db)
        hers = await registrations.beside(db, row["id"])
        offer = await registered.offered(db, row["gathering_id"], row["gathering_state"], row["registration"])
    own = f"/rencontres/inscriptions/{request.path_params['token']}"
    answer = await _move(request, data, row, hers, offer, f"{own}/changer", own, None)
    if isinstance(answer, Response):
        return answer
    # Each registration has a link of its own.
    settings: Settings = request.app.state.settings
    async with reading(request) as db:
        made = await registrations.standing(db, answer)
    assert made is not None  # noqa: S101 — registrations stay
    return RedirectResponse(f"{link_of(settings.secret, '', made)}?fait=inscription", 303)


async def _move(
    request: Request,
    data: FormData | None,
    row: Row | None,
    hers: Sequence[Row],
    offer: registrations.Offer,
    address: str,
    back: str,
    by: int | None,
) -> Response | int:
    """The page, or the number of the registration that takes the place of this one once it is confirmed."""
    if row is None:
        raise NotHere
    may = may_move(row["status"], over=registered.over(row))
    if not (may or registered.over(row)):
        raise NotHere
    may.or_refuse()
    leaving = row
    held = [f"{each['occurrence_id']}:{each['way']}" for each in hers]
    form = move_form(locale_of(request), offer, held=held, data=data, request_key=new_token())
    context: dict[str, Any] = {"mine": registered.shown(row), "form": form, "address": address, "back": back}
    if data is None:
        return page(request, "events/move.html", refused=None, **context)
    if not form.validate():
        return page(request, "events/move.html", 422, refused=None, **context)
    occurrence_id, _colon, way = form.date.data.partition(":")

    async def act(db: Db) -> int:
        made = await registering.register(
            db,
            occurrence_id=int(occurrence_id),
            way=way,
            participant_id=leaving["participant_id"],
            request_key=form.request_key.data or None,
            listed=leaving["listed"],
            leaves=leaving["id"],
            now=clock.now(),
            by=by,
        )
        return made.id

    try:
        return await writing_again(request, act)
    except Refused as refused:
        return page(request, "events/move.html", 409, refused=refused.why, **context)


_OWN = "/rencontres/inscriptions/{token}/changer"
routes: list[BaseRoute] = [
    Route("/rencontres/{id:int}/changer", move_page, name="move_page"),
    Route("/rencontres/{id:int}/changer", move, methods=["POST"], name="move_registration"),
    Route(_OWN, own_move_page, name="own_move_page"),
    Route(_OWN, own_move, methods=["POST"], name="own_move"),
]
