"""Sessions: opened at the end of every way in, listed, ended here, there, or by the provider that opened them."""

import asyncio
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands, oidc, policies
from maillage.auth.oidc import SignInFailed
from maillage.auth.queries import providers
from maillage.auth.queries import ways_in as queries
from maillage.auth.routes.clients import NO_STORE, SIGNED_OUT, client_of, forget_arrival, key_in, noted, settings_of
from maillage.auth.viewer import (
    Viewer,
    clear_session_cookie,
    session_cookie,
    set_session_cookie,
    viewer_of,
)
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.errors import NotHere
from maillage.core.forms import MAX_NUMBER, form_data
from maillage.core.pages import page
from maillage.core.sealing import new_token

# How far a provider's clock may be behind ours when it says that a session has ended.
_APART = timedelta(seconds=5)
# How many seconds somebody who signs out waits, at most, for her provider to say where she could sign out there too.
OFFER_WAITS = 1
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

log = structlog.get_logger("maillage.auth")


def oneself(request: Request) -> Viewer:
    """Whoever is signed in; others are asked to sign in."""
    who = viewer_of(request)
    policies.may_use_own_account(who).or_refuse()
    assert who is not None  # noqa: S101 — what the answer just said, for the type checker
    return who


async def open_session(
    request: Request, db: Db, person_id: int, provider_id: int | None = None, provider_session: str | None = None
) -> str:
    """A session for this browser, in place of the one that it had. Returns its token."""
    settings = settings_of(request)
    return await commands.open_session(
        db,
        person_id=person_id,
        provider_id=provider_id,
        provider_session=provider_session,
        device=device_name(request.headers.get("user-agent", "")),
        country=request.app.state.places.country(request.state.address),
        now=clock.now(),
        lifetime=timedelta(days=settings.session_absolute_days),
        replaces=request.cookies.get(session_cookie(settings)),
    )


def device_name(user_agent: str) -> str:
    """Enough to recognize one's own device in a list, and nothing more: "Firefox, Linux"; "" when unknown."""
    found = [next((name for mark, name in known if mark in user_agent), None) for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)


def signed_in(settings: Settings, token: str, next_path: str) -> Response:
    response = RedirectResponse(next_path, 303, NO_STORE)
    set_session_cookie(response, settings, token)
    forget_arrival(response, settings)
    return response


def signed_out(settings: Settings, path: str = "/") -> Response:
    # What composers kept in the browser (drafts) is hers, not the next person's.
    response = RedirectResponse(path, 303, {"Clear-Site-Data": '"storage"', **NO_STORE})
    clear_session_cookie(response, settings)
    forget_arrival(response, settings)
    return response


async def sign_out(request: Request) -> Response:
    """The session ends here in any case; where her provider has one of its own, she may end that too."""
    settings, provider_id = settings_of(request), None
    if token := request.cookies.get(session_cookie(settings)):
        async with writing(request) as db:
            provider_id = await commands.close_session(db, token=token)
    if provider_id is None or await _sign_out_there(request, provider_id) is None:
        return signed_out(settings)
    return signed_out(settings, f"{SIGNED_OUT}?par={provider_id}")


async def signed_out_here(request: Request) -> Response:
    """She is signed out. `par`: the provider where she may sign out too."""
    given = request.query_params.get("par", "")
    there = None
    if given.isascii() and given.isdigit() and len(given) < len(str(MAX_NUMBER)):
        # It asks the provider.
        await limits.check(request, "sign-in")
        there = await _sign_out_there(request, int(given))
    response = page(request, "auth/signed_out.html", there=there)
    response.headers.update(NO_STORE)
    return response


async def _sign_out_there(request: Request, provider_id: int) -> tuple[str, str] | None:
    """The provider's name, and its address for signing out; None where it has none, or does not answer."""
    settings = settings_of(request)
    try:
        async with reading(request) as db:
            provider = await providers.in_use(db, provider_id)
        async with asyncio.timeout(OFFER_WAITS):
            address = await oidc.sign_out_address(
                client_of(settings, provider), back_to=settings.base_url + SIGNED_OUT, state=new_token()
            )
    except (NotHere, SignInFailed, TimeoutError):
        return None
    return None if address is None else (provider.label, address)


async def ended_elsewhere(request: Request) -> Response:
    """OpenID Connect back-channel logout: a provider says that sessions which it opened have ended."""
    await limits.check(request, "sign-out-call")
    token = str((await form_data(request)).get("logout_token", ""))
    try:
        async with reading(request) as db:
            provider = await providers.whatever_its_state(db, key_in(request, "provider_id"))
        told = await oidc.logged_out(client_of(settings_of(request), provider), token)
    except (NotHere, SignInFailed) as refused:
        log.warning("sign-out call refused", reason=getattr(refused, "reason", "no-provider"))
        # The same for a provider that does not exist: nobody learns which do.
        return JSONResponse({"error": "invalid_request"}, 400, NO_STORE)
    async with writing(request) as db:
        ended = await commands.close_sessions_of_provider(
            db,
            provider_id=provider.id,
            issuer=provider.issuer,
            subject=told.subject,
            session=told.session,
            before=told.issued_at + _APART,
        )
        if ended:
            await noted(request, db, provider, "signed-out", person_id=None)
    await limits.give_back(request, "sign-out-call")
    log.info("sessions ended by their provider", provider=provider.id, sessions=ended)
    return Response(status_code=200, headers=NO_STORE)


async def sessions(request: Request) -> Response:
    who, now = oneself(request), clock.now()
    async with reading(request) as db:
        listed = await queries.open_sessions(
            db, who, now=now, seen_after=now - timedelta(days=settings_of(request).session_idle_days)
        )
    return page(request, "auth/sessions.html", sessions=listed)


async def end_session(request: Request) -> Response:
    who, session_id = oneself(request), key_in(request, "session_id")
    async with writing(request) as db:
        await commands.close_one_session(db, person_id=who.id, session_id=session_id)
    if session_id == who.session_id:
        return signed_out(settings_of(request))
    return RedirectResponse("/moi/sessions", 303)


async def end_other_sessions(request: Request) -> Response:
    who = oneself(request)
    async with writing(request) as db:
        await commands.close_all_sessions(db, person_id=who.id, except_id=who.session_id)
    return RedirectResponse("/moi/sessions", 303)


async def end_all_sessions(request: Request) -> Response:
    who = oneself(request)
    async with writing(request) as db:
        await commands.close_all_sessions(db, person_id=who.id)
    return signed_out(settings_of(request))


routes: list[BaseRoute] = [
    Route("/deconnexion", sign_out, methods=["POST"], name="sign_out"),
    Route(SIGNED_OUT, signed_out_here, name="signed_out"),
    Route("/connexion/retrait/{provider_id:int}", ended_elsewhere, methods=["POST"], name="ended_elsewhere"),
    Route("/moi/sessions", sessions, name="sessions"),
    Route("/moi/sessions/fin", end_other_sessions, methods=["POST"], name="end_other_sessions"),
    Route("/moi/sessions/tout", end_all_sessions, methods=["POST"], name="end_all_sessions"),
    Route("/moi/sessions/{session_id:int}/fin", end_session, methods=["POST"], name="end_session"),
]
