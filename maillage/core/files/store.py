"""Where the bytes are: a folder of the data directory, or a bucket of any store that speaks S3's language.

An object is `KEY/part`, written once and never changed. What the store refuses or does not answer is `Unavailable`;
an object that is not there is `Missing`.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from maillage.core.config import Settings
from maillage.core.errors import Unavailable

if TYPE_CHECKING:
    # Only their stubs have these.
    from obstore import GetOptions, GetResult
    from obstore.store import S3Config

_CHUNK = 256 * 1024
_MANY = 1000


class Missing(Exception):
    """The store has no such object."""


@dataclass(frozen=True, slots=True)
class Content:
    """Some bytes on their way, and how many."""

    length: int
    pieces: AsyncIterator[bytes]


class Store:
    def __init__(self, files_url: str | None, data_dir: Path) -> None:
        self._url, self._folder = files_url, data_dir / "files"
        self._opened: LocalStore | S3Store | None = None

    async def put(self, key: str, part: str, content: bytes) -> None:
        """Write an object whole, or not at all. When this returns, a power cut takes nothing back."""
        try:
            with _answering():
                # In one piece: a store that is left in the middle keeps no part of it unseen.
                await obstore.put_async(self._store(), f"{key}/{part}", content, use_multipart=False)
                if self._url is None:
                    await asyncio.to_thread(_settle, self._folder / key / part)
        except Missing as error:
            raise Unavailable("the file store has no place for files") from error

    async def read(self, key: str, part: str, start: int = 0, end: int | None = None) -> Content:
        """The bytes of an object from `start` to before `end`. What is wrong is known before the first of them."""
        with _answering():
            options: GetOptions = {"range": {"offset": start} if end is None else (start, end)}
            found = await obstore.get_async(
                self._store(), f"{key}/{part}", options=options if start or end is not None else None
            )
        return Content(found.range[1] - found.range[0], _pieces(found))

    async def delete(self, key: str) -> None:
        """Every object of a key; none is nothing wrong."""
        with _answering():
            store = self._store()
            paths = [found["path"] for found in await obstore.list(store, key).collect_async()]
            if paths:
                await obstore.delete_async(store, paths)

    async def keys(self) -> set[str]:
        """The keys that have an object."""
        with _answering():
            return {
                found["path"].partition("/")[0]
                async for many in obstore.list(self._store(), chunk_size=_MANY)
                for found in many
            }

    def _store(self) -> LocalStore | S3Store:
        # Opened at the first use: a bucket that is away stops no process from starting.
        if self._opened is None:
            self._opened = (
                LocalStore(self._folder, mkdir=True, automatic_cleanup=True) if self._url is None else _s3(self._url)
            )
        return self._opened


def store_of(settings: Settings) -> Store:
    """The store that these settings ask for, one for the whole process."""
    return _store_of(settings.files_url, settings.data_dir)


@lru_cache(maxsize=8)
def _store_of(files_url: str | None, data_dir: Path) -> Store:
    return Store(files_url, data_dir)


def _s3(url: str) -> S3Store:
    """`s3://bucket/prefix?endpoint=…&region=…`. The keys, and whatever is not said here, come from `AWS_…`."""
    parts = urlsplit(url)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    # Not every store deletes many at once, and a file has three objects at most.
    config: S3Config = {"disable_bulk_delete": True}
    if endpoint := asked.get("endpoint"):
        config["endpoint"] = endpoint
    if region := asked.get("region"):
        config["region"] = region
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={
            "allow_http": config.get("endpoint", "").startswith("http://"),
            "connect_timeout": timedelta(seconds=3),
            "timeout": timedelta(seconds=60),
        },
        # A person waits at the other end.
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=15)},
    )


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Missing from error
    except (BaseError, OSError, ValueError) as error:
        raise Unavailable("the file store does not do what it is asked") from error


async def _pieces(found: "GetResult") -> AsyncIterator[bytes]:
    with _answering():
        async for piece in found.stream(_CHUNK):
            yield bytes(piece)


def _settle(path: Path) -> None:
    """Have the disk hold what was written, and the folders that name it."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
