"""The stories in which somebody takes part."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from maillage.auth.viewer import Viewer
from maillage.cases.models import Case, CaseAuthor, CaseDraft, CaseRemark
from maillage.cases.queries.door import case_path
from maillage.core.db import Db, Statement

_MINE = Statement(
    select(
        Case.id,
        Case.title,
        Case.slug,
        Case.language,
        Case.state,
        Case.changed_at,
        CaseAuthor.kind,
        select(func.count())
        .where(CaseRemark.case_id == Case.id, CaseRemark.settled_at.is_(None))
        .scalar_subquery()
        .label("remarks"),
        select(func.count())
        .where(CaseDraft.case_id == Case.id, CaseDraft.author_id == CaseAuthor.id, CaseDraft.fields != {})
        .scalar_subquery()
        .label("drafts"),
    )
    .join(Case, Case.id == CaseAuthor.case_id)
    .where(CaseAuthor.person_id == bindparam("whose"), CaseAuthor.left_at.is_(None))
    .order_by(Case.changed_at.desc(), Case.id.desc())
    .limit(200)
)


@dataclass(frozen=True, slots=True)
class Mine:
    """A story, the part that she takes in it, and what waits for her."""

    id: int
    title: str
    slug: str
    language: str
    state: str
    changed_at: datetime
    kind: str
    remarks: int
    drafts: int

    @property
    def path(self) -> str:
        """Where she goes on: those who write to the desk, those who read to the page."""
        writes = self.kind in ("author", "coauthor") and self.state != "withdrawn"
        return f"/recits/{self.id}/ecrire" if writes else case_path(self.id, self.slug)


async def stories_of(db: Db, who: Viewer) -> list[Mine]:
    """Where she takes part, the last changed first."""
    return [Mine(**row) for row in await db.rows(_MINE, whose=who.id)]
