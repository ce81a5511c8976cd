"""What a story went through, and on what terms it is shared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from maillage.auth.models import Person
from maillage.cases.models import Case, CaseEvent
from maillage.core.db import Db, Statement


@dataclass(frozen=True, slots=True)
class Line:
    """One step. `name` is None for guests, for time, and for people whom the story is about."""

    at: datetime
    cause: str
    name: str | None
    note: str


_LINES = Statement(
    select(CaseEvent.at, CaseEvent.cause, Person.name, CaseEvent.note)
    .outerjoin(Person, Person.id == CaseEvent.person_id)
    .where(CaseEvent.case_id == bindparam("case_id"))
    .order_by(CaseEvent.id.desc())
)
_TERMS = Statement(
    select(Case.visibility, Case.licence, Case.contact, Case.translation_offered).where(Case.id == bindparam("case_id"))
)


async def lines(db: Db, case_id: int) -> list[Line]:
    """Its steps, the latest first."""
    return [Line(**row) for row in await db.rows(_LINES, case_id=case_id)]


async def terms(db: Db, case_id: int) -> dict[str, Any]:
    """On what terms it is shared, or would be: what the form of publication begins with."""
    row = await db.row(_TERMS, case_id=case_id)
    return dict(row) if row else {}
