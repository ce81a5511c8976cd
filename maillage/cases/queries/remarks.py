"""What those who read a story said of it, and what they read."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import bindparam, select

from maillage.auth.models import Person
from maillage.cases.models import CaseAuthor, CaseRemark, CaseText
from maillage.cases.queries.shown import author_name
from maillage.core.db import Db, Statement

_REMARKS = Statement(
    select(
        CaseRemark.id,
        CaseRemark.field,
        CaseRemark.body,
        CaseRemark.created_at,
        CaseRemark.settled_at,
        author_name().label("name"),
    )
    .join(CaseAuthor, CaseAuthor.id == CaseRemark.author_id)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(CaseRemark.case_id == bindparam("case_id"))
    .order_by(CaseRemark.id)
)
_TEXTS = Statement(
    select(CaseText.field, CaseText.term_id, CaseText.body_html)
    .where(CaseText.case_id == bindparam("case_id"))
    .order_by(CaseText.id)
)


@dataclass(frozen=True, slots=True)
class Remark:
    id: int
    field: str
    body: str
    created_at: datetime
    settled_at: datetime | None
    name: str


async def remarks(db: Db, case_id: int) -> list[Remark]:
    """Every remark on a story, the oldest first."""
    return [Remark(**row) for row in await db.rows(_REMARKS, case_id=case_id)]


async def rendered_texts(db: Db, case_id: int) -> dict[str, list[tuple[int | None, Markup]]]:
    """What each field says, with the term of each of its parts."""
    found: dict[str, list[tuple[int | None, Markup]]] = {}
    for row in await db.rows(_TEXTS, case_id=case_id):
        # Sanitized when it was written.
        found.setdefault(row["field"], []).append((row["term_id"], Markup(row["body_html"])))  # noqa: S704
    return found
