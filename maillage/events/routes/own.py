"""« Mon inscription »: the link of a letter is all that somebody without an account needs."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, Row, reading, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text
from maillage.core.pages import page
from maillage.core.sealing import Unreadable, unseal
from maillage.events.commands import merging, registering, saying
from maillage.events.letters.registrations import OWN, link_of
from maillage.events.models import LISTED
from maillage.events.queries import registrations
from maillage.events.routes import registered

# What each of its buttons says when it is done.
_ACTS = {"confirm": "confirmation", "withdraw": "desistement", "accept": "place", "list": "nom"}


async def own_page(request: Request) -> Response:
    """Looking changes nothing."""
    async with reading(request) as db:
        row = await by_link(request, db)
        return await _page(request, db, row)


async def own(request: Request) -> Response:
    """What the buttons of that page do."""
    await limits.check(request, "register")
    data = await form_data(request)
    act, listed = str(data.get("act") or ""), str(data.get("listed") or "")
    if act not in _ACTS or (act == "list" and listed not in LISTED):
        raise NotHere
    async with reading(request) as db:
        row = await by_link(request, db)
    try:
        await writing_again(request, lambda db: do(db, act, row["id"], None, listed))
    except Refused as refused:
        async with reading(request) as db:
            return await _page(request, db, await by_link(request, db), 409, refused=refused.why)
    return RedirectResponse(f"/rencontres/inscriptions/{request.path_params['token']}?fait={_ACTS[act]}", 303)


async def do(db: Db, act: str, registration_id: int, by: int | None, listed: str = "") -> None:
    """One of the acts on a registration of hers; nobody, when it is by a link."""
    now = clock.now()
    if act == "confirm":
        await registering.confirm_address(db, registration_id=registration_id, now=now)
        await merging.ask(db, registration_id=registration_id)
    elif act == "withdraw":
        await registering.withdraw(db, registration_ids=[registration_id], now=now, by=by)
    elif act == "accept":
        await registering.accept_offer(db, registration_id=registration_id, now=now, by=by)
    else:
        await saying.be_listed(db, registration_id=registration_id, listed=listed)


async def by_link(request: Request, db: Db) -> Row:
    """The registration of a letter's link. Raises `NotHere` when it is none, or is over for long."""
    settings: Settings = request.app.state.settings
    try:
        said = unseal(settings.secret, OWN, request.path_params["token"].encode()).decode()
    except Unreadable:
        raise NotHere from None
    registration_id, until = (int(number) for number in said.split())
    row = await registrations.standing(db, registration_id)
    if row is None or until < clock.now().timestamp():
        raise NotHere
    return row


async def _page(request: Request, db: Db, row: Row, status: int = 200, refused: Text | None = None) -> Response:
    settings: Settings = request.app.state.settings
    # Whoever moved to another date still has the letter about the one before.
    others = [other for other in await registrations.beside(db, row["id"]) if other["id"] != row["id"]]
    return page(
        request,
        "events/registration.html",
        status,
        mine=registered.shown(row),
        others=[(registered.shown(other), link_of(settings.secret, "", other)) for other in others],
        refused=refused,
        done=registered.done(request),
        token=request.path_params["token"],
        **registered.words(request),
    )


routes: list[BaseRoute] = [
    Route("/rencontres/inscriptions/{token}", own_page, name="own_registration_page"),
    Route("/rencontres/inscriptions/{token}", own, methods=["POST"], name="own_registration"),
]
