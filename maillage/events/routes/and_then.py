"""« Et puis? »: what a gathering changed, told in its discussion or as the beginning of a story."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, Who, viewer_of
from maillage.core import clock, limits
from maillage.core.answers import YES, Answer
from maillage.core.db import Db, Row, reading, writing
from maillage.core.errors import BadRequest, Refused
from maillage.core.forms import form_data
from maillage.core.languages import _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies
from maillage.events.commands import cases as commands
from maillage.events.forms.and_then import AndThenForm, answers, title_of
from maillage.events.policies.afterwards import may_say_what_followed
from maillage.events.queries import afterwards, cases
from maillage.events.queries.door import Look, look
from maillage.events.queries.talk import open_to
from maillage.events.queries.times import dates_of
from maillage.forum.commands import drafts, posting
from maillage.forum.forms import language_of
from maillage.forum.policies import may_moderate
from maillage.forum.queries import door as threads
from maillage.taxonomies.queries.vocabulary import vocabulary

_WAYS = {"discussion": "post", "recit": "thread"}


async def and_then(request: Request) -> Response:
    """One question; those who came answer it in one of two ways."""
    who = viewer_of(request)
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        answer = await _answer(db, who, seen)
        talk = await open_to(db, who, seen.thread_id) if answer else None
        begun = await cases.begun(db, seen.gathering_id, who) if who and answer else ()
    if request.method == "POST":
        answer.or_refuse()
        return await _tell(request, policies.signed_in(who), seen, talk, begun)
    form = AndThenForm(
        locale_of(request),
        body=talk.draft_body if talk else "",
        place=_place(talk),
        sequence=talk.draft_sequence if talk else 0,
        request_key=new_token(),
    )
    return _page(request, seen, form, answer, talk, begun)


async def _answer(db: Db, who: Who, seen: Look) -> Answer:
    came = await afterwards.came(db, seen.gathering_id, person_id=who.id) if who else None
    times = await dates_of(db, seen.gathering_id)
    return may_say_what_followed(who, came=came is not None, ended_at=times.ends_at, now=clock.now())


async def _tell(request: Request, who: Viewer, seen: Look, talk: threads.Look | None, begun: Sequence[Row]) -> Response:
    data = await form_data(request)
    way = str(data.get("way") or "")
    if way not in _WAYS:
        raise BadRequest(_("The form that reached us could not be read."))
    await limits.check(request, _WAYS[way], who.id)
    form = AndThenForm(locale_of(request), data)
    if not form.validate():
        return _page(request, seen, form, YES, talk, begun, 422)
    if way == "recit":
        return RedirectResponse(f"/recits/{await _begin(request, who, seen, talk, form)}/ecrire", 303)
    if talk is None:
        raise Refused(_("The discussion of this gathering is no longer open: begin a story with it instead."))
    async with writing(request) as db:
        posted = await posting.reply(
            db,
            who=who,
            thread_id=talk.thread_id,
            parent_seq=1,
            visibility=talk.place.visibility,
            body=form.body.words,
            language=language_of(form.body.words, form.language.data),
            now=clock.now(),
            moderates=bool(may_moderate(who, talk.place)),
            request_key=form.request_key.data or None,
            place=_place(talk),
            sequence=form.sequence.data or 0,
        )
        await threads.unmoved(db, talk)
    return RedirectResponse(threads.post_path(posted.thread_id, posted.seq), 303)


async def _begin(request: Request, who: Viewer, seen: Look, talk: threads.Look | None, form: AndThenForm) -> int:
    body = form.body.words
    language = language_of(body, form.language.data)
    async with writing(request) as db:
        words = await vocabulary(request, db, seen.version[2])
        case_id = await commands.begin_story(
            db,
            who=who,
            gathering_id=seen.gathering_id,
            title=title_of(seen.title, language),
            language=language,
            given=answers(body, words),
            words=words,
            request_key=form.request_key.data or None,
            now=clock.now(),
        )
        if talk is not None:
            await drafts.used_up(db, who=who, place=_place(talk), sequence=form.sequence.data or 0)
    return case_id


def _place(talk: threads.Look | None) -> str:
    """What is typed is kept as a draft of a reply in its discussion."""
    return f"thread:{talk.thread_id}" if talk else ""


def _page(
    request: Request,
    seen: Look,
    form: AndThenForm,
    answer: Answer,
    talk: threads.Look | None,
    begun: Sequence[Row],
    status: int = 200,
) -> Response:
    return page(request, "events/and_then.html", status, look=seen, form=form, answer=answer, talk=talk, begun=begun)


routes: list[BaseRoute] = [
    Route("/rencontres/{id:int}/et-puis", and_then, methods=["GET", "POST"], name="and_then"),
]
