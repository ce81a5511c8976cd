"""Reading a thread: kept once for everybody, with what is the reader's own laid over it."""

from dataclasses import dataclass

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from maillage.auth.viewer import Viewer, account_area, viewer_of
from maillage.core import clock, markdown
from maillage.core.db import Db, reading, writing
from maillage.core.errors import BadRequest, NotHere
from maillage.core.forms import form_data
from maillage.core.kept import (
    Fill,
    KeptPage,
    kept_fragment,
    kept_pages,
    readers_response,
    slot,
    strangers_response,
)
from maillage.core.languages import _
from maillage.core.pages import fragment, locale_of
from maillage.core.sealing import new_token
from maillage.forum import policies
from maillage.forum.commands import marking, rendering
from maillage.forum.queries import door, messages, threads
from maillage.forum.queries.door import Look
from maillage.forum.queries.shape import Ranges, Shape, Unread
from maillage.forum.queries.shown import ThreadPage
from maillage.notices import commands as follows

MAX_RANGES = 500


@dataclass(frozen=True, slots=True)
class Note:
    """What filling the gaps of a kept thread page takes: who wrote what is on it, in which order it is read."""

    authors: dict[int, int]
    by_time: bool


async def thread(request: Request) -> Response:
    """A page of a thread. `?page=` counts from 1, `?ordre=date` reads in order of arrival."""
    who = viewer_of(request)
    number, by_time = _page_number(request), request.query_params.get("ordre") == "date"
    async with reading(request) as db:
        look = await door.look(db, who, request.path_params["id"])
        if request.path_params["slug"] != look.slug:
            return RedirectResponse(_with_query(look.path, request), 301)
        kept = await _kept(request, db, look, number, by_time=by_time)
        if who is None:
            tag = f"{look.thread_id}-{look.version}-{number}-{by_time}-{locale_of(request)}"
            return strangers_response(request, kept, lambda: _strangers_fills(request, look), tag)
        shape = await _shape(request, db, look)
    return readers_response(request, kept.filled(_fills(request, who, look, shape, kept.note, number)))


async def short(request: Request) -> Response:
    """The address without its words leads to the one with them."""
    async with reading(request) as db:
        look = await door.look(db, viewer_of(request), request.path_params["id"])
    return RedirectResponse(_with_query(look.path, request), 301)


async def permalink(request: Request) -> Response:
    """The address of a message, for ever: it leads to the page where the message is today."""
    who = viewer_of(request)
    async with reading(request) as db:
        thread_id, seq = await messages.where_now(db, request.path_params["id"], request.path_params["seq"])
        look = await door.look(db, who, thread_id)
        shape = await _shape(request, db, look)
    page = shape.page_of(seq)
    if page is None:
        raise NotHere
    moved = (thread_id, seq) != (request.path_params["id"], request.path_params["seq"])
    # For good, but not for the browser to remember: what moved once may move again.
    return RedirectResponse(path_to(look, page, seq), 301 if moved else 302, headers={"Cache-Control": "no-cache"})


async def first_unread(request: Request) -> Response:
    """Where this reader left off: the first message in conversation order that she has not read."""
    async with reading(request) as db:
        look = await door.look(db, viewer_of(request), request.path_params["id"])
        shape = await _shape(request, db, look)
    unread = shape.unread(look.unread)
    page = shape.page_of(unread.first) if unread else None
    path = path_to(look, page, unread.first) if unread and page else look.path
    return RedirectResponse(path, 302, headers={"Cache-Control": "no-store"})


def path_to(look: Look, page: int, seq: int) -> str:
    """The address of a message on its page."""
    return f"{look.path}{f'?page={page}' if page > 1 else ''}#m-{seq}"


async def mark_read(request: Request) -> Response:
    """Mark numbers (`seqs`, such as ``1-5,8``) as read; all of the thread without them."""
    who = policies.signed_in(viewer_of(request))
    form = await form_data(request)
    given = str(form.get("seqs") or "")
    ranges = _ranges(given)
    async with writing(request) as db:
        look = await door.look(db, who, request.path_params["id"])
        if given:
            await marking.mark_read(db, who=who, thread_id=look.thread_id, ranges=ranges, now=clock.now())
        else:
            await marking.mark_thread_read(db, who=who, thread_id=look.thread_id, now=clock.now())
    # A script marks in passing and stays where it is; a person who pressed the button sees the thread again.
    if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        return Response(status_code=204)
    return RedirectResponse(look.path, 303)


async def follow_thread(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    form = await form_data(request)
    async with writing(request) as db:
        look = await door.look(db, who, request.path_params["id"])
        act = follows.follow if form.get("follow") else follows.stop_following
        await act(db, person_id=who.id, kind="thread", target_id=look.thread_id)
    return RedirectResponse(look.path, 303)


def _page_number(request: Request) -> int:
    given = request.query_params.get("page", "1")
    if not (given.isascii() and given.isdigit() and 0 < len(given) < 9 and int(given) > 0):
        raise NotHere
    return int(given)


def _with_query(path: str, request: Request) -> str:
    return f"{path}?{request.url.query}" if request.url.query else path


async def _kept(request: Request, db: Db, look: Look, number: int, *, by_time: bool) -> KeptPage:
    """The page as everybody sees it, from memory while its version is the database's."""
    pages, key = kept_pages(request), ("thread", look.thread_id, number, by_time, locale_of(request))
    kept = pages.get(key, look.version)
    if isinstance(kept, KeptPage):
        return kept
    shown, shape, rows = await threads.thread_page(db, look.thread_id, number, by_time=by_time)
    stale = [row["id"] for row in rows if row["render_version"] != markdown.RENDER_VERSION]
    if stale:
        async with writing(request) as changing:
            await rendering.render_anew(changing, post_ids=stale)
        shown, shape, rows = await threads.thread_page(db, look.thread_id, number, by_time=by_time)
    pages.put(("shape", look.thread_id), shape)
    html = fragment(request, "forum/thread.html", t=shown, slot=slot)
    return pages.put(key, KeptPage(html, look.version, _note(shown)))


def _note(shown: ThreadPage) -> Note:
    living = {post.seq: post.author_id for post in shown.posts if not post.removed and not post.event}
    return Note(living, shown.order == "time")


async def _shape(request: Request, db: Db, look: Look) -> Shape:
    pages, key = kept_pages(request), ("shape", look.thread_id)
    shape = pages.get(key, look.version[0])
    if isinstance(shape, Shape):
        return shape
    return pages.put(key, await threads.shape(db, look.thread_id))


def _strangers_fills(request: Request, look: Look) -> dict[str, Fill]:
    return {
        "account": account_area(request),
        "reply": _reply_box(request, None, look),
    }


def _fills(request: Request, who: Viewer, look: Look, shape: Shape, note: Note, number: int) -> dict[str, Fill]:
    """What is this reader's own on a thread's page."""
    unread = shape.unread(look.unread)
    return {
        "account": account_area(request),
        "bar": _bar(request, look, shape, unread, number, by_time=note.by_time),
        "mark": _marks(unread),
        "own": _own_links(request, who, look, note),
        "reply": _reply_box(request, who, look),
        "follow": kept_fragment(request, "forum/_follow.html", thread_id=look.thread_id, follows=look.follows).filled(
            {}
        ),
        "manage": kept_fragment(request, "forum/_manage.html", thread_id=look.thread_id).filled({})
        if policies.may_moderate(who, look.place)
        else b"",
    }


def _bar(request: Request, look: Look, shape: Shape, unread: Unread | None, number: int, *, by_time: bool) -> bytes:
    first_path = ""
    if unread is not None:
        page = shape.page_of(unread.first)
        here = page == number and not by_time
        first_path = f"#m-{unread.first}" if here or page is None else path_to(look, page, unread.first)
    bar = kept_fragment(
        request,
        "forum/_bar.html",
        thread_id=look.thread_id,
        unread=unread.count if unread else 0,
        branches=unread.branches if unread else 0,
        first_path=slot("first_path"),
        last=slot("last"),
    )
    # What has come since this page was made is not marked along with it.
    last = unread.ranges[-1][1] - 1 if unread else 0
    return bar.filled({"first_path": first_path.encode(), "last": str(last).encode()})


def _marks(unread: Unread | None) -> Fill:
    if unread is None:
        return b""
    includes = unread.includes

    def mark(seq: str) -> bytes:
        return b" unread" if includes(int(seq)) else b""

    return mark


def _own_links(request: Request, who: Viewer, look: Look, note: Note) -> Fill:
    mine = {str(seq) for seq, author_id in note.authors.items() if author_id == who.id}
    if not mine or not policies.may_reply(who, look.place, look.state):
        return b""
    link = kept_fragment(request, "forum/_own.html", thread_id=look.thread_id, seq=slot("seq"))

    def own(seq: str) -> bytes:
        return link.filled({"seq": seq.encode()}) if seq in mine else b""

    return own


def _reply_box(request: Request, who: Viewer | None, look: Look) -> bytes:
    box = kept_fragment(
        request,
        "forum/_reply.html",
        thread_id=look.thread_id,
        answer=policies.may_reply(who, look.place, look.state),
        request_key=slot("request_key"),
        draft_body=slot("draft_body"),
        draft_sequence=slot("draft_sequence"),
    )
    return box.filled(
        {
            "request_key": new_token().encode(),
            "draft_body": escape(look.draft_body).encode(),
            "draft_sequence": str(look.draft_sequence).encode(),
        }
    )


def _ranges(given: str) -> Ranges:
    """``1-5,8`` as half-open ranges."""
    found: Ranges = []
    for part in given.split(",") if given else ():
        first, _dash, last = part.partition("-")
        if not (first.isascii() and first.isdigit() and len(part) < 24):
            raise BadRequest(_("What reached us could not be understood."))
        end = last if last.isascii() and last.isdigit() else first
        if 0 < int(first) <= int(end) < 2**31 - 1:
            found.append((int(first), int(end) + 1))
    if len(found) > MAX_RANGES:
        raise BadRequest(_("What reached us could not be understood."))
    return found
