"""A facilitator's page for one thread, and the acts that it offers."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock
from maillage.core.db import Db, reading, writing
from maillage.core.errors import Gone, NotHere, Refused
from maillage.core.forms import Form, carried, form_data
from maillage.core.languages import _, localized
from maillage.core.pages import locale_of, page
from maillage.forum import policies
from maillage.forum.commands import arranging, editing, moderating
from maillage.forum.forms import (
    MergeForm,
    MoveForm,
    PinForm,
    ReasonForm,
    SummaryForm,
    TitleForm,
    language_of,
)
from maillage.forum.queries import door, managing, spaces
from maillage.forum.queries.door import Look

USUAL_PIN_DAYS = 14


async def manage(request: Request) -> Response:
    """Title, lock, pin, move, merge and summary of one thread."""
    return await _page(request)


async def _page(request: Request, status: int = 200, **wrong: Form) -> Response:
    """The page, with the form that was not accepted, if any, as it was sent."""
    who, locale = viewer_of(request), locale_of(request)
    async with reading(request) as db:
        look = await door.look(db, who, request.path_params["id"])
        policies.may_retitle(who, look.place, look.state).or_refuse()
        shown = await managing.managed_thread(db, look.thread_id)
        doors = await managing.spaces_to_tend(db, policies.signed_in(who))
    move = MoveForm(locale)
    move.space.choices = [(door.slug, localized(door.name, locale)) for door in doors if door.id != look.place.space_id]
    forms: dict[str, Form] = {
        "title": TitleForm(locale, title=shown.title),
        "lock": ReasonForm(locale),
        "pin": PinForm(locale, days=USUAL_PIN_DAYS),
        "move": move,
        "merge": MergeForm(locale),
        "summary": SummaryForm(
            locale, body=shown.summary_md or "", covers=shown.last_seq, language=shown.summary_language or ""
        ),
    }
    return page(
        request,
        "forum/manage.html",
        status,
        thread=shown,
        look=look,
        forms=forms | wrong,
        tends=bool(policies.may_moderate(who, look.place)),
    )


async def _act(
    request: Request,
    act: Callable[[Db, Viewer, Look], Awaitable[None]],
    *,
    author_too: bool = False,
    moves: bool = False,
) -> Response:
    """Load, permit, act: the same for every button of the page."""
    who = viewer_of(request)
    async with writing(request) as db:
        look = await door.look(db, who, request.path_params["id"])
        may = (
            policies.may_retitle(who, look.place, look.state) if author_too else policies.may_moderate(who, look.place)
        )
        may.or_refuse()
        await act(db, policies.signed_in(who), look)
        if not moves:
            await door.unmoved(db, look)
    return RedirectResponse(f"/discussions/{look.thread_id}", 303)


async def retitle(request: Request) -> Response:
    form = TitleForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _page(request, 422, title=form)

    async def act(db: Db, who: Viewer, look: Look) -> None:
        await editing.retitle(
            db,
            who=who,
            thread_id=look.thread_id,
            title=form.title.words,
            language=language_of(form.title.words),
            now=clock.now(),
            moderates=bool(policies.may_moderate(who, look.place)),
        )

    return await _act(request, act, author_too=True)


async def lock(request: Request) -> Response:
    form = ReasonForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _page(request, 422, lock=form)

    async def act(db: Db, who: Viewer, look: Look) -> None:
        await moderating.lock(db, who=who, thread_id=look.thread_id, reason=form.reason.words, now=clock.now())

    return await _act(request, act)


async def unlock(request: Request) -> Response:
    async def act(db: Db, who: Viewer, look: Look) -> None:
        await moderating.unlock(db, who=who, thread_id=look.thread_id, now=clock.now())

    return await _act(request, act)


async def pin(request: Request) -> Response:
    form = PinForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _page(request, 422, pin=form)

    async def act(db: Db, who: Viewer, look: Look) -> None:
        now = clock.now()
        until = now + timedelta(days=form.days.data or USUAL_PIN_DAYS)
        await moderating.pin(db, who=who, thread_id=look.thread_id, until=until, now=now)

    return await _act(request, act)


async def unpin(request: Request) -> Response:
    async def act(db: Db, who: Viewer, look: Look) -> None:
        await moderating.unpin(db, who=who, thread_id=look.thread_id, now=clock.now())

    return await _act(request, act)


async def move(request: Request) -> Response:
    """To another space that this facilitator looks after as well."""
    data = await form_data(request)
    slug = str(data.get("space") or "")

    async def act(db: Db, who: Viewer, look: Look) -> None:
        target = await spaces.look(db, who, slug)
        policies.may_moderate(who, target.place).or_refuse()
        from_id, to_id = look.place.space_id, target.head.id
        await arranging.move(db, who=who, thread_id=look.thread_id, from_id=from_id, to_id=to_id, now=clock.now())

    return await _act(request, act, moves=True)


async def merge(request: Request) -> Response:
    """Into another thread, in a space that this facilitator looks after as well."""
    form = MergeForm(locale_of(request), await form_data(request))
    if form.validate() and form.into.data is None:
        form.into.errors = [carried(_("Give the number of the discussion that stays."))]
    if form.errors:
        return await _page(request, 422, merge=form)
    into_id = form.into.data or 0

    async def act(db: Db, who: Viewer, look: Look) -> None:
        try:
            into = await door.look(db, who, into_id)
        except (NotHere, Gone):
            raise Refused(_("There is no discussion of that number here.")) from None
        policies.may_moderate(who, into.place).or_refuse()
        await arranging.merge(db, who=who, thread_id=look.thread_id, into_id=into.thread_id, now=clock.now())

    return await _act(request, act)


async def summarize(request: Request) -> Response:
    form = SummaryForm(locale_of(request), await form_data(request))
    if form.validate() and form.covers.data is None:
        form.covers.errors = [carried(_("Give the number of the last message that the summary covers."))]
    if form.errors:
        return await _page(request, 422, summary=form)

    async def act(db: Db, who: Viewer, look: Look) -> None:
        await moderating.summarize(
            db,
            who=who,
            thread_id=look.thread_id,
            visibility=look.place.visibility,
            body=form.body.words,
            language=language_of(form.body.words, form.language.data),
            covers=form.covers.data or 1,
            now=clock.now(),
        )

    return await _act(request, act)
