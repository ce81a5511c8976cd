"""A file on its way to a browser: as a picture or as a download, whole or a stretch of it, and never run."""

import re
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from maillage.core.errors import NotHere
from maillage.core.files import adding
from maillage.core.files.queries import Seen
from maillage.core.files.shown import ShownFile
from maillage.core.files.store import Missing, store_of

log = structlog.get_logger("maillage.web")

# Whatever a file holds, a browser that opens it by itself runs nothing of it and fetches nothing for it.
_HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Cookie",
}
_RANGE = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")


async def served(request: Request, seen: Seen | None) -> Response:
    """The bytes of the file that an address names by its key and its name. `seen`: what this reader may see there."""
    name = request.path_params["name"]
    if seen is None or name != seen.file.name:
        raise NotHere
    key = seen.file.key
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
        content = await store_of(request.app.state.settings).read(key, part, start, end)
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
