"""What is written down and what is in the store, side by side."""

from dataclasses import dataclass

from sqlalchemy import select

from maillage.core.db import Db, Statement
from maillage.core.files.models import StoredFile
from maillage.core.files.store import Store

_ALL = Statement(select(StoredFile.key, StoredFile.removed_at.is_not(None).label("removed")))


@dataclass(frozen=True, slots=True)
class Differences:
    """Keys. `unknown`: bytes that nothing is written down of, after an upload that ended before it was whole, or a
    restored database that is older than they are; so nothing deletes them by itself. `lost`: the other way round.
    """

    unknown: list[str]
    lost: list[str]


async def differences(db: Db, store: Store) -> Differences:
    """Compare all of them. Raises `Unavailable`."""
    # In this order: an upload puts its bytes first.
    kept = await store.keys()
    rows = await db.rows(_ALL)
    return Differences(
        unknown=sorted(kept - {row["key"] for row in rows}),
        lost=sorted({row["key"] for row in rows if not row["removed"]} - kept),
    )
