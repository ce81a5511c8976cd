"""The stages of the cycle: what each asks about power, its stories, what is said around them, what it takes."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.policies import reading as words
from maillage.cases.queries import browsing
from maillage.cases.queries import stages as around
from maillage.cases.queries.browsing import Counts
from maillage.cases.queries.cycle import cycle
from maillage.cases.queries.shelf import shelf
from maillage.core.db import reading
from maillage.core.errors import NotHere
from maillage.core.pages import page
from maillage.taxonomies.queries.vocabulary import vocabulary

_STORIES = 8
# Of so many of its latest stories, the discussions that are going on.
_TALKED_OF = 60


async def stages(request: Request) -> Response:
    """The whole cycle."""
    async with reading(request) as db:
        shelved = await shelf(request, db)
        known = await vocabulary(request, db, shelved.epoch)
    return page(request, "cases/stages.html", cycle=cycle(Counts(shelved, known, viewer_of(request))))


async def stage(request: Request) -> Response:
    """One stage. The slug of one that was set aside leads to what stands for it now."""
    who = viewer_of(request)
    async with reading(request) as db:
        shelved = await shelf(request, db)
        known = await vocabulary(request, db, shelved.epoch)
        word = known.find("stage", request.path_params["slug"])
        if word is None:
            raise NotHere
        if now := known.replacement(word):
            return RedirectResponse(f"/recits/etapes/{now.slug}", 301)
        counts = Counts(shelved, known, who)
        ids = shelved.page(counts.seen & counts.with_word(word), None, _TALKED_OF)
        rows = await browsing.story_rows(db, who, ids[:_STORIES])
        talks = await around.talks(db, who, ids) if ids else []
    ring = cycle(counts, current=word.slug)
    return page(
        request,
        "cases/stage.html",
        word=word,
        cycle=ring,
        place=next((each for each in ring if each.chosen), None),
        rows=rows,
        total=(counts.seen & counts.with_word(word)).bit_count(),
        talks=talks,
        competencies=[each for each in known.offered("competency") if word.slug in each.stages],
        v=known,
        words=words,
        outcomes=policies.OUTCOME_NAMES,
    )


routes: list[BaseRoute] = [
    Route("/recits/etapes", stages, name="stages"),
    Route("/recits/etapes/{slug}", stage, name="stage"),
]
