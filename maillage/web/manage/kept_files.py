"""The files of the data directory in a backup: behind the database's dump, and after them what each must be.

A store elsewhere keeps its own copies; a backup brings files into it all the same, which is how one moves there.
"""

import asyncio
import hashlib
import json
import re
import shutil
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

from maillage.core.config import Settings, Trouble
from maillage.core.errors import Unavailable
from maillage.core.files.store import store_of

_LIST = "files.json"
_NAME = re.compile(r"files/[0-9a-f]{32}/[0-9a-z]{1,20}(?:\.[a-z]{1,8})?")
_RESTORING, _BEFORE = "files.restoring", "files.before-restore"


def pack(settings: Settings, tar: tarfile.TarFile) -> int:
    """Add the files to a backup, and say how many. The dump was made before, so that whatever it names is here."""
    sums: dict[str, str] = {}
    for path in sorted((settings.data_dir / "files").glob("*/*")):
        name = f"files/{path.parent.name}/{path.name}"
        if not _NAME.fullmatch(name):
            continue
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            # Deleted since the dump; its row goes again when the backup is restored.
            continue
        sums[name] = hashlib.sha256(content).hexdigest()
        _add(tar, name, content)
    _add(tar, _LIST, json.dumps(sums, indent=0).encode())
    return len({name.split("/")[1] for name in sums})


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, BytesIO(content))


def unpack(settings: Settings, tar: tarfile.TarFile, damaged: Trouble) -> Path:
    """The files of a backup, verified, in a folder beside those of the installation. `tar` stands behind the dump."""
    folder = settings.data_dir / _RESTORING
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    sums: dict[str, str] = {}
    expected: Any = None
    while expected is None and (member := tar.next()) is not None:
        stream = tar.extractfile(member)
        if stream is None or not (member.name == _LIST or _NAME.fullmatch(member.name)):
            raise damaged
        content = stream.read()
        if member.name == _LIST:
            expected = json.loads(content)
        else:
            sums[member.name] = hashlib.sha256(content).hexdigest()
            path = folder / member.name.removeprefix("files/")
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.write_bytes(content)
    if sums != expected:
        raise damaged
    return folder


def must_be_empty(settings: Settings) -> None:
    """Files of an installation that is not to be replaced stay where they are."""
    folder = settings.data_dir / "files"
    if settings.files_url is None and folder.is_dir() and any(folder.iterdir()):
        raise Trouble(f"The folder {folder} is not empty; with --replace the backup takes the place of what it holds.")


def put_in_place(settings: Settings, folder: Path) -> None:
    """Give the installation the files of a backup whose database is in."""
    if settings.files_url is not None:
        asyncio.run(_send(settings, folder, sorted(folder.glob("*/*"))))
        shutil.rmtree(folder)
        return
    files, before = settings.data_dir / "files", settings.data_dir / _BEFORE
    shutil.rmtree(before, ignore_errors=True)
    if files.exists():
        files.rename(before)
    folder.rename(files)
    shutil.rmtree(before, ignore_errors=True)


async def _send(settings: Settings, folder: Path, paths: list[Path]) -> None:
    store = store_of(settings)
    try:
        for path in paths:
            await store.put(path.parent.name, path.name, await asyncio.to_thread(path.read_bytes))
    except Unavailable as error:
        raise Trouble(
            f"The database is back, but the file store does not take its files; they wait in {folder}."
        ) from error
