"""At the door of a gathering: who is expected, who is there; the sheet to sign, and badges."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits, times
from maillage.core.content_policy import permissions
from maillage.core.db import Db, Row, reading, writing, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data, said
from maillage.core.languages import Text, _
from maillage.core.names import sort_key
from maillage.core.pages import STATIC_DIR, locale_of, page
from maillage.core.sealing import new_token
from maillage.events import policies
from maillage.events.commands import attendance as commands
from maillage.events.commands.attendance import Shown
from maillage.events.forms.attendance import CodeForm, WalkInForm, moment, nonce, number, numbers
from maillage.events.policies.attendance import NOBODY, OUTCOME_NAMES, as_noted, current, kept_until, may_add
from maillage.events.policies.zones import span
from maillage.events.queries import attendance as queries
from maillage.events.queries.door import Look, look

# Names on one sheet: a form has an end. Of more, there are several sheets.
_NAMES = 500
_MOST_FIELDS = _NAMES + 50
# Lines on the sheet for those who did not register, and badges on a page.
_FREE_LINES, _BADGES = 8, 8
_WORKER = (STATIC_DIR / "js" / "door_worker.js").read_bytes()


@dataclass(frozen=True, slots=True)
class _At:
    """The door at which somebody stands."""

    look: Look
    sessions: Sequence[Row]
    session: Row | None

    @property
    def path(self) -> str:
        return f"/rencontres/{self.look.gathering_id}/accueil"

    def address(self, room: str = "accueil") -> str:
        which = f"?seance={self.session['id']}" if self.session else ""
        return f"/rencontres/{self.look.gathering_id}/{room}{which}"


async def door(request: Request) -> Response:
    """The list of those who are expected; a code in the address finds its owner, and changes nothing."""
    form = CodeForm(locale_of(request))
    form.code.data = request.query_params.get("code", "")[:500]
    return await _door(request, form, vu=nonce(request.query_params.get("vu")))


async def note(request: Request) -> Response:
    """Somebody is there, or was noted by mistake."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "door", who.id)
    data = await form_data(request)
    async with reading(request) as db:
        at = await _entered(request, db, str(data.get("seance") or ""))
    if at.session is None:
        raise NotHere
    if data.get("act") == "add":
        return await _add(request, at, at.session, WalkInForm(locale_of(request), data), who.id)
    registration_id = number(data.get("registration"))
    if data.get("act") == "undo":
        if registration_id is not None:
            undone, session_id = registration_id, at.session["id"]
            await writing_again(
                request,
                lambda db: commands.undo(db, session_id=session_id, registration_id=undone, now=clock.now(), by=who.id),
            )
        return RedirectResponse(at.address(), 303)
    form = CodeForm(locale_of(request), data)
    if registration_id is None and not form.validate():
        if _wants_data(request):
            return JSONResponse({"outcome": "nonsense"}, 422)
        return await _door(request, form, status=422, wanted=str(at.session["id"]))
    # By name it is her number that counts, whatever stands in the field of the code.
    shown = Shown(registration_id=registration_id) if registration_id is not None else Shown(ticket=form.ticket)
    now, key = clock.now(), nonce(data.get("nonce")) or new_token()
    async with writing(request) as db:
        told = await commands.arrive(
            db,
            session_id=at.session["id"],
            shown=shown,
            nonce=key,
            at=as_noted(moment(data.get("at")), at.session, now),
            now=now,
            by=who.id,
        )
    return _done(request, at, at.session, told)


async def _add(request: Request, at: _At, session: Row, form: WalkInForm, by: int) -> Response:
    """Somebody is there without being registered. What is sent again, or by two fingers, is one person."""
    now = clock.now()
    may_add(session, now).or_refuse()
    locale = locale_of(request)
    if not form.validate():
        if _wants_data(request):
            wrong = " ".join(said(error, locale) for field in form for error in field.errors)
            return JSONResponse({"outcome": "nonsense", "said": wrong}, 422)
        return await _door(request, CodeForm(locale), adding=form, status=422, wanted=str(session["id"]))
    key = nonce(form.nonce.data) or new_token()
    arrived = as_noted(moment(form.at.data), session, now)

    async def act(db: Db) -> Row:
        return await commands.walk_in(
            db,
            session_id=session["id"],
            name=form.name.words,
            email=form.email.words,
            locale=locale,
            nonce=key,
            at=arrived,
            now=now,
            by=by,
        )

    try:
        await _count_letter(request, session, key, form.email.words, by)
        told = await writing_again(request, act)
    except Refused as refused:
        if _wants_data(request):
            return JSONResponse({"outcome": "refused", "said": refused.why.in_(locale)}, 409)
        return await _door(
            request, CodeForm(locale), adding=form, status=409, wanted=str(session["id"]), refused=refused.why
        )
    return _done(request, at, session, told)


async def _count_letter(request: Request, session: Row, key: str, email: str, by: int) -> None:
    """One letter to whoever is added with an address. What is sent again brings no other one."""
    if not email:
        return
    async with reading(request) as db:
        again = await queries.scan(db, session["id"], key) is not None
    if again:
        return
    await limits.check(request, "door-letter", by)
    if not await limits.mailbox_has_room(request, "registration-letter", email):
        raise Refused(_("This address has had several letters lately: add her without an address."))


def _done(request: Request, at: _At, session: Row, told: Row) -> Response:
    if _wants_data(request):
        said = _said(told, session, locale_of(request)).in_(locale_of(request))
        return JSONResponse({"outcome": told["outcome"], "registration": told["registration_id"], "said": said})
    return RedirectResponse(f"{at.address()}&vu={told['nonce']}", 303)


async def sheet(request: Request) -> Response:
    """The sheet to sign, on paper; on the screen, where its marks are typed in."""
    async with reading(request) as db:
        at = await _entered(request, db)
        people = await queries.expected(db, at.session["id"]) if at.session else []
    sheets = max(1, math.ceil(len(people) / _NAMES))
    which = min(number(request.query_params.get("feuille")) or 1, sheets)
    return page(
        request,
        "events/sheet.html",
        **_frame(at),
        people=people[max(0, which - 1) * _NAMES :][:_NAMES],
        which_sheet=which,
        sheets=sheets,
        free_lines=range(_FREE_LINES),
        done=request.query_params.get("fait") == "saisie",
    )


async def type_in(request: Request) -> Response:
    """The marks of the sheet, as they stand on paper."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "door", who.id)
    data = await form_data(request, most=_MOST_FIELDS)
    async with reading(request) as db:
        at = await _entered(request, db, str(data.get("seance") or ""))
    if at.session is None:
        raise NotHere
    async with writing(request) as db:
        await commands.type_in(
            db,
            session_id=at.session["id"],
            came=numbers(data.getlist("came")),
            were=numbers(str(data.get("were") or "").split(",")),
            now=clock.now(),
            by=who.id,
        )
    which = f"&feuille={kept}" if (kept := number(data.get("feuille"))) else ""
    return RedirectResponse(f"{at.address('feuille')}{which}&fait=saisie", 303)


async def badges(request: Request) -> Response:
    """A badge for each of those who come in person, and empty ones up to the end of the page."""
    async with reading(request) as db:
        at = await _entered(request, db)
        people = await queries.expected(db, at.session["id"]) if at.session else []
    named = [row for row in people if row["name"] and row["way"] == "in-person"]
    pages = max(1, math.ceil(len(named) / _BADGES))
    return page(request, "events/badges.html", **_frame(at), people=named, empty=range(pages * _BADGES - len(named)))


async def worker(request: Request) -> Response:  # noqa: ARG001 — the same for everybody
    """What answers in the browser when there is no network. Its address bounds what it may answer for."""
    return Response(_WORKER, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


async def _door(
    request: Request,
    form: CodeForm,
    *,
    adding: WalkInForm | None = None,
    status: int = 200,
    vu: str | None = None,
    wanted: str | None = None,
    refused: Text | None = None,
) -> Response:
    async with reading(request) as db:
        at = await _entered(request, db, wanted)
        people = await queries.expected(db, at.session["id"]) if at.session else []
        odd = await queries.odd_scans(db, at.session["id"]) if at.session else []
        told = await queries.scan(db, at.session["id"], vu) if at.session and vu else None
        room = await queries.room(db, at.session["id"]) if at.session else None
    found = next((row for row in people if form.ticket and row["ticket"] == form.ticket), None)
    if found is not None:
        # She has a button of her own.
        form.code.data = ""
    locale, now = locale_of(request), clock.now()
    zone = ZoneInfo(at.session["zone"]) if at.session else None
    words = request.query_params.get("q", "")[:100]
    until = kept_until(at.session, now) if at.session else None
    response = page(
        request,
        "events/door.html",
        status,
        **_frame(at),
        form=form,
        adding=adding or WalkInForm(locale, nonce=new_token()),
        may_add=may_add(at.session, now) if at.session else None,
        room=room,
        refused=refused,
        found=found,
        words=words,
        people=[row for row in people if _plain(words) in _plain(row["name"] or "")],
        expected=len(people),
        here=sum(row["at"] is not None for row in people),
        odd=[(row, _said(row, at.session, locale)) for row in odd if at.session],
        told=(told["outcome"], _said(told, at.session, locale)) if told and at.session else None,
        keeps=until is not None,
        over=not any(kept_until(session, now) for session in at.sessions),
        clock_of=lambda moment: _time(moment, zone, locale),
    )
    if until is not None:
        # Said to the worker that answers in the browser.
        response.headers["X-Kept-Until"] = times.iso(until)
    response.headers["Permissions-Policy"] = permissions(camera="(self)")
    return response


async def _entered(request: Request, db: Db, wanted: str | None = None) -> _At:
    """The door, for those who may stand at it. `wanted`: the session, else the address says which."""
    who = policies.signed_in(viewer_of(request))
    seen = await look(db, who, request.path_params["id"])
    policies.may_receive(seen.standing).or_refuse()
    sessions = await queries.sessions(db, seen.gathering_id)
    if wanted is None:
        wanted = request.query_params.get("seance", "")
    if not wanted:
        return _At(seen, sessions, current(sessions, clock.now()))
    session = next((row for row in sessions if str(row["id"]) == wanted), None)
    if session is None:
        raise NotHere
    return _At(seen, sessions, session)


def _frame(at: _At) -> dict[str, Any]:
    """What the pages about one session share."""
    session = at.session
    return {
        "look": at.look,
        "at": at,
        "session": session,
        "when": _when(session) if session else None,
        "choices": [(row["id"], _when(row)) for row in at.sessions],
        "nobody": NOBODY,
        "ways": policies.WAY_NAMES,
    }


def _when(session: Row) -> Text:
    when = span(session["local_start"], session["local_end"], session["zone"])
    name = " · ".join(part for part in (session["label"], session["title"]) if part)
    return _("%(when)s – %(name)s", when=when, name=name) if name else when


def _said(told: Row, session: Row, locale: str) -> Text:
    """What the door says of one reading."""
    since = _time(told["at"] or told["scanned_at"], ZoneInfo(session["zone"]), locale)
    return replace(OUTCOME_NAMES[told["outcome"]], fill={"name": told["name"] or NOBODY, "time": since})


def _plain(name: str) -> str:
    """A name as somebody types it: whatever the capitals, accents and hyphens."""
    return sort_key(name).partition("\x1f")[0]


def _time(at: datetime, zone: ZoneInfo | None, locale: str) -> str:
    return times.time(at.astimezone(zone).time(), locale)


def _wants_data(request: Request) -> bool:
    return request.headers.get("accept") == "application/json"


_GATHERING = "/rencontres/{id:int}"
routes: list[BaseRoute] = [
    Route(f"{_GATHERING}/accueil", door, name="door"),
    Route(f"{_GATHERING}/accueil", note, methods=["POST"], name="note_arrival"),
    Route(f"{_GATHERING}/accueil.js", worker, name="door_worker"),
    Route(f"{_GATHERING}/feuille", sheet, name="sign_in_sheet"),
    Route(f"{_GATHERING}/feuille", type_in, methods=["POST"], name="type_in_sheet"),
    Route(f"{_GATHERING}/insignes", badges, name="badges"),
]
