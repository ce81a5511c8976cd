"""What one answered, chose and needs, said anew: with an account, or by the link of a letter."""

from dataclasses import dataclass

from starlette.datastructures import FormData
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
from maillage.events.commands import saying
from maillage.events.forms.registering import AnswersForm, answers_form
from maillage.events.policies.registrations import may_answer
from maillage.events.queries import registrations
from maillage.events.queries.door import look
from maillage.events.routes import registered
from maillage.events.routes.own import by_link


@dataclass(frozen=True, slots=True)
class _Of:
    """A registration of hers, where its form is sent, and the page that it stands on."""

    row: Row
    address: str
    back: str


async def answers_page(request: Request) -> Response:
    """What she said, to be said anew."""
    of, form = await _form(request, None)
    may_answer(of.row["status"], of.row["date_state"], of.row["starts_at"], clock.now()).or_refuse()
    return _page(request, of, form)


async def change_answers(request: Request) -> Response:
    """What she says from now on."""
    who = viewer_of(request)
    await limits.check(request, "register", who.id if who else None)
    of, form = await _form(request, await form_data(request))
    if not form.validate():
        return _page(request, of, form, 422)

    async def act(db: Db) -> None:
        await saying.say_anew(
            db,
            registration_id=of.row["id"],
            choices=form.chosen(),
            answers=form.answers(),
            access=form.access.chosen,
            diet=form.diet.chosen,
            words=form.needs.words,
            now=clock.now(),
        )

    try:
        await writing_again(request, act)
    except Refused as refused:
        return _page(request, of, form, 409, refused.why)
    return RedirectResponse(f"{of.back}?fait=reponses", 303)


async def _form(request: Request, data: FormData | None) -> tuple[_Of, AnswersForm]:
    async with reading(request) as db:
        of = await _whose(request, db, data)
        questions = await registrations.asked(db, of.row["gathering_id"])
        said = await registrations.said(db, of.row["id"])
    occurrence_id = of.row["occurrence_id"]
    return of, answers_form(locale_of(request), questions, said, occurrence_id=occurrence_id, data=data)


async def _whose(request: Request, db: Db, data: FormData | None) -> _Of:
    if "token" in request.path_params:
        back = f"/rencontres/inscriptions/{request.path_params['token']}"
        return _Of(await by_link(request, db), f"{back}/reponses", back)
    who = policies.signed_in(viewer_of(request))
    wanted = str((request.query_params if data is None else data).get("registration") or "")
    seen = await look(db, who, request.path_params["id"])
    hers = await registrations.in_gathering(db, seen.gathering_id, who.id)
    row = next((row for row in hers if str(row["id"]) == wanted), None)
    if row is None:
        raise NotHere
    place = f"/rencontres/{seen.gathering_id}"
    return _Of(row, f"{place}/reponses", f"{place}/inscription")


def _page(request: Request, of: _Of, form: AnswersForm, status: int = 200, refused: Text | None = None) -> Response:
    return page(
        request,
        "events/answers.html",
        status,
        mine=registered.shown(of.row),
        form=form,
        address=of.address,
        back=of.back,
        refused=refused,
    )


_OWN = "/rencontres/inscriptions/{token}/reponses"
routes: list[BaseRoute] = [
    Route("/rencontres/{id:int}/reponses", answers_page, name="answers_page"),
    Route("/rencontres/{id:int}/reponses", change_answers, methods=["POST"], name="change_answers"),
    Route(_OWN, answers_page, name="own_answers_page"),
    Route(_OWN, change_answers, methods=["POST"], name="change_own_answers"),
]
