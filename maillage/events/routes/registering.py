"""Registering for a gathering, and one's own registrations: with an account, or by the link of a letter."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
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
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import Unreadable, new_token, unseal
from maillage.events import policies
from maillage.events.commands import participants, registering, saying
from maillage.events.forms.registering import RegistrationForm, move_form, registration_form
from maillage.events.letters.registrations import OWN
from maillage.events.policies.groups import may_hold_seats
from maillage.events.policies.registrations import may_accept, may_confirm, may_move, may_withdraw
from maillage.events.policies.words import REFUSALS, STATUS_NAMES
from maillage.events.policies.zones import moment, span
from maillage.events.queries import registrations
from maillage.events.queries.door import Look, look
from maillage.events.routes.certificates import beside

_DONE: dict[str, Text] = {
    "inscription": _("Your registration was received: here is where it stands."),
    "lettre": _("A letter is on its way to that address. Follow its link to confirm your registration."),
    "confirmation": _("Thank you: your address is confirmed."),
    "desistement": _("You have withdrawn. Thank you for leaving your seat to somebody else."),
    "place": _("The seat is yours."),
}


async def register_page(request: Request) -> Response:
    """Where one registers, and sees where one’s registrations stand."""
    who = viewer_of(request)
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        offer, hers = await _offered(db, seen, who)
    # Those that she has are not offered again. A form with one of them that comes twice is in order.
    taken = {row["occurrence_id"] for row in hers}
    offer = replace(offer, dates=[date for date in offer.dates if date["id"] not in taken])
    form = registration_form(
        locale_of(request), offer, by_address=who is None, listed="nobody", request_key=new_token()
    )
    return _page(request, seen, form, hers)


async def register(request: Request) -> Response:
    """She registers. By address, nobody learns whether that address is known: the answer is a letter."""
    who = viewer_of(request)
    await limits.check(request, "register", None if who is None else who.id)
    data = await form_data(request)
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        offer = await _open(db, seen)
    form = registration_form(locale_of(request), offer, by_address=who is None, data=data)
    if not form.validate():
        return _page(request, seen, form, await _hers(request, seen), 422)
    if who is None and not await limits.mailbox_has_room(request, "registration-letter", form.line("email")):
        return RedirectResponse(f"/rencontres/{seen.gathering_id}/inscription?fait=lettre", 303)

    async def act(db: Db) -> None:
        if who is None:
            email, name = form.line("email"), form.line("name")
            whose = await participants.of_address(db, email=email, name=name, locale=locale_of(request))
        else:
            whose = await participants.of_account(db, person_id=who.id, locale=locale_of(request))
        occurrence_id, _colon, way = form.date.data.partition(":")
        made = await registering.register(
            db,
            occurrence_id=int(occurrence_id),
            way=way,
            participant_id=whose,
            request_key=form.request_key.data or None,
            listed=form.listed.data,
            choices=form.chosen(),
            proved=who is not None,
            now=clock.now(),
            by=None if who is None else who.id,
        )
        if not made.again:
            await saying.say(
                db,
                registration_id=made.id,
                answers=form.answers(),
                access=form.access.chosen,
                diet=form.diet.chosen,
                words=form.needs.words,
            )
        elif who is None:
            await saying.send_again(db, registration_id=made.id)

    try:
        await writing_again(request, act)
    except Refused as refused:
        # Who is invited is not for others to find out.
        if who is not None or refused.why != REFUSALS["by-invitation"]:
            return _page(request, seen, form, await _hers(request, seen), 409, refused=refused.why)
    done = "lettre" if who is None else "inscription"
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/inscription?fait={done}", 303)


async def withdraw(request: Request) -> Response:
    """She does not come after all."""
    return await _of_account(request, "withdraw", "desistement")


async def accept(request: Request) -> Response:
    """She takes the seat that is held for her."""
    return await _of_account(request, "accept", "place")


async def move_page(request: Request) -> Response:
    """Another date or another way, without giving up her place before she has one there."""
    return await _move(request, None)


async def move(request: Request) -> Response:
    """She asks for it; what she has stays hers until then."""
    return await _move(request, await form_data(request))


async def _move(request: Request, data: FormData | None) -> Response:
    who = policies.signed_in(viewer_of(request))
    if data is not None:
        await limits.check(request, "register", who.id)
    wanted = str((request.query_params if data is None else data).get("registration") or "")
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        offer, hers = await _offered(db, seen, who)
    row = next((row for row in hers if str(row["id"]) == wanted and may_move(row["status"])), None)
    if row is None:
        raise NotHere
    held = [f"{row['occurrence_id']}:{row['way']}" for row in hers]
    form = move_form(locale_of(request), offer, held=held, data=data, request_key=new_token())
    context: dict[str, Any] = {"look": seen, "form": form, "mine": _shown(row), "refused": None} | _words()
    if data is None:
        return page(request, "events/move.html", **context)
    if not form.validate():
        return page(request, "events/move.html", 422, **context)
    occurrence_id, _colon, way = form.date.data.partition(":")

    async def act(db: Db) -> None:
        await registering.register(
            db,
            occurrence_id=int(occurrence_id),
            way=way,
            participant_id=await participants.of_account(db, person_id=who.id, locale=locale_of(request)),
            request_key=form.request_key.data or None,
            listed=row["listed"],
            leaves=row["id"],
            now=clock.now(),
            by=who.id,
        )

    try:
        await writing_again(request, act)
    except Refused as refused:
        return page(request, "events/move.html", 409, **(context | {"refused": refused.why}))
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/inscription?fait=inscription", 303)


async def own_page(request: Request) -> Response:
    """« Mon inscription »: the link of a letter is all that she needs. Looking changes nothing."""
    async with reading(request) as db:
        row = await _by_link(request, db)
    return _own(request, row)


async def own(request: Request) -> Response:
    """What the buttons of that page do."""
    await limits.check(request, "register")
    act = str((await form_data(request)).get("act") or "")
    if act not in _ACTS:
        raise NotHere
    async with reading(request) as db:
        row = await _by_link(request, db)
    try:
        await writing_again(request, lambda db: _ACTS[act](db, row["id"], None))
    except Refused as refused:
        async with reading(request) as db:
            return _own(request, await _by_link(request, db), 409, refused=refused.why)
    done = {"confirm": "confirmation", "withdraw": "desistement", "accept": "place"}[act]
    return RedirectResponse(f"/rencontres/inscriptions/{request.path_params['token']}?fait={done}", 303)


async def mine(request: Request) -> Response:
    """All of her registrations."""
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        rows = await registrations.all_of(db, who.id, clock.now())
    return page(request, "events/mine.html", rows=[_shown(row) for row in rows], **_words())


async def _confirm(db: Db, registration_id: int, by: int | None) -> None:  # noqa: ARG001 — an address is nobody
    await registering.confirm_address(db, registration_id=registration_id, now=clock.now())


async def _withdraw(db: Db, registration_id: int, by: int | None) -> None:
    await registering.withdraw(db, registration_ids=[registration_id], now=clock.now(), by=by)


async def _accept(db: Db, registration_id: int, by: int | None) -> None:
    await registering.accept_offer(db, registration_id=registration_id, now=clock.now(), by=by)


_ACTS = {"confirm": _confirm, "withdraw": _withdraw, "accept": _accept}


async def _of_account(request: Request, act: str, done: str) -> Response:
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    wanted = str((await form_data(request)).get("registration") or "")
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        hers = await registrations.in_gathering(db, seen.gathering_id, who.id)
    row = next((row for row in hers if str(row["id"]) == wanted), None)
    if row is None:
        raise NotHere
    await writing_again(request, lambda db: _ACTS[act](db, row["id"], who.id))
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/inscription?fait={done}", 303)


async def _offered(db: Db, seen: Look, who: Any) -> tuple[registrations.Offer, Sequence[Row]]:
    """What one can register for, and what she has."""
    hers = await registrations.in_gathering(db, seen.gathering_id, who.id) if who else []
    return await _open(db, seen), hers


async def _open(db: Db, seen: Look) -> registrations.Offer:
    if seen.standing.state != "published" or seen.standing.registration == "none":
        return registrations.Offer((), "", ())
    return await registrations.offer(db, seen.gathering_id, clock.now())


async def _hers(request: Request, seen: Look) -> Sequence[Row]:
    """What she has, for a page that says no: registering itself finds out without being told."""
    who = viewer_of(request)
    if who is None:
        return []
    async with reading(request) as db:
        return await registrations.in_gathering(db, seen.gathering_id, who.id)


async def _by_link(request: Request, db: Db) -> Row:
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


def _shown(row: Row) -> dict[str, Any]:
    """A registration, what may be done with it, and when it takes place."""
    return {
        "row": row,
        "sessions": [span(*both, row["zone"]) for both in zip(row["starts"] or (), row["ends"] or (), strict=True)],
        "until": moment(row["offer_expires_at"], row["zone"]) if row["offer_expires_at"] else None,
        "confirm": may_confirm(row["status"]),
        "withdraw": may_withdraw(row["status"]),
        "move": may_move(row["status"]),
        "accept": may_accept(row["status"], row["offer_expires_at"], clock.now()),
    }


def _words() -> dict[str, Any]:
    return {"statuses": STATUS_NAMES, "ways": policies.WAY_NAMES}


def _own(request: Request, row: Row, status: int = 200, refused: Text | None = None) -> Response:
    return page(
        request,
        "events/registration.html",
        status,
        mine=_shown(row),
        refused=refused,
        done=_DONE.get(request.query_params.get("fait", "")),
        token=request.path_params["token"],
        beside=partial(beside, request.app.state.settings),
        **_words(),
    )


def _page(
    request: Request,
    seen: Look,
    form: RegistrationForm,
    hers: Sequence[Row],
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    return page(
        request,
        "events/register.html",
        status,
        look=seen,
        form=form,
        hers=[_shown(row) for row in hers],
        may_hold=may_hold_seats(viewer_of(request), seen.standing),
        refused=refused,
        done=_DONE.get(request.query_params.get("fait", "")),
        beside=partial(beside, request.app.state.settings),
        **_words(),
    )


routes: list[BaseRoute] = [
    Route("/rencontres/{id:int}/inscription", register_page, name="sign_up_page"),
    Route("/rencontres/{id:int}/inscription", register, methods=["POST"], name="sign_up"),
    Route("/rencontres/{id:int}/desistement", withdraw, methods=["POST"], name="withdraw_registration"),
    Route("/rencontres/{id:int}/offre", accept, methods=["POST"], name="accept_seat"),
    Route("/rencontres/{id:int}/changer", move_page, name="move_page"),
    Route("/rencontres/{id:int}/changer", move, methods=["POST"], name="move_registration"),
    Route("/rencontres/inscriptions/{token}", own_page, name="own_registration_page"),
    Route("/rencontres/inscriptions/{token}", own, methods=["POST"], name="own_registration"),
    Route("/moi/rencontres", mine, name="my_gatherings"),
]
