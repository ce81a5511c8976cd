"""One's own account and sessions, and how members see each other."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands, policies
from maillage.auth.forms.people import NAME_TAKEN, AccountForm, clean_name
from maillage.auth.queries import members
from maillage.auth.queries import people as queries
from maillage.auth.routes.clients import settings_of
from maillage.auth.routes.sessions import oneself
from maillage.auth.viewer import LANGUAGE_COOKIE, viewer_of
from maillage.core.db import reading, writing
from maillage.core.forms import carried, form_data
from maillage.core.pages import locale_of, page


async def account(request: Request) -> Response:
    who = oneself(request)
    async with reading(request) as db:
        shown = await queries.account(db, who)
        belongings = await members.belongings(db, who)
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
    return _account_page(request, form, shown, belongings)


def _account_page(
    request: Request, form: AccountForm, shown: queries.Account, belongings: list[members.Belonging]
) -> Response:
    return page(
        request,
        "auth/account.html",
        422 if form.errors else 200,
        form=form,
        account=shown,
        belongings=belongings,
        roles=policies.ORGANIZATION_ROLES,
        saved="fait" in request.query_params and not form.errors,
    )


async def change_account(request: Request) -> Response:
    who = oneself(request)
    async with reading(request) as db:
        shown = await queries.account(db, who)
        belongings = await members.belongings(db, who)
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
        return _account_page(request, form, shown, belongings)
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


async def person(request: Request) -> Response:
    policies.may_see_people(viewer_of(request)).or_refuse()
    async with reading(request) as db:
        shown = await queries.profile(db, request.path_params["handle"])
        organizations = await members.organizations_of(db, shown.handle)
    return page(request, "auth/person.html", person=shown, organizations=organizations, regions=policies.REGIONS)


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
    Route("/personnes/suggestions", suggestions, name="suggestions"),
    Route("/personnes/{handle}", person, name="person"),
]
