"""Gatherings as notices name them: only those that their reader may still see."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, func, or_, select

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.events.models import Gathering, GatheringHand
from maillage.events.policies import VISIBLE
from maillage.events.queries.door import gathering_path
from maillage.notices.subjects import Find, Subject

_looks_after_it = (
    select(GatheringHand.person_id)
    .where(GatheringHand.gathering_id == Gathering.id, GatheringHand.person_id == bindparam("whose"))
    .exists()
)
# The twin of `policies.may_read`, for somebody signed in.
_FOUND = Statement(
    select(Gathering.id, Gathering.title, Gathering.slug, Gathering.language).where(
        Gathering.id == func.any(bindparam("ids")),
        or_(_looks_after_it, Gathering.state == func.any(bindparam("visible"))),
    )
)


async def gatherings(db: Db, who: Viewer, ids: Sequence[int]) -> dict[int, Subject]:
    """The gatherings of these numbers."""
    return {
        row["id"]: Subject(row["title"], gathering_path(row["id"], row["slug"]), row["language"])
        for row in await db.rows(_FOUND, ids=list(ids), whose=who.id, visible=list(VISIBLE))
    }


def room(name: str) -> Find:
    """The same, and it leads to this page below the gathering's address."""

    async def find(db: Db, who: Viewer, ids: Sequence[int]) -> dict[int, Subject]:
        found = await gatherings(db, who, ids)
        return {id_: replace(subject, path=f"/rencontres/{id_}/{name}") for id_, subject in found.items()}

    return find
