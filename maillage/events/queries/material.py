"""What to read before a gathering, and what remains after it, as its organizers write it."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from maillage.core.db import Db, Statement
from maillage.events.models import GatheringText

# In the order in which they are written.
FIELDS = ("before", "after")
_TEXTS = Statement(
    select(GatheringText.field, GatheringText.body_md, GatheringText.revision).where(
        GatheringText.gathering_id == bindparam("gathering_id")
    )
)


@dataclass(frozen=True, slots=True)
class Material:
    """Both texts as they were written, and how often each was."""

    sources: dict[str, str]
    revisions: dict[str, int]


async def material(db: Db, gathering_id: int) -> Material:
    found = {row["field"]: row for row in await db.rows(_TEXTS, gathering_id=gathering_id)}
    return Material(
        {field: found[field]["body_md"] if field in found else "" for field in FIELDS},
        {field: found[field]["revision"] if field in found else 0 for field in FIELDS},
    )
