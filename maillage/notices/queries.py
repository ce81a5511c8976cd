"""What somebody has been told."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.languages import Text
from maillage.notices.models import Notice
from maillage.notices.subjects import KINDS, SUBJECTS, Subject

SHOWN = 100

_LISTED = Statement(
    select(Notice.kind, Notice.subject_kind, Notice.subject_id, Notice.count, Notice.at, Notice.read_at)
    .where(Notice.person_id == bindparam("whose"))
    .order_by(Notice.at.desc(), Notice.id.desc())
    .limit(SHOWN)
)
_UNREAD = Statement(
    select(func.count()).select_from(Notice).where(Notice.person_id == bindparam("whose"), Notice.read_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Told:
    """One notice, as she may see it now."""

    words: Text
    subject: Subject
    at: datetime
    unread: bool


async def told(db: Db, who: Viewer) -> list[Told]:
    """Her notices, the latest first; of what she may no longer read, none."""
    rows = [row for row in await db.rows(_LISTED, whose=who.id) if row["kind"] in KINDS]
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row["subject_kind"]].add(row["subject_id"])
    found = {kind: await SUBJECTS[kind](db, who, sorted(ids)) for kind, ids in wanted.items() if kind in SUBJECTS}
    return [
        Told(KINDS[row["kind"]](row["count"]), subject, row["at"], row["read_at"] is None)
        for row in rows
        if (subject := found.get(row["subject_kind"], {}).get(row["subject_id"]))
    ]


async def unread_count(db: Db, who: Viewer) -> int:
    """How many she has not read."""
    count: int = await db.value(_UNREAD, whose=who.id)
    return count
