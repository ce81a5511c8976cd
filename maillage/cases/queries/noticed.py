"""Stories as notices name them: only those that their reader may still see."""

from collections.abc import Sequence

from sqlalchemy import Boolean, and_, bindparam, func, or_, select

from maillage.auth.viewer import Viewer
from maillage.cases.models import Case, CaseAuthor
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries.door import case_path
from maillage.core.db import Db, Row, Statement
from maillage.notices.subjects import Subject

_takes_part = (
    select(CaseAuthor.id)
    .where(
        CaseAuthor.case_id == Case.id,
        CaseAuthor.person_id == bindparam("whose"),
        CaseAuthor.left_at.is_(None),
    )
    .exists()
)
# The twin of `policies.may_read`, for somebody signed in.
_READABLE = or_(
    _takes_part,
    Case.state == func.any(bindparam("published")),
    and_(bindparam("moderates", type_=Boolean()), Case.state == func.any(bindparam("looked_after"))),
)
_FOUND = Statement(
    select(Case.id, Case.title, Case.slug, Case.language, Case.thread_id).where(
        Case.id == func.any(bindparam("ids")), _READABLE
    )
)


async def _rows(db: Db, who: Viewer, ids: Sequence[int]) -> list[Row]:
    return await db.rows(
        _FOUND,
        ids=list(ids),
        whose=who.id,
        moderates=who.moderates,
        published=list(PUBLISHED),
        looked_after=["review", "withdrawn"],
    )


async def stories(db: Db, who: Viewer, ids: Sequence[int]) -> dict[int, Subject]:
    """The stories of these numbers."""
    return {
        row["id"]: Subject(row["title"], case_path(row["id"], row["slug"]), row["language"])
        for row in await _rows(db, who, ids)
    }


async def discussions(db: Db, who: Viewer, ids: Sequence[int]) -> dict[int, Subject]:
    """Their discussions, at what she has not read."""
    return {
        row["id"]: Subject(row["title"], f"/discussions/{row['thread_id']}/non-lu", row["language"])
        for row in await _rows(db, who, ids)
        if row["thread_id"] is not None
    }
