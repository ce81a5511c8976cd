"""Looking for stories: by stage, region and the like, in any combination, at addresses that can be shared."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import account_area, viewer_of
from maillage.cases import policies
from maillage.cases.forms.browsing import Sought, sought
from maillage.cases.policies import reading as words
from maillage.cases.queries import browsing
from maillage.cases.queries.browsing import STORIES_A_PAGE, Counts
from maillage.cases.queries.cycle import cycle
from maillage.cases.queries.shelf import Shelf, shelf
from maillage.core.db import Db, reading
from maillage.core.kept import KeptPage, kept_pages, readers_response, slot, strangers_response
from maillage.core.pages import fragment, locale_of
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary

# Searches of more than that are many, and each is made by few.
_KEPT_VALUES = 1


async def cases(request: Request) -> Response:
    """The stories that have what the address asks for. `?apres=` is the key of a page."""
    who = viewer_of(request)
    async with reading(request) as db:
        shelved = await shelf(request, db)
        known = await vocabulary(request, db, shelved.epoch)
        looked_for = sought(request.query_params, known)
        kept = await _kept(request, db, shelved, known, looked_for)
    if who is None:
        tag = f"b{kept.version}-{looked_for.path}-{locale_of(request)}"
        return strangers_response(request, kept, lambda: {"account": account_area(request)}, tag)
    return readers_response(request, kept.filled({"account": account_area(request)}))


async def _kept(request: Request, db: Db, shelved: Shelf, known: Vocabulary, looked_for: Sought) -> KeptPage:
    """The page as everybody sees it, or everybody who is signed in."""
    who = viewer_of(request)
    pages, key = kept_pages(request), ("cases", looked_for.path, who is None, locale_of(request))
    version = (shelved.known, shelved.epoch)
    kept = pages.get(key, version)
    if isinstance(kept, KeptPage):
        return kept
    html = fragment(request, "cases/browse.html", **await _found(request, db, shelved, known, looked_for), slot=slot)
    page = KeptPage(html, version)
    return pages.put(key, page) if len(looked_for.pairs) <= _KEPT_VALUES and looked_for.after is None else page


async def _found(request: Request, db: Db, shelved: Shelf, known: Vocabulary, looked_for: Sought) -> dict[str, Any]:
    who = viewer_of(request)
    counts = Counts(shelved, known, who)
    found = counts.found(looked_for.values)
    ids = shelved.page(found, looked_for.after, STORIES_A_PAGE)
    rows = await browsing.story_rows(db, who, ids)
    facets = counts.facets(looked_for.values)
    older = newer = None
    if ids:
        last = shelved.key_of(ids[-1])
        if shelved.page(found, last, 1):
            older = looked_for.from_after(last).path
        key, there = shelved.before(found, shelved.key_of(ids[0]), STORIES_A_PAGE)
        newer = looked_for.from_after(key).path if there else None
    return {
        "sought": looked_for,
        "total": found.bit_count(),
        "everything": counts.seen.bit_count(),
        "rows": rows,
        "facets": facets,
        "cycle": cycle(counts, looked_for.values),
        "nearest": [] if found else counts.nearest(looked_for.values),
        "older_path": older,
        "newer_path": newer,
        "v": known,
        "words": words,
        "outcomes": policies.OUTCOME_NAMES,
    }


routes: list[BaseRoute] = [Route("/recits", cases, name="cases")]
