"""The files of `static/`, kept in memory, compressed once, for browsers to keep as long as their fingerprint holds."""

import gzip
import mimetypes
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOR_EVER = "public, max-age=31536000, immutable"
# Style sheets name fonts without a fingerprint; fonts hardly ever change.
_KEPT = {".woff2": "public, max-age=604800"}
_ALREADY_SMALL = {".woff2", ".png", ".jpg", ".webp", ".avif", ".ico"}
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True)
class Asset:
    path: Path
    content: bytes

    @cached_property
    def fingerprint(self) -> str:
        """As in the address that `pages.static` gives."""
        return sha256(self.content).hexdigest()[:12]

    @cached_property
    def zipped(self) -> bytes | None:
        return None if self.path.suffix in _ALREADY_SMALL else gzip.compress(self.content, 9, mtime=0)

    @cached_property
    def kind(self) -> str:
        kind = mimetypes.guess_type(self.path.name)[0] or "application/octet-stream"
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


@cache
def assets(directory: Path) -> dict[str, Asset]:
    """Every file below `directory` by its path from there. Nothing outside can be named."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): Asset(path, path.read_bytes()) for path in files}


def serve(request: Request, directory: Path) -> Response:
    asset = assets(directory).get(request.path_params["path"])
    if asset is None:
        raise HTTPException(404)
    etag = f'"{asset.fingerprint}"'
    known = request.query_params.get("v") == asset.fingerprint
    kept = FOR_EVER if known else _KEPT.get(asset.path.suffix, "no-cache")
    headers = {"ETag": etag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    content = asset.content
    if asset.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = asset.zipped
    return Response(content, media_type=asset.kind, headers=headers)
