"""Reading about gatherings: the list, and one of them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import account_area, viewer_of
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Db, Row, reading, writing
from maillage.core.kept import Fill, KeptPage, kept_pages, readers_response, slot, strangers_response
from maillage.core.markdown import RENDER_VERSION
from maillage.core.pages import fragment, locale_of
from maillage.events import ical, policies
from maillage.events.commands.texts import render_anew
from maillage.events.forms.browsing import TAXONOMIES, Sought, sought
from maillage.events.policies.access import ACCESS_ANSWERS, ACCESS_NAMES
from maillage.events.policies.agenda import may_arrange
from maillage.events.policies.cases import SHOWN
from maillage.events.policies.programme import timed
from maillage.events.policies.words import STATUS_NAMES
from maillage.events.policies.zones import COMMON, instant, span, when
from maillage.events.queries import comers, shown
from maillage.events.queries.door import Look, look
from maillage.events.queries.linked_data import linked_data
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary

_CURSOR = re.compile(r"([0-9]{1,15})-([0-9]{1,18})", re.ASCII)
# Searches of more than that are many, and each is made by few.
_KEPT_VALUES = 1


async def gatherings(request: Request) -> Response:
    """What is coming, the nearest first; `?passees=1` what has been, the latest first."""
    who = viewer_of(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
        looked_for = sought(request.query_params, words)
        kept = await _kept_list(request, db, words, looked_for)
    if who is None:
        tag = f"gs{kept.version}-{kept.note}-{locale_of(request)}"
        return strangers_response(request, kept, lambda: {"account": account_area(request)}, tag)
    return readers_response(request, kept.filled({"account": account_area(request)}))


async def _kept_list(request: Request, db: Db, words: Vocabulary, looked_for: Sought) -> KeptPage:
    """The page as everybody sees it, or everybody who is signed in: good while it has the same dates, all unchanged."""
    who, locale = viewer_of(request), locale_of(request)
    cursor = _cursor(request.query_params.get("apres", ""))
    found, more = await shown.listed(db, who, looked_for.filters, clock.now(), cursor)
    path = looked_for.path_at("/rencontres")
    pages, key = kept_pages(request), ("gatherings", path, looked_for.past, cursor, who is None, locale)
    version = (tuple((row["id"], row["gathering_version"], row["version"]) for row in found), more, words.version)
    kept = pages.get(key, version)
    if isinstance(kept, KeptPage):
        return kept
    rows = {row["occurrence_id"]: row for row in await shown.list_rows(db, [row["id"] for row in found])}
    past = {"passees": "1"} if looked_for.past else {}
    last = found[-1] if more else None
    html = fragment(
        request,
        "events/list.html",
        # One that went meanwhile is not there.
        rows=[rows[row["id"]] for row in found if row["id"] in rows],
        sought=looked_for,
        offered={name: words.offered(taxonomy) for name, taxonomy in TAXONOMIES.items()},
        words=words,
        span=span,
        modes=policies.MODE_NAMES,
        older=looked_for.path_at("/rencontres", **past, apres=f"{_stamp(last['starts_at'])}-{last['id']}")
        if last
        else "",
        may_create=policies.may_create(who),
        slot=slot,
    )
    page = KeptPage(html, version, path)
    return pages.put(key, page) if len(looked_for.pairs) <= _KEPT_VALUES and cursor is None else page


async def gathering(request: Request) -> Response:
    """One gathering. Its organizers see it before others do, at the same address."""
    who = viewer_of(request)
    async with reading(request) as db:
        seen = await look(db, who, request.path_params["id"])
        if request.path_params["slug"] != seen.slug:
            return RedirectResponse(seen.path, 301)
        words = await vocabulary(request, db, seen.version[2])
        kept = await _kept(request, db, seen, words)
        if who is None:
            tag = f"g{seen.gathering_id}-{kept.version}-{locale_of(request)}"
            return strangers_response(
                request, kept, lambda: {"account": account_area(request), "register": _register(request, kept)}, tag
            )
        hers = await comers.hers(db, seen.gathering_id, who.id, clock.now())
    organizes = bool(policies.may_organize(seen.standing))
    own = fragment(
        request,
        "events/_own.html",
        look=seen,
        hers=hers,
        statuses=STATUS_NAMES,
        organizes=organizes,
        receives=bool(policies.may_receive(seen.standing)),
        arranges=bool(may_arrange(seen.standing)),
        states=policies.STATE_NAMES,
    ).encode()
    button = b"" if organizes else _register(request, kept, [row["occurrence_id"] for row in hers])
    fills: dict[str, Fill] = {"account": account_area(request), "own": own, "register": button}
    return readers_response(request, kept.filled(fills))


async def by_number(request: Request) -> Response:
    """The address without its words leads to the one with them."""
    async with reading(request) as db:
        seen = await look(db, viewer_of(request), request.path_params["id"])
    return RedirectResponse(seen.path, 301)


async def _kept(request: Request, db: Db, seen: Look, words: Vocabulary) -> KeptPage:
    """The page as everybody sees it, from memory while its version is the database's, until the next date is over."""
    pages, key = kept_pages(request), ("gathering", seen.gathering_id, locale_of(request))
    version = (seen.version, clock.now().date())
    kept = pages.get(key, version)
    if isinstance(kept, KeptPage):
        return kept
    found = await shown.gathering_page(db, seen.gathering_id, clock.now())
    if found.row["rendered"] not in (None, RENDER_VERSION):
        async with writing(request) as changing:
            await render_anew(changing, gathering_id=seen.gathering_id)
        found = await shown.gathering_page(db, seen.gathering_id, clock.now())
    settings: Settings = request.app.state.settings
    html = fragment(
        request,
        "events/gathering.html",
        g=found.row,
        dates=found.dates,
        programme=timed(found.items, found.dates, clock.now()),
        agenda=found.agenda,
        stories={state: [story for story in found.stories if story.state == state] for state in SHOWN},
        look=seen,
        words=words,
        span=span,
        when=when,
        instant=instant,
        common_zone=COMMON,
        modes=policies.MODE_NAMES,
        ways=policies.WAY_NAMES,
        date_states=policies.DATE_STATE_NAMES,
        access_names=ACCESS_NAMES,
        access_answers=ACCESS_ANSWERS,
        linked_data=linked_data(found, settings.base_url),
        base_url=settings.base_url,
        to_calendar=lambda date: _calendar_links(found.row, date, settings.base_url, locale_of(request)),
        now=clock.now(),
        slot=slot,
    )
    open_dates = frozenset(
        date["id"] for date in found.dates if date["state"] == "scheduled" and date["starts_at"] > clock.now()
    )
    return pages.put(key, KeptPage(html, version, (seen.gathering_id, open_dates)))


def _register(request: Request, kept: KeptPage, hers: Sequence[int] = ()) -> bytes:
    """The way to register, but for whoever is on all of its dates already."""
    gathering_id, open_dates = kept.note
    if open_dates and open_dates <= set(hers):
        return b""
    return fragment(request, "events/_register.html", id=gathering_id).encode()


def _calendar_links(gathering: Row, date: Row, base_url: str, locale: str) -> list[tuple[str, str]]:
    """Of a date with one session, the pages of Google and Outlook that take it; of more, the file does all at once."""
    if len(date["starts"] or ()) != 1:
        return []
    row = {**gathering, **date, "id": gathering["id"], "session_title": "", "of": 1, "nth": 1}
    row |= {"local_start": date["starts"][0], "local_end": date["ends"][0]}
    google, outlook = (link(row, base_url=base_url, locale=locale) for link in (ical.google_link, ical.outlook_link))
    return [(google, outlook)]


def _stamp(at: datetime) -> int:
    return int(at.timestamp())


def _cursor(given: str) -> tuple[datetime, int] | None:
    match = _CURSOR.fullmatch(given)
    if match is None or int(match[1]) > 4_000_000_000:
        return None
    return datetime.fromtimestamp(int(match[1]), UTC), int(match[2])


_GATHERING = "/rencontres/{id:int}"
routes: list[BaseRoute] = [
    Route("/rencontres", gatherings, name="gatherings"),
    Route(_GATHERING + "-{slug}", gathering, name="gathering"),
    Route(_GATHERING, by_number, name="gathering_by_number"),
]
