"""The stories of a gathering: whoever reads it proposes, its organizers decide."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, viewer_of
from maillage.cases.queries import door as stories
from maillage.core import clock, limits
from maillage.core.db import Db, reading, writing
from maillage.core.errors import BadRequest, NotHere, Refused
from maillage.core.forms import carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.events import policies
from maillage.events.commands import cases as commands
from maillage.events.forms.cases import NONE_THERE, ProposalForm
from maillage.events.policies.cases import (
    CASE_STATE_NAMES,
    SHOWN,
    TO_PROPOSE,
    may_propose,
    may_see_proposals,
    may_show,
)
from maillage.events.queries import cases as queries
from maillage.events.queries.door import BIGGEST, Look, look
from maillage.events.queries.times import dates_of

_ACTS = ("choose", "set-aside", "present")
_STEPS = {"haut": -1, "bas": 1}
# In this order on the page, for those who decide.
_GROUPS = ("proposed", "chosen", "presented", "came-of-it", "set-aside")
DONE: dict[str, Text] = {
    "proposed": _("Thank you: the organizers will look at your story."),
    "added": _("The story is on the programme."),
    "already": _("This story has been proposed already."),
}


async def gathering_stories(request: Request) -> Response:
    """The stories of a gathering, and proposing one."""
    if request.method == "POST":
        return await _propose(request)
    async with reading(request) as db:
        seen = await look(db, viewer_of(request), request.path_params["id"])
        who = policies.signed_in(viewer_of(request), TO_PROPOSE)
        form = ProposalForm(locale_of(request), await queries.mine(db, seen.gathering_id, who))
        return await _page(request, db, who, seen, form)


async def _propose(request: Request) -> Response:
    data = await form_data(request)
    async with reading(request) as db:
        seen = await look(db, viewer_of(request), request.path_params["id"])
        who = policies.signed_in(viewer_of(request), TO_PROPOSE)
        times = await dates_of(db, seen.gathering_id)
    may_propose(seen.standing, over=times.over(clock.now())).or_refuse()
    await limits.check(request, "edit", who.id)
    async with reading(request) as db:
        form = ProposalForm(locale_of(request), await queries.mine(db, seen.gathering_id, who), data)
        if form.validate() and (error := await _cannot_be_shown(db, who, seen, form.number)) is not None:
            form.address.errors = [carried(error)]
        if form.errors:
            return await _page(request, db, who, seen, form, 422)
        there = any(story.id == form.number for story in await queries.brought(db, seen.gathering_id))
    organizes = bool(policies.may_organize(seen.standing))
    try:
        async with writing(request) as db:
            await commands.propose(
                db,
                who=who,
                gathering_id=seen.gathering_id,
                case_id=form.number,
                note=form.note.words,
                organizes=organizes,
                now=clock.now(),
            )
    except Refused as refused:
        async with reading(request) as db:
            return await _page(request, db, who, seen, form, 409, refused.why)
    done = "added" if organizes else "already" if there else "proposed"
    return RedirectResponse(f"{_path(seen)}?fait={done}", 303)


async def _cannot_be_shown(db: Db, who: Viewer, seen: Look, case_id: int) -> Text | None:
    """Why not, if this story is none that this gathering could show. One that she may not read is not there."""
    try:
        story = await stories.look(db, who, None, case_id)
    except NotHere:
        return NONE_THERE
    if not story.standing.is_published:
        return NONE_THERE
    return may_show(gathering=seen.standing.visibility, story=story.standing.visibility).why


async def decide(request: Request) -> Response:
    """What becomes of one of them; whoever proposed it can take it back."""
    case_id, now = min(request.path_params["case"], BIGGEST), clock.now()
    data = await form_data(request)
    act, steps = str(data.get("act") or ""), _STEPS.get(str(data.get("step") or ""))
    async with reading(request) as db:
        seen = await look(db, viewer_of(request), request.path_params["id"])
        who = policies.signed_in(viewer_of(request), TO_PROPOSE)
    if act != "take-back":
        policies.may_organize(seen.standing).or_refuse()
    await limits.check(request, "edit", who.id)
    try:
        async with writing(request) as db:
            if act == "take-back":
                await commands.take_back(db, who=who, gathering_id=seen.gathering_id, case_id=case_id)
            elif act in _ACTS:
                await commands.decide(db, who=who, gathering_id=seen.gathering_id, case_id=case_id, act=act, now=now)
            elif steps is not None:
                await commands.move(db, gathering_id=seen.gathering_id, case_id=case_id, steps=steps, now=now)
            else:
                raise BadRequest(_("The form that reached us could not be read."))
    except Refused as refused:
        async with reading(request) as db:
            form = ProposalForm(locale_of(request), await queries.mine(db, seen.gathering_id, who))
            return await _page(request, db, who, seen, form, 409, refused.why)
    return RedirectResponse(_path(seen), 303)


def _path(seen: Look) -> str:
    return f"/rencontres/{seen.gathering_id}/recits"


async def _page(
    request: Request,
    db: Db,
    who: Viewer,
    seen: Look,
    form: ProposalForm,
    status: int = 200,
    refused: Text | None = None,
) -> Response:
    times = await dates_of(db, seen.gathering_id)
    sees_all = may_see_proposals(seen.standing)
    found = [
        story
        for story in await queries.brought(db, seen.gathering_id)
        if sees_all
        or story.proposed_by_id == who.id
        or (story.state in SHOWN and may_show(gathering=seen.standing.visibility, story=story.visibility))
    ]
    return page(
        request,
        "events/stories.html",
        status,
        look=seen,
        form=form,
        groups=[(state, group) for state in _GROUPS if (group := [story for story in found if story.state == state])],
        states=CASE_STATE_NAMES,
        organizes=bool(policies.may_organize(seen.standing)),
        sees_all=sees_all,
        began=times.began(clock.now()),
        may_propose=may_propose(seen.standing, over=times.over(clock.now())),
        may_show=may_show,
        done=DONE.get(request.query_params.get("fait", "")),
        refused=refused,
    )


_STORIES = "/rencontres/{id:int}/recits"
routes: list[BaseRoute] = [
    Route(_STORIES, gathering_stories, methods=["GET", "POST"], name="gathering_stories"),
    Route(_STORIES + "/{case:int}", decide, methods=["POST"], name="decide_gathering_story"),
]
