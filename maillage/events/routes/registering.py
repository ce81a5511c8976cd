"""Registering for a gathering, and one’s own registrations."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Who, viewer_of
from maillage.core import clock, limits
from maillage.core.db import Db, Row, reading, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies
from maillage.events.commands import participants, registering, saying
from maillage.events.forms.registering import RegistrationForm, decline_form, registration_form
from maillage.events.models import LISTED, LIVE
from maillage.events.policies.groups import may_hold_seats
from maillage.events.policies.registrations import may_confirm
from maillage.events.policies.words import REFUSALS
from maillage.events.policies.zones import span
from maillage.events.queries import registrations
from maillage.events.queries.door import Look, look
from maillage.events.queries.hands import looked_after_by
from maillage.events.routes import registered
from maillage.events.routes.own import do


async def register_page(request: Request) -> Response:
    """Where one registers, and sees where one’s registrations stand."""
    who = viewer_of(request)
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        offer = await _open(db, seen)
        hers = await _of(db, seen, who)
    # Those that she has are not offered again. A form with one of them that comes twice is in order.
    taken = {row["occurrence_id"] for row in hers if row["status"] in LIVE}
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
        else:
            # Her address had asked before she had an account, or before we knew that it is hers.
            standing = await registrations.standing(db, made.id)
            if standing is not None and may_confirm(standing["status"], over=False):
                await registering.confirm_address(db, registration_id=made.id, now=clock.now())

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


async def confirm(request: Request) -> Response:
    """What her address asked for before it was her account’s."""
    return await _of_account(request, "confirm", "confirmation")


async def be_listed(request: Request) -> Response:
    """Who may read her name."""
    return await _of_account(request, "list", "nom")


async def decline(request: Request) -> Response:
    """She says beforehand that she will not come."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    data = await form_data(request)
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        offer = await _open(db, seen)
    form = decline_form(locale_of(request), offer, data)
    if not form.validate():
        raise NotHere

    async def act(db: Db) -> None:
        whose = await participants.of_account(db, person_id=who.id, locale=locale_of(request))
        await registering.decline(
            db, occurrence_id=int(form.occurrence.data), participant_id=whose, now=clock.now(), by=who.id
        )

    await writing_again(request, act)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/inscription?fait=absence", 303)


async def mine(request: Request) -> Response:
    """All of her registrations."""
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        rows = await registrations.all_of(db, who.id, clock.now())
        looked_after = await looked_after_by(db, who.id, clock.now())
    return page(
        request,
        "events/mine.html",
        rows=[registered.shown(row) for row in rows],
        looked_after=looked_after,
        states=policies.STATE_NAMES,
        roles=policies.ROLE_NAMES,
        span=span,
        **registered.words(request),
    )


async def _of_account(request: Request, act: str, done: str) -> Response:
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    data = await form_data(request)
    wanted, listed = str(data.get("registration") or ""), str(data.get("listed") or "")
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        hers = await registrations.in_gathering(db, seen.gathering_id, who.id)
    row = next((row for row in hers if str(row["id"]) == wanted), None)
    if row is None or (act == "list" and listed not in LISTED):
        raise NotHere
    await writing_again(request, lambda db: do(db, act, row["id"], who.id, listed))
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/inscription?fait={done}", 303)


async def _open(db: Db, seen: Look) -> registrations.Offer:
    return await registered.offered(db, seen.gathering_id, seen.standing.state, seen.standing.registration)


async def _of(db: Db, seen: Look, who: Who) -> Sequence[Row]:
    """What she has, and the dates on which she said that she will not come."""
    if who is None:
        return []
    return await registrations.in_gathering(db, seen.gathering_id, who.id, (*LIVE, "declined"))


async def _hers(request: Request, seen: Look) -> Sequence[Row]:
    """The same, for a page that says no: registering itself finds out without being told."""
    async with reading(request) as db:
        return await _of(db, seen, viewer_of(request))


def _page(
    request: Request,
    seen: Look,
    form: RegistrationForm,
    hers: Sequence[Row],
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    who, live = viewer_of(request), [row for row in hers if row["status"] in LIVE]
    taken = {row["occurrence_id"] for row in live}
    absent = [row for row in hers if row["status"] == "declined" and row["occurrence_id"] not in taken]
    left = taken | {row["occurrence_id"] for row in absent}
    offer = replace(form.offer, dates=[date for date in form.offer.dates if date["id"] not in left])
    return page(
        request,
        "events/register.html",
        status,
        look=seen,
        form=form,
        hers=[registered.shown(row) for row in live],
        absent=[registered.shown(row) for row in absent],
        declining=decline_form(locale_of(request), offer) if who is not None and offer.dates else None,
        may_hold=may_hold_seats(who, seen.standing),
        refused=refused,
        done=registered.done(request),
        sent=who is None and request.query_params.get("fait") == "lettre",
        **registered.words(request),
    )


_ONE = "/rencontres/{id:int}"
routes: list[BaseRoute] = [
    Route(_ONE + "/inscription", register_page, name="sign_up_page"),
    Route(_ONE + "/inscription", register, methods=["POST"], name="sign_up"),
    Route(_ONE + "/confirmation", confirm, methods=["POST"], name="confirm_registration"),
    Route(_ONE + "/desistement", withdraw, methods=["POST"], name="withdraw_registration"),
    Route(_ONE + "/offre", accept, methods=["POST"], name="accept_seat"),
    Route(_ONE + "/nom", be_listed, methods=["POST"], name="list_name"),
    Route(_ONE + "/absence", decline, methods=["POST"], name="decline_date"),
    Route("/moi/rencontres", mine, name="my_gatherings"),
]
