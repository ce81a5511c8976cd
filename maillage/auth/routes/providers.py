"""Connecting an account service: described, checked as she types, and kept; and what may be done with it then."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import oidc, policies
from maillage.auth.commands import providers as commands
from maillage.auth.forms.providers import FORMS, KINDS, MicrosoftForm, ProviderForm, given_by
from maillage.auth.oidc import SignInFailed
from maillage.auth.policies import Standing
from maillage.auth.queries import providers as queries
from maillage.auth.queries import set_up
from maillage.auth.queries.providers import ProviderRow
from maillage.auth.routes.clients import (
    NO_STORE,
    PROVIDER_SECRET,
    SIGNED_OUT,
    key_in,
    leads_elsewhere,
    readable_secret,
    redirect_address,
    settings_of,
)
from maillage.auth.routes.set_up import STATES, allowed, jot, root, slowly
from maillage.auth.viewer import Viewer
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import seal

LOGGED_OUT = "/connexion/retrait"
# How Microsoft says that it has no such directory.
_UNKNOWN_THERE = {"document", "issuer"}
_NOT_A_DIRECTORY = _("Microsoft does not know this directory. Give its number (directory ID) instead.")


@dataclass(frozen=True, slots=True)
class Check:
    """What a service said of itself when it was asked, or why it could not be."""

    said: oidc.Described | None = None
    why: Text | None = None
    # The kind has nothing to ask: its addresses are given by hand.
    by_hand: bool = False


async def kinds(request: Request) -> Response:
    """Which service? Or, once that is said, its fields."""
    kind = request.query_params.get("genre", "")
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
    if kind not in FORMS:
        return page(request, "auth/organizations/kinds.html", standing=standing, root=root(standing), kinds=KINDS)
    return _new_page(request, standing, _blank(request, kind, standing))


def _blank(request: Request, kind: str, standing: Standing) -> ProviderForm:
    given = {"label": str(KINDS[kind]) if kind in {"microsoft", "google"} else standing.name}
    if kind == "oauth2":
        given["subject_claim"] = "sub"
    return FORMS[kind](locale_of(request), None, **given)


def _new_page(
    request: Request, standing: Standing, form: ProviderForm, status: int = 200, check: Check | None = None
) -> Response:
    return page(
        request,
        "auth/organizations/new_provider.html",
        status,
        standing=standing,
        root=root(standing),
        form=form,
        kind=form.kind,
        kinds=KINDS,
        check=check,
        call_back=redirect_address(settings_of(request), standing.organization_id),
    )


async def connect(request: Request) -> Response:
    await slowly(request)
    data = await form_data(request)
    kind = str(data.get("genre", ""))
    async with reading(request) as db:
        who, standing = await allowed(request, db)
    if kind not in FORMS:
        raise NotHere
    form = FORMS[kind](locale_of(request), data)
    if not form.validate() or not await _resolved(request, form, standing.organization_id):
        return _new_page(request, standing, form, 422)
    try:
        async with writing(request) as db:
            who, standing = await allowed(request, db)
            provider_id = await commands.connect(
                db,
                organization_id=standing.organization_id,
                kind=kind,
                columns=form.columns(),
                client_secret=_sealed(settings_of(request), form),
                now=clock.now(),
            )
            await jot(request, db, who, standing, provider_id, "connected")
    except Refused as refused:
        form.client_id.errors = [carried(refused.why)]
        return _new_page(request, standing, form, 422)
    return RedirectResponse(f"{root(standing)}/{provider_id}", 303)


def _sealed(settings: Settings, form: ProviderForm) -> bytes | None:
    """The secret, as it may be stored; None when none was written."""
    written = form.client_secret.words
    return seal(settings.secret, PROVIDER_SECRET, written.encode()) if written else None


async def _resolved(request: Request, form: ProviderForm, organization_id: int) -> bool:
    """Microsoft knows an organization by a number: where its domain was given, find the number out."""
    if not isinstance(form, MicrosoftForm) or not form.by_domain():
        return True
    await slowly(request, "ask-provider")
    try:
        found = await oidc.by_number(_client(request, form, organization_id))
    except SignInFailed as failed:
        form.tenant.errors = [carried(_NOT_A_DIRECTORY if failed.reason in _UNKNOWN_THERE else failed.why)]
        return False
    form.tenant.data, form.issuer = given_by("microsoft", found.issuer)["tenant"], found.issuer
    return True


async def verify(request: Request) -> Response:
    """Ask the service described so far who it is: as a fragment while she types, else as the page itself."""
    await slowly(request, "ask-provider")
    data = await form_data(request)
    kind, number = str(data.get("genre", "")), str(data.get("fournisseur", ""))
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
        row = None
        if number:
            if not number.isascii() or not number.isdigit() or len(number) > 18:
                raise NotHere
            row = await queries.own(db, standing.organization_id, int(number))
            kind = row.kind
    if kind not in FORMS:
        raise NotHere
    form = FORMS[kind](locale_of(request), data)
    check = await _asked(request, form, standing.organization_id) if form.find() else None
    response: Response
    if request.headers.get("x-fragment"):
        response = page(request, "auth/organizations/_check.html", check=check, form=form)
    elif row is None:
        response = _new_page(request, standing, form, check=check)
    else:
        response = await _provider_page(request, standing, row, form=form, check=check)
    response.headers.update(NO_STORE)
    return response


async def _asked(request: Request, form: ProviderForm, organization_id: int) -> Check:
    if form.kind == "oauth2":
        return Check(by_hand=True)
    client = _client(request, form, organization_id)
    try:
        if isinstance(form, MicrosoftForm) and form.by_domain():
            client = await oidc.by_number(client)
        return Check(await oidc.described(client))
    except SignInFailed as failed:
        return Check(
            why=_NOT_A_DIRECTORY if form.kind == "microsoft" and failed.reason in _UNKNOWN_THERE else failed.why
        )


def _client(request: Request, form: ProviderForm, organization_id: int) -> oidc.Client:
    """What we would be to the service described so far; enough to ask it who it is."""
    settings = settings_of(request)
    return oidc.Client(
        label=form.label.words or str(KINDS[form.kind]),
        kind=form.kind,
        issuer=form.issuer,
        client_id=form.client_id.words,
        client_secret=None,
        redirect_uri=redirect_address(settings, organization_id),
        private_ok=settings.private_providers,
    )


async def provider(request: Request) -> Response:
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
        row = await queries.own(db, standing.organization_id, key_in(request, "provider_id"))
    return await _provider_page(request, standing, row)


async def _provider_page(
    request: Request,
    standing: Standing,
    row: ProviderRow,
    status: int = 200,
    *,
    form: ProviderForm | None = None,
    check: Check | None = None,
) -> Response:
    settings = settings_of(request)
    async with reading(request) as db:
        lines = await set_up.providers(db, standing.organization_id)
    line = next((line for line in lines if line.id == row.id), None)
    if line is None:
        raise NotHere
    if form is None:
        given: dict[str, Any] = {
            "label": row.label,
            "client_id": row.client_id,
            "group_claim": row.group_claim or "",
            **given_by(row.kind, row.issuer),
        }
        for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint"):
            given[name] = getattr(row, name) or ""
        for name in ("subject_claim", "name_claim", "email_claim"):
            given[name] = getattr(row, name) or ""
        form = FORMS[row.kind](locale_of(request), **given)
    response = page(
        request,
        "auth/organizations/provider.html",
        status,
        standing=standing,
        root=root(standing),
        provider=row,
        line=line,
        form=form,
        kind=row.kind,
        kinds=KINDS,
        states=STATES,
        check=check,
        may_switch_on=policies.may_switch_on(row.tried_at is not None, stopped=row.stopped_at is not None),
        call_back=redirect_address(settings, standing.organization_id),
        logged_out=f"{settings.base_url}{LOGGED_OUT}/{row.id}",
        signed_out=settings.base_url + SIGNED_OUT,
        saved="fait" in request.query_params,
    )
    # The trial leaves for the provider from here.
    response.headers["Content-Security-Policy"] = leads_elsewhere(settings)
    return response


async def change(request: Request) -> Response:
    await slowly(request)
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
        row = await queries.own(db, standing.organization_id, key_in(request, "provider_id"))
    form = FORMS[row.kind](locale_of(request), await form_data(request))
    if not form.validate() or not await _resolved(request, form, standing.organization_id):
        return await _provider_page(request, standing, row, 422, form=form)
    secret = form.client_secret.words
    # The one that is stored already is no change.
    same = secret and secret == readable_secret(settings_of(request), row)
    try:
        async with writing(request) as db:
            who, standing = await allowed(request, db)
            anew = await commands.change(
                db,
                organization_id=standing.organization_id,
                provider_id=row.id,
                columns=form.columns(),
                client_secret=None if same else _sealed(settings_of(request), form),
                secret_sent=bool(secret),
            )
            if anew:
                await jot(request, db, who, standing, row.id, "changed")
    except Refused as refused:
        field = form.client_secret if refused.why is commands.SECRET_AGAIN else form.client_id
        field.errors = [carried(refused.why)]
        return await _provider_page(request, standing, row, 422, form=form)
    return RedirectResponse(f"{root(standing)}/{row.id}?fait", 303)


async def switch_on(request: Request) -> Response:
    async def act(db: Db, who: Viewer, standing: Standing, provider_id: int) -> str:
        row = await queries.own(db, standing.organization_id, provider_id)
        policies.may_switch_on(row.tried_at is not None, stopped=row.stopped_at is not None).or_refuse()
        await commands.switch_on(db, organization_id=standing.organization_id, provider_id=provider_id)
        await jot(request, db, who, standing, provider_id, "switched-on")
        return f"/{provider_id}"

    return await _act(request, act)


async def switch_off(request: Request) -> Response:
    end_sessions = (await form_data(request)).get("sessions") == "1"

    async def act(db: Db, who: Viewer, standing: Standing, provider_id: int) -> str:
        await commands.switch_off(
            db, organization_id=standing.organization_id, provider_id=provider_id, end_sessions=end_sessions
        )
        await jot(request, db, who, standing, provider_id, "switched-off")
        return f"/{provider_id}"

    return await _act(request, act)


async def remove(request: Request) -> Response:
    async def act(db: Db, who: Viewer, standing: Standing, provider_id: int) -> str:
        await commands.remove(db, organization_id=standing.organization_id, provider_id=provider_id)
        await jot(request, db, who, standing, None, "removed")
        return ""

    return await _act(request, act)


async def _act(request: Request, act: Callable[[Db, Viewer, Standing, int], Awaitable[str]]) -> Response:
    """Permit, act, and back to the page that the act names."""
    await slowly(request)
    async with writing(request) as db:
        who, standing = await allowed(request, db)
        where = await act(db, who, standing, key_in(request, "provider_id"))
    return RedirectResponse(root(standing) + where, 303)


_ONE = "/organisations/{slug}/connexion/{provider_id:int}"
routes: list[BaseRoute] = [
    Route("/organisations/{slug}/connexion/nouveau", kinds, name="new_provider"),
    Route("/organisations/{slug}/connexion/nouveau", connect, methods=["POST"], name="connect_provider"),
    Route("/organisations/{slug}/connexion/verifier", verify, methods=["POST"], name="verify_provider"),
    Route(_ONE, provider, name="provider"),
    Route(_ONE, change, methods=["POST"], name="change_provider"),
    Route(f"{_ONE}/activer", switch_on, methods=["POST"], name="switch_on_provider"),
    Route(f"{_ONE}/desactiver", switch_off, methods=["POST"], name="switch_off_provider"),
    Route(f"{_ONE}/supprimer", remove, methods=["POST"], name="remove_provider"),
]
