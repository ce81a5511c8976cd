"""Signing in with a link sent by e-mail: asking for it, opening it, and using it up by a button only."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import commands
from maillage.auth.forms.arriving import AddressForm
from maillage.auth.forms.next_path import safe_next
from maillage.auth.letters import signing_in as letters
from maillage.auth.queries import signing_in as queries
from maillage.auth.routes.arriving import to_welcome
from maillage.auth.routes.clients import (
    NO_STORE,
    attempt_cookie,
    browser_secret,
    keep_browser_secret,
    settings_of,
)
from maillage.auth.routes.sessions import open_session, signed_in
from maillage.auth.routes.sign_in_page import BY_LETTER, remember_choice, sign_in_page
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import Refused
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page
from maillage.core.sealing import token_hash

_ON_ITS_WAY = "/connexion/courriel"


async def ask_for_link(request: Request) -> Response:
    form = await form_data(request)
    address = AddressForm(locale_of(request), form)
    next_path = safe_next(str(form.get("suite", "")))
    if not address.validate():
        return await sign_in_page(request, next_path, form=address)
    return await send_link(request, address.email.words, next_path)


async def send_link(request: Request, email: str, next_path: str) -> Response:
    """One letter to this address, and the same page for everybody: whose it is is looked at when the link is used.

    A mailbox that has had enough gets no more, and nobody is told: a stranger who asks in her place must not keep
    its reader from the page that says to look there.
    """
    await limits.check(request, "sign-in-letter")
    browser = browser_secret(request)
    if await limits.mailbox_has_room(request, "sign-in-letter", email):
        async with writing(request) as db:
            await letters.send_sign_in_link(
                db,
                email=email,
                locale=locale_of(request),
                browser_hash=token_hash(browser),
                next_path=next_path,
                now=clock.now(),
            )
    response = RedirectResponse(_ON_ITS_WAY, 303, NO_STORE)
    keep_browser_secret(response, settings_of(request), browser, commands.LINK_LASTS)
    return response


async def link_sent(request: Request) -> Response:
    settings = settings_of(request)
    # Where letters are files, somebody who tries the demonstration must know where to look.
    files = settings.data_dir / "letters" if settings.env == "demo" and settings.smtp_url is None else None
    return page(request, "auth/link_sent.html", files=files)


async def sign_in_link(request: Request) -> Response:
    """The page of a one-time link: a button. Opening it changes nothing, so that mail scanners may."""
    async with reading(request) as db:
        hashed = token_hash(request.path_params["token"])
        link = await queries.pending_link(db, hashed, purpose="sign_in", now=clock.now())
    browser = request.cookies.get(attempt_cookie(settings_of(request)), "")
    elsewhere = link is not None and link.browser_hash not in {None, token_hash(browser)}
    response = page(
        request, "auth/sign_in_link.html", why=None, email=link.email if link else None, elsewhere=elsewhere
    )
    response.headers.update(NO_STORE)
    return response


async def use_sign_in_link(request: Request) -> Response:
    await limits.check(request, "sign-in")
    settings, now = settings_of(request), clock.now()
    try:
        async with writing(request) as db:
            used = await commands.use_sign_in_link(db, token=request.path_params["token"], now=now)
            person_id = used.person_id
            if used.email is not None:
                person_id = await commands.person_at(db, email=used.email)
            if person_id is None:
                arrival = await commands.begin_arrival(
                    db, email=used.email, email_proved=True, next_path=used.next_path, now=now
                )
                response = to_welcome(settings, arrival)
            else:
                response = signed_in(settings, await open_session(request, db, person_id), used.next_path)
    except Refused as refused:
        response = page(request, "auth/sign_in_link.html", 409, why=refused.why)
        response.headers.update(NO_STORE)
        return response
    if used.email is not None:
        remember_choice(response, settings, BY_LETTER)
    return response


routes: list[BaseRoute] = [
    Route(_ON_ITS_WAY, link_sent, name="link_sent"),
    Route(_ON_ITS_WAY, ask_for_link, methods=["POST"], name="ask_for_link"),
    Route("/connexion/lien/{token}", sign_in_link, name="sign_in_link"),
    Route("/connexion/lien/{token}", use_sign_in_link, methods=["POST"], name="use_sign_in_link"),
]
