"""An organization’s seats: asked for at once, named later, given to somebody else, given back."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock, limits
from maillage.core.db import Db, Row, reading, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies
from maillage.events.commands import groups as acts
from maillage.events.commands import participants, registering
from maillage.events.forms.groups import NameForm, SeatsForm, name_form, seats_form
from maillage.events.policies.groups import GIVEN_BACK, MOST, may_be_named, may_hold_seats
from maillage.events.policies.registrations import may_accept
from maillage.events.policies.words import STATUS_NAMES
from maillage.events.policies.zones import moment, span
from maillage.events.queries import groups, registrations
from maillage.events.queries.door import BIGGEST, Look, look

_DONE: dict[str, Text] = {
    "places": _("Your request was received: here is where your seats stand."),
    "nom": _("It is written down, and whoever is concerned is told by e-mail."),
    "rendues": GIVEN_BACK["done"],
    "aucune": GIVEN_BACK["none"],
    "acceptees": _("The seats are yours. Say who comes."),
}


async def group_page(request: Request) -> Response:
    """The seats of her organization, and asking for some."""
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        seen, offer, held = await _seen(request, db, who)
    form = seats_form(locale_of(request), offer, request_key=new_token(), seats=2)
    return _page(request, seen, who, form, held)


async def hold_seats(request: Request) -> Response:
    """So many, all of them or none yet."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    data = await form_data(request)
    async with reading(request) as db:
        seen, offer, held = await _seen(request, db, who)
    may_hold_seats(who, seen.standing).or_refuse()
    assert who.organization_id is not None  # noqa: S101 — the rule has it
    organization_id = who.organization_id
    form = seats_form(locale_of(request), offer, data)
    if not form.validate() or form.seats.data is None:
        return _page(request, seen, who, form, held, 422)
    many: int = form.seats.data
    occurrence_id, _colon, way = form.date.data.partition(":")

    async def act(db: Db) -> None:
        await acts.hold(
            db,
            occurrence_id=int(occurrence_id),
            way=way,
            many=many,
            organization_id=organization_id,
            request_key=form.request_key.data or None,
            now=clock.now(),
            by=who.id,
        )

    try:
        await writing_again(request, act)
    except Refused as refused:
        return _page(request, seen, who, form, held, 409, refused.why)
    return _back(seen, "places")


async def seat_page(request: Request) -> Response:
    """Who comes on one of them."""
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        seen, seat, people = await _seat(request, db, who)
    return _seat_page(request, seen, seat, name_form(locale_of(request), _offered(people)))


async def name_seat(request: Request) -> Response:
    """Somebody comes on it; whoever was named before no longer does."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    data = await form_data(request)
    async with reading(request) as db:
        seen, seat, people = await _seat(request, db, who)
    form = name_form(locale_of(request), _offered(people), data)
    if not form.validate():
        return _seat_page(request, seen, seat, form, 422)
    member = next((person for person in people if person["handle"] == form.person.data), None)
    if member is None:
        await limits.check_mailbox(request, "registration-letter", form.email.words)
    locale = locale_of(request)

    async def act(db: Db) -> None:
        if member is not None:
            whose = await participants.of_account(db, person_id=member["id"], locale=locale)
        else:
            whose = await participants.of_mailbox(db, email=form.email.words, name=form.name.words, locale=locale)
        await acts.name(
            db,
            registration_id=seat["id"],
            participant_id=whose,
            called=form.name.words if member is None else member["name"],
            now=clock.now(),
            by=who.id,
        )

    try:
        await writing_again(request, act)
    except Refused as refused:
        return _seat_page(request, seen, seat, form, 409, refused.why)
    return _back(seen, "nom")


async def give_back(request: Request) -> Response:
    """Seats that nobody will take."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    wanted = {str(value) for value in (await form_data(request)).getlist("seat")}
    async with reading(request) as db:
        seen, _offer, held = await _seen(request, db, who)
    hers = [seat["id"] for party in held for seat in party.seats if str(seat["id"]) in wanted]
    if not hers:
        return _back(seen, "aucune")
    await writing_again(
        request, lambda db: registering.give_back(db, registration_ids=hers, now=clock.now(), by=who.id)
    )
    return _back(seen, "rendues")


async def accept_seats(request: Request) -> Response:
    """The seats that are held for the group."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    wanted = str((await form_data(request)).get("party") or "")
    async with reading(request) as db:
        seen, _offer, held = await _seen(request, db, who)
    party = next((party for party in held if str(party.first["party_id"]) == wanted), None)
    if party is None:
        raise NotHere
    offered = [
        seat["id"]
        for seat in party.seats
        if seat["participant_id"] is None and may_accept(seat["status"], seat["offer_expires_at"], clock.now())
    ]
    await writing_again(request, lambda db: acts.accept(db, registration_ids=offered, now=clock.now(), by=who.id))
    return _back(seen, "acceptees")


async def _seen(request: Request, db: Db, who: Viewer) -> tuple[Look, registrations.Offer, Sequence[groups.Held]]:
    """What there is, for those only who may hold seats or have some."""
    seen = await look(db, who, request.path_params["id"])
    held = await groups.held(db, seen.gathering_id, who.id)
    may = may_hold_seats(who, seen.standing)
    if not held:
        may.or_refuse()
    offer = await registrations.offer(db, seen.gathering_id, clock.now()) if may else registrations.Offer((), "", ())
    return seen, offer, held


async def _seat(request: Request, db: Db, who: Viewer) -> tuple[Look, Row, Sequence[Row]]:
    seen = await look(db, who, request.path_params["id"])
    seat = await groups.seat(db, seen.gathering_id, who.id, min(request.path_params["seat"], BIGGEST))
    if seat is None or not may_be_named(seat["status"]):
        raise NotHere
    return seen, seat, await groups.people(db, seat["organization_id"])


def _offered(people: Sequence[Row]) -> list[tuple[str, str]]:
    return [(person["handle"], person["name"]) for person in people]


def _back(seen: Look, done: str) -> Response:
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/groupe?fait={done}", 303)


def _page(
    request: Request,
    seen: Look,
    who: Viewer,
    form: SeatsForm,
    held: Sequence[groups.Held],
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    return page(
        request,
        "events/group.html",
        status,
        look=seen,
        form=form,
        held=held,
        organization=who.organization_name,
        may=may_hold_seats(who, seen.standing),
        most=MOST,
        refused=refused,
        done=_DONE.get(request.query_params.get("fait", "")),
        **_words(),
    )


def _seat_page(
    request: Request, seen: Look, seat: Row, form: NameForm, status: int = 200, refused: Text | None = None
) -> Response:
    return page(request, "events/group_seat.html", status, look=seen, seat=seat, form=form, refused=refused, **_words())


def _words() -> dict[str, Any]:
    return {"statuses": STATUS_NAMES, "ways": policies.WAY_NAMES, "span": span, "moment": moment, "now": clock.now()}


_GROUP = "/rencontres/{id:int}/groupe"
routes: list[BaseRoute] = [
    Route(_GROUP, group_page, name="group_seats"),
    Route(_GROUP, hold_seats, methods=["POST"], name="hold_seats"),
    Route(_GROUP + "/rendre", give_back, methods=["POST"], name="give_seats_back"),
    Route(_GROUP + "/accepter", accept_seats, methods=["POST"], name="accept_group_seats"),
    Route(_GROUP + "/{seat:int}", seat_page, name="group_seat"),
    Route(_GROUP + "/{seat:int}", name_seat, methods=["POST"], name="name_seat"),
]
