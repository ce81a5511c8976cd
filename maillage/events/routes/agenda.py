"""The questions for a gathering: read, asked, supported, taken back, set aside."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Who, viewer_of
from maillage.core import clock, limits
from maillage.core.answers import Answer, no
from maillage.core.db import Db, reading, writing
from maillage.core.errors import BadRequest, NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies
from maillage.events.commands import agenda as commands
from maillage.events.forms.agenda import QuestionForm
from maillage.events.policies.agenda import (
    TO_ASK,
    may_arrange,
    may_ask,
    may_see_agenda,
    may_set_aside,
    may_support,
    may_take_back,
)
from maillage.events.queries import agenda as queries
from maillage.events.queries.door import BIGGEST, Look, look
from maillage.events.queries.talk import open_to
from maillage.events.queries.times import dates_of
from maillage.forum.forms import language_of
from maillage.forum.policies import may_moderate
from maillage.forum.queries import door as threads

CLOSED = _("The discussion of this gathering is closed: no question can be asked there.")
_DONE: dict[str, Text] = {
    "posee": _("Your question is asked. It is in the discussion of the gathering too, where people can answer it."),
    "retiree": _("Your question is taken back. Your message is still in the discussion, where you can remove it."),
    "choisie": _("The question is picked, and its discussion says so."),
}
_SUPPORTS = {"support": True, "unsupport": False}
_SETS_ASIDE = {"set-aside": True, "bring-back": False}


async def agenda(request: Request) -> Response:
    """The questions for a gathering, those first in which most are interested; sent, one more is asked."""
    if request.method == "POST":
        return await _ask(request)
    who = viewer_of(request)
    async with reading(request) as db:
        seen = await _seen(request, db, who)
        form = QuestionForm(locale_of(request), request_key=new_token())
        return await _page(request, db, who, seen, form, await open_to(db, who, seen.thread_id))


async def _ask(request: Request) -> Response:
    data = await form_data(request)
    async with reading(request) as db:
        seen = await _seen(request, db, viewer_of(request))
        who = policies.signed_in(viewer_of(request), TO_ASK)
        talk = await open_to(db, who, seen.thread_id)
        times = await dates_of(db, seen.gathering_id)
    may_ask(who, seen.standing, all_began=times.all_began(clock.now())).or_refuse()
    await limits.check(request, "post", who.id)
    form = QuestionForm(locale_of(request), data)
    if not form.validate():
        return await _again(request, who, seen, form, talk, 422)
    if talk is None:
        return await _again(request, who, seen, form, talk, 409, CLOSED)
    try:
        async with writing(request) as db:
            await commands.ask(
                db,
                who=who,
                gathering_id=seen.gathering_id,
                visibility=talk.place.visibility,
                body=form.body.words,
                language=language_of(form.body.words),
                moderates=bool(may_moderate(who, talk.place)),
                request_key=form.request_key.data or None,
                now=clock.now(),
            )
            await threads.unmoved(db, talk)
    except Refused as refused:
        return await _again(request, who, seen, form, talk, 409, refused.why)
    return RedirectResponse(f"{_path(seen)}?fait=posee", 303)


async def _again(request: Request, *given: Any) -> Response:
    """The page once more, with her words."""
    async with reading(request) as db:
        return await _page(request, db, *given)


async def decide(request: Request) -> Response:
    """One question: supported, taken back, set aside, brought back."""
    question_id = min(request.path_params["question"], BIGGEST)
    async with reading(request) as db:
        seen = await _seen(request, db, viewer_of(request))
        if not await queries.is_there(db, seen.gathering_id, question_id):
            raise NotHere
    who = policies.signed_in(viewer_of(request), TO_ASK)
    act = str((await form_data(request)).get("act") or "")
    if act in _SETS_ASIDE:
        may_set_aside(seen.standing).or_refuse()
    await limits.check(request, "edit", who.id)
    about = {"gathering_id": seen.gathering_id, "question_id": question_id}
    done = ""
    try:
        async with writing(request) as db:
            if act in _SUPPORTS:
                await commands.support(db, who=who, **about, on=_SUPPORTS[act], now=clock.now())
            elif act in _SETS_ASIDE:
                await commands.set_aside(db, **about, aside=_SETS_ASIDE[act], now=clock.now())
            elif act == "take-back":
                await commands.take_back(db, who=who, **about, now=clock.now())
                done = "?fait=retiree"
            else:
                raise BadRequest(_("The form that reached us could not be read."))
    except Refused as refused:
        async with reading(request) as db:
            form = QuestionForm(locale_of(request), request_key=new_token())
            return await _page(request, db, who, seen, form, await open_to(db, who, seen.thread_id), 409, refused.why)
    # Back to where she was in the list.
    return RedirectResponse(f"{_path(seen)}{done or f'#q-{question_id}'}", 303)


def _path(seen: Look) -> str:
    return f"/rencontres/{seen.gathering_id}/ordre-du-jour"


async def _seen(request: Request, db: Db, who: Who) -> Look:
    seen = await look(db, who, request.path_params["id"])
    if not may_see_agenda(seen.standing):
        raise NotHere
    return seen


async def _page(
    request: Request,
    db: Db,
    who: Who,
    seen: Look,
    form: QuestionForm,
    talk: threads.Look | None,
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    found = await queries.agenda(db, who, seen.gathering_id)
    may: Answer = may_ask(who, seen.standing, all_began=found.times.all_began(clock.now()))
    return page(
        request,
        "events/agenda.html",
        status,
        look=seen,
        form=form,
        agenda=found,
        may_ask=may if talk is not None or not may else no(CLOSED),
        may_support=lambda asked: may and who and may_support(who.id, asked.asked_by_id, set_aside=asked.set_aside),
        may_take_back=lambda asked: may and who and may_take_back(who.id, asked.asked_by_id, supports=asked.supports),
        may_set_aside=may_set_aside(seen.standing),
        may_arrange=may_arrange(seen.standing),
        organizes=bool(policies.may_organize(seen.standing)),
        done=_DONE.get(request.query_params.get("fait", "")),
        refused=refused,
    )


_AGENDA = "/rencontres/{id:int}/ordre-du-jour"
routes: list[BaseRoute] = [
    Route(_AGENDA, agenda, methods=["GET", "POST"], name="gathering_agenda"),
    Route(_AGENDA + "/{question:int}", decide, methods=["POST"], name="decide_agenda_question"),
]
