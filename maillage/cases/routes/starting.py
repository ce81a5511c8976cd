"""Starting a story, from nothing or from a message of the forum."""

import re
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, viewer_of
from maillage.cases import policies
from maillage.cases.commands import starting
from maillage.cases.commands.starting import Origin
from maillage.cases.forms.sections import AnswersForm
from maillage.cases.forms.starting import brought, language_of, start_form
from maillage.cases.policies.writing import questions_of
from maillage.core import clock, limits
from maillage.core.db import Db, reading, writing
from maillage.core.errors import NotHere
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.forum.policies import may_promote
from maillage.forum.queries import messages
from maillage.forum.queries.messages import Message
from maillage.taxonomies.queries.vocabulary import vocabulary

_MESSAGE = re.compile(r"([0-9]{1,18})-([0-9]{1,8})", re.ASCII)


async def new_case(request: Request) -> Response:
    """Begin a story; `?message=12-3` begins it with what that message says."""
    policies.may_start(viewer_of(request)).or_refuse()
    who = policies.signed_in(viewer_of(request))
    given = request.query_params.get("message", "")
    async with reading(request) as db:
        words = await vocabulary(request, db)
        message = await _message(db, who, given) if given else None
    items: list[tuple[str, Any]] = [("request_key", new_token())]
    if message is not None:
        body = message.body_md
        items += [("message", given), ("title", message.thread_title), ("what_we_did", body)]
        items += [("language", message.view.language)]
    form = start_form(words, locale_of(request), FormData(items))
    return _page(request, form, message)


async def start_case(request: Request) -> Response:
    """A title makes a draft, with whatever else is answered already."""
    policies.may_start(viewer_of(request)).or_refuse()
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "thread", who.id)
    data = await form_data(request)
    async with writing(request) as db:
        words = await vocabulary(request, db)
        form = start_form(words, locale_of(request), data)
        given = form["message"].data
        message = await _message(db, who, given) if given else None
        if not form.validate():
            return _page(request, form, message, 422)
        answers = {key: said for key, said in form.answers.items() if said.text}
        case_id = await starting.start(
            db,
            who=who,
            title=form["title"].data,
            language=language_of([said.text for said in answers.values()], form["language"].data),
            depth=form["depth"].data,
            given=answers,
            words=words,
            request_key=form["request_key"].data or None,
            origin=_origin(message),
            now=clock.now(),
        )
    desk = f"/recits/{case_id}/ecrire"
    first = next(field.name for field in questions_of(form["depth"].data) if field.name != "title")
    return RedirectResponse(f"{desk}/{first}" if form["way"].data == "step" else desk, 303)


async def _message(db: Db, who: Viewer, given: str) -> Message:
    """The message that the story grows from, if she may make a story of it."""
    match = _MESSAGE.fullmatch(given)
    if match is None:
        raise NotHere
    message = await messages.message(db, who, int(match[1]), int(match[2]))
    may_promote(who, message.look.place, message.state).or_refuse()
    return message


def _origin(message: Message | None) -> Origin | None:
    if message is None:
        return None
    view, place = message.view, message.look.place
    return Origin(
        view.id,
        view.author_id,
        # What was said among few is not offered to everybody.
        "public" if place.visibility == "public" else "members",
        view.relation,
        message.organization_id,
    )


def _page(request: Request, form: AnswersForm, message: Message | None, status: int = 200) -> Response:
    return page(
        request, "cases/new.html", status, form=form, questions=brought(form), message=message, words=form.words
    )


routes: list[BaseRoute] = [
    Route("/recits/nouveau", new_case, name="new_case"),
    Route("/recits/nouveau", start_case, methods=["POST"], name="start_case"),
]
