"""Files of a story, below its own address: added by whoever writes in it, with an account or by a private link."""

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import viewer_of
from maillage.cases import policies
from maillage.cases.queries import attached
from maillage.cases.queries.door import Look
from maillage.cases.routes.entering import enter
from maillage.cases.routes.questions import hand_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere
from maillage.core.files import commands
from maillage.core.files.forms import UploadForm
from maillage.core.files.receiving import received, shown_again
from maillage.core.files.serving import served
from maillage.core.forms import form_with_file
from maillage.core.pages import locale_of, page


async def _writer(request: Request) -> Look:
    async with reading(request) as db:
        look = await enter(request, db)
    policies.may_edit(look.standing).or_refuse()
    return look


async def new_file(request: Request) -> Response:
    """The form that adds a file."""
    look = await _writer(request)
    return page(request, "cases/file_new.html", look=look, form=UploadForm(locale_of(request)))


async def add_file(request: Request) -> Response:
    """Add a file: it is hers alone until an answer shows it."""
    who = viewer_of(request)
    await limits.check(request, "upload", who.id if who else None)
    async with form_with_file(request) as (data, file):
        look = await _writer(request)
        if look.by_link:
            async with reading(request) as db:
                await limits.hit(db, f"g{hand_of(look).author_id}", "upload", limits.ACTS["upload"].person)
        return await _keep(request, look, data, file)


async def _keep(request: Request, look: Look, data: FormData, file: UploadFile | None) -> Response:
    form = UploadForm(locale_of(request), data)
    kept = await received(request, form, file)
    if isinstance(kept, int):
        return shown_again(request, "cases/file_new.html", kept, look=look, form=form)
    async with writing(request) as db:
        by = await attached.adder(db, hand_of(look).author_id)
        await commands.add(db, file=kept, uploaded_by_id=by.person_id, guest_key=by.guest_key, now=clock.now())
    return RedirectResponse(f"/recits/{look.case_id}/fichiers/{kept.key}", 303)


async def added_file(request: Request) -> Response:
    """The line to write where the file is to be seen, and the file itself."""
    async with reading(request) as db:
        look = await enter(request, db)
        policies.may_edit(look.standing).or_refuse()
        seen = await attached.seen(db, look, request.path_params["key"])
    if seen is None:
        raise NotHere
    return page(request, "cases/file_added.html", look=look, file=seen.file)


async def file(request: Request) -> Response:
    """The bytes of a file, for whoever may read the story at this moment."""
    async with reading(request) as db:
        seen = await attached.seen(db, await enter(request, db), request.path_params["key"])
    return await served(request, seen)


_FILES = "/recits/{id:int}/fichiers"
routes: list[BaseRoute] = [
    Route(_FILES + "/nouveau", new_file, name="new_case_file"),
    Route(_FILES + "/nouveau", add_file, methods=["POST"], name="add_case_file"),
    Route(_FILES + "/{key}", added_file, name="added_case_file"),
    Route(_FILES + "/{key}/{name}", file, name="case_file"),
]
