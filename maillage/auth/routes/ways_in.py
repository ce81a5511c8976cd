"""One's own ways in: the accounts that one signs in with, one's address, and changing them right after signing in."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands, oidc, policies
from maillage.auth.commands import groups, joining
from maillage.auth.commands.sign_in import Attempt
from maillage.auth.forms.arriving import AddressForm
from maillage.auth.letters import signing_in as letters
from maillage.auth.oidc import Claims, SignInFailed
from maillage.auth.queries import providers
from maillage.auth.queries import signing_in as choices
from maillage.auth.queries import ways_in as queries
from maillage.auth.queries.providers import ProviderRow
from maillage.auth.routes.clients import (
    NO_STORE,
    client_of,
    key_in,
    leads_elsewhere,
    must_be_in_use,
    noted,
    set_out,
    settings_of,
    today_of,
)
from maillage.auth.routes.sessions import oneself
from maillage.auth.routes.sign_in_page import Trouble, sign_in_page
from maillage.auth.viewer import Viewer, set_session_cookie, viewer_of
from maillage.core import clock, limits
from maillage.core.answers import NotAllowed
from maillage.core.db import Db, reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import token_hash

WAYS_IN = "/moi/connexions"
_SOMEBODY_ELSE = _("You are no longer signed in as the person who began this. Nothing was added.")
# What has just been done, by the word in the address.
_DONE: Mapping[str, Text] = {
    "ajout": _("This account is now one of your ways in."),
    "retrait": _("The account was removed, and your other sessions have ended."),
    "lettre": _("A letter is on its way to that address. Open its link within 15 minutes, in this browser."),
    "adresse": _("The address is yours now, and your other sessions have ended."),
}


async def ways_in(request: Request) -> Response:
    return await _shown(request, oneself(request))


async def _shown(
    request: Request, who: Viewer, *, form: AddressForm | None = None, trouble: Trouble | None = None
) -> Response:
    async with reading(request) as db:
        ways = await queries.ways_in(db, who)
        offered = await choices.providers(db)
    response = page(
        request,
        "auth/ways_in.html",
        trouble.status if trouble else 422 if form is not None else 200,
        ways=ways,
        answer=policies.may_change_ways_in(ways.signed_in_at, clock.now()),
        removable={
            way.id: policies.may_remove_way_in(others=ways.others(way), proved_address=ways.email_proved)
            for way in ways.accounts
        },
        choices=offered,
        form=form or AddressForm(locale_of(request), email=ways.email or ""),
        trouble=trouble,
        done=next((said for word, said in _DONE.items() if word in request.query_params), None),
    )
    response.headers["Content-Security-Policy"] = leads_elsewhere(settings_of(request))
    response.headers.update(NO_STORE)
    return response


async def _right_after_signing_in(db: Db, who: Viewer) -> None:
    """What changes how somebody signs in asks that she has just done so: a session left open is not enough."""
    ways = await queries.ways_in(db, who)
    policies.may_change_ways_in(ways.signed_in_at, clock.now()).or_refuse()


async def add_way_in(request: Request) -> Response:
    """To the provider of an account that she has elsewhere; what it says is added to hers (`addition_ended`)."""
    who = oneself(request)
    await limits.check(request, "sign-in", who.id)
    async with reading(request) as db:
        provider = await providers.in_use(db, key_in(request, "provider_id"))
        await _right_after_signing_in(db, who)
    try:
        return await set_out(request, provider, next_path=WAYS_IN, purpose="addition", person_id=who.id)
    except SignInFailed as failed:
        return await _failed(request, who, provider, failed)


async def addition_ended(request: Request, attempt: Attempt, provider: ProviderRow) -> Response:
    """Back from the provider with an account to add: to whoever set out, in her own session, and to nobody else."""
    who, settings = viewer_of(request), settings_of(request)
    if who is None or who.id != attempt.person_id:
        said = Trouble(_SOMEBODY_ELSE, request.state.request_id, 403)
        return await sign_in_page(request, WAYS_IN, trouble=said)
    try:
        claims = await oidc.arrival(
            client_of(settings, provider),
            request.query_params,
            nonce=attempt.nonce,
            code_verifier=attempt.code_verifier,
        )
        token = await _added(request, who, provider, claims)
    except SignInFailed as failed:
        return await _failed(request, who, provider, failed)
    except NotAllowed as refused:
        return await _failed(
            request, who, provider, SignInFailed(refused.answer.why or _SOMEBODY_ELSE, "not-added", 403)
        )
    except NotHere:
        # Her session ended while the provider answered.
        said = Trouble(_SOMEBODY_ELSE, request.state.request_id, 403)
        return await sign_in_page(request, WAYS_IN, trouble=said)
    except Refused as refused:
        return await _failed(request, who, provider, SignInFailed(refused.why, "not-added", 409))
    response = RedirectResponse(f"{WAYS_IN}?ajout", 303, NO_STORE)
    set_session_cookie(response, settings, token)
    return response


async def _added(request: Request, who: Viewer, provider: ProviderRow, claims: Claims) -> str:
    """Returns the new token of her session: what she may do has changed."""
    now = clock.now()
    async with writing(request) as db:
        await must_be_in_use(db, provider)
        # Again: what was fresh when she set out may be ten minutes older, and her session may have ended.
        await _right_after_signing_in(db, who)
        new = await commands.add_identity(db, person_id=who.id, issuer=claims.issuer, subject=claims.subject, now=now)
        why_not = await joining.refusal(
            db, organization_id=provider.organization_id, email=claims.email, unverified=claims.unverified
        )
        if why_not is None:
            await joining.joined(
                db,
                person_id=who.id,
                organization_id=provider.organization_id,
                email=claims.email,
                today=today_of(request),
            )
        await groups.told(db, provider_id=provider.id, person_id=who.id, groups=claims.groups)
        if new:
            await letters.tell_of_account(db, person_id=who.id, provider=provider.label)
        await noted(request, db, provider, "added", person_id=who.id)
        return await commands.renew_session(db, session_id=who.session_id)


async def _failed(request: Request, who: Viewer, provider: ProviderRow, failed: SignInFailed) -> Response:
    async with writing(request) as db:
        await noted(request, db, provider, failed.reason, person_id=who.id)
    said = Trouble(failed.why, request.state.request_id, failed.status, provider.id)
    return await _shown(request, who, trouble=said)


async def remove_way_in(request: Request) -> Response:
    who, identity_id = oneself(request), key_in(request, "identity_id")
    async with writing(request) as db:
        await _right_after_signing_in(db, who)
        await commands.remove_identity(db, person_id=who.id, identity_id=identity_id, session_id=who.session_id)
    return RedirectResponse(f"{WAYS_IN}?retrait", 303)


async def change_address(request: Request) -> Response:
    """Have a link sent to the address that she gives; it is hers once she has used it."""
    who = oneself(request)
    form = AddressForm(locale_of(request), await form_data(request))
    async with reading(request) as db:
        await _right_after_signing_in(db, who)
    if not form.validate():
        return await _shown(request, who, form=form)
    await limits.check(request, "sign-in-letter", who.id)
    if await limits.mailbox_has_room(request, "sign-in-letter", form.email.words):
        async with writing(request) as db:
            await letters.send_proof_of_address(
                db, person_id=who.id, email=form.email.words, locale=locale_of(request), now=clock.now()
            )
    return RedirectResponse(f"{WAYS_IN}?lettre", 303)


async def proof_of_address(request: Request) -> Response:
    """The page of a link that proves an address: a button, for whoever asked for it."""
    oneself(request)
    async with reading(request) as db:
        hashed = token_hash(request.path_params["token"])
        link = await choices.pending_link(db, hashed, purpose="address", now=clock.now())
    return _proof_page(request, email=link.email if link else None)


async def prove_address(request: Request) -> Response:
    who, now = oneself(request), clock.now()
    await limits.check(request, "sign-in", who.id)
    try:
        async with writing(request) as db:
            email = await commands.use_proof_of_address(
                db, token=request.path_params["token"], person_id=who.id, now=now
            )
            before = await commands.change_address(
                db, person_id=who.id, email=email, session_id=who.session_id, now=now
            )
            if before is not None:
                await letters.tell_of_address(db, person_id=who.id, before=before)
    except Refused as refused:
        return _proof_page(request, 409, why=refused.why)
    return RedirectResponse(f"{WAYS_IN}?adresse", 303)


def _proof_page(request: Request, status: int = 200, **about: Any) -> Response:
    response = page(request, "auth/address_proof.html", status, **{"why": None, "email": None} | about)
    response.headers.update(NO_STORE)
    return response


routes: list[BaseRoute] = [
    Route(WAYS_IN, ways_in, name="ways_in"),
    Route(f"{WAYS_IN}/ajout/{{provider_id:int}}", add_way_in, methods=["POST"], name="add_way_in"),
    Route(f"{WAYS_IN}/{{identity_id:int}}/retrait", remove_way_in, methods=["POST"], name="remove_way_in"),
    Route(f"{WAYS_IN}/adresse", change_address, methods=["POST"], name="change_address"),
    Route(f"{WAYS_IN}/adresse/{{token}}", proof_of_address, name="proof_of_address"),
    Route(f"{WAYS_IN}/adresse/{{token}}", prove_address, methods=["POST"], name="prove_address"),
]
