"""What is known of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from maillage.core.db import Db, Row, Statement
from maillage.core.files import subjects
from maillage.core.files.models import StoredFile
from maillage.core.files.shown import ShownFile

KEY_LENGTH = 32
COLUMNS = (
    StoredFile.key,
    StoredFile.kind,
    StoredFile.media_type,
    StoredFile.name,
    StoredFile.bytes,
    StoredFile.width,
    StoredFile.height,
    StoredFile.sizes,
    StoredFile.alt,
    StoredFile.right_of_use,
    StoredFile.credit,
)
A_PAGE = 50


def shown(row: Row) -> ShownFile:
    """A row of `COLUMNS`."""
    return ShownFile(
        key=row["key"],
        kind=row["kind"],
        media_type=row["media_type"],
        name=row["name"],
        bytes=row["bytes"],
        width=row["width"],
        height=row["height"],
        sizes=tuple(row["sizes"]),
        alt=row["alt"],
        right_of_use=row["right_of_use"],
        credit=row["credit"],
    )


_OF_SUBJECTS = Statement(
    select(*COLUMNS, StoredFile.subject_id)
    .where(StoredFile.subject_kind == bindparam("kind"), StoredFile.subject_id == func.any(bindparam("ids")))
    .order_by(StoredFile.id)
)


async def of_subjects(db: Db, kind: str, subject_ids: Sequence[int]) -> dict[int, list[ShownFile]]:
    """The files of several things of one kind, in the order in which they were added."""
    found: dict[int, list[ShownFile]] = {}
    for row in await db.rows(_OF_SUBJECTS, kind=kind, ids=list(subject_ids)):
        found.setdefault(row["subject_id"], []).append(shown(row))
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that somebody may see. `public`: everybody may, at this moment."""

    file: ShownFile
    public: bool


_BY_KEY = Statement(
    select(
        *COLUMNS, StoredFile.subject_kind, StoredFile.subject_id, StoredFile.uploaded_by_id, StoredFile.guest_key
    ).where(StoredFile.key == bindparam("key"), StoredFile.removed_at.is_(None))
)


async def seen(db: Db, who: Any, key: str) -> Seen | None:
    """The file of this key, or None when it is absent or not for `who` to see."""
    row = await by_key(db, key)
    if row is None:
        return None
    if row["subject_kind"] is None:
        mine = who is not None and row["uploaded_by_id"] == who.id
        return Seen(shown(row), public=False) if mine else None
    if await subjects.may_see(db, None, row["subject_kind"], row["subject_id"]):
        return Seen(shown(row), public=True)
    if who is not None and await subjects.may_see(db, who, row["subject_kind"], row["subject_id"]):
        return Seen(shown(row), public=False)
    return None


async def by_key(db: Db, key: str) -> Row | None:
    """What is known of a file, whoever may see it; None when there is none, or it was removed."""
    if len(key) != KEY_LENGTH or not key.isascii() or not key.isalnum():
        return None
    return await db.row(_BY_KEY, key=key)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file as whoever added it sees it. `used`: it belongs to something; else it goes in a day."""

    file: ShownFile
    number: int
    used: bool
    added_at: datetime


_own = (
    select(*COLUMNS, StoredFile.id, StoredFile.subject_kind, StoredFile.created_at)
    .where(StoredFile.uploaded_by_id == bindparam("whose"), StoredFile.removed_at.is_(None))
    .order_by(StoredFile.id.desc())
)
_OWN = Statement(_own.where(StoredFile.id < bindparam("before")).limit(A_PAGE + 1))
_OWN_NAMED = Statement(_own.where(StoredFile.key == func.any(bindparam("keys"))))


async def own_files(db: Db, person_id: int, before: int) -> tuple[list[OwnFile], int | None]:
    """What somebody has added, the latest first, from before number `before`; and where the next page begins."""
    files = [_own_file(row) for row in await db.rows(_OWN, whose=person_id, before=before)]
    further = len(files) > A_PAGE
    return files[:A_PAGE], files[A_PAGE - 1].number if further else None


async def own_file(db: Db, person_id: int, key: str) -> OwnFile | None:
    """A file that this person has added; None when it is not hers."""
    rows = await db.rows(_OWN_NAMED, whose=person_id, keys=[key])
    return _own_file(rows[0]) if rows else None


async def own_named(db: Db, person_id: int, keys: Sequence[str]) -> dict[str, ShownFile]:
    """Those of `keys` that this person has added, by key."""
    return {row["key"]: shown(row) for row in await db.rows(_OWN_NAMED, whose=person_id, keys=list(keys))}


def _own_file(row: Row) -> OwnFile:
    return OwnFile(shown(row), row["id"], row["subject_kind"] is not None, row["created_at"])
