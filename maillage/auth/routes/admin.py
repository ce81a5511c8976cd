"""The platform's administration: who may do what on it, who may come in, which organizations take part."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands, policies
from maillage.auth.commands import closing
from maillage.auth.commands import members as belonging
from maillage.auth.forms.members import ClosingForm, HandleForm, PlatformRoleForm, SuspensionForm
from maillage.auth.letters import members as letters
from maillage.auth.queries import admin as queries
from maillage.auth.queries import members
from maillage.auth.routes.clients import key_in, today_of
from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import Form, carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page

# What a page says after an act, by the word in its address.
_DONE: dict[str, Text] = {
    "role": _("The roles are changed."),
    "suspension": _("The account is suspended, and signed out everywhere."),
    "retablissement": _("The account is open again."),
    "nomination": _("The organization has its administrator."),
    "fermeture": _("The organization is closed, and its sessions have ended."),
    "reouverture": _("The organization takes part again."),
    "fournisseur": _("Nobody gets in through these accounts any more."),
    "reprise": _("The organization may try these accounts and switch them on again."),
}


def administrator(request: Request) -> Viewer:
    """Whoever administers the platform. To others who are signed in, nothing is here."""
    who = viewer_of(request)
    may = policies.may_administer(who)
    if who is None:
        may.or_refuse()
    if who is None or not may:
        raise NotHere
    return who


async def admin(request: Request) -> Response:
    """Who has a role, which organizations need somebody, and a search. `?q=`, `?apres=` (a handle)"""
    administrator(request)
    typed, after = request.query_params.get("q", "").strip()[:80], request.query_params.get("apres", "")[:39]
    async with reading(request) as db:
        return page(
            request,
            "auth/admin/index.html",
            typed=typed,
            people=await queries.people_found(db, typed) if typed else None,
            organizations=await queries.organizations_found(db, typed) if typed else None,
            trusted=await queries.trusted(db, after),
            later=bool(after),
            left_alone=await queries.organizations_left_alone(db),
            closed=await queries.closed_organizations(db),
            roles=policies.PLATFORM_ROLES,
        )


async def administered_person(request: Request) -> Response:
    return await _person_page(request)


async def _person_page(request: Request, status: int = 200, **wrong: Form) -> Response:
    """Somebody's roles and her account, with the form that was not accepted, if any, as it was sent."""
    who, locale = administrator(request), locale_of(request)
    async with reading(request) as db:
        shown = await queries.person(db, request.path_params["handle"])
    lacking = tuple(role for role in policies.PLATFORM_ROLES if role not in shown.roles)
    forms: dict[str, Form] = {
        "grant": PlatformRoleForm(locale, act="grant", roles=lacking),
        "revoke": PlatformRoleForm(locale, act="revoke", roles=shown.roles),
        "suspend": SuspensionForm(locale),
    }
    return page(
        request,
        "auth/admin/person.html",
        status,
        person=shown,
        forms=forms | wrong,
        roles=policies.PLATFORM_ROLES,
        may_suspend=policies.may_suspend(who, shown.handle),
        alone=policies.LAST_PLATFORM_ADMINISTRATOR if shown.alone else None,
        done=_DONE.get(request.query_params.get("fait", "")),
    )


async def grant_role(request: Request) -> Response:
    who, handle = administrator(request), request.path_params["handle"]
    form = PlatformRoleForm(locale_of(request), await form_data(request), act="grant")
    if not form.validate():
        return await _person_page(request, 422, grant=form)
    async with writing(request) as db:
        shown = await queries.person(db, handle)
        await commands.grant_role(db, handle=shown.handle, role=form.role.data, by=who.id, now=clock.now())
    return _back(request, "role")


async def revoke_role(request: Request) -> Response:
    administrator(request)
    form = PlatformRoleForm(locale_of(request), await form_data(request), act="revoke")
    if not form.validate():
        return await _person_page(request, 422, revoke=form)
    async with writing(request) as db:
        shown = await queries.person(db, request.path_params["handle"])
        await commands.revoke_role(db, handle=shown.handle, role=form.role.data)
    return _back(request, "role")


async def suspend(request: Request) -> Response:
    """Keep somebody out at once. The reason goes into her letter, and is kept nowhere."""
    who = administrator(request)
    policies.may_suspend(who, request.path_params["handle"]).or_refuse()
    form = SuspensionForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _person_page(request, 422, suspend=form)
    async with writing(request) as db:
        shown = await queries.person(db, request.path_params["handle"])
        await commands.suspend(db, handle=shown.handle, now=clock.now())
        await letters.tell_of_suspension(db, person_id=shown.id, reason=form.reason.words)
    return _back(request, "suspension")


async def reinstate(request: Request) -> Response:
    administrator(request)
    async with writing(request) as db:
        shown = await queries.person(db, request.path_params["handle"])
        await commands.reinstate(db, handle=shown.handle)
    return _back(request, "retablissement")


def _back(request: Request, done: str) -> Response:
    return RedirectResponse(f"/admin/personnes/{request.path_params['handle']}?fait={done}", 303)


async def administered_organization(request: Request) -> Response:
    return await _organization_page(request)


async def _organization_page(request: Request, status: int = 200, **wrong: Form) -> Response:
    administrator(request)
    locale, slug = locale_of(request), request.path_params["slug"]
    async with reading(request) as db:
        shown = await queries.organization(db, slug)
        providers = await queries.providers(db, slug)
    forms: dict[str, Form] = {"appoint": HandleForm(locale), "close": ClosingForm(locale)}
    return page(
        request,
        "auth/admin/organization.html",
        status,
        organization=shown,
        providers=providers,
        forms=forms | wrong,
        done=_DONE.get(request.query_params.get("fait", "")),
    )


async def appoint(request: Request) -> Response:
    """Name somebody who administers the organization."""
    who = administrator(request)
    form = HandleForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _organization_page(request, 422, appoint=form)
    try:
        async with writing(request) as db:
            standing = await members.standing(db, who, request.path_params["slug"])
            await belonging.appoint(
                db, organization_id=standing.organization_id, handle=form.plain, today=today_of(request)
            )
    except Refused as refused:
        form.handle.errors = [carried(refused.why)]
        return await _organization_page(request, 422, appoint=form)
    return RedirectResponse(f"/admin/organisations/{standing.slug}?fait=nomination", 303)


async def close_organization(request: Request) -> Response:
    who = administrator(request)
    form = ClosingForm(locale_of(request), await form_data(request))
    if not form.validate():
        return await _organization_page(request, 422, close=form)
    async with writing(request) as db:
        standing = await members.standing(db, who, request.path_params["slug"])
        await closing.close(db, organization_id=standing.organization_id, now=clock.now())
    return RedirectResponse(f"/admin/organisations/{standing.slug}?fait=fermeture", 303)


async def reopen_organization(request: Request) -> Response:
    who = administrator(request)
    async with writing(request) as db:
        standing = await members.standing(db, who, request.path_params["slug"])
        await closing.reopen(db, organization_id=standing.organization_id)
    return RedirectResponse(f"/admin/organisations/{standing.slug}?fait=reouverture", 303)


async def switch_provider_off(request: Request) -> Response:
    """Close one of an organization's doors, and end what it had opened."""
    who, provider_id = administrator(request), key_in(request, "provider_id")
    async with writing(request) as db:
        standing = await members.standing(db, who, request.path_params["slug"])
        await closing.switch_off(db, organization_id=standing.organization_id, provider_id=provider_id, now=clock.now())
    return RedirectResponse(f"/admin/organisations/{standing.slug}?fait=fournisseur", 303)


async def lift_provider(request: Request) -> Response:
    """Let an organization switch that door on again by itself."""
    who, provider_id = administrator(request), key_in(request, "provider_id")
    async with writing(request) as db:
        standing = await members.standing(db, who, request.path_params["slug"])
        await closing.lift(db, organization_id=standing.organization_id, provider_id=provider_id)
    return RedirectResponse(f"/admin/organisations/{standing.slug}?fait=reprise", 303)


_PERSON = "/admin/personnes/{handle}"
_ORGANIZATION = "/admin/organisations/{slug}"
routes: list[BaseRoute] = [
    Route("/admin", admin, name="admin"),
    Route(_PERSON, administered_person, name="administered_person"),
    Route(_PERSON + "/roles", grant_role, methods=["POST"], name="grant_role"),
    Route(_PERSON + "/roles/retrait", revoke_role, methods=["POST"], name="revoke_role"),
    Route(_PERSON + "/suspension", suspend, methods=["POST"], name="suspend"),
    Route(_PERSON + "/retablissement", reinstate, methods=["POST"], name="reinstate"),
    Route(_ORGANIZATION, administered_organization, name="administered_organization"),
    Route(_ORGANIZATION + "/nomination", appoint, methods=["POST"], name="appoint"),
    Route(_ORGANIZATION + "/fermeture", close_organization, methods=["POST"], name="close_organization"),
    Route(_ORGANIZATION + "/reouverture", reopen_organization, methods=["POST"], name="reopen_organization"),
    Route(
        _ORGANIZATION + "/fournisseurs/{provider_id:int}/arret",
        switch_provider_off,
        methods=["POST"],
        name="switch_provider_off",
    ),
    Route(
        _ORGANIZATION + "/fournisseurs/{provider_id:int}/reprise", lift_provider, methods=["POST"], name="lift_provider"
    ),
]
