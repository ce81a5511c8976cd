"""Who takes part in a story: the page of its team, invitations, links to hand over."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.policies import RELATIONS
from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.commands import team as commands
from maillage.cases.forms.team import KINDS, InvitationForm, PartForm, SignatureForm
from maillage.cases.policies import Hand
from maillage.cases.policies.writing import may_see_team
from maillage.cases.queries import team as queries
from maillage.cases.queries.door import Look
from maillage.cases.routes.entering import enter
from maillage.cases.routes.questions import hand_of
from maillage.core import clock, limits
from maillage.core.config import Settings
from maillage.core.db import Db, reading, writing
from maillage.core.errors import BadRequest, Refused, TooMany
from maillage.core.forms import Form, carried, form_data
from maillage.core.languages import ENGLISH, FRENCH, Text, _
from maillage.core.pages import locale_of, page

# Holds a link that was just made, for as long as it takes to hand it over.
HANDED = "lien_recit"
_HANDED_FOR = 600


async def team(request: Request) -> Response:
    """Everybody who takes part; whoever answers for the story invites others."""
    async with reading(request) as db:
        look = await _taking_part(request, db)
        return await _page(request, db, look, InvitationForm(locale_of(request)))


async def _page(
    request: Request,
    db: Db,
    look: Look,
    form: Form,
    status: int = 200,
    refused: Text | None = None,
    signature: SignatureForm | None = None,
) -> Response:
    members, mine = await queries.members(db, look.case_id), hand_of(look)
    return page(
        request,
        "cases/team.html",
        status,
        look=look,
        form=form,
        members=members,
        mine=mine,
        signature=signature or await _signature(request, db, members, mine),
        relations=RELATIONS,
        may=policies.may_arrange_people(look.standing),
        kinds=KINDS,
        refused=refused,
    )


async def _signature(
    request: Request, db: Db, members: list[queries.Member], mine: Hand, data: FormData | None = None
) -> SignatureForm:
    """Her own line, as it stands or as she sent it."""
    member = next(one for one in members if one.id == mine.author_id)
    return SignatureForm(
        locale_of(request),
        data,
        organizations=await queries.signs_for(db, member),
        relation=member.relation or "",
        organization=str(member.organization_id or ""),
    )


async def _taking_part(request: Request, db: Db) -> Look:
    look = await enter(request, db)
    may_see_team(look.standing).or_refuse()
    return look


async def invite(request: Request) -> Response:
    """By an account, by a letter, or by a link that is shown next."""
    who = viewer_of(request)
    form = InvitationForm(locale_of(request), await form_data(request))
    async with reading(request) as db:
        look = await _taking_part(request, db)
        policies.may_arrange_people(look.standing).or_refuse()
        person_id = await queries.person_of(db, form.at_handle) if form.validate() and form.at_handle else None
        if form.at_handle and not form.errors and person_id is None:
            form.handle.errors = [carried(_("There is no account with this identifier."))]
        if form.errors:
            return await _page(request, db, look, form, 422)
    await limits.check(request, "invite", who.id if who else None)
    email = form.email.words if person_id is None else ""
    if email:
        try:
            await limits.check_mailbox(request, "invite", email)
        except TooMany:
            form.email.errors = [carried(_("This address has had several letters lately: try again tomorrow."))]
            async with reading(request) as db:
                return await _page(request, db, look, form, 422)
    try:
        async with writing(request) as db:
            author_id = await commands.invite(
                db,
                hand=hand_of(look),
                case_id=look.case_id,
                kind=form.kind.data,
                person_id=person_id,
                name=form.name.words,
                concerned=form.concerned.data,
                email=email,
                locale=_language(request, look),
                now=clock.now(),
            )
            handed = None
            if person_id is None and not email:
                handed = await commands.new_link(
                    db, hand=hand_of(look), case_id=look.case_id, author_id=author_id, now=clock.now()
                )
    except Refused as refused:
        async with reading(request) as db:
            look = await _taking_part(request, db)
            return await _page(request, db, look, form, 409, refused.why)
    if handed is not None:
        return _showing(request, look, author_id, handed)
    return RedirectResponse(f"/recits/{look.case_id}/equipe", 303)


def _language(request: Request, look: Look) -> str:
    settings: Settings = request.app.state.settings
    return ENGLISH if look.language == ENGLISH and ENGLISH in settings.locales else FRENCH


async def new_link(request: Request) -> Response:
    """Another link for somebody without an account, in place of any before."""
    async with writing(request) as db:
        look = await _taking_part(request, db)
        policies.may_arrange_people(look.standing).or_refuse()
        author_id = request.path_params["author_id"]
        token = await commands.new_link(
            db, hand=hand_of(look), case_id=look.case_id, author_id=author_id, now=clock.now()
        )
    return _showing(request, look, author_id, token)


def _showing(request: Request, look: Look, author_id: int, token: str) -> Response:
    settings: Settings = request.app.state.settings
    path = f"/recits/{look.case_id}/equipe/{author_id}/lien"
    response = RedirectResponse(path, 303, {"Cache-Control": "no-store"})
    response.set_cookie(
        HANDED, token, max_age=_HANDED_FOR, path=path, secure=settings.is_https, httponly=True, samesite="strict"
    )
    return response


async def show_link(request: Request) -> Response:
    """The link that was just made, in the browser that made it and for ten minutes."""
    settings: Settings = request.app.state.settings
    token = request.cookies.get(HANDED, "")
    async with reading(request) as db:
        look = await _taking_part(request, db)
        policies.may_arrange_people(look.standing).or_refuse()
        guest = await queries.by_link(db, token, clock.now())
        members = {member.id: member for member in await queries.members(db, look.case_id)}
    member = members.get(request.path_params["author_id"])
    known = guest is not None and guest.author_id == request.path_params["author_id"]
    response = page(
        request,
        "cases/link.html",
        look=look,
        member=member,
        until=guest.until if guest is not None and known else None,
        address=f"{settings.base_url}/recits/acces/{token}" if known else None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def change_part(request: Request) -> Response:
    """Another part in the story for somebody who takes part already."""
    form = PartForm(locale_of(request), await form_data(request))
    async with writing(request) as db:
        look = await _taking_part(request, db)
        policies.may_arrange_people(look.standing).or_refuse()
        if not form.validate():
            return await _page(request, db, look, InvitationForm(locale_of(request)), 422)
        await commands.change_part(
            db,
            hand=hand_of(look),
            case_id=look.case_id,
            author_id=request.path_params["author_id"],
            kind=form.kind.data,
            concerned=form.concerned.data,
            now=clock.now(),
        )
    return RedirectResponse(f"/recits/{look.case_id}/equipe", 303)


async def sign(request: Request) -> Response:
    """In what capacity she signs, and for whom: each says so of herself."""
    data = await form_data(request)
    async with writing(request) as db:
        look = await _taking_part(request, db)
        hand = hand_of(look)
        form = await _signature(request, db, await queries.members(db, look.case_id), hand, data)
        if not form.validate():
            return await _page(request, db, look, InvitationForm(locale_of(request)), 422, signature=form)
        await commands.sign(
            db,
            hand=hand,
            case_id=look.case_id,
            relation=form.relation.data or None,
            organization_id=form.for_organization,
            now=clock.now(),
        )
    return RedirectResponse(f"/recits/{look.case_id}/equipe", 303)


async def place(request: Request) -> Response:
    """Earlier or later among those who sign."""
    steps = {"haut": -1, "bas": 1}.get(str((await form_data(request)).get("step") or ""))
    if steps is None:
        raise BadRequest(_("The form that reached us could not be read."))
    async with writing(request) as db:
        look = await _taking_part(request, db)
        policies.may_arrange_people(look.standing).or_refuse()
        await commands.place(
            db,
            hand=hand_of(look),
            case_id=look.case_id,
            author_id=request.path_params["author_id"],
            steps=steps,
            now=clock.now(),
        )
    return RedirectResponse(f"/recits/{look.case_id}/equipe", 303)


async def take_out(request: Request) -> Response:
    """Somebody takes part no longer; everybody may leave."""
    author_id = request.path_params["author_id"]
    async with writing(request) as db:
        look = await _taking_part(request, db)
        hand = hand_of(look)
        if author_id != hand.author_id:
            policies.may_arrange_people(look.standing).or_refuse()
        await commands.take_out(db, hand=hand, case_id=look.case_id, author_id=author_id, now=clock.now())
    left = author_id == hand.author_id
    return RedirectResponse("/recits" if left else f"/recits/{look.case_id}/equipe", 303)


_TEAM = "/recits/{id:int}/equipe"
_MEMBER = _TEAM + "/{author_id:int}"
routes: list[BaseRoute] = [
    Route(_TEAM, team, name="case_team"),
    Route(_TEAM, invite, methods=["POST"], name="invite_to_case"),
    Route(_TEAM + "/signature", sign, methods=["POST"], name="sign_case"),
    Route(_MEMBER + "/lien", show_link, name="show_case_link"),
    Route(_MEMBER + "/lien", new_link, methods=["POST"], name="new_case_link"),
    Route(_MEMBER + "/part", change_part, methods=["POST"], name="change_case_part"),
    Route(_MEMBER + "/place", place, methods=["POST"], name="place_in_case"),
    Route(_MEMBER + "/retrait", take_out, methods=["POST"], name="take_out_of_case"),
]
