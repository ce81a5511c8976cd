"""Saying that one is writing here: a courtesy that others see, and no lock."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from maillage.cases.models import CasePresence
from maillage.core.db import Db, Statement

_row = insert(CasePresence).values(
    case_id=bindparam("case_id"),
    author_id=bindparam("author_id"),
    section=bindparam("section"),
    seen_at=bindparam("now"),
)
_HERE = Statement(
    _row.on_conflict_do_update(
        index_elements=[CasePresence.case_id, CasePresence.author_id],
        set_={"section": _row.excluded.section, "seen_at": _row.excluded.seen_at},
    )
)


async def be_here(db: Db, *, case_id: int, author_id: int, section: str, now: datetime) -> None:
    """She is writing in this section now."""
    await db.run(_HERE, case_id=case_id, author_id=author_id, section=section, now=now)
