"""Asking to belong to an organization, accepting an invitation, choosing for whom one speaks, and leaving."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import policies
from maillage.auth.commands import invitations as inviting
from maillage.auth.commands import members as commands
from maillage.auth.commands.sessions import renew_session
from maillage.auth.forms.members import RequestForm
from maillage.auth.queries import members as queries
from maillage.auth.queries import organizations
from maillage.auth.routes.clients import NO_STORE, key_in, settings_of, today_of
from maillage.auth.routes.members import signed_in
from maillage.auth.routes.sessions import oneself
from maillage.auth.viewer import set_session_cookie
from maillage.core import clock, limits
from maillage.core.answers import no
from maillage.core.db import reading, writing
from maillage.core.errors import Refused
from maillage.core.forms import form_data
from maillage.core.languages import _
from maillage.core.pages import locale_of, page


async def ask_to_join(request: Request) -> Response:
    """A request with a short note; GET shows the form, or that one is waiting."""
    who, locale = signed_in(request), locale_of(request)
    async with reading(request) as db:
        standing = await organizations.standing(db, who, request.path_params["slug"])
    may = policies.may_ask_to_join(who, standing)
    if request.method != "POST":
        form = RequestForm(locale)
        return page(request, "auth/members/ask.html", standing=standing, form=form, may=may)
    may.or_refuse()
    form = RequestForm(locale, await form_data(request))
    if not form.validate():
        return page(request, "auth/members/ask.html", 422, standing=standing, form=form, may=may)
    await limits.check(request, "ask-to-join", who.id)
    async with writing(request) as db:
        await commands.ask(
            db,
            organization_id=standing.organization_id,
            person_id=who.id,
            note=form.note.words,
            today=today_of(request),
        )
    return RedirectResponse(f"/organisations/{standing.slug}/demande", 303)


async def withdraw_request(request: Request) -> Response:
    who = signed_in(request)
    async with writing(request) as db:
        standing = await organizations.standing(db, who, request.path_params["slug"])
        await commands.withdraw(db, organization_id=standing.organization_id, person_id=who.id, today=today_of(request))
    return RedirectResponse(f"/organisations/{standing.slug}", 303)


async def leave(request: Request) -> Response:
    """Leave an organization; GET says what that means."""
    who = signed_in(request)
    async with reading(request) as db:
        standing = await organizations.standing(db, who, request.path_params["slug"])
    may = policies.may_leave(who, standing)
    if request.method != "POST":
        return page(request, "auth/members/leave.html", standing=standing, may=may)
    may.or_refuse()
    async with writing(request) as db:
        assert standing.membership_id is not None  # noqa: S101 — she belongs, as the answer said
        await commands.end(
            db,
            organization_id=standing.organization_id,
            membership_id=standing.membership_id,
            by=who.id,
            today=today_of(request),
        )
    return RedirectResponse("/moi", 303)


async def speak_for(request: Request) -> Response:
    """Choose for which organization she speaks from now on."""
    who, membership_id = signed_in(request), key_in(request, "membership_id")
    async with writing(request) as db:
        await commands.speak_for(db, membership_id=membership_id, person_id=who.id, now=clock.now())
    return RedirectResponse("/moi?fait", 303)


async def speak_for_oneself(request: Request) -> Response:
    """Choose to speak for none."""
    who = signed_in(request)
    async with writing(request) as db:
        await commands.speak_for_oneself(db, person_id=who.id)
    return RedirectResponse("/moi?fait", 303)


async def invitation(request: Request) -> Response:
    """What the invitation says. Opening it changes nothing, so that mail scanners may."""
    token = request.path_params["token"]
    async with reading(request) as db:
        invited = await queries.invited(db, token, now=clock.now())
    return _invitation_page(request, invited, 200 if invited else 404)


def _invitation_page(request: Request, invited: queries.Invited | None, status: int) -> Response:
    may = no(_("Sign in to accept: with the address that got the letter, you are in at once."), sign_in=True)
    response = page(
        request,
        "auth/members/invitation.html",
        status,
        invited=invited,
        over=inviting.INVITATION_OVER,
        roles=policies.ORGANIZATION_ROLES,
        may=may,
    )
    response.headers.update(NO_STORE)
    return response


async def accept_invitation(request: Request) -> Response:
    """Use it up. She stays signed in, under a new token; her other sessions end if she is in."""
    who = oneself(request)
    try:
        async with writing(request) as db:
            accepted = await inviting.accept(
                db,
                token=request.path_params["token"],
                person_id=who.id,
                keep_session=who.session_id,
                now=clock.now(),
                today=today_of(request),
            )
            token = await renew_session(db, session_id=who.session_id)
    except Refused as refused:
        if refused.why != inviting.INVITATION_OVER:
            raise
        return _invitation_page(request, None, 409)
    where = f"/organisations/{accepted.slug}"
    response = RedirectResponse(f"{where}/demande" if accepted.waits else f"{where}/membres", 303)
    set_session_cookie(response, settings_of(request), token)
    return response


_ORGANIZATION = "/organisations/{slug}"
routes: list[BaseRoute] = [
    Route(_ORGANIZATION + "/demande", ask_to_join, methods=["GET", "POST"], name="ask_to_join"),
    Route(_ORGANIZATION + "/demande/retrait", withdraw_request, methods=["POST"], name="withdraw_request"),
    Route(_ORGANIZATION + "/depart", leave, methods=["GET", "POST"], name="leave"),
    Route("/moi/organisations/{membership_id:int}/parole", speak_for, methods=["POST"], name="speak_for"),
    Route("/moi/organisations/aucune/parole", speak_for_oneself, methods=["POST"], name="speak_for_oneself"),
    Route("/invitation/{token}", invitation, name="invitation"),
    Route("/invitation/{token}", accept_invitation, methods=["POST"], name="accept_invitation"),
]
