"""Feeds: what is published, for whatever somebody looks for. Public stories only, since readers of feeds are nobody."""

from hashlib import blake2s

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from maillage.cases.forms.browsing import sought
from maillage.cases.policies.facets import Facet
from maillage.cases.queries import browsing
from maillage.cases.queries.browsing import Counts
from maillage.cases.queries.feeds import entry
from maillage.cases.queries.shelf import shelf
from maillage.core.config import Settings
from maillage.core.db import reading
from maillage.core.feeds import atom
from maillage.core.languages import NAMES, _
from maillage.core.pages import locale_of
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary

_ENTRIES = 30
_TITLE = _("Practice stories")


async def feed(request: Request) -> Response:
    """The latest stories that have what the address asks for."""
    settings: Settings = request.app.state.settings
    locale = locale_of(request)
    async with reading(request) as db:
        shelved = await shelf(request, db)
        known = await vocabulary(request, db, shelved.epoch)
        looked_for = sought(request.query_params, known).from_after(None)
        here = looked_for.path_at("/recits/flux.atom")
        tag = f"{shelved.known}-{shelved.epoch}-{here}-{locale}-{settings.base_url}"
        etag = f'"{blake2s(tag.encode(), digest_size=10).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Cookie"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        ids = shelved.page(Counts(shelved, known, None).found(looked_for.values), None, _ENTRIES)
        rows = await browsing.story_rows(db, None, ids)
    what = [_name(facet, slug, known, locale) for facet, slugs in looked_for.values for slug in slugs]
    title = " – ".join(filter(None, (settings.name, _TITLE.in_(locale), ", ".join(what))))
    entries = [entry(row, known, locale) for row in rows]
    body = atom(entries, title=title, base_url=settings.base_url, here=here, locale=locale)
    return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def _name(facet: Facet, slug: str, known: Vocabulary, locale: str) -> str:
    word = known.find(facet.taxonomy, slug) if facet.taxonomy else None
    return word.label(locale) if word else NAMES.get(slug, slug)


routes: list[BaseRoute] = [Route("/recits/flux.atom", feed, name="cases_feed")]
