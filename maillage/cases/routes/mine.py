"""My stories: where one goes on."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.queries.mine import stories_of
from maillage.core.db import reading
from maillage.core.pages import page


async def mine(request: Request) -> Response:
    """The stories in which she takes part, drafts included."""
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        stories = await stories_of(db, who)
    return page(request, "cases/mine.html", stories=stories, states=policies.STATE_NAMES)


routes: list[BaseRoute] = [Route("/moi/recits", mine, name="my_cases")]
