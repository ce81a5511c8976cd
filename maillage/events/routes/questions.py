"""What organizers ask of those who register: their questions, one page for all and one for each."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.db import Db, reading, writing_again
from maillage.core.errors import BadRequest, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.events import policies
from maillage.events.commands import asking as commands
from maillage.events.forms.asking import QuestionForm, question_form
from maillage.events.policies.asking import KIND_NAMES, may_drop_question
from maillage.events.queries import asking
from maillage.events.queries.asking import Question
from maillage.events.queries.door import Look, look_to_organize


async def questions(request: Request) -> Response:
    """All of them, in the order in which they are asked."""
    async with reading(request) as db:
        return await _page(request, db, await look_to_organize(db, viewer_of(request), request.path_params["id"]))


async def new_question(request: Request) -> Response:
    """One more."""
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        asked = await asking.questions(db, seen.gathering_id)
    form = question_form(locale_of(request), asked, data)
    if data is None or not form.validate():
        return _form(request, seen, form, status=200 if data is None else 422)
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)

    async def act(db: Db) -> None:
        await commands.add_question(db, gathering_id=seen.gathering_id, wording=form.wording, now=clock.now())

    await writing_again(request, act)
    return _back(seen)


async def change_question(request: Request) -> Response:
    """One of them, worded anew. Workshops are changed where their hour is."""
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        asked = await asking.questions(db, seen.gathering_id)
        changed = await asking.question(db, seen.gathering_id, request.path_params["question"])
    if changed.row["item_id"] is not None:
        return RedirectResponse(f"/rencontres/{seen.gathering_id}/programme/{changed.row['item_id']}", 303)
    form = question_form(locale_of(request), asked, data, changed=changed)
    if data is None or not form.validate():
        return _form(request, seen, form, changed=changed, status=200 if data is None else 422)
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)

    async def act(db: Db) -> None:
        await commands.change_question(
            db,
            gathering_id=seen.gathering_id,
            question_id=changed.row["id"],
            wording=form.wording,
            now=clock.now(),
        )

    try:
        await writing_again(request, act)
    except Refused as refused:
        return _form(request, seen, form, changed=changed, status=409, refused=refused.why)
    return _back(seen)


async def place_question(request: Request) -> Response:
    """Earlier or later."""
    steps = {"haut": -1, "bas": 1}.get(str((await form_data(request)).get("step") or ""))
    if steps is None:
        raise BadRequest(_("The form that reached us could not be read."))

    async def act(db: Db, seen: Look) -> None:
        await commands.place_question(
            db,
            gathering_id=seen.gathering_id,
            question_id=request.path_params["question"],
            steps=steps,
            now=clock.now(),
        )

    return await _acted(request, act)


async def drop_question(request: Request) -> Response:
    """Ask it no longer."""

    async def act(db: Db, seen: Look) -> None:
        await commands.drop_question(
            db, gathering_id=seen.gathering_id, question_id=request.path_params["question"], now=clock.now()
        )

    return await _acted(request, act)


async def _acted(request: Request, act: Callable[[Db, Look], Awaitable[None]]) -> Response:
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)
    try:
        await writing_again(request, lambda db: act(db, seen))
    except Refused as refused:
        async with reading(request) as db:
            return await _page(request, db, seen, 409, refused.why)
    return _back(seen)


def _back(seen: Look) -> Response:
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/questions", 303)


async def _page(request: Request, db: Db, seen: Look, status: int = 200, refused: Text | None = None) -> Response:
    return page(
        request,
        "events/questions.html",
        status,
        look=seen,
        asked=await asking.questions(db, seen.gathering_id),
        may_drop=may_drop_question,
        kinds=KIND_NAMES,
        refused=refused,
    )


def _form(
    request: Request,
    seen: Look,
    form: QuestionForm,
    *,
    changed: Question | None = None,
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    return page(
        request,
        "events/question.html",
        status,
        look=seen,
        form=form,
        changed=changed,
        kinds=KIND_NAMES,
        refused=refused,
    )


_QUESTIONS = "/rencontres/{id:int}/questions"
_QUESTION = _QUESTIONS + "/{question:int}"
routes: list[BaseRoute] = [
    Route(_QUESTIONS, questions, name="gathering_questions"),
    Route(_QUESTIONS + "/nouvelle", new_question, methods=["GET", "POST"], name="new_gathering_question"),
    Route(_QUESTION, change_question, methods=["GET", "POST"], name="gathering_question"),
    Route(_QUESTION + "/place", place_question, methods=["POST"], name="place_gathering_question"),
    Route(_QUESTION + "/retrait", drop_question, methods=["POST"], name="drop_gathering_question"),
]
