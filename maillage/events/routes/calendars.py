"""Gatherings in other programs: calendars to subscribe to, files to add, a feed of what is announced."""

from hashlib import blake2s
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere
from maillage.core.feeds import atom
from maillage.core.forms import form_data
from maillage.core.languages import ENGLISH, FRENCH, _
from maillage.core.pages import locale_of, page
from maillage.events import ical, policies
from maillage.events.commands import calendars as commands
from maillage.events.forms.browsing import Sought, sought
from maillage.events.queries import calendars
from maillage.events.queries.door import BIGGEST, look
from maillage.events.queries.feeds import announced, entry
from maillage.taxonomies.queries.vocabulary import vocabulary

_KINDS = {"ics": "text/calendar; charset=utf-8", "atom": "application/atom+xml; charset=utf-8"}
_TITLE = _("Gatherings")
_MINE = _("My gatherings")


async def public_calendar(request: Request) -> Response:
    """What anybody may see of what the address asks for."""
    locale = locale_of(request)
    async with reading(request) as db:
        looked_for = sought(request.query_params, await vocabulary(request, db))
        rows = await calendars.public(db, looked_for.filters, clock.now())
    name = _named(request, looked_for, locale)
    return _answer(request, ical.feed(rows, name=name, base_url=_base(request), locale=locale), "ics")


async def one_calendar(request: Request) -> Response:
    """The sessions of one gathering, or of one of its dates (`?date=`), as a file to add."""
    date = request.query_params.get("date", "")
    async with reading(request) as db:
        seen = await look(db, viewer_of(request), request.path_params["id"])
        number = int(date) if date.isdecimal() and date.isascii() and len(date) < 19 else None
        if date and (number is None or number > BIGGEST):
            raise NotHere
        rows = await calendars.of_gathering(db, seen.gathering_id, number)
    if not rows:
        raise NotHere
    locale = seen.language if seen.language in (FRENCH, ENGLISH) else locale_of(request)
    body = ical.feed(rows, name=seen.title, base_url=_base(request), locale=locale)
    return _answer(request, body, "ics", file=f"{seen.slug or 'rencontre'}.ics")


async def public_feed(request: Request) -> Response:
    """The gatherings announced last, for a feed reader."""
    locale = locale_of(request)
    async with reading(request) as db:
        words = await vocabulary(request, db)
        looked_for = sought(request.query_params, words)
        rows = await announced(db, looked_for.filters)
    name = _named(request, looked_for, locale)
    here = looked_for.path_at("/rencontres/flux.atom")
    entries = [entry(row, words, locale) for row in rows]
    body = atom(entries, title=name, base_url=_base(request), here=here, locale=locale, author=name)
    return _answer(request, body, "atom")


async def own_calendar(request: Request) -> Response:
    """The calendar of whoever knows this address."""
    async with reading(request) as db:
        whose = await calendars.feed_of(db, request.path_params["token"])
        if whose is None:
            raise NotHere
        rows = await calendars.of_person(db, whose["id"], clock.now())
    settings: Settings = request.app.state.settings
    name = f"{settings.name} – {_MINE.in_(whose['locale'])}"
    body = ical.feed(rows, name=name, base_url=_base(request), locale=whose["locale"])
    return _answer(request, body, "ics", private=True)


async def own_calendar_page(request: Request) -> Response:
    """Whether her calendar can be read elsewhere, and how to begin, to change its address, or to stop."""
    return await _own_page(request)


async def change_own_calendar(request: Request) -> Response:
    """A new address, said here once; or none any more."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)
    act = str((await form_data(request)).get("act") or "")
    if act == "close":
        async with writing(request) as db:
            await commands.close_feed(db, person_id=who.id)
        return RedirectResponse("/moi/calendrier", 303)
    if act != "open":
        raise NotHere
    async with writing(request) as db:
        token = await commands.open_feed(db, person_id=who.id, now=clock.now())
    return await _own_page(request, f"{_base(request)}/moi/calendrier/{token}.ics")


async def _own_page(request: Request, address: str = "") -> Response:
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        since = await calendars.feed_since(db, who.id)
    return page(request, "events/own_calendar.html", since=since, address=address)


def _base(request: Request) -> str:
    settings: Settings = request.app.state.settings
    return settings.base_url


def _named(request: Request, looked_for: Sought, locale: str) -> str:
    settings: Settings = request.app.state.settings
    what = [word.label(locale) for word in looked_for.words.values()]
    if looked_for.mode:
        what.append(policies.MODE_NAMES[looked_for.mode].in_(locale))
    return " – ".join(filter(None, (settings.name, _TITLE.in_(locale), ", ".join(what))))


def _answer(request: Request, body: bytes, kind: str, *, private: bool = False, file: str = "") -> Response:
    """These bytes, or nothing where whoever asks has them already."""
    etag = f'"{blake2s(body, digest_size=12).hexdigest()}"'
    headers: dict[str, Any] = {"ETag": etag, "Cache-Control": "private, no-cache" if private else "no-cache"}
    headers["Vary"] = "Cookie"
    # What passes a proxy that compresses may come back marked as weak.
    held = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if etag in held:
        return Response(status_code=304, headers=headers)
    if file:
        headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return Response(body, media_type=_KINDS[kind], headers=headers)


routes: list[BaseRoute] = [
    Route("/rencontres/calendrier.ics", public_calendar, name="gatherings_calendar"),
    Route("/rencontres/flux.atom", public_feed, name="gatherings_feed"),
    Route("/rencontres/{id:int}.ics", one_calendar, name="gathering_calendar"),
    Route("/moi/calendrier", own_calendar_page, name="own_calendar_page"),
    Route("/moi/calendrier", change_own_calendar, methods=["POST"], name="change_own_calendar"),
    Route("/moi/calendrier/{token}.ics", own_calendar, name="own_calendar"),
]
