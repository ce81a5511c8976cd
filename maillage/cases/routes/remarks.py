"""The shared draft: those who take part read a story question by question, and say what they think of it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases.commands import remarks as commands
from maillage.cases.forms.team import RemarkForm
from maillage.cases.policies.answers import NOTHING
from maillage.cases.policies.writing import may_remark, may_settle, questions_of
from maillage.cases.queries import desk
from maillage.cases.queries import remarks as queries
from maillage.cases.queries.door import Look
from maillage.cases.queries.history import readable
from maillage.cases.routes.entering import enter
from maillage.cases.routes.questions import hand_of
from maillage.core import clock, limits
from maillage.core.db import Db, reading, writing
from maillage.core.forms import form_data
from maillage.core.pages import locale_of, page
from maillage.taxonomies.queries.vocabulary import vocabulary


async def remarks(request: Request) -> Response:
    """The story, question by question, with what was said of each."""
    async with reading(request) as db:
        look = await enter(request, db)
        may_remark(look.standing).or_refuse()
        return await _page(request, db, look, RemarkForm(locale_of(request), questions_of(look.standing.depth)))


async def _page(request: Request, db: Db, look: Look, form: RemarkForm, status: int = 200) -> Response:
    words = await vocabulary(request, db, look.version[1])
    told = await desk.told(db, look.case_id, words)
    questions = questions_of(told.depth)
    locale = locale_of(request)
    return page(
        request,
        "cases/remarks.html",
        status,
        look=look,
        form=form,
        words=words,
        questions=questions,
        texts=await queries.rendered_texts(db, look.case_id),
        facts={
            question.name: readable(question, told.answers.get((question.name, None), NOTHING), words, locale)
            for question in questions
            if question.kind in ("line", "terms", "place", "period", "actors")
        },
        remarks=await queries.remarks(db, look.case_id),
        may_settle=may_settle(look.standing),
    )


async def remark(request: Request) -> Response:
    """Say something of one of its answers."""
    who = viewer_of(request)
    await limits.check(request, "post", who.id if who else None)
    data = await form_data(request)
    async with writing(request) as db:
        look = await enter(request, db)
        may_remark(look.standing).or_refuse()
        form = RemarkForm(locale_of(request), questions_of(look.standing.depth), data)
        if not form.validate():
            return await _page(request, db, look, form, 422)
        await commands.remark(
            db,
            hand=hand_of(look),
            person_id=who.id if who else None,
            case_id=look.case_id,
            field=form.field.data,
            body=form.body.words,
            now=clock.now(),
        )
    return RedirectResponse(f"/recits/{look.case_id}/remarques#r-{form.field.data}", 303)


async def settle(request: Request) -> Response:
    """An author saw to a remark; without `value`, it is to be seen to again."""
    data = await form_data(request)
    async with writing(request) as db:
        look = await enter(request, db)
        may_settle(look.standing).or_refuse()
        await commands.settle(
            db,
            case_id=look.case_id,
            remark_id=request.path_params["remark_id"],
            settled=bool(data.get("value")),
            now=clock.now(),
        )
    return RedirectResponse(f"/recits/{look.case_id}/remarques", 303)


async def read_over(request: Request) -> Response:
    """Those who take part read it where everybody will: its own page."""
    async with reading(request) as db:
        look = await enter(request, db)
    return RedirectResponse(look.path, 302)


_REMARKS = "/recits/{id:int}/remarques"
routes: list[BaseRoute] = [
    Route(_REMARKS, remarks, name="case_remarks"),
    Route(_REMARKS, remark, methods=["POST"], name="remark_on_case"),
    Route(_REMARKS + "/{remark_id:int}/reglee", settle, methods=["POST"], name="settle_remark"),
    Route("/recits/{id:int}/relecture", read_over, name="read_case_over"),
]
