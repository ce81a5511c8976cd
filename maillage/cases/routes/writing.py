"""Writing a story: one question a screen or all on one page, with what others wrote in the meantime."""

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.routes.clients import today_of
from maillage.auth.viewer import viewer_of
from maillage.cases import occasions
from maillage.cases.commands import drafts, presence, saving
from maillage.cases.forms.sections import MOST_FIELDS, AnswersForm, form_of
from maillage.cases.forms.starting import ShapeForm
from maillage.cases.policies import Hand
from maillage.cases.policies.answers import Seen
from maillage.cases.policies.gate import obstacles
from maillage.cases.policies.template import Field
from maillage.cases.policies.writing import APART, questions_of
from maillage.cases.queries import desk, gate
from maillage.cases.queries.history import compared, field_of, readable
from maillage.cases.routes.questions import (
    Page,
    about_of,
    fields_of,
    filled,
    hand_of,
    number_of,
    sent_of,
    shown,
    whole,
)
from maillage.core import clock, limits
from maillage.core.db import Db, reading, writing
from maillage.core.errors import Interrupted, NotHere, Refused
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page


async def write(request: Request) -> Response:
    """The desk: every question, what is missing, who is here."""
    async with reading(request) as db:
        about = await about_of(request, db)
        missing = obstacles(await gate.facts(db, about.look.case_id), today_of(request))
        remarks = await desk.open_remarks(db, about.look.case_id)
    shape = ShapeForm(locale_of(request), depth=about.told.depth, language=about.told.language)
    return _desk(request, about, filled(request, about), missing=missing, remarks=remarks, shape=shape)


def _desk(request: Request, about: Page, form: AnswersForm, status: int = 200, **more: Any) -> Response:
    together = [question for question in about.questions if question.name not in APART]
    context: dict[str, Any] = {
        "missing": [],
        "remarks": {},
        "shape": None,
        "refused": None,
        "saved": "enregistre" in request.query_params,
        "occasions": occasions.lines(viewer_of(request), about.look.occasions),
    }
    return page(
        request,
        "cases/desk.html",
        status,
        **context
        | more
        | shown(about, form)
        | {"together": together, "apart": [question for question in about.questions if question.name in APART]},
    )


async def write_section(request: Request) -> Response:
    """One question, with its answer of now or the draft of it."""
    async with reading(request) as db:
        about = await about_of(request, db, request.path_params["section"])
        remarks = await desk.open_remarks(db, about.look.case_id)
    return _section(request, about, filled(request, about), remarks=remarks)


def _section(request: Request, about: Page, form: AnswersForm, status: int = 200, **more: Any) -> Response:
    asked = questions_of(about.told.depth)
    at = next(number for number, one in enumerate(asked) if one.name == about.questions[0].name)
    context: dict[str, Any] = {
        "remarks": {},
        "refused": None,
        "number": at + 1,
        "count": len(asked),
        "before": asked[at - 1] if at else None,
        "after": asked[at + 1] if at + 1 < len(asked) else None,
    }
    return page(request, "cases/section.html", status, **context | more | shown(about, form))


async def save_case(request: Request) -> Response:
    """Save what the desk holds; what somebody else changed too is shown beside it."""
    return await _save(request, None)


async def save_section(request: Request) -> Response:
    """Save one question, and go on to the next."""
    return await _save(request, request.path_params["section"])


async def _save(request: Request, section: str | None) -> Response:
    who = viewer_of(request)
    await limits.check(request, "edit", who.id if who else None)
    data = await form_data(request, most=MOST_FIELDS)
    now = clock.now()
    show = _desk if section is None else _section
    try:
        async with writing(request) as db:
            about = await about_of(request, db, section)
            sent = sent_of(about, data) if section is None else about.questions
            form = form_of(sent, about.words, locale_of(request), data)
            if not form.validate():
                return show(request, about, whole(request, about, data), 422)
            hand = hand_of(about.look)
            saved = await saving.save(
                db,
                hand=hand,
                case_id=about.look.case_id,
                given=form.answers,
                seen={field.name: Seen.read(str(data.get(f"seen-{field.name}") or "")) for field in sent},
                words=about.words,
                now=now,
            )
            clashing = {clash.key[0] for clash in saved.clashes}
            for field in sent:
                number = number_of(data.get(f"sequence-{field.name}"))
                if field.name not in clashing:
                    await drafts.used_up(
                        db, hand=hand, case_id=about.look.case_id, section=field.name, sequence=number, now=now
                    )
                elif not saved.withdrawn:
                    await _keep_as_draft(db, about, hand, field, form, data, number)
            after = await _next(db, about, hand, section, data)
            if saved.clashes:
                about = await about_of(request, db, section)
    except NotHere as error:
        raise Interrupted from error
    except Refused as refused:
        async with reading(request) as db:
            about = await about_of(request, db, section)
        return show(request, about, whole(request, about, data), 409, refused=refused.why)
    if saved.clashes:
        return _conflict(request, about, data, saved)
    return RedirectResponse(after, 303)


async def _keep_as_draft(
    db: Db, about: Page, hand: Hand, field: Field, form: AnswersForm, data: FormData, number: int
) -> None:
    """Her words, which were not saved, stay hers until she has decided."""
    await drafts.save_draft(
        db,
        hand=hand,
        case_id=about.look.case_id,
        section=field.name,
        sequence=number + 1,
        fields=fields_of(form_of([field], about.words, form.meta.locale, data), field, data),
        seen=about.told.seen,
        now=clock.now(),
    )


async def _next(db: Db, about: Page, hand: Hand, section: str | None, data: FormData) -> str:
    """Where saving leads: the next question, or the desk."""
    path = about.look.desk_path
    if section is None or data.get("then") == "desk":
        return f"{path}?enregistre"
    asked = [field.name for field in questions_of(about.told.depth)]
    following = asked[asked.index(section) + 1 :]
    if not following:
        return f"{path}?enregistre"
    await presence.be_here(
        db, case_id=about.look.case_id, author_id=hand.author_id, section=following[0], now=clock.now()
    )
    return f"{path}/{following[0]}"


def _conflict(request: Request, about: Page, data: FormData, saved: saving.Saved) -> Response:
    """Both texts, what sets them apart, and hers in the box, to be sent again."""
    names = list(dict.fromkeys(clash.key[0] for clash in saved.clashes))
    questions = [question for question in about.questions if question.name in names]
    form = form_of(questions, about.words, locale_of(request), data)
    return page(
        request,
        "cases/conflict.html",
        409,
        **shown(about, form)
        | {
            "questions": questions,
            "clashes": {
                name: [
                    (clash, compared(field_of(clash.key), clash.theirs, clash.hers, about.words, locale_of(request)))
                    for clash in saved.clashes
                    if clash.key[0] == name
                ]
                for name in names
            },
            "saved_now": {
                clash.key: readable(field_of(clash.key), clash.theirs, about.words, locale_of(request))
                for clash in saved.clashes
            },
            "withdrawn": saved.withdrawn,
            # What she has seen now: sending it again replaces what is there.
            "seen": dict.fromkeys(names, about.told.seen),
            "sequences": {name: about.drafts[name].sequence if name in about.drafts else 0 for name in names},
        },
    )


_PATH = "/recits/{id:int}"
routes: list[BaseRoute] = [
    Route(_PATH + "/ecrire", write, name="write_case"),
    Route(_PATH + "/ecrire", save_case, methods=["POST"], name="save_case"),
    Route(_PATH + "/ecrire/{section}", write_section, name="write_case_section"),
    Route(_PATH + "/ecrire/{section}", save_section, methods=["POST"], name="save_case_section"),
]
