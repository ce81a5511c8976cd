"""Files at their addresses: added by members, served to whoever may see what they belong to, taken back by whoever
added them."""

import re
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from maillage.auth.viewer import Viewer, viewer_of
from maillage.core import clock, limits
from maillage.core.db import reading, writing
from maillage.core.errors import NotHere, Unavailable
from maillage.core.files import adding, commands, queries
from maillage.core.files.checks import NotAccepted
from maillage.core.files.forms import NO_ALT, NO_FILE, UploadForm
from maillage.core.files.shown import ShownFile
from maillage.core.files.store import Missing, Store, store_of
from maillage.core.forms import MAX_NUMBER, form_with_file
from maillage.core.languages import _
from maillage.core.pages import locale_of, page
from maillage.forum.policies import signed_in

log = structlog.get_logger("maillage.web")

STORE_AWAY = _("Files cannot be kept just now. Nothing that you wrote here is lost: please try again in a few minutes.")
SESSION_OVER = _("You are no longer signed in. Sign in in another tab, then come back to this one and send your file.")
# Whatever a file holds, a browser that opens it by itself runs nothing of it and fetches nothing for it.
_HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Cookie",
}
_RANGE = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")


def _store(request: Request) -> Store:
    return store_of(request.app.state.settings)


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
    fine = form.validate()
    found = None
    if file is None:
        form.refuse("file", NO_FILE)
    else:
        sent = adding.Sent(file.filename or "", file.content_type or "", await file.read())
        try:
            found = await adding.checked(sent)
        except NotAccepted as refusal:
            form.refuse("file", refusal.why)
    if found is not None and found.kind == "image" and not form.is_described:
        form.refuse("alt", NO_ALT)
    if found is None or form.errors or not fine:
        return page(request, "files/new.html", 422, form=form)
    try:
        kept = await adding.kept(
            _store(request),
            found,
            alt=form.alt.words if found.kind == "image" else "",
            right_of_use=form.right_of_use.data,
            credit=form.credit.words,
        )
    except Unavailable:
        form.refuse("file", STORE_AWAY)
        refused = page(request, "files/new.html", 503, form=form)
        refused.headers["Retry-After"] = "60"
        return refused
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
    key, name = request.path_params["key"], request.path_params["name"]
    async with reading(request) as db:
        seen = await queries.seen(db, viewer_of(request), key)
    if seen is None or name != seen.file.name:
        raise NotHere
    part = _part(request, seen.file)
    etag = f'"{key}-{part}"'
    headers = {
        **_HARMLESS,
        "ETag": etag,
        # Asked for anew each time, so that what is withdrawn is gone everywhere at once.
        "Cache-Control": "public, no-cache" if seen.public else "private, no-cache",
        "Content-Disposition": f"{'inline' if seen.file.is_image else 'attachment'}; filename*=UTF-8''{quote(name)}",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    start, end, status = 0, None, 200
    if not seen.file.is_image:
        headers["Accept-Ranges"] = "bytes"
        if (asked := _asked(request, seen.file.bytes, etag)) is not None:
            start, end = asked
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{seen.file.bytes}"
            status = 206
            if start >= end:
                return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{seen.file.bytes}"})
    try:
        content = await _store(request).read(key, part, start, end)
    except Missing:
        log.error("a file has lost its bytes", key=key, part=part)  # noqa: TRY400 — there is no more to say of it
        raise NotHere from None
    headers["Content-Length"] = str(content.length)
    return StreamingResponse(content.pieces, status, headers, media_type=seen.file.media_type)


def _part(request: Request, file: ShownFile) -> str:
    """What the store calls the size that is asked for; `NotHere` for one that is not kept."""
    asked = request.query_params.get("l")
    if not file.is_image:
        return adding.DOCUMENT
    if asked is None:
        return adding.part_of(file.sizes[-1])
    if asked not in {str(size) for size in file.sizes}:
        raise NotHere
    return adding.part_of(int(asked))


def _asked(request: Request, length: int, etag: str) -> tuple[int, int] | None:
    """From where to before where, when one stretch is asked for; anything else is answered with the whole."""
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if match is None or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return (max(0, length - int(last)), length) if last else None
    start, end = int(first), min(int(last) + 1, length) if last else length
    return None if last and int(last) < start else (start, end)


routes: list[BaseRoute] = [
    Route("/fichiers/nouveau", new_file, methods=["GET", "POST"], name="new_file"),
    Route("/fichiers/nouveau/{key}", added_file, name="added_file"),
    Route("/fichiers/{key}/{name}", file, name="file"),
    Route("/moi/fichiers", own_files, name="own_files"),
    Route("/moi/fichiers/{key}/retirer", remove_file, methods=["GET", "POST"], name="remove_file"),
]
