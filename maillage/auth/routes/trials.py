"""Trying an account service out: what it sends is shown claim by claim, and kept nowhere."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from maillage.auth import oidc
from maillage.auth.commands import Attempt, joining
from maillage.auth.commands import providers as commands
from maillage.auth.oidc import SignInFailed
from maillage.auth.oidc.trouble import unknown_domain, unverified_address
from maillage.auth.policies import Standing, may_set_up
from maillage.auth.queries import organizations
from maillage.auth.queries import providers as queries
from maillage.auth.queries.providers import ProviderRow
from maillage.auth.routes.clients import NO_STORE, client_of, key_in, leads_elsewhere, noted, set_out, settings_of
from maillage.auth.routes.set_up import allowed, root, slowly
from maillage.auth.viewer import viewer_of
from maillage.core import clock
from maillage.core.db import Db, reading, writing
from maillage.core.errors import NotHere
from maillage.core.languages import Text, _
from maillage.core.pages import page

_REDIRECT = _("The redirect address that the service knows must be the one of your set-up page, to the last character.")
# What to look at when a trial fails, by the word of what went wrong.
ADVICE: dict[str, Text] = {
    "client-refused": _("Copy the client identifier and the secret again: the value of the secret, not its number."),
    "request-refused": _REDIRECT,
    "redirect": _REDIRECT,
    "issuer": _("Compare the address of the service with the one that its own description gives."),
    "unreachable": _("See whether the address of the service is right, and whether the Internet reaches it."),
    "slow": _("See whether the service answers quickly in a browser, then try again."),
    "certificate": _("The certificate of the service has expired, or was made for another name."),
    "secret-lost": _("Enter the client secret again."),
    "private-address": _("The service has to be reachable from the public Internet."),
    "cancelled": _("Try again, and go through to the end at the service."),
    "consent": _("At the service, let your people’s accounts be used here, then try again."),
    "clock": _("Set the clock of the service right."),
    "expired": _("Set the clock of the service right, or try again without waiting."),
}


async def begin_trial(request: Request) -> Response:
    await slowly(request, "ask-provider")
    async with reading(request) as db:
        who, standing = await allowed(request, db)
        row = await queries.own(db, standing.organization_id, key_in(request, "provider_id"))
    try:
        return await set_out(request, row, next_path=f"{root(standing)}/{row.id}", purpose="trial", person_id=who.id)
    except SignInFailed as failed:
        return await _failed(request, standing, row, failed)


async def trial_ended(request: Request, attempt: Attempt, row: ProviderRow) -> Response:
    """Back from the service. Only she who set out is shown what it says, while she still looks after it.

    Nothing of it is kept, except that these settings went through.
    """
    who = viewer_of(request)
    if row.organization_id is None or who is None or who.id != attempt.person_id:
        raise NotHere
    async with reading(request) as db:
        standing = await organizations.standing(db, who, await organizations.slug_of(db, row.organization_id))
    may_set_up(who, standing).or_refuse()
    try:
        ended = await oidc.trial(
            client_of(settings_of(request), row),
            request.query_params,
            nonce=attempt.nonce,
            code_verifier=attempt.code_verifier,
        )
    except SignInFailed as failed:
        return await _failed(request, standing, row, failed)
    async with writing(request) as db:
        now = clock.now()
        went_through = await commands.went_through(db, tried=row, now=now)
        await noted(request, db, row, "trial", person_id=who.id)
        outlook = await _outlook(db, row, standing.organization_id, ended.kept)
    return _page(request, standing, row, trial=ended, outlook=outlook, went_through=went_through)


async def _outlook(db: Db, row: ProviderRow, organization_id: int, kept: oidc.Claims) -> Text:
    """What would become of somebody new of whom the service says this."""
    why = await joining.refusal(db, organization_id=organization_id, email=kept.email, unverified=kept.unverified)
    if why is not None:
        refused = unverified_address if why == "unverified-address" else unknown_domain
        return refused(row.label).why
    if await joining.enters_at_once(db, organization_id=organization_id, email=kept.email):
        return _("Somebody new with such an account would be in at once.")
    return _("Somebody new with such an account would wait until an administrator lets her in.")


async def _failed(request: Request, standing: Standing, row: ProviderRow, failed: SignInFailed) -> Response:
    who = viewer_of(request)
    async with writing(request) as db:
        await noted(request, db, row, failed.reason, person_id=None if who is None else who.id)
    return _page(request, standing, row, status=failed.status, failed=failed)


def _page(
    request: Request,
    standing: Standing,
    row: ProviderRow,
    *,
    status: int = 200,
    trial: oidc.Trial | None = None,
    outlook: Text | None = None,
    went_through: bool = False,
    failed: SignInFailed | None = None,
) -> Response:
    response = page(
        request,
        "auth/organizations/trial.html",
        status,
        standing=standing,
        root=root(standing),
        provider=row,
        trial=trial,
        outlook=outlook,
        went_through=went_through,
        failed=failed,
        advice=ADVICE.get(failed.reason) if failed else None,
        reference=request.state.request_id,
    )
    # « Try again » leaves for the provider from here.
    response.headers["Content-Security-Policy"] = leads_elsewhere(settings_of(request))
    response.headers.update(NO_STORE)
    return response


routes: list[BaseRoute] = [
    Route("/organisations/{slug}/connexion/{provider_id:int}/essai", begin_trial, methods=["POST"], name="try_provider")
]
