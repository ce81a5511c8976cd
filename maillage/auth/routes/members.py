"""Who belongs to an organization, and what its administrators do about that."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth import policies
from maillage.auth.commands import invitations as inviting
from maillage.auth.commands import members as commands
from maillage.auth.commands.sessions import renew_session
from maillage.auth.forms.members import InvitationForm
from maillage.auth.policies import Standing
from maillage.auth.queries import members as queries
from maillage.auth.queries import organizations, roster
from maillage.auth.routes.clients import key_in, number_in, settings_of, today_of
from maillage.auth.viewer import Viewer, set_session_cookie, viewer_of
from maillage.core import clock, limits
from maillage.core.answers import Answer
from maillage.core.db import Db, reading, writing
from maillage.core.errors import TooMany
from maillage.core.forms import carried, form_data
from maillage.core.languages import Text, _
from maillage.core.pages import locale_of, page

# What the page says after an act, by the word in its address.
_DONE: dict[str, Text] = {
    "accepte": _("The request is accepted."),
    "refuse": _("The request is declined."),
    "invite": _("The letters are on their way."),
    "retire": _("The invitation is withdrawn: its link no longer works."),
    "role": _("The role is changed."),
    "fin": _("The membership has ended, and so have the sessions that it had opened."),
}


def signed_in(request: Request) -> Viewer:
    """Whoever is signed in; strangers are asked to, before anything is looked up."""
    who = viewer_of(request)
    policies.may_see_people(who).or_refuse()
    assert who is not None  # noqa: S101 — what the answer just said, for the type checker
    return who


async def members(request: Request) -> Response:
    """Its people; for those who belong, in what role and since when; for administrators, whom they have to answer."""
    who, now = signed_in(request), clock.now()
    after = number_in(request.query_params.get("apres")) or None
    async with reading(request) as db:
        standing = await organizations.standing(db, who, request.path_params["slug"])
        manages, admits = policies.may_manage_members(who, standing), policies.may_admit(who, standing)
        listed = await roster.members_page(db, standing.organization_id, after=after)
        # Whoever reads on has seen what stands above the list.
        candidates: list[queries.Candidate] = []
        invited: list[queries.OpenInvitation] = []
        more = False
        if admits and after is None:
            candidates, more = await queries.candidates(db, standing.organization_id)
        if manages and after is None:
            invited = await queries.open_invitations(db, standing.organization_id, now=now)
    return page(
        request,
        "auth/members/list.html",
        standing=standing,
        listed=listed,
        later=after is not None,
        candidates=candidates,
        more_candidates=more,
        invitations=invited,
        sees=policies.may_see_belonging(who, standing),
        manages=manages,
        admits=admits,
        may_ask=policies.may_ask_to_join(who, standing),
        may_leave=policies.may_leave(who, standing),
        roles=policies.ORGANIZATION_ROLES,
        done=_DONE.get(request.query_params.get("fait", "")),
    )


async def member(request: Request) -> Response:
    """One member, for those who may change her role or end her membership."""
    who = signed_in(request)
    async with reading(request) as db:
        standing = await _managed(db, who, request)
        shown = await roster.member(db, standing.organization_id, key_in(request, "membership_id"))
    return page(
        request,
        "auth/members/member.html",
        standing=standing,
        member=shown,
        roles=policies.ORGANIZATION_ROLES,
        may_let_go=policies.may_do_without(standing, administers=shown.administers),
    )


async def _managed(db: Db, who: Viewer, request: Request) -> Standing:
    standing = await organizations.standing(db, who, request.path_params["slug"])
    policies.may_manage_members(who, standing).or_refuse()
    return standing


async def _act(
    request: Request,
    rule: Callable[[Viewer, Standing], Answer],
    act: Callable[[Db, Viewer, Standing], Awaitable[None]],
    done: str,
) -> Response:
    """Load, permit, act: the same for every button of these pages."""
    who = signed_in(request)
    async with writing(request) as db:
        standing = await organizations.standing(db, who, request.path_params["slug"])
        rule(who, standing).or_refuse()
        await act(db, who, standing)
    return RedirectResponse(f"/organisations/{standing.slug}/membres?fait={done}", 303)


async def approve(request: Request) -> Response:
    membership_id = key_in(request, "membership_id")

    async def act(db: Db, _who: Viewer, standing: Standing) -> None:
        given = {"organization_id": standing.organization_id, "membership_id": membership_id}
        await commands.approve(db, **given, today=today_of(request))

    return await _act(request, policies.may_admit, act, "accepte")


async def decline(request: Request) -> Response:
    membership_id = key_in(request, "membership_id")

    async def act(db: Db, _who: Viewer, standing: Standing) -> None:
        given = {"organization_id": standing.organization_id, "membership_id": membership_id}
        await commands.decline(db, **given, today=today_of(request))

    return await _act(request, policies.may_admit, act, "refuse")


async def change_role(request: Request) -> Response:
    """Member or administrator. Whoever changes her own stays signed in, under a new token."""
    who, membership_id = signed_in(request), key_in(request, "membership_id")
    administers = str((await form_data(request)).get("role", "")) == "administrator"
    token = None
    async with writing(request) as db:
        standing = await _managed(db, who, request)
        await commands.set_role(
            db,
            organization_id=standing.organization_id,
            membership_id=membership_id,
            role="administrator" if administers else "member",
            keep_session=who.session_id,
        )
        if membership_id == standing.membership_id:
            token = await renew_session(db, session_id=who.session_id)
    response = RedirectResponse(f"/organisations/{standing.slug}/membres?fait=role", 303)
    if token is not None:
        set_session_cookie(response, settings_of(request), token)
    return response


async def end_membership(request: Request) -> Response:
    membership_id = key_in(request, "membership_id")

    async def act(db: Db, who: Viewer, standing: Standing) -> None:
        given = {"organization_id": standing.organization_id, "membership_id": membership_id}
        await commands.end(db, **given, by=who.id, today=today_of(request))

    return await _act(request, policies.may_manage_members, act, "fin")


async def invite(request: Request) -> Response:
    """A letter to each of several people; GET shows the form."""
    who, locale = signed_in(request), locale_of(request)
    async with reading(request) as db:
        standing = await _managed(db, who, request)
    if request.method != "POST":
        return page(request, "auth/members/invite.html", standing=standing, form=InvitationForm(locale))
    form = InvitationForm(locale, await form_data(request))
    if form.validate():
        wrong = await _too_often(request, who, form.addresses)
        if not wrong:
            async with writing(request) as db:
                standing = await _managed(db, who, request)
                wrong = await inviting.invite(
                    db,
                    organization_id=standing.organization_id,
                    emails=form.addresses,
                    role=form.role.data,
                    note=form.note.words,
                    by=who.id,
                    now=clock.now(),
                )
        form.emails.errors = [carried(one) for one in wrong]
    if form.errors:
        return page(request, "auth/members/invite.html", 422, standing=standing, form=form)
    return RedirectResponse(f"/organisations/{standing.slug}/membres?fait=invite", 303)


async def _too_often(request: Request, who: Viewer, addresses: list[str]) -> list[Text]:
    """Count a letter to each; says of which mailboxes that they have had enough of them."""
    wrong: list[Text] = []
    for address in addresses:
        await limits.check(request, "invite", who.id)
        try:
            await limits.check_mailbox(request, "invite", address)
        except TooMany:
            wrong.append(_("%(email)s has had several invitations lately: try again tomorrow.", email=address))
    return wrong


async def withdraw_invitation(request: Request) -> Response:
    invitation_id = key_in(request, "invitation_id")

    async def act(db: Db, _who: Viewer, standing: Standing) -> None:
        given = {"organization_id": standing.organization_id, "invitation_id": invitation_id}
        await inviting.withdraw(db, **given, now=clock.now())

    return await _act(request, policies.may_manage_members, act, "retire")


_PATH = "/organisations/{slug}/membres"
_ONE = _PATH + "/{membership_id:int}"
routes: list[BaseRoute] = [
    Route(_PATH, members, name="members"),
    Route(_PATH + "/inviter", invite, methods=["GET", "POST"], name="invite"),
    Route(
        _PATH + "/invitations/{invitation_id:int}/retrait",
        withdraw_invitation,
        methods=["POST"],
        name="withdraw_invitation",
    ),
    Route(_ONE, member, name="member"),
    Route(_ONE + "/accepter", approve, methods=["POST"], name="approve_member"),
    Route(_ONE + "/refuser", decline, methods=["POST"], name="decline_member"),
    Route(_ONE + "/role", change_role, methods=["POST"], name="change_member_role"),
    Route(_ONE + "/fin", end_membership, methods=["POST"], name="end_membership"),
]
