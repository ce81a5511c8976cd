"""The page of somebody who is in a story: what is said of her, and what she decides. No account, only her link."""

from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.routes.clients import NO_STORE, today_of
from maillage.cases.commands import consenting
from maillage.cases.forms.register import CorrectionForm, DecisionForm, DepartureForm
from maillage.cases.policies.gate import CHOICES
from maillage.cases.queries import consent
from maillage.cases.queries.consent import Consent
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere, Refused
from maillage.core.forms import Form, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page

DONE = {
    "choix": _("Your decision is written down. You can change it here at any time."),
    "correction": _("The authors are told. Nothing is published until your correction is made."),
    "retrait": _("It is done. Your name and your words are taken out of the story and of all that is kept of it."),
}


async def consent_page(request: Request) -> Response:
    """What the link shows. Opening it changes nothing, so that mail scanners may."""
    return await _page(request)


async def _page(request: Request, status: int = 200, refused: Text | None = None, **wrong: Form) -> Response:
    locale = locale_of(request)
    async with reading(request) as db:
        hers = await consent.by_token(db, request.path_params["token"])
    if hers is None:
        raise NotHere
    forms: dict[str, Form] = {
        "decision": _decision(locale, hers, today_of(request)),
        "correction": CorrectionForm(locale, correction=hers.correction),
        "departure": DepartureForm(locale),
    }
    response = page(
        request,
        "cases/consent.html",
        status,
        hers=hers,
        address=f"/recits/consentement/{request.path_params['token']}",
        forms=forms | wrong,
        choices=CHOICES,
        refused=refused,
        done=DONE.get(request.query_params.get("fait", "")),
    )
    response.headers.update(NO_STORE)
    return response


def _decision(locale: str, hers: Consent, today: date) -> DecisionForm:
    # Nothing is chosen for her beforehand: only what she chose herself.
    given: dict[str, Any] = {"choice": hers.choice, "expires_on": hers.expires_on} if hers.choice else {}
    return DecisionForm(locale, today=today, under_14=hers.under_14, **given)


async def _hers(request: Request) -> Consent:
    await limits.check(request, "consent")
    async with reading(request) as db:
        hers = await consent.by_token(db, request.path_params["token"])
    if hers is None:
        raise NotHere
    return hers


async def decide(request: Request) -> Response:
    """She agrees, in one of four ways."""
    data = await form_data(request)
    hers = await _hers(request)
    form = DecisionForm(locale_of(request), data, today=today_of(request), under_14=hers.under_14)
    if not form.validate():
        return await _page(request, 422, decision=form)
    try:
        async with writing(request) as db:
            await consenting.decide(
                db,
                token=request.path_params["token"],
                choice=form.choice.data,
                expires_on=form.expires_on.data,
                seen=str(data.get("seen") or ""),
                now=clock.now(),
            )
    except Refused as refused:
        return await _page(request, 409, refused.why, decision=form)
    return _done(request, "choix")


async def correct(request: Request) -> Response:
    """She says what is wrong."""
    form = CorrectionForm(locale_of(request), await form_data(request))
    await _hers(request)
    if not form.validate():
        return await _page(request, 422, correction=form)
    async with writing(request) as db:
        await consenting.ask_for_correction(
            db, token=request.path_params["token"], words=form.correction.words, now=clock.now()
        )
    return _done(request, "correction")


async def withdraw(request: Request) -> Response:
    """She refuses, or takes back her consent."""
    form = DepartureForm(locale_of(request), await form_data(request))
    await _hers(request)
    if not form.validate():
        return await _page(request, 422, departure=form)
    async with writing(request) as db:
        await consenting.withdraw(db, token=request.path_params["token"], more=form.names, now=clock.now())
    return _done(request, "retrait")


def _done(request: Request, what: str) -> Response:
    return RedirectResponse(f"/recits/consentement/{request.path_params['token']}?fait={what}", 303, NO_STORE)


_PAGE = "/recits/consentement/{token}"
routes: list[BaseRoute] = [
    Route(_PAGE, consent_page, name="consent"),
    Route(_PAGE, decide, methods=["POST"], name="decide_consent"),
    Route(_PAGE + "/correction", correct, methods=["POST"], name="ask_correction"),
    Route(_PAGE + "/retrait", withdraw, methods=["POST"], name="withdraw_consent"),
]
