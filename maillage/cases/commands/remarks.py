"""Remarks on a story before its publication, and saying that they were seen to."""

from datetime import datetime

from sqlalchemy import bindparam, insert, update

from maillage.cases.commands.holding import hold
from maillage.cases.commands.telling import tell_hands
from maillage.cases.models import CaseRemark
from maillage.cases.policies import Hand
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere

_SAY = Statement(
    insert(CaseRemark).values(
        case_id=bindparam("case_id"),
        author_id=bindparam("author_id"),
        field=bindparam("field"),
        body=bindparam("body"),
        created_at=bindparam("now"),
    )
)
_SETTLE = Statement(
    update(CaseRemark)
    .where(CaseRemark.id == bindparam("of"), CaseRemark.case_id == bindparam("of_case"))
    .values(settled_at=bindparam("at", type_=CaseRemark.settled_at.type))
    .returning(CaseRemark.id)
)


async def remark(
    db: Db, *, hand: Hand, person_id: int | None, case_id: int, field: str, body: str, now: datetime
) -> None:
    """Say something of a field to the authors, who are told. Held, so that a name taken out now stays out."""
    await hold(db, case_id)
    await db.run(_SAY, case_id=case_id, author_id=hand.author_id, field=field, body=body, now=now)
    await tell_hands(db, case_id=case_id, kind="remark", now=now, but=person_id)


async def settle(db: Db, *, case_id: int, remark_id: int, settled: bool, now: datetime) -> None:
    """It was seen to, or is still to be."""
    if await db.value(_SETTLE, of=remark_id, of_case=case_id, at=now if settled else None) is None:
        raise NotHere
