"""Making the agenda of a gathering: grouping its questions, picking others in the forum, writing down the answers."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.errors import BadRequest, NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.events import policies
from maillage.events.commands import agenda as questions
from maillage.events.commands import arranging as commands
from maillage.events.forms.agenda import MOST_FIELDS, ArrangementForm, SearchForm, arrangement_form
from maillage.events.policies.agenda import TO_ASK, may_arrange, may_ask
from maillage.events.queries import agenda as queries
from maillage.events.queries import picking
from maillage.events.queries.door import BIGGEST, Look, look
from maillage.events.queries.times import dates_of
from maillage.forum.queries.door import thread_path

_DONE: dict[str, Text] = {
    "save": _("The agenda is saved."),
    "publish": _("The agenda is published: it is on the page of the gathering."),
    "take-back": _("The agenda is taken back: the page of the gathering no longer has it."),
}


async def arrange(request: Request) -> Response:
    """The questions under topics, in their order; afterwards, what was answered."""
    async with reading(request) as db:
        seen, who = await _arranger(request, db)
        agenda = await queries.agenda(db, who, seen.gathering_id)
    answering = agenda.times.began(clock.now())
    if request.method != "POST":
        form = arrangement_form(locale_of(request), agenda, answering=answering)
        return _page(request, seen, agenda, form, done=_DONE.get(request.query_params.get("fait", "")))
    await limits.check(request, "edit", who.id)
    data = await form_data(request, most=MOST_FIELDS)
    act = str(data.get("act") or "")
    if act not in _DONE:
        raise BadRequest(_("The form that reached us could not be read."))
    form = arrangement_form(locale_of(request), agenda, data, answering=answering)
    if not form.validate():
        return _page(request, seen, agenda, form, 422)
    try:
        async with writing(request) as db:
            await commands.arrange(
                db,
                who=who,
                standing=seen.standing,
                arrangement=form.arrangement,
                act=act,
                seen=form.revision,
                now=clock.now(),
            )
    except Refused as refused:
        # Her words stay in the form, which now knows what the others wrote.
        form.seen.data = str(agenda.revision)
        return _page(request, seen, agenda, form, 409, refused=refused.why)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/ordre-du-jour/organiser?fait={act}", 303)


async def pick(request: Request) -> Response:
    """Questions of the forum that nobody has answered; sent, one of them becomes a question of this gathering."""
    if request.method == "POST":
        return await _pick(request)
    async with reading(request) as db:
        seen, who = await _arranger(request, db)
        return await _picking(request, db, seen, who)


async def _pick(request: Request) -> Response:
    chosen = str((await form_data(request)).get("thread") or "")
    async with reading(request) as db:
        seen, who = await _arranger(request, db)
    await limits.check(request, "post", who.id)
    thread_id = _number(chosen)
    if thread_id is None:
        raise NotHere
    settings: Settings = request.app.state.settings
    try:
        async with writing(request) as db:
            await questions.pick(
                db,
                who=who,
                gathering_id=seen.gathering_id,
                thread_id=thread_id,
                address=f"{settings.base_url}{seen.path}",
                now=clock.now(),
            )
    except Refused as refused:
        async with reading(request) as db:
            return await _picking(request, db, seen, who, 409, refused.why)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/ordre-du-jour?fait=choisie", 303)


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdecimal() and len(given) < len(str(BIGGEST)) else None


async def _arranger(request: Request, db: Db) -> tuple[Look, Viewer]:
    seen = await look(db, viewer_of(request), request.path_params["id"])
    who = policies.signed_in(viewer_of(request), TO_ASK)
    may_arrange(seen.standing).or_refuse()
    return seen, who


async def _picking(
    request: Request, db: Db, seen: Look, who: Viewer, status: int = 200, refused: Text | None = None
) -> Response:
    form = SearchForm(locale_of(request), FormData(request.query_params))
    form.validate()
    word = form.mot.words if not form.mot.errors else ""
    after = _number(request.query_params.get("apres", "")) or 0
    times = await dates_of(db, seen.gathering_id)
    return page(
        request,
        "events/pick.html",
        status,
        look=seen,
        form=form,
        word=word,
        found=await picking.pickable(db, seen.gathering_id, word=word, after=after),
        may_pick=may_ask(who, seen.standing, all_began=times.all_began(clock.now())),
        thread_path=thread_path,
        later=after > 0,
        refused=refused,
    )


def _page(
    request: Request,
    seen: Look,
    agenda: queries.Agenda,
    form: ArrangementForm,
    status: int = 200,
    *,
    done: Text | None = None,
    refused: Text | None = None,
) -> Response:
    return page(
        request,
        "events/arrange.html",
        status,
        look=seen,
        agenda=agenda,
        form=form,
        began=form.answering,
        asking=not agenda.times.all_began(clock.now()),
        done=done,
        refused=refused,
    )


_ROOM = "/rencontres/{id:int}/ordre-du-jour"
routes: list[BaseRoute] = [
    Route(_ROOM + "/organiser", arrange, methods=["GET", "POST"], name="arrange_agenda"),
    Route(_ROOM + "/choisir", pick, methods=["GET", "POST"], name="pick_agenda_question"),
]
