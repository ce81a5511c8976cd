"""Who belongs to an organization now: its administrators, then everybody else, by name."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, case, func, select, tuple_

from maillage.auth.models import Membership, Organization, Person
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere

PAGE = 100


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    handle: str
    name: str
    relation: str | None
    role: str
    since: date
    # Whether she can act: a suspended administrator administers nothing.
    able: bool

    @property
    def administers(self) -> bool:
        return self.role == "administrator" and self.able


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some of them, one after the other. `more`: after whom the next page begins; `count`: how many there are."""

    members: list[Member]
    more: int | None
    count: int


_belongs = (
    Membership.organization_id == bindparam("organization_id"),
    Membership.state == "active",
    Membership.ended_on.is_(None),
    Person.closed_at.is_(None),
)
_members = (
    select(
        Membership.id,
        Person.handle,
        Person.name,
        func.coalesce(Membership.relation, Organization.relation).label("relation"),
        Membership.role,
        Membership.started_on,
        Person.suspended_at.is_(None).label("able"),
    )
    .join(Person, Person.id == Membership.person_id)
    .join(Organization, Organization.id == Membership.organization_id)
    .where(*_belongs)
)
_place = (case((Membership.role == "administrator", 0), else_=1), Person.name_key.collate("C"), Person.id)
_ALL = Statement(_members.order_by(*_place))
_PAGE = Statement(
    _members.where(
        tuple_(*_place)
        > tuple_(
            bindparam("after_rank", type_=Person.id.type),
            bindparam("after_key", type_=Person.name_key.type),
            bindparam("after_id", type_=Person.id.type),
        )
    )
    .order_by(*_place)
    .limit(PAGE + 1)
)
_MEMBER = Statement(_members.where(Membership.id == bindparam("membership_id")))
_COUNT = Statement(
    select(func.count()).select_from(Membership).join(Person, Person.id == Membership.person_id).where(*_belongs)
)
# Whether she still belongs or not: whoever left meanwhile leaves no gap.
_PLACE = Statement(
    select(*_place)
    .select_from(Membership)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.id == bindparam("membership_id"), Membership.organization_id == bindparam("organization_id"))
)
_BEFORE_ALL = (-1, "", 0)


async def members(db: Db, organization_id: int) -> list[Member]:
    """All of them."""
    return [Member(*row) for row in await db.rows(_ALL, organization_id=organization_id)]


async def members_page(db: Db, organization_id: int, *, after: int | None) -> MemberPage:
    """Those who come after the one with that membership; from the first on when there is none."""
    place = None
    if after is not None:
        place = await db.row(_PLACE, membership_id=after, organization_id=organization_id)
    rank, key, person_id = place or _BEFORE_ALL
    rows = await db.rows(_PAGE, organization_id=organization_id, after_rank=rank, after_key=key, after_id=person_id)
    found = [Member(*row) for row in rows[:PAGE]]
    count = await db.value(_COUNT, organization_id=organization_id)
    return MemberPage(found, found[-1].id if len(rows) > PAGE else None, count)


async def member(db: Db, organization_id: int, membership_id: int) -> Member:
    """One of them; raises `NotHere`."""
    row = await db.row(_MEMBER, organization_id=organization_id, membership_id=membership_id)
    if row is None:
        raise NotHere
    return Member(*row)
