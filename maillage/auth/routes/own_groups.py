"""An organization's own groups, and which values of its account services stand for them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.commands import own_groups as commands
from maillage.auth.forms.organizations import GroupForm, MappingForm
from maillage.auth.forms.people import clean_name
from maillage.auth.policies import Standing
from maillage.auth.queries import providers, roster, set_up
from maillage.auth.routes.clients import key_in
from maillage.auth.routes.set_up import allowed, jot, root, slowly
from maillage.core import clock
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import MAX_NUMBER, Form, carried, form_data
from maillage.core.pages import locale_of, page


async def own_groups(request: Request) -> Response:
    return await _page(request)


async def _page(
    request: Request, status: int = 200, *, new: Form | None = None, wrong: dict[int, Form] | None = None
) -> Response:
    """`wrong`: forms that were not accepted, by the key of what they are about (a group's, or minus a provider's)."""
    locale = locale_of(request)
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
        groups = await set_up.groups(db, standing.organization_id)
        mapped = [row for row in await providers.of_organization(db, standing.organization_id) if row.group_claim]
        mappings = await set_up.mappings(db, standing.organization_id)
        people = await set_up.group_people(db, standing.organization_id)
        all_members = await roster.members(db, standing.organization_id)
    forms: dict[int, Form] = {group.id: GroupForm(locale, name=group.name) for group in groups}
    for row in mapped:
        forms[-row.id] = MappingForm(locale)
    forms |= wrong or {}
    for form in forms.values():
        if isinstance(form, MappingForm):
            form.group.choices = [(str(group.id), group.name) for group in groups]
    return page(
        request,
        "auth/organizations/groups.html",
        status,
        standing=standing,
        root=root(standing),
        groups=groups,
        providers=mapped,
        mappings=mappings,
        people=people,
        members=all_members,
        forms=forms,
        new=new or GroupForm(locale),
    )


async def create_group(request: Request) -> Response:
    await slowly(request)
    form = GroupForm(locale_of(request), await form_data(request))
    try:
        async with writing(request) as db:
            _who, standing = await allowed(request, db)
            if form.validate():
                await commands.create_group(
                    db, organization_id=standing.organization_id, name=clean_name(form.name.words), now=clock.now()
                )
                return _back(standing)
    except Refused as refused:
        form.name.errors = [carried(refused.why)]
    return await _page(request, 422, new=form)


async def rename_group(request: Request) -> Response:
    await slowly(request)
    group_id = key_in(request, "group_id")
    form = GroupForm(locale_of(request), await form_data(request))
    try:
        async with writing(request) as db:
            _who, standing = await allowed(request, db)
            if form.validate():
                await commands.rename_group(
                    db,
                    organization_id=standing.organization_id,
                    group_id=group_id,
                    name=clean_name(form.name.words),
                )
                return _back(standing)
    except Refused as refused:
        form.name.errors = [carried(refused.why)]
    return await _page(request, 422, wrong={group_id: form})


async def remove_group(request: Request) -> Response:
    await slowly(request)
    async with writing(request) as db:
        _who, standing = await allowed(request, db)
        await commands.remove_group(db, organization_id=standing.organization_id, group_id=key_in(request, "group_id"))
    return _back(standing)


async def put_in_group(request: Request) -> Response:
    return await _person_act(request, commands.put_in)


async def take_out_of_group(request: Request) -> Response:
    return await _person_act(request, commands.take_out)


async def _person_act(request: Request, act: Callable[..., Awaitable[None]]) -> Response:
    await slowly(request)
    handle = str((await form_data(request)).get("handle", ""))[:40]
    async with writing(request) as db:
        _who, standing = await allowed(request, db)
        group_id = key_in(request, "group_id")
        await act(db, organization_id=standing.organization_id, group_id=group_id, handle=handle)
    return _back(standing)


async def map_value(request: Request) -> Response:
    await slowly(request)
    provider_id = key_in(request, "provider_id")
    form = MappingForm(locale_of(request), await form_data(request))
    async with writing(request) as db:
        who, standing = await allowed(request, db)
        if form.validate():
            await commands.map_value(
                db,
                organization_id=standing.organization_id,
                provider_id=provider_id,
                value=form.value.words,
                group_id=_number(form.group.data),
            )
            await jot(request, db, who, standing, provider_id, "changed")
    return await _page(request, 422, wrong={-provider_id: form}) if form.errors else _back(standing)


async def unmap_value(request: Request) -> Response:
    await slowly(request)
    data = await form_data(request)
    async with writing(request) as db:
        who, standing = await allowed(request, db)
        await commands.unmap_value(
            db,
            organization_id=standing.organization_id,
            provider_id=key_in(request, "provider_id"),
            value=str(data.get("value", ""))[:200],
            group_id=_number(data.get("group")),
        )
        await jot(request, db, who, standing, key_in(request, "provider_id"), "changed")
    return _back(standing)


def _number(given: object) -> int:
    written = str(given)
    if not written.isascii() or not written.isdigit() or len(written) >= len(str(MAX_NUMBER)):
        raise NotHere
    return int(written)


def _back(standing: Standing) -> Response:
    return RedirectResponse(f"{root(standing)}/groupes", 303)


_ALL = "/organisations/{slug}/connexion/groupes"
_ONE = "/organisations/{slug}/connexion/{provider_id:int}/groupes"
routes: list[BaseRoute] = [
    Route(_ALL, own_groups, name="own_groups"),
    Route(_ALL, create_group, methods=["POST"], name="create_group"),
    Route(_ALL + "/{group_id:int}", rename_group, methods=["POST"], name="rename_group"),
    Route(_ALL + "/{group_id:int}/supprimer", remove_group, methods=["POST"], name="remove_group"),
    Route(_ALL + "/{group_id:int}/personnes", put_in_group, methods=["POST"], name="put_in_group"),
    Route(_ALL + "/{group_id:int}/personnes/retirer", take_out_of_group, methods=["POST"], name="take_out_of_group"),
    Route(_ONE, map_value, methods=["POST"], name="map_value"),
    Route(f"{_ONE}/retirer", unmap_value, methods=["POST"], name="unmap_value"),
]
