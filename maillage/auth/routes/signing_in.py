"""Signing in with a provider or a one-time link, and signing out."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands, oidc
from maillage.auth.forms.next_path import safe_next
from maillage.auth.oidc import SignInFailed, trouble
from maillage.auth.queries import providers
from maillage.auth.queries import signing_in as queries
from maillage.auth.routes.clients import (
    CALL_BACK,
    CALL_BACK_OF,
    NO_STORE,
    attempt_cookie,
    client_of,
    key_in,
    leads_elsewhere,
    set_out,
    settings_of,
)
from maillage.auth.viewer import clear_session_cookie, session_cookie, set_session_cookie
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.errors import Refused
from maillage.core.forms import form_data
from maillage.core.languages import Text
from maillage.core.pages import page

log = structlog.get_logger("maillage.auth")


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What went wrong with signing in, on the page that offers to try again."""

    why: Text
    reference: str
    status: int


async def sign_in(request: Request) -> Response:
    return await _sign_in_page(request, safe_next(request.query_params.get("suite")))


async def _sign_in_page(request: Request, next_path: str, failure: _Trouble | None = None) -> Response:
    settings = settings_of(request)
    async with reading(request) as db:
        choices = await queries.providers(db)
        people = await queries.demo_people(db) if settings.env == "demo" else {}
    response = page(
        request,
        "auth/sign_in.html",
        failure.status if failure else 200,
        choices=choices,
        people=people,
        next_path=next_path,
        trouble=failure,
    )
    response.headers["Content-Security-Policy"] = leads_elsewhere(settings)
    response.headers.update(NO_STORE)
    return response


async def depart(request: Request) -> Response:
    """To the provider, with what only this browser can bring back."""
    await limits.check(request, "sign-in")
    form = await form_data(request)
    next_path = safe_next(str(form.get("suite", "")))
    login_hint = str(form.get("login_hint", ""))[:255]
    async with reading(request) as db:
        provider = await providers.in_use(db, key_in(request, "provider_id"))
    try:
        return await set_out(request, provider, next_path=next_path, login_hint=login_hint)
    except SignInFailed as failed:
        return await _failed(request, failed, provider.id, next_path)


async def call_back(request: Request) -> Response:
    """Back from the provider: a GET that opens a session, which is why `state` is bound to the browser."""
    settings, params = settings_of(request), request.query_params
    browser = request.cookies.get(attempt_cookie(settings), "")
    try:
        async with writing(request) as db:
            attempt = await commands.take_sign_in(db, state=params.get("state", ""), browser=browser, now=clock.now())
    except Refused as refused:
        return await _failed(request, SignInFailed(refused.why, "no-attempt"), None, "/")
    try:
        async with reading(request) as db:
            provider = await providers.in_use(db, attempt.provider_id)
        if provider.organization_id != request.path_params.get("organization_id"):
            raise trouble.other_provider(provider.label, "mix-up")
        claims = await oidc.arrival(
            client_of(settings, provider), params, nonce=attempt.nonce, code_verifier=attempt.code_verifier
        )
        async with writing(request) as db:
            now = clock.now()
            person_id = await commands.person_for_identity(
                db,
                issuer=claims.issuer,
                subject=claims.subject,
                name=claims.name,
                email=claims.email,
                organization_id=provider.organization_id,
                now=now,
            )
            token = await _open_session(request, db, person_id, provider.id)
    except SignInFailed as failed:
        return await _failed(request, failed, attempt.provider_id, attempt.next_path)
    except Refused as refused:
        return await _failed(
            request, SignInFailed(refused.why, "suspended", 403), attempt.provider_id, attempt.next_path
        )
    response = _signed_in(settings, token, attempt.next_path)
    response.delete_cookie(attempt_cookie(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")
    return response


async def _failed(request: Request, failed: SignInFailed, provider_id: int | None, next_path: str) -> Response:
    log.warning("sign-in failed", reason=failed.reason, provider=provider_id)
    failure = _Trouble(failed.why, request.state.request_id, failed.status)
    return await _sign_in_page(request, next_path, failure)


async def _open_session(request: Request, db: Db, person_id: int, provider_id: int | None) -> str:
    settings = settings_of(request)
    return await commands.open_session(
        db,
        person_id=person_id,
        provider_id=provider_id,
        device=device_name(request.headers.get("user-agent", "")),
        now=clock.now(),
        lifetime=timedelta(days=settings.session_absolute_days),
        replaces=request.cookies.get(session_cookie(settings)),
    )


def _signed_in(settings: Settings, token: str, next_path: str) -> Response:
    response = RedirectResponse(next_path, 303, NO_STORE)
    set_session_cookie(response, settings, token)
    return response


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Enough to recognize one's own device in a list, and nothing more: "Firefox, Linux"; "" when unknown."""
    found = [next((name for mark, name in known if mark in user_agent), None) for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)


async def sign_in_link(request: Request) -> Response:
    """The page of a one-time link: a button. Opening it changes nothing, so that mail scanners may."""
    response = page(request, "auth/sign_in_link.html", why=None)
    response.headers.update(NO_STORE)
    return response


async def use_sign_in_link(request: Request) -> Response:
    await limits.check(request, "sign-in")
    token = request.path_params["token"]
    try:
        async with writing(request) as db:
            person_id = await commands.use_sign_in_link(db, token=token, now=clock.now())
            session = await _open_session(request, db, person_id, None)
    except Refused as refused:
        response = page(request, "auth/sign_in_link.html", 409, why=refused.why)
        response.headers.update(NO_STORE)
        return response
    return _signed_in(settings_of(request), session, "/")


async def sign_out(request: Request) -> Response:
    settings = settings_of(request)
    if token := request.cookies.get(session_cookie(settings)):
        async with writing(request) as db:
            await commands.close_session(db, token=token)
    return signed_out(settings)


def signed_out(settings: Settings) -> Response:
    # What composers kept in the browser (drafts) is hers, not the next person's.
    response = RedirectResponse("/", 303, {"Clear-Site-Data": '"storage"', **NO_STORE})
    clear_session_cookie(response, settings)
    return response


routes: list[BaseRoute] = [
    Route("/connexion", sign_in, name="sign_in"),
    Route("/connexion/fournisseur/{provider_id:int}", depart, methods=["POST"], name="depart"),
    Route(CALL_BACK, call_back, name="call_back"),
    Route(CALL_BACK_OF, call_back, name="call_back_of"),
    Route("/connexion/lien/{token}", sign_in_link, name="sign_in_link"),
    Route("/connexion/lien/{token}", use_sign_in_link, methods=["POST"], name="use_sign_in_link"),
    Route("/deconnexion", sign_out, methods=["POST"], name="sign_out"),
]
