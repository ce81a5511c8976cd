"""Publishing a story, and the page that says where it stands and what can be done next."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.routes.clients import today_of
from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.commands import states
from maillage.cases.forms.states import PublicationForm, WithdrawalForm
from maillage.cases.policies.gate import STATEMENTS, Obstacle, obstacles
from maillage.cases.policies.rules import CAUSES, STATE_NAMES
from maillage.cases.queries import gate, trace
from maillage.cases.queries.door import Look
from maillage.cases.routes.entering import enter
from maillage.core import clock
from maillage.core.answers import Answer
from maillage.core.config import Settings
from maillage.core.db import reading, writing
from maillage.core.errors import BadRequest, Refused
from maillage.core.forms import Form, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page


async def publish(request: Request) -> Response:
    """What is missing, the three statements, and the button; GET shows them."""
    who, locale = viewer_of(request), locale_of(request)
    async with reading(request) as db:
        look = await enter(request, db)
        policies.may_state(who, look.standing).or_refuse()
        missing = obstacles(await gate.facts(db, look.case_id), today_of(request))
        given = await trace.terms(db, look.case_id)
    if request.method != "POST":
        return _publishing(request, look, PublicationForm(locale, **given), missing)
    form = PublicationForm(locale, await form_data(request))
    if not form.validate():
        return _publishing(request, look, form, missing, 422)
    if missing:
        return _publishing(request, look, form, missing, 409, _("This story cannot be published yet."))
    settings: Settings = request.app.state.settings
    try:
        async with writing(request) as db:
            look = await enter(request, db)
            policies.may_state(who, look.standing).or_refuse()
            await states.publish(
                db,
                who=policies.signed_in(who),
                case_id=look.case_id,
                stated=form.stated,
                terms=states.Terms(
                    form.visibility.data, form.licence.data, form.contact.data, form.translation_offered.data
                ),
                base_url=settings.base_url,
                now=clock.now(),
                today=today_of(request),
            )
    except Refused as refused:
        async with reading(request) as db:
            missing = obstacles(await gate.facts(db, look.case_id), today_of(request))
        return _publishing(request, look, form, missing, 409, refused.why)
    return RedirectResponse(look.path, 303)


def _publishing(
    request: Request,
    look: Look,
    form: PublicationForm,
    missing: list[Obstacle],
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    return page(
        request,
        "cases/publish.html",
        status,
        look=look,
        form=form,
        missing=missing,
        statements=tuple(STATEMENTS),
        refused=refused,
    )


async def state(request: Request) -> Response:
    """Where the story stands, what it went through, and what can be done now."""
    async with reading(request) as db:
        look = await enter(request, db)
    return await _state(request, look, _withdrawal(request, look))


def _withdrawal(request: Request, look: Look) -> WithdrawalForm:
    return WithdrawalForm(locale_of(request), needs_reason=_facilitates(look))


def _facilitates(look: Look) -> bool:
    return look.standing.hand is None or look.standing.hand.kind != "author"


async def _state(request: Request, look: Look, form: Form, status: int = 200) -> Response:
    who = viewer_of(request)
    may = {
        "submit": policies.may_submit(look.standing),
        "state": policies.may_state(who, look.standing),
        "withdraw": policies.may_withdraw(who, look.standing),
        "reopen": policies.may_reopen(look.standing),
        "register": policies.may_see_register(who, look.standing),
        "edit": policies.may_edit(look.standing),
    }
    _somebody_who_may(may).or_refuse()
    async with reading(request) as db:
        lines = await trace.lines(db, look.case_id)
    return page(
        request,
        "cases/state.html",
        status,
        look=look,
        form=form,
        may=may,
        lines=lines,
        causes=CAUSES,
        states=STATE_NAMES,
        facilitates=_facilitates(look),
    )


def _somebody_who_may(may: dict[str, Answer]) -> Answer:
    """The page is for those who take part in the story or look after it."""
    return next((answer for answer in may.values() if answer), may["withdraw"])


async def change_state(request: Request) -> Response:
    """To review, back to draft, off line, or taken up again."""
    who = viewer_of(request)
    data = await form_data(request)
    to = str(data.get("to") or "")
    wrong: Form | None = None
    async with writing(request) as db:
        look = await enter(request, db)
        hand, person_id, now = look.standing.hand, who.id if who else None, clock.now()
        match to:
            case "review" | "draft" if look.standing.state != "withdrawn":
                policies.may_submit(look.standing).or_refuse()
                assert hand is not None  # noqa: S101 — the answer above
                act = states.submit if to == "review" else states.take_back
                await act(db, hand=hand, person_id=person_id, case_id=look.case_id, now=now)
            case "draft":
                policies.may_reopen(look.standing).or_refuse()
                assert hand is not None  # noqa: S101 — the answer above
                await states.reopen(db, hand=hand, person_id=person_id, case_id=look.case_id, now=now)
            case "withdrawn":
                policies.may_withdraw(who, look.standing).or_refuse()
                form = WithdrawalForm(locale_of(request), data, needs_reason=_facilitates(look))
                cause = "removed" if _facilitates(look) else "withdrawn"
                if form.validate():
                    await states.withdraw(
                        db, person_id=person_id, case_id=look.case_id, cause=cause, why=form.reason.words, now=now
                    )
                else:
                    wrong = form
            case _:
                raise BadRequest(_("The form that reached us could not be read."))
    if wrong is not None:
        return await _state(request, look, wrong, 422)
    return RedirectResponse(f"/recits/{look.case_id}/etat", 303)


_PATH = "/recits/{id:int}"
routes: list[BaseRoute] = [
    Route(_PATH + "/publier", publish, methods=["GET", "POST"], name="publish_case"),
    Route(_PATH + "/etat", state, name="case_state"),
    Route(_PATH + "/etat", change_state, methods=["POST"], name="change_case_state"),
]
