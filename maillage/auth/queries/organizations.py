"""The organizations that take part, as everybody sees them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Membership, Organization, Person
from maillage.auth.policies import Standing
from maillage.auth.queries import members
from maillage.auth.queries.people import HERE
from maillage.auth.viewer import Who
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere


@dataclass(frozen=True, slots=True)
class OrganizationLine:
    slug: str
    name: str
    region: str | None
    relation: str | None
    language: str
    about: str
    # Whether she who looks belongs to it.
    hers: bool


@dataclass(frozen=True, slots=True)
class OrganizationShown:
    id: int
    slug: str
    name: str
    region: str | None
    relation: str | None
    language: str
    about: str
    joining: str
    created_at: datetime
    closed: bool
    people: int


_mine = aliased(Membership, name="mine")
_LISTED = Statement(
    select(
        Organization.slug,
        Organization.name,
        Organization.region,
        Organization.relation,
        Organization.language,
        Organization.about,
        _mine.id.is_not(None),
    )
    .outerjoin(
        _mine,
        and_(
            _mine.organization_id == Organization.id,
            _mine.person_id == bindparam("person_id", type_=Membership.person_id.type),
            _mine.state == "active",
            _mine.ended_on.is_(None),
        ),
    )
    .where(
        Organization.closed_at.is_(None),
        or_(
            Organization.name_key > bindparam("after_key", type_=Organization.name_key.type),
            and_(
                Organization.name_key == bindparam("after_key", type_=Organization.name_key.type),
                Organization.slug > bindparam("after_slug", type_=Organization.slug.type),
            ),
        ),
    )
    .order_by(Organization.name_key.collate("C"), Organization.slug)
    .limit(bindparam("at_most"))
)
_KEY = Statement(select(Organization.name_key).where(Organization.slug == bindparam("slug")))
_SLUG = Statement(select(Organization.slug).where(Organization.id == bindparam("organization_id")))
_people = (
    select(func.count())
    .select_from(Membership)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.organization_id == Organization.id, Membership.state == "active", Membership.ended_on.is_(None))
    .where(HERE)
    .correlate(Organization)
    .scalar_subquery()
)
_SHOWN = Statement(
    select(
        Organization.id,
        Organization.slug,
        Organization.name,
        Organization.region,
        Organization.relation,
        Organization.language,
        Organization.about,
        Organization.joining,
        Organization.created_at,
        Organization.closed_at.is_not(None),
        _people,
    ).where(Organization.slug == bindparam("slug"))
)
PAGE = 100


async def listed(db: Db, who: Who, after: str = "") -> tuple[list[OrganizationLine], str | None]:
    """Those that take part, by name, from the one after `after` (a slug); and where the next page begins."""
    key = await db.value(_KEY, slug=after) if after else None
    rows = await db.rows(
        _LISTED,
        person_id=None if who is None else who.id,
        after_key=key or "",
        after_slug=after if key else "",
        at_most=PAGE + 1,
    )
    lines = [OrganizationLine(*row) for row in rows[:PAGE]]
    return lines, lines[-1].slug if len(rows) > PAGE else None


async def shown(db: Db, slug: str) -> OrganizationShown:
    """One, whether it still takes part or not; raises `NotHere`."""
    row = await db.row(_SHOWN, slug=slug)
    if row is None:
        raise NotHere
    return OrganizationShown(*row)


async def slug_of(db: Db, organization_id: int) -> str:
    """Its address; raises `NotHere`."""
    slug = await db.value(_SLUG, organization_id=organization_id)
    if slug is None:
        raise NotHere
    return str(slug)


async def standing(db: Db, who: Who, slug: str) -> Standing:
    """How somebody stands there, strangers included. One that is closed is there for its own people only."""
    if who is None:
        one = await shown(db, slug)
        found = Standing(one.id, one.slug, one.name, one.closed, 0, None, None, None)
    else:
        found = await members.standing(db, who, slug)
    if found.closed and not (found.belongs or (who is not None and who.administers)):
        raise NotHere
    return found
