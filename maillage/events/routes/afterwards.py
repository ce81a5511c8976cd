"""After a gathering: reading and writing its report, and saying what one thought of it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, Row, reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import carried, form_data
from maillage.core.pages import locale_of, page
from maillage.core.sealing import Unreadable, unseal
from maillage.events import policies
from maillage.events.commands import afterwards as commands
from maillage.events.forms.afterwards import EvaluationForm, report_form
from maillage.events.letters.thanks import EVALUATING, evaluation_path
from maillage.events.policies.afterwards import OUTCOME_NAMES, USEFUL, may_evaluate, may_report
from maillage.events.queries import afterwards as queries
from maillage.events.queries import registrations
from maillage.events.queries.afterwards import Report
from maillage.events.queries.door import Look, look, look_by_link, look_to_organize


def evaluation_of(settings: Settings, row: Row, *, by_link: bool) -> str:
    """Where whoever has this registration says what she thought of it; by a link, where she has no account."""
    if by_link:
        return evaluation_path(settings.secret, row["gathering_id"], row["id"])
    return f"/rencontres/{row['gathering_id']}/evaluation"


async def report(request: Request) -> Response:
    """What came of it. Before it is published, its organizers alone know that there is one."""
    who = viewer_of(request)
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        told = await queries.report(db, seen.gathering_id)
        if told.reported_at is None and not policies.may_organize(seen.standing):
            raise NotHere
        came = await queries.came(db, seen.gathering_id, person_id=who.id) if who else None
    answer = may_report(seen.standing, ended_at=told.ended_at, now=clock.now())
    return page(
        request,
        "events/report.html",
        look=seen,
        report=told,
        may_write=answer,
        came=came,
        outcomes=OUTCOME_NAMES,
        useful=USEFUL,
        done=request.query_params.get("fait"),
    )


async def write_report(request: Request) -> Response:
    """Its form; sent, it is kept, and published when the organizers say so."""
    if request.method == "POST":
        return await _save(request)
    async with reading(request) as db:
        seen, told = await _writer(request, db)
    return _form_page(request, seen, told, report_form(locale_of(request), told))


async def _save(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)
    data = await form_data(request)
    settings: Settings = request.app.state.settings
    async with reading(request) as db:
        seen, told = await _writer(request, db)
    form = report_form(locale_of(request), told, data)
    if not form.validate():
        return _form_page(request, seen, told, form, 422)
    try:
        async with writing(request) as db:
            await commands.save_report(
                db,
                who=who,
                gathering_id=seen.gathering_id,
                notes=form.notes.words,
                changes=form.changes.words,
                outcomes=form.outcomes,
                seen=form.revision,
                now=clock.now(),
            )
            if data.get("publish"):
                await commands.publish_report(
                    db,
                    who=who,
                    gathering_id=seen.gathering_id,
                    address=settings.base_url + seen.path,
                    now=clock.now(),
                )
    except Refused as refused:
        # Her words stay in the form, which now knows what the others wrote.
        form.notes.errors = [carried(refused.why)]
        form.seen.data = str(told.revision)
        return _form_page(request, seen, told, form, 409)
    return RedirectResponse(f"{_path(seen)}?fait={'publication' if data.get('publish') else 'enregistrement'}", 303)


async def evaluate(request: Request) -> Response:
    """Three questions, for those who came: with their account, or by the link in their letter."""
    who, token = viewer_of(request), request.query_params.get("jeton", "")
    async with reading(request) as db:
        if token:
            # The letter led here whoever reads it, and whether or not she is signed in.
            registration_id = await _by_link(request, db, token)
            seen = await look_by_link(db, who, request.path_params["id"])
            came = await queries.came(db, seen.gathering_id, person_id=None, registration_id=registration_id)
        else:
            seen = await look(db, who, request.path_params["id"])
            came = await queries.came(db, seen.gathering_id, person_id=who.id) if who else None
        told = await queries.report(db, seen.gathering_id)
    # Of several dates, hers may be over long before the last.
    ended_at = came.ended_at if came else told.ended_at
    answer = may_evaluate(
        came=came is not None, done=came is not None and came.done, ended_at=ended_at, now=clock.now()
    )
    form = EvaluationForm(locale_of(request), await form_data(request) if request.method == "POST" else None)
    if request.method == "POST":
        await limits.check(request, "register", who.id if who else None)
        answer.or_refuse()
        assert came is not None  # noqa: S101 — just asked
        if form.validate():
            async with writing(request) as db:
                await commands.evaluate(
                    db,
                    gathering_id=seen.gathering_id,
                    registration_id=came.id,
                    useful=int(form.useful.data),
                    learned=form.learned.words,
                    change=form.change.words,
                )
            # There she reads that she has answered, and is thanked for it.
            return RedirectResponse(f"{request.url.path}{f'?jeton={token}' if token else ''}", 303)
    status = 422 if form.errors else 200
    return page(request, "events/evaluate.html", status, look=seen, form=form, answer=answer, token=token)


async def _by_link(request: Request, db: Db, token: str) -> int:
    """The registration of a link to the evaluation, in this gathering."""
    settings: Settings = request.app.state.settings
    try:
        registration_id = int(unseal(settings.secret, EVALUATING, token.encode()))
    except Unreadable:
        raise NotHere from None
    row = await registrations.standing(db, registration_id)
    if row is None or row["gathering_id"] != request.path_params["id"]:
        raise NotHere
    return registration_id


async def _writer(request: Request, db: Db) -> tuple[Look, Report]:
    seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
    told = await queries.report(db, seen.gathering_id)
    may_report(seen.standing, ended_at=told.ended_at, now=clock.now()).or_refuse()
    return seen, told


def _path(seen: Look) -> str:
    return f"/rencontres/{seen.gathering_id}/bilan"


def _form_page(request: Request, seen: Look, told: Report, form: object, status: int = 200) -> Response:
    return page(request, "events/report_write.html", status, look=seen, report=told, form=form)


routes: list[BaseRoute] = [
    Route("/rencontres/{id:int}/bilan", report, name="gathering_report"),
    Route("/rencontres/{id:int}/bilan/ecrire", write_report, methods=["GET", "POST"], name="write_gathering_report"),
    Route("/rencontres/{id:int}/evaluation", evaluate, methods=["GET", "POST"], name="evaluate_gathering"),
]
