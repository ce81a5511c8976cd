"""One's own account and sessions, and how members see each other."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands, policies
from maillage.auth.forms.people import NAME_TAKEN, AccountForm, clean_name
from maillage.auth.queries import people as queries
from maillage.auth.routes.clients import key_in, settings_of
from maillage.auth.routes.signing_in import signed_out
from maillage.auth.viewer import LANGUAGE_COOKIE, Viewer, viewer_of
from maillage.core import clock
from maillage.core.db import reading, writing
from maillage.core.forms import carried, form_data
from maillage.core.pages import locale_of, page


def _self(request: Request) -> Viewer:
    who = viewer_of(request)
    policies.may_use_own_account(who).or_refuse()
    assert who is not None  # noqa: S101 — what the answer just said, for the type checker
    return who


async def account(request: Request) -> Response:
    who = _self(request)
    async with reading(request) as db:
        shown = await queries.account(db, who)
    form = AccountForm(
        locale_of(request),
        locales=settings_of(request).locales,
        usual=shown.organization_relation,
        name=shown.name,
        title=shown.title,
        region=shown.region or "",
        relation=shown.relation or "",
        locale=shown.locale,
    )
    return page(request, "auth/account.html", form=form, account=shown, saved="fait" in request.query_params)


async def change_account(request: Request) -> Response:
    who = _self(request)
    async with reading(request) as db:
        shown = await queries.account(db, who)
    form = AccountForm(
        locale_of(request),
        await form_data(request),
        locales=settings_of(request).locales,
        usual=shown.organization_relation,
        # Whoever belongs to no organization has no such field to send.
        **({} if shown.organization else {"relation": ""}),
    )
    if form.validate() and clean_name(form.name.words) != shown.name:
        async with reading(request) as db:
            if await queries.name_taken_by_staff(db, clean_name(form.name.words), except_id=who.id):
                form.name.errors = [carried(NAME_TAKEN)]
    if form.errors:
        return page(request, "auth/account.html", 422, form=form, account=shown, saved=False)
    async with writing(request) as db:
        await commands.change_account(
            db,
            person_id=who.id,
            name=clean_name(form.name.data or ""),
            title=form.title.data or "",
            region=form.region.data or None,
            locale=form.locale.data,
            relation=form.relation.data or None,
        )
    response = RedirectResponse("/moi?fait", 303)
    # A language chosen in passing on this browser gives way to the one chosen here.
    response.delete_cookie(LANGUAGE_COOKIE, path="/")
    return response


async def sessions(request: Request) -> Response:
    who, now = _self(request), clock.now()
    async with reading(request) as db:
        listed = await queries.open_sessions(
            db, who, now=now, seen_after=now - timedelta(days=settings_of(request).session_idle_days)
        )
    return page(request, "auth/sessions.html", sessions=listed)


async def end_session(request: Request) -> Response:
    who, session_id = _self(request), key_in(request, "session_id")
    async with writing(request) as db:
        await commands.close_one_session(db, person_id=who.id, session_id=session_id)
    if session_id == who.session_id:
        return signed_out(settings_of(request))
    return RedirectResponse("/moi/sessions", 303)


async def end_other_sessions(request: Request) -> Response:
    who = _self(request)
    async with writing(request) as db:
        await commands.close_all_sessions(db, person_id=who.id, except_id=who.session_id)
    return RedirectResponse("/moi/sessions", 303)


async def person(request: Request) -> Response:
    policies.may_see_people(viewer_of(request)).or_refuse()
    async with reading(request) as db:
        shown = await queries.profile(db, request.path_params["handle"])
    return page(request, "auth/person.html", person=shown, regions=policies.REGIONS)


async def suggestions(request: Request) -> Response:
    policies.may_see_people(viewer_of(request)).or_refuse()
    async with reading(request) as db:
        found = await queries.suggestions(db, request.query_params.get("q", "")[:40])
    return JSONResponse(
        [{"handle": one.handle, "name": one.name, "organization": one.organization} for one in found],
        headers={"Cache-Control": "private, no-store"},
    )


routes: list[BaseRoute] = [
    Route("/moi", account, name="account"),
    Route("/moi", change_account, methods=["POST"], name="change_account"),
    Route("/moi/sessions", sessions, name="sessions"),
    Route("/moi/sessions/fin", end_other_sessions, methods=["POST"], name="end_other_sessions"),
    Route("/moi/sessions/{session_id:int}/fin", end_session, methods=["POST"], name="end_session"),
    Route("/personnes/suggestions", suggestions, name="suggestions"),
    Route("/personnes/{handle}", person, name="person"),
]
