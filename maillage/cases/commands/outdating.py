"""Saying that the HTML of a story is of another time."""

from sqlalchemy import bindparam, update

from maillage.cases.models import CaseText
from maillage.core.db import Db, Statement

_OUTDATE = Statement(update(CaseText).where(CaseText.case_id == bindparam("of")).values(render_version=0))


async def outdate(db: Db, *, case_id: int) -> None:
    """What its HTML depends on changed: whoever reads it next has it rendered again. The caller holds it."""
    await db.run(_OUTDATE, of=case_id)
