"""Spaces, and the lists of their threads: kept like thread pages, with the reader's own laid over."""

from dataclasses import dataclass

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from maillage.auth.viewer import Viewer, account_area, viewer_of
from maillage.core import clock
from maillage.core.db import Db, reading, writing
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
from maillage.core.pages import fragment, locale_of
from maillage.core.sealing import new_token
from maillage.forum import policies
from maillage.forum.commands import marking
from maillage.forum.queries import desk
from maillage.forum.queries import spaces as lists
from maillage.forum.queries.spaces import SpaceLook
from maillage.forum.queries.unread import unread_counts
from maillage.notices import commands as follows


@dataclass(frozen=True, slots=True)
class _Slug:
    """What the boxes on a space's page need of it."""

    slug: str
    path: str


async def space(request: Request) -> Response:
    """The threads of a space. `?apres=` is the key of a page."""
    who = viewer_of(request)
    after = request.query_params.get("apres", "")
    async with reading(request) as db:
        look = await lists.look(db, who, request.path_params["slug"])
        kept = await _kept(request, db, look, after)
        if who is None:
            tag = f"s{look.head.id}-{look.version}-{look.changes_at}-{after}-{locale_of(request)}"
            return strangers_response(request, kept, lambda: _strangers_fills(request, look, after), tag)
        unread = await unread_counts(db, who, kept.note)
        title, body, sequence = await desk.draft(db, who, f"space:{look.head.slug}")
    fills: dict[str, Fill] = {
        "account": account_area(request),
        "bar": kept_fragment(
            request,
            "forum/_space_bar.html",
            space=_Slug(look.head.slug, look.head.path),
            follows=look.follows,
            unread=bool(unread),
        ).filled({}),
        "unread": _badges(request, unread),
        "composer": b"" if after else _composer(request, who, look, title, body, sequence),
    }
    return readers_response(request, kept.filled(fills))


async def spaces(request: Request) -> Response:
    """Every space that this person may read."""
    who = viewer_of(request)
    async with reading(request) as db:
        if who is None:
            kept = await _kept_list(request, db)
            fills = _account(request)
            return strangers_response(request, kept, lambda: fills, f"ss{kept.version}-{locale_of(request)}")
        rows = await lists.space_rows(db, who)
        count = await desk.draft_count(db, who)
    html = fragment(request, "forum/spaces.html", spaces=rows, slot=slot)
    return readers_response(
        request, KeptPage(html, 0).filled(_account(request) | {"drafts": drafts_line(request, count)})
    )


async def follow_space(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    form = await form_data(request)
    async with writing(request) as db:
        look = await lists.look(db, who, request.path_params["slug"])
        act = follows.follow if form.get("follow") else follows.stop_following
        await act(db, person_id=who.id, kind="space", target_id=look.head.id)
    return RedirectResponse(look.head.path, 303)


async def mark_space_read(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    async with writing(request) as db:
        look = await lists.look(db, who, request.path_params["slug"])
        await marking.mark_space_read(db, who=who, space_id=look.head.id, now=clock.now())
    return RedirectResponse(look.head.path, 303)


def drafts_line(request: Request, count: int) -> bytes:
    return fragment(request, "parts/_drafts.html", drafts=count, notices=0).encode()


async def _kept(request: Request, db: Db, look: SpaceLook, after: str) -> KeptPage:
    pages, key = kept_pages(request), ("space", look.head.id, after, locale_of(request))
    # A pin that runs out changes the list without any change in the database.
    version = (look.version, look.changes_at)
    kept = pages.get(key, version)
    if isinstance(kept, KeptPage):
        return kept
    shown = await lists.space_page(db, look.head, after)
    html = fragment(request, "forum/space.html", page=shown, slot=slot)
    return pages.put(key, KeptPage(html, version, [row.id for row in (*shown.pinned, *shown.threads)]))


async def _kept_list(request: Request, db: Db) -> KeptPage:
    """The list of spaces as strangers see it."""
    pages, key = kept_pages(request), ("spaces", locale_of(request))
    version = await lists.public_version(db)
    kept = pages.get(key, version)
    if isinstance(kept, KeptPage):
        return kept
    html = fragment(request, "forum/spaces.html", spaces=await lists.space_rows(db, None), slot=slot)
    return pages.put(key, KeptPage(html, version))


def _account(request: Request) -> dict[str, Fill]:
    return {"account": account_area(request)}


def _strangers_fills(request: Request, look: SpaceLook, after: str) -> dict[str, Fill]:
    return _account(request) | {"composer": b"" if after else _composer(request, None, look, "", "", 0)}


def _badges(request: Request, unread: dict[int, int]) -> Fill:
    def badge(thread_id: str) -> bytes:
        count = unread.get(int(thread_id))
        if not count:
            return b""
        # Kept for every count: which thread it stands beside is a gap.
        kept = kept_fragment(
            request,
            "forum/_unread.html",
            unread=count,
            path=Markup("/discussions/{}/non-lu").format(slot("thread_id")),
        )
        return kept.filled({"thread_id": thread_id.encode()})

    return badge


def _composer(request: Request, who: Viewer | None, look: SpaceLook, title: str, body: str, sequence: int) -> bytes:
    answer = policies.may_start(who)
    kinds = ["question", "eclair", "vive"]
    if policies.may_announce(who, look.place):
        kinds.append("annonce")
    box = kept_fragment(
        request,
        "forum/_composer_box.html",
        space=_Slug(look.head.slug, look.head.path),
        answer=answer,
        request_key=slot("request_key"),
        draft_title=slot("draft_title"),
        draft_body=slot("draft_body"),
        draft_sequence=slot("draft_sequence"),
        kinds_offered=tuple(kinds),
    )
    return box.filled(
        {
            "request_key": new_token().encode(),
            "draft_title": escape(title).encode(),
            "draft_body": escape(body).encode(),
            "draft_sequence": str(sequence).encode(),
        }
    )
