"""`migrate`, `backup` and `restore`: the database as a whole.

A backup is an ordinary tar file: `about.json` (what it is, when, and the dump's SHA-256), `database.dump`
(PostgreSQL's custom format, which `pg_restore` reads), and the files of the data directory (`kept_files`).
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from maillage.core.config import Settings, Trouble, load
from maillage.core.embedded import Embedded, find_programs
from maillage.web.installation import check, connect, standing
from maillage.web.manage import kept_files, say
from maillage.web.migrating import migrate

_FORMAT = 1
_ABOUT, _DUMP = "about.json", "database.dump"
_CHUNK = 1 << 20
_SET_ASIDE = "maillage_before_restore"


def arguments(command: str, parser: argparse.ArgumentParser) -> None:
    if command != "migrate":
        parser.add_argument("file", metavar="FILE", type=Path, help="the backup")
    if command == "restore":
        parser.add_argument("--replace", action="store_true", help="even when the database holds something")


def run(arguments: argparse.Namespace) -> None:
    settings = load()
    if arguments.command == "migrate":
        with standing(settings, say) as ready:
            say("The database is now up to date." if asyncio.run(migrate(ready.dsn, say)) else "Nothing to migrate.")
    elif arguments.command == "backup":
        with standing(settings, say) as ready:
            _backup(settings, ready.dsn, arguments.file)
    else:
        with _opened(settings, arguments.file) as (dump, files), standing(settings, say, alone=True) as ready:
            if files is not None and not arguments.replace:
                kept_files.must_be_empty(settings)
            _restore(settings, ready.dsn, dump, replace=arguments.replace)
            if files is not None:
                kept_files.put_in_place(settings, files)
            say("Everything is back.")


def _backup(settings: Settings, dsn: str, file: Path) -> None:
    asyncio.run(_must_be_ours(dsn))
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
            dump = Path(folder) / _DUMP
            with _progress("Backing up", dump):
                _postgres(
                    settings,
                    dsn,
                    "pg_dump",
                    "--format=custom",
                    "--no-owner",
                    "--no-privileges",
                    f"--file={dump}",
                )
            about = {
                "maillage_backup": _FORMAT,
                "name": settings.name,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "size": dump.stat().st_size,
                "sha256": _sha256(dump),
                "files": settings.files_url is None,
            }
            (Path(folder) / _ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
            whole = Path(folder) / "whole.tar"
            with tarfile.open(whole, "w") as tar:
                for name in (_ABOUT, _DUMP):
                    tar.add(Path(folder) / name, name)
                if settings.files_url is None and (count := kept_files.pack(settings, tar)):
                    say(f"{count} files are in it." if count > 1 else "One file is in it.")
            with whole.open("rb") as written:
                os.fsync(written.fileno())
            whole.chmod(0o600)
            # A file of that name is either the former backup or this one, whole.
            whole.replace(file)
    except OSError as error:
        raise Trouble(f"{file} cannot be written: {error.strerror or error}.") from error
    if settings.files_url is not None:
        say("The files are in their own store, and not in the backup.")
    say(f"Wrote {file} ({_size(file.stat().st_size)}). It holds all that people wrote: keep it as you keep the server.")


@contextlib.contextmanager
def _opened(settings: Settings, file: Path) -> Iterator[tuple[Path, Path | None]]:
    """The dump inside a backup, and the folder of its files if it holds any, after their checksums were verified."""
    not_ours = Trouble(f"{file} is not a Maillage backup.")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="maillage-restore-") as folder,
            tarfile.open(file, "r:") as tar,
        ):
            first = tar.next()
            about = json.loads((tar.extractfile(first) or _nothing(not_ours)).read(_CHUNK)) if first else None
            if not isinstance(about, dict) or first is None or first.name != _ABOUT or "maillage_backup" not in about:
                raise not_ours
            if about["maillage_backup"] != _FORMAT:
                raise Trouble(f"{file} was made by a newer version of Maillage; restore it with that version.")
            second = tar.next()
            content = tar.extractfile(second) if second is not None and second.name == _DUMP else None
            if content is None:
                raise Trouble(f"{file} is damaged: the database is missing from it.")
            dump = Path(folder) / _DUMP
            with dump.open("wb") as out:
                shutil.copyfileobj(content, out, _CHUNK)
            if _sha256(dump) != about.get("sha256"):
                raise Trouble(f"{file} is damaged: its checksum does not fit.")
            say(f"{file} was made at {about.get('made_at')} by “{about.get('name')}”.")
            files = None
            if about.get("files"):
                files = kept_files.unpack(settings, tar, Trouble(f"{file} is damaged: its files are not as they were."))
            yield dump, files
    except FileNotFoundError as error:
        raise Trouble(f"There is no file {file}.") from error
    except (tarfile.TarError, ValueError) as error:
        raise not_ours from error
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror or error}.") from error


def _nothing(trouble: Trouble) -> Any:
    raise trouble


def _restore(settings: Settings, dsn: str, dump: Path, *, replace: bool) -> None:
    asyncio.run(_must_be_quiet(dsn))
    asyncio.run(_set_aside(dsn, replace=replace))
    try:
        say("Restoring ...")
        _postgres(
            settings,
            dsn,
            "pg_restore",
            *(
                "--no-owner",
                "--no-privileges",
                "--single-transaction",
                "--exit-on-error",
                f"--dbname={dsn}",
                str(dump),
            ),
        )
    except BaseException:
        asyncio.run(_run(dsn, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {_SET_ASIDE} RENAME TO public"))
        say("What was there before is back.")
        raise
    asyncio.run(_run(dsn, f"DROP SCHEMA {_SET_ASIDE} CASCADE"))
    asyncio.run(migrate(dsn, say))


async def _must_be_ours(dsn: str) -> None:
    connection = await connect(dsn)
    try:
        if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
            raise Trouble("This database holds no Maillage yet: there is nothing to back up.")
    finally:
        await connection.close()


async def _must_be_quiet(dsn: str) -> None:
    connection = await connect(dsn)
    try:
        if await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'maillage' AND pid <> pg_backend_pid())"
        ):
            raise Trouble("Maillage still runs on this database; stop it first.")
    finally:
        await connection.close()


async def _set_aside(dsn: str, *, replace: bool) -> None:
    """Move what is in the database out of the way, to be thrown away when the restoration has succeeded."""
    connection = await connect(dsn)
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        if tables and not replace:
            raise Trouble("The database is not empty; with --replace the backup takes the place of what it holds.")
        async with connection.transaction():
            await connection.execute(f"DROP SCHEMA IF EXISTS {_SET_ASIDE} CASCADE")
            await connection.execute(f"ALTER SCHEMA public RENAME TO {_SET_ASIDE}")
            await connection.execute("CREATE SCHEMA public")
    finally:
        await connection.close()


async def _run(dsn: str, *statements: str) -> None:
    connection = await connect(dsn)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


def _postgres(settings: Settings, dsn: str, program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on the database."""
    command = [_program(settings, dsn, program), *options]
    if program == "pg_dump":
        command.append(f"--dbname={dsn}")
    # The address holds the password, and arguments can be seen by others on the machine: it goes by the environment.
    password = urlsplit(dsn).password
    hidden = [word.replace(f":{password}@", "@") if password else word for word in command]
    environment = os.environ | ({"PGPASSWORD": unquote(password)} if password else {})
    done = subprocess.run(hidden, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        complaint = (done.stderr.strip().splitlines() or ["it gave no reason"])[0]
        raise Trouble(
            f"{program} failed: {complaint.removeprefix(f'{program}: ').removeprefix('error: ').rstrip('.')}."
        )


def _program(settings: Settings, dsn: str, program: str) -> str:
    """A program at least as new as the server, else it refuses to read it."""
    if settings.database_url is None:
        return Embedded(settings.data_dir, say).programs().path(program)
    server = int(asyncio.run(check(dsn)).partition(".")[0])
    found = shutil.which(program)
    if found is not None:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        number = re.search(r"\) (\d+)", version)
        if number and int(number[1]) >= server:
            return found
    programs = find_programs()
    if programs.major < server or not Path(programs.path(program)).exists():
        raise Trouble(
            f"The server is PostgreSQL {server} and this machine has no {program} of that version; install it."
        )
    return programs.path(program)


@contextlib.contextmanager
def _progress(doing: str, file: Path) -> Iterator[None]:
    """Say every few seconds how large `file` has become."""
    done = threading.Event()

    def tell() -> None:
        while not done.wait(3):
            with contextlib.suppress(OSError):
                say(f"{doing} ... {_size(file.stat().st_size)}")

    say(f"{doing} ...")
    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    began = time.monotonic()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if (passed := time.monotonic() - began) > 3:
        say(f"{doing}: done in {passed:.0f} s.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} kB"
