"""The history of a story: what each change did, word by word, and putting back what was there."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.commands import saving
from maillage.cases.queries import desk
from maillage.cases.queries import history as queries
from maillage.cases.queries.door import BIGGEST
from maillage.cases.routes.entering import enter
from maillage.cases.routes.questions import hand_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere
from maillage.core.pages import locale_of, page
from maillage.taxonomies.queries.vocabulary import vocabulary


async def history(request: Request) -> Response:
    """Every change, the latest first; `?avant=` goes on with the older ones."""
    before = request.query_params.get("avant", "")
    locale = locale_of(request)
    async with reading(request) as db:
        look = await enter(request, db)
        policies.may_see_history(look.standing).or_refuse()
        words = await vocabulary(request, db, look.version[1])
        told = await desk.told(db, look.case_id, words)
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else BIGGEST
        found, older = await queries.changes(db, look.case_id, told.answers, number)
    return page(
        request,
        "cases/history.html",
        look=look,
        words=words,
        older=older,
        may_edit=policies.may_edit(look.standing),
        changes=[
            (change, queries.compared(change.field, change.before, change.after, words, locale)) for change in found
        ],
    )


async def restore(request: Request) -> Response:
    """Put back what an answer said before a change; this is a change like another, and can be taken back too."""
    who = viewer_of(request)
    await limits.check(request, "edit", who.id if who else None)
    async with writing(request) as db:
        look = await enter(request, db)
        policies.may_edit(look.standing).or_refuse()
        found = await queries.revision(db, look.case_id, request.path_params["revision_id"])
        if found is None:
            raise NotHere
        key, said = found
        words = await vocabulary(request, db, look.version[1])
        told = await desk.told(db, look.case_id, words)
        await saving.save(
            db,
            hand=hand_of(look),
            case_id=look.case_id,
            given={key: said},
            seen={key[0]: told.seen},
            words=words,
            now=clock.now(),
        )
    return RedirectResponse(f"/recits/{look.case_id}/historique", 303)


_HISTORY = "/recits/{id:int}/historique"
routes: list[BaseRoute] = [
    Route(_HISTORY, history, name="case_history"),
    Route(_HISTORY + "/{revision_id:int}/retablir", restore, methods=["POST"], name="restore_case"),
]
