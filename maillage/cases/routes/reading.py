"""Reading a story: kept once for everybody, with what is the reader's own laid over it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import account_area, viewer_of
from maillage.cases import occasions, policies
from maillage.cases.commands.rendering_anew import render_anew
from maillage.cases.policies import reading as words
from maillage.cases.queries import shown
from maillage.cases.queries.citing import citation
from maillage.cases.queries.door import Look
from maillage.cases.queries.linked_data import linked_data
from maillage.cases.queries.told import StoryPage, words_of
from maillage.cases.routes.entering import enter, guest_of
from maillage.core import markdown
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.kept import Fill, KeptPage, kept_fragment, kept_pages, readers_response, slot, strangers_response
from maillage.core.pages import fragment, locale_of
from maillage.taxonomies.queries.vocabulary import vocabulary


async def case(request: Request) -> Response:
    """A story. Those who take part in it see it before others do, at the same address."""
    who = viewer_of(request)
    async with reading(request) as db:
        look = await enter(request, db)
        if request.path_params["slug"] != look.slug:
            return RedirectResponse(look.path, 301)
        kept = await _kept(request, db, look)
    if who is None and guest_of(request) is None:
        tag = f"c{look.case_id}-{kept.version}-{locale_of(request)}"
        return strangers_response(
            request, kept, lambda: {"account": account_area(request), "occasions": _occasions(request, look)}, tag
        )
    return readers_response(request, kept.filled(_fills(request, look)))


async def short(request: Request) -> Response:
    """The address without its words leads to the one with them."""
    async with reading(request) as db:
        look = await enter(request, db)
    return RedirectResponse(look.path, 301)


async def story(request: Request, db: Db, look: Look) -> StoryPage:
    """All that a story's page shows, rendered by today's version."""
    page, rows = await shown.story_page(db, look.case_id)
    if any(row["render_version"] != markdown.RENDER_VERSION for row in rows):
        async with writing(request) as changing:
            await render_anew(changing, case_id=look.case_id)
        page, rows = await shown.story_page(db, look.case_id)
    return page


async def _kept(request: Request, db: Db, look: Look) -> KeptPage:
    """The page as everybody sees it, from memory while its version is the database's."""
    pages, key = kept_pages(request), ("case", look.case_id, locale_of(request))
    # Replies and occasions come and go without a version of the story.
    version = (look.version, look.replies, look.occasions)
    kept = pages.get(key, version)
    if isinstance(kept, KeptPage):
        return kept
    page = await story(request, db, look)
    known = await vocabulary(request, db, look.version[1])
    settings: Settings = request.app.state.settings
    html = fragment(
        request,
        "cases/story.html",
        t=page,
        v=known,
        terms=words_of(page.term_ids, known),
        words=words,
        licences=policies.LICENCE_NAMES,
        outcomes=policies.OUTCOME_NAMES,
        cite=citation(page, settings.name, settings.base_url, locale_of(request)),
        linked_data=linked_data(page, known, settings.name, settings.base_url),
        base_url=settings.base_url,
        replies=look.replies,
        slot=slot,
    )
    return pages.put(key, KeptPage(html, version))


def _fills(request: Request, look: Look) -> dict[str, Fill]:
    """What is this reader's own on a story's page."""
    who, standing = viewer_of(request), look.standing
    own = kept_fragment(
        request,
        "cases/_own.html",
        case_id=look.case_id,
        state=standing.state,
        published=standing.is_published,
        hand=standing.hand is not None,
        edits=bool(policies.may_edit(standing)),
        register=bool(policies.may_see_register(who, standing)),
        states=bool(policies.may_edit(standing) or policies.may_withdraw(who, standing)),
        history=bool(policies.may_see_history(standing)),
    )
    return {"account": account_area(request), "own": own.filled({}), "occasions": _occasions(request, look)}


def _occasions(request: Request, look: Look) -> bytes:
    """Where it was told, as far as this reader may know."""
    lines = occasions.lines(viewer_of(request), look.occasions)
    return fragment(request, "cases/_occasions.html", lines=lines).encode() if lines else b""


_CASE = "/recits/{id:int}"
# Tried after the other addresses that begin so.
routes: list[BaseRoute] = [
    Route(_CASE + "-{slug}", case, name="case"),
    Route(_CASE, short, name="case_by_number"),
]
