"""A store that is away, full or elsewhere: a sentence, and nothing that somebody wrote is lost."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from maillage.core.errors import Unavailable
from maillage.core.files.store import Missing, Store
from maillage.web.app import create_app
from tests.conftest import Site, settings_for
from tests.uploads import ALT, NAME, key_of, upload

KEY, OTHER = "a" * 32, "b" * 32


class Shelf(BaseHTTPRequestHandler):
    """As much of S3 as files need: put, get with a range, list, delete. `kept` is by path."""

    kept: dict[str, bytes]
    full: bool

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing to tell."""

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.full:
            self.answer(507)
            return
        self.kept[unquote(urlsplit(self.path).path)] = content
        self.answer(200, ETag='"x"')

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if "list-type" in query:
            prefix = f"{parts.path}/{query.get('prefix', [''])[0]}"
            found = "".join(
                f"<Contents><Key>{path.removeprefix(parts.path + '/')}</Key><Size>{len(content)}</Size>"
                "<LastModified>2026-11-01T10:00:00.000Z</LastModified><ETag>x</ETag></Contents>"
                for path, content in sorted(self.kept.items())
                if path.startswith(prefix)
            )
            self.answer(200, f"<ListBucketResult>{found}</ListBucketResult>".encode())
            return
        content = self.kept.get(unquote(parts.path))
        if content is None:
            self.answer(404)
            return
        moment = "Sun, 01 Nov 2026 10:00:00 GMT"
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(match[1]), int(match[2] or len(content) - 1) + 1
            stretch = f"bytes {start}-{min(end, len(content)) - 1}/{len(content)}"
            self.answer(206, content[start:end], ETag='"x"', Last_Modified=moment, Content_Range=stretch)
        else:
            self.answer(200, content, ETag='"x"', Last_Modified=moment)

    def do_DELETE(self) -> None:
        self.kept.pop(unquote(urlsplit(self.path).path), None)
        self.answer(204)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[Shelf]]]:
    """An address for MAILLAGE_FILES_URL, and what stands there."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "essai")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "essai")
    kind = type("OwnShelf", (Shelf,), {"kept": {}, "full": False})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"s3://seau/nos/fichiers?endpoint=http://127.0.0.1:{server.server_port}&region=ca-central-1", kind
        server.shutdown()
        thread.join()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store(None, tmp_path)
    address, _kind = request.getfixturevalue("shelf")
    return Store(address, tmp_path)


async def whole(store: Store, key: str, part: str, *stretch: int) -> bytes:
    content = await store.read(key, part, *stretch)
    found = b"".join([piece async for piece in content.pieces])
    assert len(found) == content.length
    return found


def test_what_is_put_is_read_listed_and_deleted(store: Store) -> None:
    async def act() -> None:
        await store.put(KEY, "480.webp", b"petit")
        await store.put(KEY, "960.webp", bytes(6_000_000))
        await store.put(OTHER, "document", b"0123456789")
        assert await whole(store, KEY, "480.webp") == b"petit"
        assert len(await whole(store, KEY, "960.webp")) == 6_000_000
        assert await whole(store, OTHER, "document", 2, 5) == b"234"
        assert await whole(store, OTHER, "document", 7) == b"789"
        assert await store.keys() == {KEY, OTHER}
        await store.delete(KEY)
        await store.delete(KEY)
        assert await store.keys() == {OTHER}
        with pytest.raises(Missing):
            await store.read(KEY, "480.webp")

    asyncio.run(act())


@pytest.mark.parametrize("part", ["../x", "..", "a/../../x", "\0", "//x"])
def test_no_name_leads_out_of_it(tmp_path: Path, part: str) -> None:
    store = Store(None, tmp_path)
    for act in (lambda: store.put(KEY, part, b"x"), lambda: store.read(KEY, part), lambda: store.put(part, "x", b"x")):
        with pytest.raises((Unavailable, Missing)):
            asyncio.run(act())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def in_its_place(folder: Path) -> None:
    """A file where the folder of files should be: what nobody, not even root, can write into."""
    folder.write_bytes(b"")


def opened(world_dsn: str, tmp_path: Path, **more: Any) -> Site:
    settings = settings_for(world_dsn, tmp_path, **more)
    return Site(create_app(settings), settings)


@pytest.mark.parametrize("trouble", ["away", "full", "in the way"])
def test_a_store_that_takes_nothing_is_a_sentence(
    world_dsn: str, tmp_path: Path, trouble: str, shelf: tuple[str, type[Shelf]]
) -> None:
    address, kind = shelf
    kind.full = trouble == "full"
    more: dict[str, Any] = {"files_url": address}
    if trouble == "away":
        more["files_url"] = "s3://seau?endpoint=http://127.0.0.1:9"
    elif trouble == "in the way":
        more = {}
        in_its_place(tmp_path / "files")
    site = opened(world_dsn, tmp_path, **more)
    with ExitStack() as stack:
        stack.enter_context(site.stranger)
        answer = upload(site.as_("maryse"), fields={"credit": "Photo : Ana"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "60"
        assert "Rien de ce que vous avez écrit ici n’est perdu" in answer.text
        assert f'value="{ALT}"' in answer.text
        assert 'value="Photo : Ana"' in answer.text
        assert site.ask("SELECT count(*) FROM stored_file") == 0
        assert kind.kept == {}


def test_files_elsewhere_are_added_served_and_deleted(
    world_dsn: str, tmp_path: Path, shelf: tuple[str, type[Shelf]]
) -> None:
    address, kind = shelf
    site = opened(world_dsn, tmp_path, files_url=address)
    with ExitStack() as stack:
        stack.enter_context(site.stranger)
        key = key_of(upload(site.as_("maryse")))
        assert sorted(kind.kept) == [f"/seau/nos/fichiers/{key}/{width}.webp" for width in (1200, 480, 960)]
        answer = site.as_("maryse").get(f"/fichiers/{key}/{NAME}")
        assert (answer.status_code, answer.content) == (200, kind.kept[f"/seau/nos/fichiers/{key}/1200.webp"])
        # What is read while it is away is out of reach for a moment, and not gone.
        kind.do_GET = lambda self: self.answer(503)  # type: ignore[method-assign]
        assert site.as_("maryse").get(f"/fichiers/{key}/{NAME}").status_code == 503
    assert not (tmp_path / "files").exists()
