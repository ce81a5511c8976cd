"""`doctor`: looks at what an installation stands on and says in plain words what is wrong, and what to do."""

import argparse
import asyncio
import os
import platform
import shutil
import smtplib
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from maillage import __version__
from maillage.core.config import Settings, Trouble, load, read
from maillage.core.db import Database
from maillage.core.embedded import Embedded
from maillage.core.errors import Unavailable
from maillage.core.files.comparing import differences
from maillage.core.files.store import store_of
from maillage.core.places import Places
from maillage.web.installation import check, is_current, is_empty, standing
from maillage.web.manage import say
from maillage.web.manage.secrets import all_shut, shut

_LITTLE_SPACE = 1_000_000_000
_LISTED = 20


class Finding(NamedTuple):
    """One thing looked at. `fine` is None when it is worth knowing without being wrong."""

    fine: bool | None
    sentence: str


def arguments(_: str, __: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(_: argparse.Namespace) -> None:
    try:
        read(os.environ)
        settings = load()
    except Trouble as trouble:
        for sentence in str(trouble).splitlines():
            _tell(Finding(False, sentence))
        raise Trouble("The settings make no sense yet; nothing else was looked at.") from trouble
    bad = 0
    for look in (_python, _settings, _data_dir, _disk, _time_zone, _programs, _database, _port, _mail, _countries):
        for finding in look(settings):
            _tell(finding)
            bad += finding.fine is False
    if bad:
        raise Trouble("One thing needs attention." if bad == 1 else f"{bad} things need attention.")
    print("All is well.")


def _tell(finding: Finding) -> None:
    mark = {True: "ok    ", False: "WRONG ", None: "note  "}[finding.fine]
    print(mark + finding.sentence)


def _python(_: Settings) -> Iterator[Finding]:
    yield Finding(True, f"Maillage {__version__} on Python {platform.python_version()}, {platform.platform()}.")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield Finding(None, "This runs as root; a user of its own would be able to do less harm.")


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding(True, f"{settings.env.capitalize()} settings, at {settings.base_url}.")
    if settings.env == "demo":
        yield Finding(
            None,
            "This is a demonstration: anybody can sign in as anybody. MAILLAGE_ENV=production ends that.",
        )
    elif settings.trusted_proxies == 0 and settings.host in {"127.0.0.1", "::1"}:
        yield Finding(
            None,
            "MAILLAGE_TRUSTED_PROXIES is 0: behind a reverse proxy, all visitors seem to come from one address.",
        )


def _data_dir(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(False, f"The data directory {folder} cannot be written to by this user.")
        return
    yield Finding(True, f"The data directory is {folder}.")
    for name in ("secret-key", "postgres-password"):
        file = folder / name
        if file.exists() and file.stat().st_mode & 0o077:
            yield Finding(False, f"Others can read {file}; run: chmod 600 '{file}'.")


def _disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.data_dir).free
    yield Finding(free >= _LITTLE_SPACE, f"{free / 1e9:.1f} GB are free for {settings.data_dir}.")


def _time_zone(settings: Settings) -> Iterator[Finding]:
    now = datetime.now(ZoneInfo(settings.time_zone))
    yield Finding(True, f"In {settings.time_zone} it is {now:%Y-%m-%d %H:%M}.")


def _programs(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is not None:
        return
    try:
        programs = Embedded(settings.data_dir, say).programs()
    except Trouble as trouble:
        yield Finding(False, str(trouble))
    else:
        yield Finding(True, f"PostgreSQL {programs.major} comes from {programs.folder}.")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with standing(settings, say) as ready:
            yield Finding(True, f"The database answers: PostgreSQL {asyncio.run(check(ready.dsn))}.")
            if not asyncio.run(is_current(ready.dsn)):
                yield Finding(False, "The database lacks this version's tables; run: maillage migrate.")
            elif asyncio.run(is_empty(ready.dsn)):
                yield Finding(None, "Nobody is in the database yet.")
            else:
                yield from (Finding(False, shut(label)) for label in asyncio.run(all_shut(ready)))
                yield from asyncio.run(_files(ready))
    except Trouble as trouble:
        yield Finding(False, str(trouble))


async def _files(settings: Settings) -> list[Finding]:
    where = settings.files_url or settings.data_dir / "files"
    database = await Database.open(settings.dsn, size=1)
    try:
        async with database.reading() as db:
            found = await differences(db, store_of(settings))
    except Unavailable as error:
        return [Finding(False, f"The files in {where} cannot be reached: {error.__cause__ or error}.")]
    finally:
        await database.close()
    said = [Finding(True, f"Files are kept in {where}.")]
    if found.lost:
        said.append(
            Finding(False, f"Of some files the bytes are missing; a backup may have them: {_some(found.lost)}.")
        )
    if found.unknown:
        said.append(Finding(None, f"Some files belong to nothing, and may be deleted by hand: {_some(found.unknown)}."))
    return said


def _some(keys: list[str]) -> str:
    more = f" and {len(keys) - _LISTED} more" if len(keys) > _LISTED else ""
    return ", ".join(keys[:_LISTED]) + more


def _port(settings: Settings) -> Iterator[Finding]:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            yield Finding(None, f"Port {settings.port} is taken ({error.strerror}): fine if Maillage is running.")
        else:
            yield Finding(True, f"Port {settings.port} is free.")


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_url is None:
        wrong = settings.env == "production"
        where = settings.data_dir / "letters"
        yield Finding(False if wrong else None, f"No MAILLAGE_SMTP_URL: letters are only written to {where}.")
        return
    parts = urlsplit(settings.smtp_url.get_secret_value())
    secure = parts.scheme == "smtps"
    host, port = str(parts.hostname), parts.port or (465 if secure else 587)
    connect: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with connect(host, port, timeout=10) as server:
            server.noop()
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        yield Finding(False, f"The mail server {host}:{port} does not answer: {error}.")
    else:
        yield Finding(True, f"The mail server {host}:{port} answers.")


def _countries(settings: Settings) -> Iterator[Finding]:
    if settings.country_database is None:
        return
    try:
        Places(settings.country_database)
    except Trouble as trouble:
        yield Finding(False, str(trouble))
    else:
        yield Finding(True, f"Countries come from {settings.country_database}.")
