"""The facilitators' inbox, the public log of moderation, and one's own drafts."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere
from maillage.core.forms import form_data
from maillage.core.pages import page
from maillage.forum import policies
from maillage.forum.commands import drafts as draft_commands
from maillage.forum.commands import moderating
from maillage.forum.queries import desk

_INBOX = "/moderation"


async def inbox(request: Request) -> Response:
    """What waits for a facilitator. To everyone else it is not there."""
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        if not await desk.tends_something(db, who):
            raise NotHere
        waiting = await desk.inbox(db, who, clock.now())
    return page(request, "forum/inbox.html", inbox=waiting)


async def settle(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    report_id = request.path_params["id"]
    async with writing(request) as db:
        if report_id >= 2**63 or not await desk.may_settle(db, who, report_id):
            raise NotHere
        await moderating.settle_report(db, who=who, report_id=report_id, now=clock.now())
    return RedirectResponse(_INBOX, 303)


async def journal(request: Request) -> Response:
    """What was done by facilitators, and why: for everybody, in the spaces that they may read."""
    who = viewer_of(request)
    given = request.query_params.get("avant", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 2**62
    async with reading(request) as db:
        lines, older = await desk.log_lines(db, who, before)
    older_path = f"{_INBOX}/journal?avant={older}" if older else None
    return page(request, "forum/journal.html", lines=lines, older_path=older_path)


async def drafts(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        found = await desk.drafts(db, who)
    return page(request, "forum/drafts.html", drafts=[(draft, _where(draft)) for draft in found])


async def discard_draft(request: Request) -> Response:
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "draft", who.id)
    place = str((await form_data(request)).get("place") or "")[:120]
    async with writing(request) as db:
        await draft_commands.throw_away(db, who=who, place=place)
    return RedirectResponse("/discussions/brouillons", 303)


def _where(draft: desk.DraftRow) -> str:
    """The page on which a draft is taken up again."""
    if draft.edits:
        return f"{draft.edits}/modifier"
    kind, _colon, rest = draft.place.partition(":")
    if kind == "space":
        return f"/discussions/nouvelle?espace={rest}"
    thread_id, _colon, seq = rest.partition(":")
    return f"/discussions/{thread_id}/repondre?parent={seq or 1}"
