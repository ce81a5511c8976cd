"""The door to a gathering: every request looks once, and sees what it may."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from maillage.auth.viewer import Who
from maillage.cases.models import Case
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.core.models import SiteEpoch
from maillage.events.models import Gathering, GatheringCase, GatheringHand, Occurrence
from maillage.events.policies import Standing, may_organize, may_read, signed_in
from maillage.events.policies.cases import shown
from maillage.events.queries.agenda import LEFT_OUT

BIGGEST = 2**63 - 1


def gathering_path(gathering_id: int, slug: str) -> str:
    return f"/rencontres/{gathering_id}-{slug}"


@dataclass(frozen=True, slots=True)
class Look:
    """The one look at a gathering that every request takes: may she read it, which version, what is hers."""

    gathering_id: int
    slug: str
    title: str
    language: str
    # Of the gathering, of all of its dates together, of the site, of all of its stories, of the questions of its agenda
    # that the forum no longer shows: a kept page is good while none has moved.
    version: tuple[int, int, int, int, int]
    standing: Standing
    thread_id: int | None

    @property
    def path(self) -> str:
        return gathering_path(self.gathering_id, self.slug)

    @property
    def desk_path(self) -> str:
        """Where its organizers look after it."""
        return f"/rencontres/{self.gathering_id}/bureau"


_roles = (
    select(func.array_agg(aggregate_order_by(GatheringHand.role, GatheringHand.role)))
    .where(
        GatheringHand.gathering_id == Gathering.id,
        GatheringHand.person_id == bindparam("person_id", type_=GatheringHand.person_id.type),
    )
    .scalar_subquery()
)
# Versions only grow, dates are only added: that the sum is the same says that none has changed.
_dates = (
    select(func.coalesce(func.sum(Occurrence.version), 0)).where(Occurrence.gathering_id == Gathering.id)
).scalar_subquery()
# The same of its stories: which they are changes with the version of the gathering.
_stories = (
    select(func.coalesce(func.sum(Case.version), 0))
    .join(GatheringCase, GatheringCase.case_id == Case.id)
    .where(GatheringCase.gathering_id == Gathering.id, shown())
    .scalar_subquery()
)


def _look(roles: Any) -> Statement:
    return Statement(
        select(
            Gathering.id,
            Gathering.slug,
            Gathering.title,
            Gathering.language,
            Gathering.state,
            Gathering.visibility,
            Gathering.registration,
            Gathering.thread_id,
            Gathering.version,
            _dates.label("dates"),
            select(SiteEpoch.number).scalar_subquery().label("epoch"),
            _stories.label("stories"),
            LEFT_OUT.label("left_out"),
            *roles,
        ).where(Gathering.id == bindparam("gathering_id"))
    )


_LOOK = _look([])
_LOOK_OF_READER = _look([_roles.label("roles")])


async def look(db: Db, who: Who, gathering_id: int) -> Look:
    """The door to a gathering. Raises `NotHere` when absent or not hers to read."""
    seen = await look_by_link(db, who, gathering_id)
    if not may_read(who, seen.standing):
        raise NotHere
    return seen


async def look_by_link(db: Db, who: Who, gathering_id: int) -> Look:
    """The same for whoever holds the link of a registration in it, which the caller has seen: she was let in before."""
    if not 0 < gathering_id <= BIGGEST:
        raise NotHere
    if who is None:
        row = await db.row(_LOOK, gathering_id=gathering_id)
    else:
        row = await db.row(_LOOK_OF_READER, gathering_id=gathering_id, person_id=who.id)
    if row is None:
        raise NotHere
    roles = frozenset(row["roles"] or ()) if who is not None else frozenset()
    return Look(
        row["id"],
        row["slug"],
        row["title"],
        row["language"],
        (row["version"], int(row["dates"]), row["epoch"], int(row["stories"]), row["left_out"]),
        Standing(row["id"], row["state"], row["visibility"], row["registration"], roles),
        row["thread_id"],
    )


async def look_to_organize(db: Db, who: Who, gathering_id: int) -> Look:
    """The same, for its organizers. Raises `NotAllowed` for others who may read it; strangers are asked to sign in."""
    seen = await look(db, who, gathering_id)
    signed_in(who)
    may_organize(seen.standing).or_refuse()
    return seen
