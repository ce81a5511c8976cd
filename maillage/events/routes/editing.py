"""Changing a gathering: what it is, each of its dates, who looks after it; and beginning another one with it."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits
from maillage.core.db import Db, Row, reading, writing, writing_again
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import new_token
from maillage.core.typography import typeset
from maillage.events import policies
from maillage.events.commands import copying, hands, planning, repeating
from maillage.events.commands import dates as date_commands
from maillage.events.forms.editing import (
    COPIED,
    CopyForm,
    EditForm,
    RepeatForm,
    WhyForm,
    date_edit_form,
    date_edit_form_of,
    edit_form_of,
)
from maillage.events.policies.zones import span
from maillage.events.queries import editing as queries
from maillage.events.queries import hands as hand_queries
from maillage.events.queries.door import BIGGEST, Look, look, look_to_organize
from maillage.taxonomies.queries.vocabulary import vocabulary

_DONE: dict[str, Text] = {
    "date": _("The date is changed. Those who come are told of a new time or place."),
    "suite": _("The dates that follow are there."),
}


async def edit(request: Request) -> Response:
    """What the gathering is."""
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        words = await vocabulary(request, db)
        row = await queries.gathering_as_it_stands(db, seen.gathering_id)
        who = policies.signed_in(viewer_of(request))
        bodies = await queries.bodies_of(db, seen.gathering_id, who.id)
    if data is None:
        form = edit_form_of(locale_of(request), words, row, bodies)
        return page(request, "events/edit.html", look=seen, form=form, refused=None)
    form = EditForm(locale_of(request), words, bodies, data)
    if not form.validate():
        return page(request, "events/edit.html", 422, look=seen, form=form, refused=None)
    await limits.check(request, "edit", who.id)
    version = form.version.data or ""
    try:
        async with writing(request) as db:
            await planning.change(
                db,
                who=who,
                gathering_id=seen.gathering_id,
                plan=form.plan(words),
                seen=int(version) if version.isdecimal() and len(version) < 18 else 0,
                now=clock.now(),
            )
            seen = await look(db, who, seen.gathering_id)
    except Refused as refused:
        # Saved again, it is written over what the other wrote, knowingly.
        form.version.data = str(row["version"])
        return page(request, "events/edit.html", 409, look=seen, form=form, refused=refused.why)
    return RedirectResponse(seen.path, 303)


async def dates(request: Request) -> Response:
    """All of its dates, each with how many come."""
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        rows = await queries.dates_of(db, seen.gathering_id)
    return page(
        request,
        "events/dates.html",
        look=seen,
        rows=rows,
        span=span,
        states=policies.DATE_STATE_NAMES,
        modes=policies.MODE_NAMES,
        now=clock.now(),
        done=_DONE.get(request.query_params.get("fait", "")),
    )


async def edit_date(request: Request) -> Response:
    """One of its dates: sessions, place, seats, access. Who comes is told of a new time or place."""
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen, row, sessions = await _date(request, db)
        words = await vocabulary(request, db)
    locale = locale_of(request)
    if data is None:
        return _date_page(request, seen, row, date_edit_form_of(locale, words, row, sessions))
    form = date_edit_form(locale, words, sessions, data)
    if not form.validate():
        return _date_page(request, seen, row, form, 422)
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)

    async def act(db: Db) -> None:
        await date_commands.change(
            db,
            gathering_id=seen.gathering_id,
            occurrence_id=row["id"],
            planned=form.planned(words),
            sessions=form.said_sessions(),
            seen=form.version.data or "",
            now=clock.now(),
            by=who.id,
        )
        if row["series_id"] and form.scope.data != "one":
            await repeating.change_others(
                db,
                gathering_id=seen.gathering_id,
                row=row,
                planned=form.planned(words),
                sessions=form.said_sessions(),
                following=form.scope.data == "following",
                now=clock.now(),
                by=who.id,
            )

    try:
        await writing_again(request, act)
    except Refused as refused:
        # Saved again, it is written over what the other wrote, knowingly.
        form.version.data = queries.as_seen(row, sessions)
        return _date_page(request, seen, row, form, 409, refused=refused.why)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/dates?fait=date", 303)


async def repeat(request: Request) -> Response:
    """More dates like this one, by a rule."""
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen, row, _sessions = await _date(request, db)
    form = RepeatForm(locale_of(request), data)
    if data is None or not form.validate():
        status = 200 if data is None else 422
        return page(request, "events/repeat.html", status, look=seen, row=row, form=form, span=span)
    await limits.check(request, "edit", policies.signed_in(viewer_of(request)).id)

    async def act(db: Db) -> None:
        await repeating.repeat(
            db,
            gathering_id=seen.gathering_id,
            occurrence_id=row["id"],
            rule=form.rule.data,
            times=form.times.data or 1,
            now=clock.now(),
        )

    await writing_again(request, act)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/dates?fait=suite", 303)


async def postpone(request: Request) -> Response:
    """Its day does not hold, and the next is not known."""
    return await _ended(request, "postpone", date_commands.postpone)


async def cancel_date(request: Request) -> Response:
    """One date does not take place."""
    return await _ended(request, "cancel", date_commands.cancel)


async def _ended(request: Request, act: str, command: Callable[..., Awaitable[None]]) -> Response:
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen, row, _sessions = await _date(request, db)
    form = WhyForm(locale_of(request), data)
    context: dict[str, Any] = {"look": seen, "row": row, "form": form, "act": act, "span": span, "refused": None}
    if data is None or not form.validate():
        return page(request, "events/date_ended.html", 200 if data is None else 422, **context)
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)

    async def do(db: Db) -> None:
        await command(
            db,
            gathering_id=seen.gathering_id,
            occurrence_id=row["id"],
            reason=form.reason.words,
            now=clock.now(),
            by=who.id,
        )

    try:
        await writing_again(request, do)
    except Refused as refused:
        return page(request, "events/date_ended.html", 409, **(context | {"refused": refused.why}))
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/dates", 303)


async def duplicate(request: Request) -> Response:
    """Another gathering, begun with this one."""
    data = await form_data(request) if request.method == "POST" else None
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
    given: dict[str, Any] = {"title": seen.title, "what": list(COPIED), "request_key": new_token()}
    form = CopyForm(locale_of(request), data, **(given if data is None else {}))
    if data is None or not form.validate():
        return page(request, "events/duplicate.html", 200 if data is None else 422, look=seen, form=form)
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "thread", who.id)
    async with writing(request) as db:
        made = await copying.copy(
            db,
            who=who,
            gathering_id=seen.gathering_id,
            title=typeset(form.title.words, seen.language),
            what=form.what.chosen,
            first_day=form.day.data,
            model=bool(form.model.data),
            now=clock.now(),
            request_key=form.request_key.data or None,
        )
        seen = await look(db, who, made)
    return RedirectResponse(seen.path, 303)


async def team(request: Request) -> Response:
    """Who looks after it."""
    async with reading(request) as db:
        return await _team(request, db, await look_to_organize(db, viewer_of(request), request.path_params["id"]))


async def change_team(request: Request) -> Response:
    """One more person, or one less. There is always somebody who organizes it."""
    data = await form_data(request)
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "edit", who.id)
    handle, role = str(data.get("handle") or "").strip().lstrip("@").lower(), str(data.get("role") or "")
    if role not in policies.ROLE_NAMES:
        raise NotHere
    person = None
    try:
        async with writing(request) as db:
            seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
            person = await hand_queries.person_called(db, handle)
            command = hands.remove if data.get("act") == "remove" else hands.add
            await command(db, gathering_id=seen.gathering_id, person_id=person, role=role, now=clock.now())
    except Refused as refused:
        async with reading(request) as db:
            seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
            return await _team(request, db, seen, refused=refused.why, handle=handle, role=role)
    if person == who.id and data.get("act") == "remove":
        return RedirectResponse("/moi/rencontres", 303)
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/equipe", 303)


async def _team(
    request: Request, db: Db, seen: Look, refused: Text | None = None, handle: str = "", role: str = "organizer"
) -> Response:
    rows = await hand_queries.hands_of(db, seen.gathering_id)
    return page(
        request,
        "events/team.html",
        200 if refused is None else 422,
        look=seen,
        rows=rows,
        roles=policies.ROLE_NAMES,
        refused=refused,
        handle=handle,
        role=role,
    )


async def _date(request: Request, db: Db) -> tuple[Look, Row, Any]:
    seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
    number = request.path_params["date"]
    if number > BIGGEST:
        raise NotHere
    row, sessions = await queries.date_of(db, seen.gathering_id, number)
    return seen, row, sessions


def _date_page(
    request: Request, seen: Look, row: Row, form: Any, status: int = 200, refused: Text | None = None
) -> Response:
    return page(request, "events/date_edit.html", status, look=seen, row=row, form=form, refused=refused)


_GATHERING = "/rencontres/{id:int}"
_DATE = _GATHERING + "/dates/{date:int}"
_BOTH = ["GET", "POST"]
routes: list[BaseRoute] = [
    Route(_GATHERING + "/modifier", edit, methods=_BOTH, name="edit_gathering"),
    Route(_GATHERING + "/dates", dates, name="gathering_dates"),
    Route(_DATE, edit_date, methods=_BOTH, name="edit_date"),
    Route(_DATE + "/repeter", repeat, methods=_BOTH, name="repeat_date"),
    Route(_DATE + "/reporter", postpone, methods=_BOTH, name="postpone_date"),
    Route(_DATE + "/annuler", cancel_date, methods=_BOTH, name="cancel_date"),
    Route(_GATHERING + "/dupliquer", duplicate, methods=_BOTH, name="duplicate_gathering"),
    Route(_GATHERING + "/equipe", team, name="gathering_team"),
    Route(_GATHERING + "/equipe", change_team, methods=["POST"], name="change_gathering_team"),
]
