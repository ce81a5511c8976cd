"""Writing: a new thread, a reply, an edit, and what the composer asks for on the way."""

from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.errors import BadRequest, NotHere
from maillage.core.forms import form_data
from maillage.core.languages import _, localized
from maillage.core.pages import fragment, locale_of, page
from maillage.core.sealing import new_token
from maillage.forum import policies
from maillage.forum.commands import drafts, editing, posting, rendering
from maillage.forum.forms import EditForm, ReplyForm, ThreadForm, language_of
from maillage.forum.models import MAX_BODY, MAX_TITLE
from maillage.forum.policies import KINDS
from maillage.forum.queries import attached, desk, door, messages, spaces
from maillage.forum.queries.door import post_path


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def new_thread(request: Request) -> Response:
    """Start a thread. `?espace=` proposes where, `?titre=` how to call it; the text alone is enough."""
    who = policies.signed_in(viewer_of(request))
    if request.method == "POST":
        return await _start(request, who)
    async with reading(request) as db:
        doors = await spaces.spaces_to_write_in(db, who)
        chosen = request.query_params.get("espace") or (doors[0].slug if doors else "")
        title, body, sequence = await desk.draft(db, who, f"space:{chosen}")
    form = ThreadForm(
        locale_of(request),
        space=chosen,
        title=title or request.query_params.get("titre", "")[:MAX_TITLE],
        body=body,
        request_key=new_token(),
        place=f"space:{chosen}",
        sequence=sequence,
    )
    return _new_thread_page(request, form, doors, announces=who.moderates)


async def _start(request: Request, who: Viewer) -> Response:
    await limits.check(request, "thread", who.id)
    form = ThreadForm(locale_of(request), await form_data(request))
    async with writing(request) as db:
        doors = await spaces.spaces_to_write_in(db, who)
        form.space.choices = [(door.slug, localized(door.name, locale_of(request))) for door in doors]
        if not form.validate():
            return _new_thread_page(request, form, doors, 422, announces=who.moderates)
        look = await spaces.look(db, who, form.space.data)
        policies.may_start(who).or_refuse()
        if form.final_kind == "annonce":
            policies.may_announce(who, look.place).or_refuse()
        posted = await posting.start_thread(
            db,
            who=who,
            space_id=look.head.id,
            visibility=look.head.visibility,
            kind=form.final_kind,
            title=form.final_title,
            body=form.body.words,
            language=language_of(f"{form.title.words}\n{form.body.words}", form.language.data),
            now=clock.now(),
            request_key=form.request_key.data or None,
            place=f"space:{look.head.slug}",
            sequence=form.sequence.data or 0,
        )
    return RedirectResponse(f"/discussions/{posted.thread_id}", 303)


def _new_thread_page(
    request: Request, form: ThreadForm, doors: list[Any], status: int = 200, *, announces: bool
) -> Response:
    kinds = [kind for kind in KINDS if kind != "annonce" or announces]
    return page(request, "forum/new_thread.html", status, form=form, spaces=doors, kinds_offered=kinds)


async def reply(request: Request) -> Response:
    """Reply to message `parent`. The page shows what is answered; the box under the thread posts here too."""
    who = viewer_of(request)
    if request.method == "POST":
        return await _reply(request, policies.signed_in(who))
    async with reading(request) as db:
        parent = await _parent(db, who, request, request.query_params.get("parent"))
        policies.may_reply(who, parent.look.place, parent.look.state).or_refuse()
        who = policies.signed_in(who)
        place = _reply_place(parent)
        _title, body, sequence = await desk.draft(db, who, place)
    form = ReplyForm(
        locale_of(request),
        body=body,
        parent=parent.state.seq,
        request_key=new_token(),
        place=place,
        sequence=sequence,
    )
    return page(request, "forum/reply.html", form=form, thread=parent.look, message=parent)


async def _reply(request: Request, who: Viewer) -> Response:
    await limits.check(request, "post", who.id)
    data = await form_data(request)
    form = ReplyForm(locale_of(request), data)
    if not form.validate():
        async with reading(request) as db:
            parent = await _parent(db, who, request, str(data.get("parent") or ""))
        return page(request, "forum/reply.html", 422, form=form, thread=parent.look, message=parent)
    async with writing(request) as db:
        look = await door.look(db, who, request.path_params["id"])
        policies.may_reply(who, look.place, look.state).or_refuse()
        posted = await posting.reply(
            db,
            who=who,
            thread_id=look.thread_id,
            parent_seq=form.parent.data or 1,
            visibility=look.place.visibility,
            body=form.body.words,
            language=language_of(form.body.words, form.language.data),
            now=clock.now(),
            moderates=bool(policies.may_moderate(who, look.place)),
            request_key=form.request_key.data or None,
            place=_own_place(form.place.data, look.thread_id),
            sequence=form.sequence.data or 0,
        )
        await door.unmoved(db, look)
    return RedirectResponse(post_path(posted.thread_id, posted.seq), 303)


async def edit(request: Request) -> Response:
    """Change one's message. What was there before stays in its history."""
    who = viewer_of(request)
    thread_id, seq = request.path_params["id"], request.path_params["seq"]
    if request.method == "POST":
        return await _edit(request, policies.signed_in(who), thread_id, seq)
    async with reading(request) as db:
        message = await messages.message(db, who, thread_id, seq)
        policies.may_edit(who, message.look.place, message.look.state, message.state).or_refuse()
        place = f"edit:{message.view.id}"
        _title, body, sequence = await desk.draft(db, policies.signed_in(who), place)
    form = EditForm(
        locale_of(request),
        body=body or message.body_md,
        language=message.view.language,
        revisions=message.view.revisions,
        place=place,
        sequence=sequence,
    )
    return page(request, "forum/edit.html", form=form, message=message)


async def _edit(request: Request, who: Viewer, thread_id: int, seq: int) -> Response:
    await limits.check(request, "edit", who.id)
    form = EditForm(locale_of(request), await form_data(request))
    now = clock.now()
    async with writing(request) as db:
        message = await messages.message(db, who, thread_id, seq)
        place, state = message.look.place, message.look.state
        policies.may_edit(who, place, state, message.state).or_refuse()
        if not form.validate():
            return page(request, "forum/edit.html", 422, form=form, message=message)
        await editing.edit(
            db,
            who=who,
            thread_id=message.look.thread_id,
            seq=seq,
            visibility=place.visibility,
            body=form.body.words,
            language=language_of(form.body.words, form.language.data or message.view.language),
            seen_revisions=message.view.revisions if form.revisions.data is None else form.revisions.data,
            shows=policies.edit_shows(message.state, now, _settings(request).edit_window),
            moderates=bool(policies.may_moderate(who, place)),
            sequence=form.sequence.data or 0,
            now=now,
        )
        await door.unmoved(db, message.look)
    return RedirectResponse(message.view.path, 303)


async def preview(request: Request) -> Response:
    """A text as its readers would see it: a piece of HTML for the composer."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "preview", who.id)
    body = str((await form_data(request)).get("body") or "")
    if len(body) > MAX_BODY:
        raise BadRequest(_("This text is too long."), 422)
    async with reading(request) as db:
        text = await rendering.written(
            db,
            source=body,
            language=language_of(body),
            # As the least privileged reader would see it, whatever space it goes to.
            space_id=0,
            visibility="public",
            prefix="preview-",
            files=await attached.own_files_in(db, who, body),
        )
    return HTMLResponse(
        # Sanitized when it was rendered, like every message.
        fragment(request, "forum/_preview.html", html=Markup(text.html), language=text.language),  # noqa: S704
        headers={"Cache-Control": "no-store"},
    )


async def save_draft(request: Request) -> Response:
    """Keep what is being typed: 204, or 409 when something newer is kept already."""
    who = viewer_of(request)
    if who is None:
        # The composer keeps the text in the browser and says so.
        return JSONResponse({"error": "signed out"}, 401)
    await limits.check(request, "draft", who.id)
    form = await form_data(request)
    place, number = str(form.get("place") or ""), str(form.get("sequence") or "")
    title, body = str(form.get("title") or ""), str(form.get("body") or "")
    known = place.startswith(("space:", "thread:", "edit:")) and len(place) <= 120
    if not known or not (number.isascii() and number.isdigit() and len(number) < 17 and int(number) < 2**53):
        raise BadRequest(_("What reached us could not be understood."))
    if len(body) > MAX_BODY or len(title) > MAX_TITLE:
        raise BadRequest(_("This text is too long."), 422)
    async with writing(request) as db:
        kept = await drafts.save_draft(
            db, who=who, place=place, sequence=int(number), title=title, body=body, now=clock.now()
        )
    return Response(status_code=204 if kept else 409)


async def _parent(db: Db, who: Viewer | None, request: Request, given: str | None) -> messages.Message:
    """The message to answer; the thread's first when none, or nonsense, is given."""
    seq = int(given) if given and given.isascii() and given.isdigit() and len(given) < 9 else 1
    parent = await messages.message(db, who, request.path_params["id"], seq)
    if parent.state.is_event:
        raise NotHere
    return parent


def _reply_place(parent: messages.Message) -> str:
    thread = f"thread:{parent.look.thread_id}"
    return thread if parent.state.seq == 1 else f"{thread}:{parent.state.seq}"


def _own_place(given: str | None, thread_id: int) -> str:
    """The draft that a reply uses up: the one that its form named, if it is one of this thread's."""
    thread = f"thread:{thread_id}"
    return given if given and (given == thread or given.startswith(f"{thread}:")) else thread
