"""Files at their addresses: added by members, served to whoever may see what they belong to, taken back by whoever
added them."""

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere
from maillage.core.files import commands, queries
from maillage.core.files.forms import UploadForm
from maillage.core.files.receiving import received, shown_again
from maillage.core.files.serving import served
from maillage.core.forms import MAX_NUMBER, form_with_file
from maillage.core.languages import _
from maillage.core.pages import locale_of, page
from maillage.forum.policies import signed_in

SESSION_OVER = _("You are no longer signed in. Sign in in another tab, then come back to this one and send your file.")


async def new_file(request: Request) -> Response:
    """Add a file: it is hers alone until a text shows it."""
    if request.method == "POST":
        return await _add(request)
    signed_in(viewer_of(request))
    return page(request, "files/new.html", form=UploadForm(locale_of(request)))


async def _add(request: Request) -> Response:
    who = viewer_of(request)
    await limits.check(request, "upload", who.id if who else None)
    async with form_with_file(request) as (data, file):
        if who is not None:
            return await _keep(request, who, data, file)
        # What she said of the file comes back: she signs in beside it.
        form = UploadForm(locale_of(request), data)
        form.refuse("file", SESSION_OVER)
        return page(request, "files/new.html", 403, form=form)


async def _keep(request: Request, who: Viewer, data: FormData, file: UploadFile | None) -> Response:
    form = UploadForm(locale_of(request), data)
    kept = await received(request, form, file)
    if isinstance(kept, int):
        return shown_again(request, "files/new.html", kept, form=form)
    async with writing(request) as db:
        await commands.add(db, file=kept, uploaded_by_id=who.id, now=clock.now())
    return RedirectResponse(f"/fichiers/nouveau/{kept.key}", 303)


async def added_file(request: Request) -> Response:
    """The line to write where the file is to be seen, and the file itself."""
    who = signed_in(viewer_of(request))
    async with reading(request) as db:
        file = await queries.own_file(db, who.id, request.path_params["key"])
    if file is None:
        raise NotHere
    return page(request, "files/added.html", one=file)


async def own_files(request: Request) -> Response:
    """What she has added."""
    who = signed_in(viewer_of(request))
    given = request.query_params.get("avant", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else MAX_NUMBER
    async with reading(request) as db:
        files, further = await queries.own_files(db, who.id, before)
    return page(request, "files/mine.html", files=files, further=further)


async def remove_file(request: Request) -> Response:
    """Take a file back, wherever it is shown."""
    who, key = signed_in(viewer_of(request)), request.path_params["key"]
    if request.method == "POST":
        async with writing(request) as db:
            await commands.remove_own(db, key=key, uploaded_by_id=who.id, now=clock.now())
        return RedirectResponse("/moi/fichiers", 303)
    async with reading(request) as db:
        file = await queries.own_file(db, who.id, key)
    if file is None:
        raise NotHere
    return page(request, "files/remove.html", one=file)


async def file(request: Request) -> Response:
    """The bytes of a file, for whoever may see what it belongs to at this moment."""
    async with reading(request) as db:
        seen = await queries.seen(db, viewer_of(request), request.path_params["key"])
    return await served(request, seen)


routes: list[BaseRoute] = [
    Route("/fichiers/nouveau", new_file, methods=["GET", "POST"], name="new_file"),
    Route("/fichiers/nouveau/{key}", added_file, name="added_file"),
    Route("/fichiers/{key}/{name}", file, name="file"),
    Route("/moi/fichiers", own_files, name="own_files"),
    Route("/moi/fichiers/{key}/retirer", remove_file, methods=["GET", "POST"], name="remove_file"),
]
