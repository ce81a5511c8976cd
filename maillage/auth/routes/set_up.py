"""How an organization's people sign in and join: the overview, the rule for joining, and the journal."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import policies
from maillage.auth.commands import organizations as commands
from maillage.auth.commands.journal import note
from maillage.auth.forms.organizations import JoiningForm
from maillage.auth.forms.providers import KINDS
from maillage.auth.policies import Standing
from maillage.auth.queries import organizations, set_up
from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock, limits
from maillage.core.db import Db, reading, writing
from maillage.core.forms import MAX_NUMBER, clean_line, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page

JOURNAL_KEPT = timedelta(days=90)
STATES: dict[str, Text] = {
    "preparing": _("Being prepared"),
    "tried": _("Tried, not switched on"),
    "on": _("In use"),
    "off": _("Switched off"),
}
# What the journal says of each outcome; one that is missing here is written as it is.
OUTCOMES: dict[str, Text] = {
    "signed-in": _("Signed in"),
    "signed-out": _("Signed out by the account service"),
    "added": _("Account added to somebody’s ways in"),
    "not-added": _("Account not added: it is somebody else’s way in"),
    "not-in-use": _("The account service was switched off while somebody was on the way"),
    "trial": _("Trial that went through"),
    "connected": _("Account service added"),
    "changed": _("Settings changed"),
    "switched-on": _("Switched on"),
    "switched-off": _("Switched off"),
    "removed": _("Account service removed"),
    "domain-proved": _("Domain proved"),
    "domain-removed": _("Domain removed"),
    "joining-changed": _("Rule for joining changed"),
    "described": _("Name or description of the organization changed"),
    "cancelled": _("The person cancelled"),
    "consent": _("The person’s agreement was missing at the account service"),
    "suspended": _("The account is suspended here"),
    "unknown-domain": _("Address outside the organization’s domains"),
    "unverified-address": _("Address that the account service does not vouch for"),
    "unreachable": _("The account service did not answer"),
    "slow": _("The account service answered too slowly"),
    "certificate": _("The certificate of the account service is not valid"),
    "secret-lost": _("The client secret can no longer be read here: enter it again"),
    "private-address": _("The account service is not on the public Internet"),
    "provider-error": _("The account service had a problem of its own"),
    "request-refused": _("The account service refused our request: redirect address or settings"),
    "client-refused": _("The account service did not recognize us: client identifier or secret"),
    "redirect": _("The account service does not know our redirect address"),
    "code-over": _("The sign-in took too long at the account service"),
    "no-attempt": _("The sign-in was not begun in that browser, or took too long"),
    "expired": _("The answer came too late, or a clock is wrong"),
    "clock": _("The answer is dated in the future: a clock is wrong"),
    "issuer": _("The account service calls itself by another address"),
    "tenant": _("A directory of everybody instead of the organization’s own"),
    "endpoints": _("The account service does not say all of its addresses"),
    "document": _("The account service’s description cannot be read"),
    "oversized": _("The account service’s description is far too long"),
    "keys": _("The account service publishes no usable key"),
    "algorithm": _("The account service signs in a way that is not safe"),
    "signature": _("The answer was not signed by the account service"),
    "ill-made-token": _("The answer was not well made"),
    "token-response": _("The answer could not be read"),
    "mix-up": _("The answer came from another account service"),
    "nonce": _("The answer belonged to another sign-in"),
    "audience": _("The answer was meant for another platform"),
    "claim": _("The answer was incomplete"),
    "sub": _("The answer did not say who the person is"),
    "no-code": _("The answer was incomplete"),
    "no-id-token": _("The answer did not say who the person is"),
    "userinfo-subject": _("The account service contradicted itself about who the person is"),
}


async def allowed(request: Request, db: Db) -> tuple[Viewer, Standing]:
    """Who sets up which organization; raises what keeps everybody else out."""
    who = viewer_of(request)
    standing = await organizations.standing(db, who, request.path_params["slug"])
    policies.may_set_up(who, standing).or_refuse()
    assert who is not None  # noqa: S101 — what the answer just said, for the type checker
    return who, standing


async def slowly(request: Request, act: str = "set-up") -> None:
    """Count one act of whoever asks, before anything else is looked at."""
    who = viewer_of(request)
    await limits.check(request, act, None if who is None else who.id)


def root(standing: Standing) -> str:
    """Where an organization's set-up lives."""
    return f"/organisations/{standing.slug}/connexion"


async def jot(request: Request, db: Db, who: Viewer, standing: Standing, provider_id: int | None, outcome: str) -> None:
    """Write in the journal what she did."""
    await note(
        db,
        organization_id=standing.organization_id,
        provider_id=provider_id,
        person_id=who.id,
        outcome=outcome,
        reference=request.state.request_id,
        now=clock.now(),
    )


async def overview(request: Request) -> Response:
    now = clock.now()
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
        shown = await organizations.shown(db, standing.slug)
        found: dict[str, Any] = {
            "providers": await set_up.providers(db, standing.organization_id),
            "domains": await set_up.domains(db, standing.organization_id, now),
            "groups": await set_up.groups(db, standing.organization_id),
        }
        people, by_letter = await set_up.by_letter(db, standing.organization_id)
        failures, _more = await set_up.events(
            db,
            standing.organization_id,
            before=MAX_NUMBER,
            since=now - timedelta(days=7),
            failures=True,
            reference="",
        )
    return page(
        request,
        "auth/organizations/set_up.html",
        standing=standing,
        root=root(standing),
        form=JoiningForm(locale_of(request), joining=shown.joining),
        people=people,
        by_letter=by_letter,
        failures=len(failures),
        states=STATES,
        kinds=KINDS,
        **found,
    )


async def choose_joining(request: Request) -> Response:
    await slowly(request)
    form = JoiningForm(locale_of(request), await form_data(request))
    async with writing(request) as db:
        who, standing = await allowed(request, db)
        if form.validate():
            await commands.choose_joining(db, organization_id=standing.organization_id, joining=form.joining.data)
            await jot(request, db, who, standing, None, "joining-changed")
    return RedirectResponse(f"{root(standing)}#adhesion", 303)


async def sign_in_journal(request: Request) -> Response:
    """What happened when people signed in; a reference that somebody was shown finds its line."""
    params = request.query_params
    given = params.get("avant", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else MAX_NUMBER
    reference = clean_line(params.get("reference"))[:64]
    failures = params.get("echecs") == "1"
    async with reading(request) as db:
        _who, standing = await allowed(request, db)
        lines, older = await set_up.events(
            db,
            standing.organization_id,
            before=before,
            since=clock.now() - JOURNAL_KEPT,
            failures=failures,
            reference=reference,
        )
    return page(
        request,
        "auth/organizations/journal.html",
        standing=standing,
        root=root(standing),
        lines=lines,
        older=older,
        failures=failures,
        reference=reference,
        outcomes=OUTCOMES,
        well=set_up.WENT_WELL,
    )


routes: list[BaseRoute] = [
    Route("/organisations/{slug}/connexion", overview, name="set_up"),
    Route("/organisations/{slug}/connexion/adhesion", choose_joining, methods=["POST"], name="choose_joining"),
    Route("/organisations/{slug}/connexion/journal", sign_in_journal, name="sign_in_journal"),
]
