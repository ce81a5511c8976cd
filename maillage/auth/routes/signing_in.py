"""Signing in with an organization's own accounts: the way out to its provider, and the way back."""

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands, oidc
from maillage.auth.commands import groups, joining
from maillage.auth.forms.arriving import AddressForm
from maillage.auth.forms.next_path import safe_next
from maillage.auth.oidc import Claims, SignInFailed, trouble
from maillage.auth.queries import providers
from maillage.auth.queries import signing_in as queries
from maillage.auth.queries.providers import ProviderRow
from maillage.auth.routes.arriving import to_welcome
from maillage.auth.routes.clients import (
    CALL_BACK,
    CALL_BACK_OF,
    attempt_cookie,
    client_of,
    key_in,
    must_be_in_use,
    noted,
    set_out,
    settings_of,
    today_of,
)
from maillage.auth.routes.links import send_link
from maillage.auth.routes.sessions import open_session, signed_in
from maillage.auth.routes.sign_in_page import Trouble, remember_choice, sign_in_page
from maillage.auth.routes.trials import trial_ended
from maillage.auth.routes.ways_in import addition_ended
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import Refused
from maillage.core.forms import form_data
from maillage.core.pages import locale_of

# What a provider may not bring in (commands/joining.py: refusal).
_NOT_BROUGHT_IN = {"unknown-domain": trouble.unknown_domain, "unverified-address": trouble.unverified_address}

log = structlog.get_logger("maillage.auth")


async def sign_in(request: Request) -> Response:
    return await sign_in_page(request, safe_next(request.query_params.get("suite")))


async def find_way_in(request: Request) -> Response:
    """From an address to its organization's account service; without one, a link. Nobody looks whose address it is."""
    await limits.check(request, "sign-in")
    form = await form_data(request)
    address = AddressForm(locale_of(request), form)
    next_path = safe_next(str(form.get("suite", "")))
    if not address.validate():
        return await sign_in_page(request, next_path, form=address)
    email = address.email.words
    async with reading(request) as db:
        offered = await queries.providers_for(db, joining.domain_of(email))
    match offered:
        case []:
            return await send_link(request, email, next_path)
        case [only]:
            return await _away(request, only.id, next_path, email)
    return await sign_in_page(request, next_path, form=address, offered=offered)


async def depart(request: Request) -> Response:
    """To the provider, with what only this browser can bring back."""
    await limits.check(request, "sign-in")
    form = await form_data(request)
    login_hint = str(form.get("login_hint", ""))[:255]
    return await _away(request, key_in(request, "provider_id"), safe_next(str(form.get("suite", ""))), login_hint)


async def _away(request: Request, provider_id: int, next_path: str, login_hint: str) -> Response:
    async with reading(request) as db:
        provider = await providers.in_use(db, provider_id)
    try:
        return await set_out(request, provider, next_path=next_path, login_hint=login_hint)
    except SignInFailed as failed:
        return await _failed(request, failed, provider, next_path)


async def call_back(request: Request) -> Response:
    """Back from the provider: a GET that opens a session, which is why `state` is bound to the browser."""
    settings, params = settings_of(request), request.query_params
    browser = request.cookies.get(attempt_cookie(settings), "")
    try:
        async with writing(request) as db:
            attempt = await commands.take_sign_in(db, state=params.get("state", ""), browser=browser, now=clock.now())
    except Refused as refused:
        return await _failed(request, SignInFailed(refused.why, "no-attempt"), None, "/")
    async with reading(request) as db:
        provider = await providers.whatever_its_state(db, attempt.provider_id)
    if provider.organization_id != request.path_params.get("organization_id"):
        return await _failed(request, trouble.other_provider(provider.label, "mix-up"), provider, attempt.next_path)
    if attempt.purpose == "trial":
        return await trial_ended(request, attempt, provider)
    if attempt.purpose == "addition":
        return await addition_ended(request, attempt, provider)
    try:
        async with reading(request) as db:
            await must_be_in_use(db, provider)
        claims = await oidc.arrival(
            client_of(settings, provider), params, nonce=attempt.nonce, code_verifier=attempt.code_verifier
        )
        response = await _let_in(request, provider, claims, attempt.next_path)
    except SignInFailed as failed:
        return await _failed(request, failed, provider, attempt.next_path)
    remember_choice(response, settings, str(provider.id))
    response.delete_cookie(attempt_cookie(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")
    return response


async def _let_in(request: Request, provider: ProviderRow, claims: Claims, next_path: str) -> Response:
    """A session for whoever is known by this identity; whoever is not, to the door where accounts are made."""
    settings, now = settings_of(request), clock.now()
    async with writing(request) as db:
        # Again, and held: the provider itself decides how long its answer takes.
        await must_be_in_use(db, provider)
        person_id = await commands.known_person(db, issuer=claims.issuer, subject=claims.subject, now=now)
        why_not = await joining.refusal(
            db, organization_id=provider.organization_id, email=claims.email, unverified=claims.unverified
        )
        own = await commands.is_own_address(db, organization_id=provider.organization_id, email=claims.email)
        if own and claims.email is not None:
            # Held before the person, as by whoever changes her address.
            await commands.person_at(db, email=claims.email)
        if person_id is None:
            if why_not is not None:
                raise _NOT_BROUGHT_IN[why_not](provider.label)
            arrival = await commands.begin_arrival(
                db,
                provider_id=provider.id,
                issuer=claims.issuer,
                subject=claims.subject,
                provider_session=claims.session,
                groups=claims.groups,
                name=claims.name,
                email=claims.email,
                email_proved=own,
                next_path=next_path,
                now=now,
            )
            return to_welcome(settings, arrival)
        try:
            token = await open_session(request, db, person_id, provider.id, claims.session)
        except Refused as refused:
            raise SignInFailed(refused.why, "suspended", 403) from refused
        if why_not is None:
            await joining.joined(
                db,
                person_id=person_id,
                organization_id=provider.organization_id,
                email=claims.email,
                today=today_of(request),
            )
        if own and claims.email is not None:
            await commands.vouch_for_address(db, person_id=person_id, email=claims.email, now=now)
        await groups.told(db, provider_id=provider.id, person_id=person_id, groups=claims.groups)
        await noted(request, db, provider, "signed-in", person_id=person_id)
    return signed_in(settings, token, next_path)


async def _failed(request: Request, failed: SignInFailed, provider: ProviderRow | None, next_path: str) -> Response:
    """The sign-in page, with what went wrong: under the number that the organization's journal has too."""
    log.warning("sign-in failed", reason=failed.reason, provider=provider.id if provider else None)
    if provider is not None:
        async with writing(request) as db:
            await noted(request, db, provider, failed.reason, person_id=None)
    said = Trouble(failed.why, request.state.request_id, failed.status, provider.id if provider else None)
    return await sign_in_page(request, next_path, trouble=said)


routes: list[BaseRoute] = [
    Route("/connexion", sign_in, name="sign_in"),
    Route("/connexion", find_way_in, methods=["POST"], name="find_way_in"),
    Route("/connexion/fournisseur/{provider_id:int}", depart, methods=["POST"], name="depart"),
    Route(CALL_BACK, call_back, name="call_back"),
    Route(CALL_BACK_OF, call_back, name="call_back_of"),
]
