"""The organizations that take part: their list, the page of one, and bringing another one here."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import policies
from maillage.auth.commands import organizations as commands
from maillage.auth.commands.sessions import renew_session
from maillage.auth.forms.organizations import DescriptionForm, OrganizationForm
from maillage.auth.queries import organizations as queries
from maillage.auth.routes.clients import settings_of, today_of
from maillage.auth.routes.set_up import allowed, jot, slowly
from maillage.auth.viewer import set_session_cookie, viewer_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import Refused
from maillage.core.forms import carried, form_data
from maillage.core.pages import locale_of, page


async def organizations(request: Request) -> Response:
    who, after = viewer_of(request), request.query_params.get("apres", "")[:80]
    async with reading(request) as db:
        lines, more = await queries.listed(db, who, after)
    return page(
        request,
        "auth/organizations/list.html",
        organizations=lines,
        more=more,
        later=bool(after),
        may_found=policies.may_found(who),
        regions=policies.REGIONS,
    )


async def organization(request: Request) -> Response:
    """Who they are, for everybody; its own people and those who look after it find their doors here."""
    who = viewer_of(request)
    async with reading(request) as db:
        standing = await queries.standing(db, who, request.path_params["slug"])
        shown = await queries.shown(db, standing.slug)
    return page(
        request,
        "auth/organizations/shown.html",
        organization=shown,
        standing=standing,
        regions=policies.REGIONS,
        may_set_up=policies.may_set_up(who, standing),
        may_ask=policies.may_ask_to_join(who, standing),
        saved="fait" in request.query_params,
    )


async def new_organization(request: Request) -> Response:
    policies.may_found(viewer_of(request)).or_refuse()
    return page(request, "auth/organizations/new.html", form=OrganizationForm(locale_of(request)))


async def found_organization(request: Request) -> Response:
    who, locale = viewer_of(request), locale_of(request)
    policies.may_found(who).or_refuse()
    assert who is not None  # noqa: S101 — what the answer just said, for the type checker
    form = OrganizationForm(locale, await form_data(request))
    if not form.validate():
        return page(request, "auth/organizations/new.html", 422, form=form)
    await limits.check(request, "organization", who.id)
    try:
        async with writing(request) as db:
            slug = await commands.found(
                db,
                person_id=who.id,
                name=form.clean_name,
                about=form.about.words,
                region=form.region.data or None,
                relation=form.relation.data or None,
                language=locale,
                now=clock.now(),
                today=today_of(request),
            )
            # She administers something now: nobody who held the old token does.
            token = await renew_session(db, session_id=who.session_id)
    except Refused as refused:
        form.name.errors = [carried(refused.why)]
        return page(request, "auth/organizations/new.html", 422, form=form)
    response = RedirectResponse(f"/organisations/{slug}", 303)
    set_session_cookie(response, settings_of(request), token)
    return response


async def edit_organization(request: Request) -> Response:
    """Its name and what is said of it; its address stays. GET shows the form."""
    locale = locale_of(request)
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
        shown = await queries.shown(db, standing.slug)
    if request.method != "POST":
        form = DescriptionForm(
            locale,
            name=shown.name,
            about=shown.about,
            region=shown.region or "",
            relation=shown.relation or "",
            language=shown.language,
        )
        return page(request, "auth/organizations/edit.html", standing=standing, form=form)
    await slowly(request)
    form = DescriptionForm(locale, await form_data(request))
    if form.validate():
        try:
            await _describe(request, form)
        except Refused as refused:
            form.name.errors = [carried(refused.why)]
    if form.errors:
        return page(request, "auth/organizations/edit.html", 422, standing=standing, form=form)
    return RedirectResponse(f"/organisations/{standing.slug}?fait", 303)


async def _describe(request: Request, form: DescriptionForm) -> None:
    async with writing(request) as db:
        who, standing = await allowed(request, db)
        changed = await commands.describe(
            db,
            organization_id=standing.organization_id,
            name=form.clean_name,
            about=form.about.words,
            region=form.region.data or None,
            relation=form.relation.data or None,
            language=form.language.data,
        )
        if changed:
            await jot(request, db, who, standing, None, "described")


routes: list[BaseRoute] = [
    Route("/organisations", organizations, name="organizations"),
    Route("/organisations/nouvelle", new_organization, name="new_organization"),
    Route("/organisations/nouvelle", found_organization, methods=["POST"], name="found_organization"),
    Route("/organisations/{slug}", organization, name="organization"),
    Route("/organisations/{slug}/modifier", edit_organization, methods=["GET", "POST"], name="edit_organization"),
]
