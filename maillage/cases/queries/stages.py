"""What is being said around a stage of the cycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from maillage.auth.models import Person
from maillage.auth.viewer import Who
from maillage.cases.models import Case
from maillage.core.db import Db, Statement
from maillage.forum.models import Space, Thread
from maillage.forum.policies import readable
from maillage.forum.queries.door import thread_path

_MOST = 6


@dataclass(frozen=True, slots=True)
class Talk:
    """The discussion of a story, in a list."""

    id: int
    slug: str
    title: str
    language: str
    post_count: int
    last_post_at: datetime

    @property
    def path(self) -> str:
        return thread_path(self.id, self.slug)


def _talks(stranger: bool) -> Statement:
    return Statement(
        select(Thread.id, Thread.slug, Thread.title, Thread.language, Thread.post_count, Thread.last_post_at)
        .join(Case, Case.thread_id == Thread.id)
        .join(Space, Space.id == Thread.space_id)
        .where(
            Case.id == func.any(bindparam("ids")),
            Thread.merged_into_id.is_(None),
            readable(None if stranger else bindparam("person_id", type_=Person.id.type)),
        )
        .order_by(Thread.last_post_at.desc(), Thread.id.desc())
        .limit(_MOST)
    )


_FOR_STRANGERS, _FOR_READERS = _talks(stranger=True), _talks(stranger=False)


async def talks(db: Db, who: Who, case_ids: Sequence[int]) -> list[Talk]:
    """The discussions of these stories in which somebody spoke last."""
    if who is None:
        rows = await db.rows(_FOR_STRANGERS, ids=list(case_ids))
    else:
        rows = await db.rows(_FOR_READERS, ids=list(case_ids), person_id=who.id)
    return [Talk(**row) for row in rows]
