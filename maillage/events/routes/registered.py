"""A registration as pages show it: where it stands, what may be done with it, and when it takes place."""

from functools import partial
from typing import Any

from starlette.requests import Request

from maillage.core import clock
from maillage.core.db import Db, Row
from maillage.core.languages import Text, _
from maillage.events import policies
from maillage.events.policies.afterwards import may_evaluate
from maillage.events.policies.registrations import (
    LISTED_NAMES,
    is_over,
    may_accept,
    may_answer,
    may_be_listed,
    may_confirm,
    may_move,
    may_withdraw,
)
from maillage.events.policies.words import STATUS_NAMES
from maillage.events.policies.zones import moment, when
from maillage.events.queries import registrations
from maillage.events.routes.afterwards import evaluation_of
from maillage.events.routes.certificates import beside

_DONE: dict[str, Text] = {
    "inscription": _("Your registration was received: here is where it stands."),
    "lettre": _("A letter is on its way to that address. Follow its link to confirm your registration."),
    "confirmation": _("Thank you: your address is confirmed."),
    "desistement": _("You have withdrawn. Thank you for leaving your seat to somebody else."),
    "place": _("The seat is yours."),
    "reponses": _("What you answered is kept, and the organizers see it."),
    "nom": _("It is written down who may read your name."),
    "absence": _("Thank you for telling: the organizers know that you will not come."),
}


def done(request: Request) -> Text | None:
    """What the act before this page did."""
    return _DONE.get(request.query_params.get("fait", ""))


def over(row: Row) -> bool:
    return is_over(row["date_state"], row["ends_at"], clock.now())


def shown(row: Row) -> dict[str, Any]:
    past = over(row)
    return {
        "row": row,
        "over": past,
        "evaluate": past
        and may_evaluate(came=row["came"], done=row["evaluated"], ended_at=row["ends_at"], now=clock.now()),
        "sessions": [when(*both, row["zone"]) for both in zip(row["starts"] or (), row["ends"] or (), strict=True)],
        "until": moment(row["offer_expires_at"], row["zone"]) if row["offer_expires_at"] else None,
        "confirm": may_confirm(row["status"], over=past),
        "withdraw": may_withdraw(row["status"], over=past),
        "move": may_move(row["status"], over=past),
        "accept": may_accept(row["status"], row["offer_expires_at"], clock.now()),
        "answers": may_answer(row["status"], row["date_state"], row["starts_at"], clock.now()),
        "listed": may_be_listed(row["status"]),
    }


def words(request: Request) -> dict[str, Any]:
    """What the template of a registration needs beside it."""
    return {
        "statuses": STATUS_NAMES,
        "ways": policies.WAY_NAMES,
        "listed_names": LISTED_NAMES,
        "beside": partial(beside, request.app.state.settings),
        "evaluation": partial(evaluation_of, request.app.state.settings),
    }


async def offered(db: Db, gathering_id: int, state: str, registration: str) -> registrations.Offer:
    """What one can register for in a gathering of this state."""
    if state != "published" or registration == "none":
        return registrations.Offer((), "", ())
    return await registrations.offer(db, gathering_id, clock.now())
