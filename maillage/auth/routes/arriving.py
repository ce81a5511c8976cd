"""Arriving for the first time: three questions at most, and two boxes; and the terms that one of them speaks of."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands
from maillage.auth.commands.journal import note
from maillage.auth.forms.arriving import WelcomeForm
from maillage.auth.forms.people import NAME_TAKEN, clean_name, mixes_scripts
from maillage.auth.queries import people
from maillage.auth.queries import signing_in as queries
from maillage.auth.routes.clients import NO_STORE, arrival_cookie, settings_of, today_of
from maillage.auth.routes.sessions import open_session, signed_in
from maillage.auth.viewer import viewer_of
from maillage.core import clock, limits, times
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.forms import carried, form_data
from maillage.core.languages import ENGLISH, FRENCH
from maillage.core.pages import locale_of, page
from maillage.core.sealing import token_hash

WELCOME = "/bienvenue"


def to_welcome(settings: Settings, token: str) -> Response:
    """To the questions, with what only this browser may answer them with."""
    response = RedirectResponse(WELCOME, 303, NO_STORE)
    response.set_cookie(
        arrival_cookie(settings),
        token,
        max_age=int(commands.ARRIVAL_LASTS.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )
    return response


async def welcome(request: Request) -> Response:
    async with reading(request) as db:
        arriving = await _arriving(request, db)
        if arriving is None:
            return _elsewhere(request)
        # A name that could be taken for somebody else's is not proposed; what she writes instead is looked at.
        doubtful = mixes_scripts(arriving.name) or await people.name_taken_by_staff(db, arriving.name, except_id=None)
    form = WelcomeForm(locale_of(request), usual=arriving.relation, name="" if doubtful else arriving.name)
    return _page(request, form, arriving)


async def come_in(request: Request) -> Response:
    """Make the account, and sign her in: one act, so that there is never an account that nobody agreed to."""
    await limits.check(request, "sign-in")
    settings, given = settings_of(request), await form_data(request)
    async with reading(request) as db:
        arriving = await _arriving(request, db)
        if arriving is None:
            return _elsewhere(request)
        form = WelcomeForm(locale_of(request), given, usual=arriving.relation)
        if form.validate() and await people.name_taken_by_staff(db, clean_name(form.name.words), except_id=None):
            form.name.errors = [carried(NAME_TAKEN)]
    if form.errors:
        return _page(request, form, arriving, 422)
    now = clock.now()
    async with writing(request) as db:
        welcomed = await commands.welcome(
            db,
            token=request.cookies[arrival_cookie(settings)],
            name=form.name.words,
            region=form.region.data or None,
            relation=form.relation.data or None,
            locale=locale_of(request),
            now=now,
            today=today_of(request),
        )
        token = await open_session(request, db, welcomed.person_id, welcomed.provider_id, welcomed.provider_session)
        if welcomed.provider_id is not None:
            await note(
                db,
                organization_id=welcomed.organization_id,
                provider_id=welcomed.provider_id,
                person_id=welcomed.person_id,
                outcome="signed-in",
                reference=request.state.request_id,
                now=now,
            )
    return signed_in(settings, token, welcomed.next_path)


async def _arriving(request: Request, db: Db) -> queries.Arriving | None:
    token = request.cookies.get(arrival_cookie(settings_of(request)), "")
    return await queries.arriving(db, token_hash(token), clock.now()) if token else None


def _elsewhere(request: Request) -> Response:
    """Nobody is arriving in this browser: she is in already, from another tab, or has to show who she is."""
    return RedirectResponse("/connexion" if viewer_of(request) is None else "/", 303, NO_STORE)


def _page(request: Request, form: WelcomeForm, arriving: queries.Arriving, status: int = 200) -> Response:
    response = page(request, "auth/arrival.html", status, form=form, arriving=arriving)
    response.headers.update(NO_STORE)
    return response


async def terms(request: Request) -> Response:
    """In French first, whoever reads; English stands beside it."""
    settings = settings_of(request)
    return page(
        request,
        "auth/terms.html",
        since=commands.TERMS.isoformat(),
        since_in_french=times.date(commands.TERMS, FRENCH),
        since_in_english=times.date(commands.TERMS, ENGLISH),
        english=ENGLISH in settings.locales,
        settings=settings,
    )


routes: list[BaseRoute] = [
    Route(WELCOME, welcome, name="welcome"),
    Route(WELCOME, come_in, methods=["POST"], name="come_in"),
    Route("/conditions", terms, name="terms"),
]
