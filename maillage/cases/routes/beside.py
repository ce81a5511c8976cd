"""Beside the writing: drafts while it is typed, who else is here, how much is told and in which language."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases.commands import drafts, presence, saving
from maillage.cases.forms.sections import MOST_FIELDS, form_of
from maillage.cases.forms.starting import ShapeForm
from maillage.cases.policies.answers import Seen
from maillage.cases.queries import desk
from maillage.cases.routes.questions import about_of, fields_of, hand_of, number_of
from maillage.core import clock, limits
from maillage.core.db import writing
from maillage.core.errors import BadRequest, NotHere
from maillage.core.forms import form_data
from maillage.core.languages import _
from maillage.core.pages import locale_of

# Characters of a draft, all its fields together.
_LONGEST_DRAFT = 100_000


async def save_draft(request: Request) -> Response:
    """Keep what is being typed: 204, or 409 when something newer is kept already or somebody withdrew."""
    who = viewer_of(request)
    await limits.check(request, "draft", who.id if who else None)
    data = await form_data(request, most=MOST_FIELDS)
    section = str(data.get("section") or data.get("discard") or "")
    number = number_of(data.get("sequence") or data.get(f"sequence-{section}"))
    if sum(len(str(value)) for value in data.values()) > _LONGEST_DRAFT:
        raise BadRequest(_("This text is too long."), 422)
    async with writing(request) as db:
        about = await about_of(request, db, section)
        hand, case_id = hand_of(about.look), about.look.case_id
        if data.get("discard"):
            await drafts.used_up(db, hand=hand, case_id=case_id, section=section, sequence=number, now=clock.now())
            return RedirectResponse(f"{about.look.desk_path}/{section}", 303)
        form = form_of(about.questions, about.words, locale_of(request), data)
        seen = Seen.read(str(data.get(f"seen-{section}") or ""))
        kept = await drafts.save_draft(
            db,
            hand=hand,
            case_id=case_id,
            section=section,
            sequence=number,
            fields=fields_of(form, about.questions[0], data),
            seen=seen,
            now=clock.now(),
        )
    return Response(status_code=204 if kept else 409)


async def be_present(request: Request) -> Response:
    """Say in which section one is writing, and hear who else is here."""
    who = viewer_of(request)
    await limits.check(request, "presence", who.id if who else None)
    data = await form_data(request)
    now = clock.now()
    async with writing(request) as db:
        about = await about_of(request, db, str(data.get("section") or ""))
        hand = hand_of(about.look)
        await presence.be_here(
            db, case_id=about.look.case_id, author_id=hand.author_id, section=about.questions[0].name, now=now
        )
        others = await desk.others_here(db, about.look.case_id, hand.author_id, now)
    return JSONResponse({"here": [{"section": other.section, "name": other.name} for other in others]})


async def shape_case(request: Request) -> Response:
    """Ask all the questions, or the eight; say in which language it is told."""
    who = viewer_of(request)
    await limits.check(request, "edit", who.id if who else None)
    form = ShapeForm(locale_of(request), await form_data(request))
    async with writing(request) as db:
        about = await about_of(request, db)
        if about.told.depth == "trial":
            raise NotHere
        if not form.validate():
            raise BadRequest(_("The form that reached us could not be read."))
        await saving.reshape(
            db,
            hand=hand_of(about.look),
            case_id=about.look.case_id,
            depth=form.depth.data,
            language=form.language.data,
            now=clock.now(),
        )
    return RedirectResponse(f"{about.look.desk_path}?enregistre", 303)


_PATH = "/recits/{id:int}"
routes: list[BaseRoute] = [
    Route(_PATH + "/brouillon", save_draft, methods=["POST"], name="save_case_draft"),
    Route(_PATH + "/presence", be_present, methods=["POST"], name="be_present"),
    Route(_PATH + "/forme", shape_case, methods=["POST"], name="shape_case"),
]
