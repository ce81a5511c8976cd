"""Adding files, giving them to what they belong to, and letting them go.

A floor that shows files in its texts asks `usable` which of those named may be shown, renders, writes, and then says
`attach`. Its own rows are locked before: subjects first, then their files.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from maillage.core import jobs
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.files import queries, subjects
from maillage.core.files.models import StoredFile
from maillage.core.files.shown import ShownFile
from maillage.core.files.store import store_of
from maillage.core.languages import _

# What belongs to nothing stays this long, for the text that will show it.
LOOSE = timedelta(hours=24)
_DELETE = "delete-file"


def new_key() -> str:
    """An unguessable name (128 bits) of small letters and digits, which no store and no text can mistake."""
    return secrets.token_hex(queries.KEY_LENGTH // 2)


@dataclass(frozen=True, slots=True)
class Known:
    """What is written down of a file whose bytes are in the store already."""

    key: str
    kind: str
    media_type: str
    name: str
    bytes: int
    alt: str
    right_of_use: str
    credit: str
    width: int | None = None
    height: int | None = None
    sizes: tuple[int, ...] = ()


_ADD = Statement(
    insert(StoredFile).values(
        {
            name: bindparam(name)
            for name in (
                "key",
                "uploaded_by_id",
                "guest_key",
                "kind",
                "media_type",
                "name",
                "bytes",
                "width",
                "height",
                "sizes",
                "alt",
                "right_of_use",
                "credit",
            )
        }
        | {"created_at": bindparam("now"), "loose_since": bindparam("now")}
    )
)


async def add(db: Db, *, file: Known, uploaded_by_id: int | None, now: datetime, guest_key: str | None = None) -> None:
    """Write down a file that belongs to nothing yet. Its bytes are in the store: a row without them is never seen."""
    await db.run(
        _ADD,
        key=file.key,
        uploaded_by_id=uploaded_by_id,
        guest_key=guest_key,
        kind=file.kind,
        media_type=file.media_type,
        name=file.name,
        bytes=file.bytes,
        width=file.width,
        height=file.height,
        sizes=list(file.sizes),
        alt=file.alt,
        right_of_use=file.right_of_use,
        credit=file.credit,
        now=now,
    )


# Hers and given to nothing, or this very thing's: whoever writes there may go on showing what is shown.
_theirs = or_(StoredFile.uploaded_by_id == bindparam("uploaded_by_id"), StoredFile.guest_key == bindparam("guest_key"))
_usable = and_(
    StoredFile.key == func.any(bindparam("keys")),
    StoredFile.removed_at.is_(None),
    or_(
        and_(StoredFile.subject_kind.is_(None), _theirs),
        and_(StoredFile.subject_kind == bindparam("kind"), StoredFile.subject_id == bindparam("of")),
    ),
)
_HOLD_USABLE = Statement(
    select(*queries.COLUMNS).where(_usable).order_by(StoredFile.id).with_for_update(key_share=True)
)
_ATTACH = Statement(
    update(StoredFile)
    .where(_usable)
    .values(subject_kind=bindparam("kind"), subject_id=bindparam("of"), loose_since=None)
)


async def usable(
    db: Db,
    *,
    keys: Iterable[str],
    uploaded_by_id: int | None,
    kind: str,
    subject_id: int | None = None,
    guest_key: str | None = None,
) -> dict[str, ShownFile]:
    """Those of `keys` that a text of this thing may show, by key, held until the transaction ends.

    They are the writer's own and belong to nothing yet, or belong to this thing. `subject_id` is None for a thing
    that is only being written.
    """
    wanted = list(keys)
    if not wanted:
        return {}
    rows = await db.rows(
        _HOLD_USABLE, keys=wanted, uploaded_by_id=uploaded_by_id, guest_key=guest_key, kind=kind, of=subject_id
    )
    return {row["key"]: queries.shown(row) for row in rows}


async def attach(
    db: Db,
    *,
    keys: Iterable[str],
    uploaded_by_id: int | None,
    kind: str,
    subject_id: int,
    guest_key: str | None = None,
) -> int:
    """Give those of `keys` that are `usable` to this thing. How many belong to it now; the others stay as they are."""
    wanted = list(keys)
    if not wanted:
        return 0
    return await db.run(
        _ATTACH, keys=wanted, uploaded_by_id=uploaded_by_id, guest_key=guest_key, kind=kind, of=subject_id
    )


_of_subject = and_(StoredFile.subject_kind == bindparam("kind"), StoredFile.subject_id == bindparam("of"))
_LOOSEN = Statement(
    update(StoredFile)
    .where(_of_subject, StoredFile.key == func.any(bindparam("keys")))
    .values(subject_kind=None, subject_id=None, loose_since=bindparam("now"))
)


async def detach(db: Db, *, keys: Iterable[str], kind: str, subject_id: int, now: datetime) -> None:
    """The thing shows these no longer: whoever added them alone sees them now, and in a day they go.

    Until then the same person may show them again, there or elsewhere.
    """
    if wanted := list(keys):
        await db.run(_LOOSEN, keys=wanted, kind=kind, of=subject_id, now=now)


async def of_subject(db: Db, kind: str, subject_id: int) -> list[ShownFile]:
    """The files of a thing, in the order in which they were added."""
    return (await queries.of_subjects(db, kind, [subject_id])).get(subject_id, [])


# Nothing that somebody wrote about the file outlives it, not even until its bytes are gone.
_removed = update(StoredFile).values(
    removed_at=bindparam("now"),
    subject_kind=None,
    subject_id=None,
    loose_since=bindparam("now"),
    name="",
    alt="",
    credit="",
)
_REMOVE_ALL = Statement(_removed.where(_of_subject).returning(StoredFile.key))
_REMOVE_LOOSE = Statement(
    _removed.where(
        StoredFile.subject_kind.is_(None), StoredFile.removed_at.is_(None), StoredFile.loose_since < bindparam("before")
    ).returning(StoredFile.key)
)
# Only where it still is what was looked at.
_REMOVE_ONE = Statement(
    _removed.where(
        StoredFile.key == bindparam("of_key"),
        StoredFile.removed_at.is_(None),
        StoredFile.subject_kind.is_not_distinct_from(bindparam("kind")),
        StoredFile.subject_id.is_not_distinct_from(bindparam("of")),
    ).returning(StoredFile.key)
)
_REMOVE_THESE = Statement(
    _removed.where(StoredFile.key == func.any(bindparam("keys")), StoredFile.removed_at.is_(None)).returning(
        StoredFile.key
    )
)
_UNFINISHED = Statement(select(StoredFile.key).where(StoredFile.removed_at.is_not(None)))


async def remove_all(db: Db, *, kind: str, subject_id: int, now: datetime) -> None:
    """The thing is erased: its files are gone for everybody at once, and their bytes as soon as the store lets them."""
    await _delete_bytes(db, await db.rows(_REMOVE_ALL, kind=kind, of=subject_id, now=now))


async def remove(db: Db, *, keys: Iterable[str], now: datetime) -> None:
    """These are to be seen nowhere any more. The caller holds what they belong to, and has it rendered anew."""
    if wanted := list(keys):
        await _delete_bytes(db, await db.rows(_REMOVE_THESE, keys=wanted, now=now))


async def remove_own(db: Db, *, key: str, uploaded_by_id: int, now: datetime) -> None:
    """Somebody takes back a file of hers, wherever it is shown. Raises `NotHere` when it is not hers."""
    file = await queries.by_key(db, key)
    if file is None or file["uploaded_by_id"] != uploaded_by_id:
        raise NotHere
    kind, subject_id = file["subject_kind"], file["subject_id"]
    if kind is not None:
        await subjects.changed(db, kind, subject_id)
    gone = await db.rows(_REMOVE_ONE, of_key=key, kind=kind, of=subject_id, now=now)
    if not gone:
        raise Refused(_("This file was put elsewhere meanwhile. Please look at it again."))
    await _delete_bytes(db, gone)


async def sweep(db: Db, *, now: datetime) -> int:
    """Remove what belonged to nothing for a day, and begin again with whatever the store would not let go."""
    gone = await db.rows(_REMOVE_LOOSE, before=now - LOOSE, now=now)
    await _delete_bytes(db, await db.rows(_UNFINISHED))
    return len(gone)


async def _delete_bytes(db: Db, removed: Iterable[Row]) -> None:
    for row in removed:
        await jobs.enqueue(db, _DELETE, {"key": row["key"]}, dedupe_key=row["key"])


_FORGET = Statement(delete(StoredFile).where(StoredFile.key == bindparam("of_key"), StoredFile.removed_at.is_not(None)))


# Some ten days, with the longest pauses; every night begins anew with what is left.
@jobs.job(_DELETE, attempts=40)
async def delete_bytes(tools: jobs.Tools, payload: dict[str, str]) -> None:
    """Have the store forget a removed file, and then forget that there was one."""
    await store_of(tools.settings).delete(payload["key"])
    async with tools.database.writing() as db:
        await db.run(_FORGET, of_key=payload["key"])
