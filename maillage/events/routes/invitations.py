"""Invitations: the organizers' page, and where the link of an invitation leads."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, Row, reading, writing
from maillage.core.errors import NotHere, Refused, TooMany
from maillage.core.forms import form_data
from maillage.core.languages import ENGLISH, FRENCH, Text, _
from maillage.core.pages import locale_of, page
from maillage.core.sealing import Unreadable, unseal
from maillage.events import policies
from maillage.events.commands import inviting
from maillage.events.forms.inviting import InvitationsForm, nobody
from maillage.events.letters.invitations import INVITED
from maillage.events.policies.inviting import Guest, may_invite
from maillage.events.policies.words import STATUS_NAMES
from maillage.events.policies.zones import span
from maillage.events.queries import inviting as queries
from maillage.events.queries.door import BIGGEST, Look, gathering_path, look_to_organize

_DONE: dict[str, Text] = {
    "invitation": _("The invitations are on their way. Whoever was invited already gets no second letter."),
    "lettre": _("The letter leaves once more."),
    "retrait": _("The invitation is withdrawn."),
}


async def invitations(request: Request) -> Response:
    """Who is invited, and where each stands."""
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        return await _page(request, db, seen, InvitationsForm(locale_of(request)))


async def invite(request: Request) -> Response:
    """A letter to each: nobody is invited while a line is wrong."""
    who = policies.signed_in(viewer_of(request))
    form = InvitationsForm(locale_of(request), await form_data(request))
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        may_invite(seen.standing).or_refuse()
        accounts: dict[str, int] = {}
        if form.validate():
            handles = [guest.handle for guest in form.guests if guest.handle]
            accounts = await queries.accounts(db, handles)
            form.refuse([nobody(handle) for handle in handles if handle not in accounts])
        if form.errors:
            return await _page(request, db, seen, form, 422)
    form.refuse(await _too_often(request, who, form.guests))
    if form.errors:
        async with reading(request) as db:
            return await _page(request, db, seen, form, 422)
    async with writing(request) as db:
        for guest in form.guests:
            await _invite(request, db, seen, who, guest, accounts, form.note.words)
    return _back(seen, "invitation")


async def write_again(request: Request) -> Response:
    """The same letter once more."""
    who = policies.signed_in(viewer_of(request))
    async with reading(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        may_invite(seen.standing).or_refuse()
        row = await _of(db, seen, min(request.path_params["invitation"], BIGGEST))
    await limits.check(request, "invite", who.id)
    if row["person_id"] is None:
        await limits.check_mailbox(request, "invite", row["email"])
    async with writing(request) as db:
        await inviting.send_again(db, invitation_id=row["id"])
    return _back(seen, "lettre")


async def withdraw(request: Request) -> Response:
    """She is invited no longer."""
    async with writing(request) as db:
        seen = await look_to_organize(db, viewer_of(request), request.path_params["id"])
        await inviting.withdraw(
            db, gathering_id=seen.gathering_id, invitation_id=min(request.path_params["invitation"], BIGGEST)
        )
    return _back(seen, "retrait")


async def invited_page(request: Request) -> Response:
    """Where the link of the letter leads. Looking changes nothing."""
    async with reading(request) as db:
        return await _invited(request, db, await _by_link(request, db))


async def accept_invitation(request: Request) -> Response:
    """She comes with her account: the invitation is the account’s from now on."""
    who = policies.signed_in(viewer_of(request))
    await limits.check(request, "register", who.id)
    async with reading(request) as db:
        row = await _by_link(request, db)
    try:
        async with writing(request) as db:
            await inviting.claim(db, invitation_id=row["id"], person_id=who.id, locale=locale_of(request))
    except Refused as refused:
        async with reading(request) as db:
            return await _invited(request, db, row, 409, refused.why)
    return RedirectResponse(f"/rencontres/{row['gathering_id']}/inscription", 303)


async def _invite(
    request: Request, db: Db, seen: Look, who: Viewer, guest: Guest, accounts: dict[str, int], note: str
) -> None:
    settings: Settings = request.app.state.settings
    # Nothing else is known of somebody who has no account yet.
    locale = ENGLISH if seen.language == ENGLISH and ENGLISH in settings.locales else FRENCH
    if guest.handle:
        await inviting.invite_account(
            db,
            gathering_id=seen.gathering_id,
            person_id=accounts[guest.handle],
            note=note,
            locale=locale,
            by=who.id,
            now=clock.now(),
        )
    else:
        await inviting.invite_address(
            db,
            gathering_id=seen.gathering_id,
            email=guest.email,
            name=guest.name,
            note=note,
            locale=locale,
            by=who.id,
            now=clock.now(),
        )


async def _too_often(request: Request, who: Viewer, guests: list[Guest]) -> list[Text]:
    """Count a letter to each; says of which mailboxes that they have had enough of them."""
    wrong: list[Text] = []
    for guest in guests:
        await limits.check(request, "invite", who.id)
        if guest.email:
            try:
                await limits.check_mailbox(request, "invite", guest.email)
            except TooMany:
                wrong.append(_("%(email)s has had several invitations lately: try again tomorrow.", email=guest.email))
    return wrong


async def _of(db: Db, seen: Look, invitation_id: int) -> Row:
    row = await queries.invitation(db, invitation_id)
    if row is None or row["gathering_id"] != seen.gathering_id:
        raise NotHere
    return row


async def _by_link(request: Request, db: Db) -> Row:
    settings: Settings = request.app.state.settings
    try:
        number = int(unseal(settings.secret, INVITED, request.path_params["token"].encode()))
    except Unreadable:
        raise NotHere from None
    row = await queries.invitation(db, number)
    if row is None or row["state"] not in policies.VISIBLE:
        raise NotHere
    return row


async def _invited(request: Request, db: Db, row: Row, status: int = 200, refused: Text | None = None) -> Response:
    dates = await queries.coming_dates(db, row["gathering_id"], clock.now())
    return page(
        request,
        "events/invited.html",
        status,
        row=row,
        path=gathering_path(row["gathering_id"], row["slug"]),
        dates=[span(date["local_start"], date["local_end"], date["zone"]) for date in dates],
        token=request.path_params["token"],
        refused=refused,
    )


async def _page(request: Request, db: Db, seen: Look, form: InvitationsForm, status: int = 200) -> Response:
    return page(
        request,
        "events/invitations.html",
        status,
        look=seen,
        form=form,
        invited=await queries.invited(db, seen.gathering_id),
        may_invite=may_invite(seen.standing),
        statuses=STATUS_NAMES,
        done=_DONE.get(request.query_params.get("fait", "")),
    )


def _back(seen: Look, done: str) -> Response:
    return RedirectResponse(f"/rencontres/{seen.gathering_id}/invitations?fait={done}", 303)


_INVITATIONS = "/rencontres/{id:int}/invitations"
_ONE = _INVITATIONS + "/{invitation:int}"
_LINK = "/rencontres/invitations/{token}"
routes: list[BaseRoute] = [
    Route(_LINK, invited_page, name="gathering_invitation"),
    Route(_LINK, accept_invitation, methods=["POST"], name="accept_gathering_invitation"),
    Route(_INVITATIONS, invitations, name="gathering_invitations"),
    Route(_INVITATIONS, invite, methods=["POST"], name="invite_to_gathering"),
    Route(_ONE + "/lettre", write_again, methods=["POST"], name="write_invitation_again"),
    Route(_ONE + "/retrait", withdraw, methods=["POST"], name="withdraw_gathering_invitation"),
]
