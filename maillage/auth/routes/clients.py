"""What the exchange with a provider has in common, whatever it is for: who we are to it, and how a browser sets out."""

from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from maillage.auth import commands, oidc
from maillage.auth.commands.journal import note
from maillage.auth.oidc import trouble
from maillage.auth.queries import providers
from maillage.auth.queries.providers import ProviderRow
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.content_policy import policy
from maillage.core.db import Db, writing
from maillage.core.errors import NotHere
from maillage.core.forms import MAX_NUMBER
from maillage.core.pages import locale_of
from maillage.core.sealing import TOKEN_LENGTH, Unreadable, new_token, unseal

# What provider secrets are sealed for (core/sealing.py).
PROVIDER_SECRET = "provider secret"  # noqa: S105 — the purpose, not the secret
CALL_BACK = "/connexion/retour"
# Each organization has its own, or one organization's provider could pass an answer of another's off as its own.
CALL_BACK_OF = CALL_BACK + "/{organization_id:int}"
# Where providers that end their own session too send browsers back to.
SIGNED_OUT = "/deconnexion/fait"
# Of the pages that carry a sign-in on its way, nothing is kept, in the browser's own store neither.
NO_STORE = {"Cache-Control": "no-store"}


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def today_of(request: Request) -> date:
    """The day that it is where the platform's people are: memberships begin and end on it."""
    return clock.today(settings_of(request).time_zone)


def key_in(request: Request, name: str) -> int:
    """A number in the path, if the database could hold it."""
    number: int = request.path_params[name]
    if number > MAX_NUMBER:
        raise NotHere
    return number


def number_in(given: str | None) -> int | None:
    """A number in a query, if it is one that the database could hold."""
    is_one = given is not None and given.isascii() and given.isdigit() and len(given) < len(str(MAX_NUMBER))
    return int(given) if given is not None and is_one else None


def client_of(settings: Settings, row: ProviderRow) -> oidc.Client:
    """What this platform is to that provider. Raises `SignInFailed` when no key of ours opens its secret."""
    return oidc.Client(
        label=row.label,
        kind=row.kind,
        issuer=row.issuer,
        client_id=row.client_id,
        client_secret=secret_of(settings, row),
        redirect_uri=redirect_address(settings, row.organization_id),
        group_claim=row.group_claim,
        plain=_plain(row),
        private_ok=settings.private_providers,
    )


def redirect_address(settings: Settings, organization_id: int | None) -> str:
    """Where the providers of an organization (or of the instance) send browsers back to; they are told beforehand."""
    path = CALL_BACK if organization_id is None else f"{CALL_BACK}/{organization_id}"
    return settings.base_url + path


def secret_of(settings: Settings, row: ProviderRow) -> str | None:
    if row.client_secret is None:
        return None
    try:
        return unseal(settings.secret, PROVIDER_SECRET, row.client_secret, older=settings.older_secrets).decode()
    except Unreadable:
        raise trouble.secret_lost(row.label) from None


def readable_secret(settings: Settings, row: ProviderRow) -> str | None:
    """None too when no key of ours opens it any more: whatever is written then replaces it."""
    try:
        return secret_of(settings, row)
    except oidc.SignInFailed:
        return None


def _plain(row: ProviderRow) -> oidc.Plain | None:
    # Those that cannot do without are given together (models, `plain_oauth`).
    if (
        row.kind != "oauth2"
        or row.authorization_endpoint is None
        or row.token_endpoint is None
        or row.userinfo_endpoint is None
        or row.subject_claim is None
    ):
        return None
    return oidc.Plain(
        authorization_endpoint=row.authorization_endpoint,
        token_endpoint=row.token_endpoint,
        userinfo_endpoint=row.userinfo_endpoint,
        subject_claim=row.subject_claim,
        name_claim=row.name_claim,
        email_claim=row.email_claim,
    )


async def must_be_in_use(db: Db, provider: ProviderRow) -> None:
    """People may sign in with it, and nobody changes that before this transaction ends; raises `SignInFailed`."""
    try:
        await providers.held_in_use(db, provider.id)
    except NotHere:
        raise trouble.switched_off(provider.label) from None


async def noted(request: Request, db: Db, provider: ProviderRow, outcome: str, *, person_id: int | None) -> None:
    """A line in the journal of the provider's organization, under the number that the person is shown."""
    await note(
        db,
        organization_id=provider.organization_id,
        provider_id=provider.id,
        person_id=person_id,
        outcome=outcome,
        reference=request.state.request_id,
        now=clock.now(),
    )


async def set_out(
    request: Request,
    provider: ProviderRow,
    *,
    next_path: str,
    login_hint: str = "",
    purpose: str = "sign_in",
    person_id: int | None = None,
) -> Response:
    """To the provider, with what only this browser can bring back. Raises `SignInFailed`.

    `purpose` and `person_id`: what for, and on whose account (models, `SignInAttempt`).
    """
    settings = settings_of(request)
    out = await oidc.departure(client_of(settings, provider), login_hint=login_hint, locale=locale_of(request))
    browser = browser_secret(request)
    async with writing(request) as db:
        await commands.begin_sign_in(
            db,
            provider_id=provider.id,
            state=out.state,
            nonce=out.nonce,
            code_verifier=out.code_verifier,
            browser=browser,
            next_path=next_path,
            purpose=purpose,
            person_id=person_id,
            now=clock.now(),
        )
    response = RedirectResponse(out.url, 303, NO_STORE)
    keep_browser_secret(response, settings, browser, commands.ATTEMPT_LASTS)
    return response


def browser_secret(request: Request) -> str:
    """One secret for all the tabs of this browser, or the second to set out would strand the first."""
    browser = request.cookies.get(attempt_cookie(settings_of(request)), "")
    return browser if len(browser) == TOKEN_LENGTH else new_token()


def keep_browser_secret(response: Response, settings: Settings, browser: str, lasts: timedelta) -> None:
    """Have this browser be known again: when it is back from a provider, or with a link that it asked for."""
    response.set_cookie(
        attempt_cookie(settings),
        browser,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        # Lax: the provider's redirect back is a top-level GET from another site.
        samesite="lax",
    )


def attempt_cookie(settings: Settings) -> str:
    return "__Host-connexion" if settings.is_https else "connexion"


def arrival_cookie(settings: Settings) -> str:
    return "__Host-arrivee" if settings.is_https else "arrivee"


def forget_arrival(response: Response, settings: Settings) -> None:
    """Whoever signs in or out here is not the one who was arriving, or no longer."""
    response.delete_cookie(arrival_cookie(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")


def leads_elsewhere(settings: Settings) -> str:
    """The content policy of a page whose buttons lead to providers by a redirect.

    Browsers hold redirects after a form to `form-action`.
    """
    elsewhere = "'self' https:" + ("" if settings.is_https else " http://127.0.0.1:* http://localhost:*")
    return policy(form_action=elsewhere)
