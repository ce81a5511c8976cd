"""What the platform's administrators see: who may do what, and which organizations need them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import and_, bindparam, func, or_, select, tuple_

from maillage.auth.models import Membership, Organization, Person, PlatformRole, Provider
from maillage.auth.queries.members import ADMINISTRATORS
from maillage.auth.queries.people import HERE, starts_so
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere

AT_MOST = 50
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The first `AT_MOST`, and whether there are more."""

    lines: list[T]
    more: bool


@dataclass(frozen=True, slots=True)
class Found:
    handle: str
    name: str
    roles: tuple[str, ...]
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Administered:
    """Somebody, as the platform's administrators see her: no address, no identities."""

    id: int
    handle: str
    name: str
    roles: tuple[str, ...]
    suspended_at: datetime | None
    created_at: datetime
    # Whether the platform would be left without an administrator if she were not one.
    alone: bool


@dataclass(frozen=True, slots=True)
class OrganizationFound:
    slug: str
    name: str
    people: int
    administrators: int
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderLine:
    id: int
    label: str
    enabled: bool
    # The platform keeps it off.
    stopped: bool


_roles = (
    select(func.array_agg(PlatformRole.role))
    .where(PlatformRole.person_id == Person.id)
    .correlate(Person)
    .scalar_subquery()
    .label("roles")
)
_FOUND = Statement(
    select(Person.handle, Person.name, _roles, Person.suspended_at)
    .where(
        Person.closed_at.is_(None),
        or_(
            Person.handle.like(bindparam("handle_prefix")),
            Person.name_key.like(bindparam("name_within")),
        ),
    )
    .order_by(Person.name_key.collate("C"), Person.id)
    .limit(AT_MOST + 1)
)
_TRUSTED = Statement(
    select(Person.handle, Person.name, _roles, Person.suspended_at)
    .where(Person.closed_at.is_(None), select(PlatformRole.role).where(PlatformRole.person_id == Person.id).exists())
    .where(
        tuple_(Person.name_key.collate("C"), Person.id)
        > tuple_(bindparam("after_key", type_=Person.name_key.type), bindparam("after_id", type_=Person.id.type))
    )
    .order_by(Person.name_key.collate("C"), Person.id)
    .limit(AT_MOST + 1)
)
_PLACE = Statement(select(Person.name_key, Person.id).where(Person.handle == bindparam("handle")))
_other_administrators = (
    select(func.count())
    .select_from(PlatformRole)
    .where(PlatformRole.role == "admin", PlatformRole.person_id != bindparam("person_id"))
    .where(PlatformRole.person_id.in_(select(Person.id).where(HERE)))
)
_PERSON = Statement(
    select(Person.id, Person.handle, Person.name, _roles, Person.suspended_at, Person.created_at).where(
        Person.handle == bindparam("handle"), Person.closed_at.is_(None)
    )
)
_OTHER_ADMINISTRATORS = Statement(_other_administrators)
_people = (
    select(func.count())
    .select_from(Membership)
    .where(Membership.organization_id == Organization.id, Membership.state == "active", Membership.ended_on.is_(None))
    .correlate(Organization)
    .scalar_subquery()
)
_organizations = select(
    Organization.slug,
    Organization.name,
    _people.label("people"),
    ADMINISTRATORS.label("administrators"),
    Organization.closed_at,
).order_by(Organization.name_key.collate("C"), Organization.id)
_ORGANIZATIONS = Statement(
    _organizations.where(Organization.name_key.like(bindparam("name_within"))).limit(AT_MOST + 1)
)
_ORGANIZATION = Statement(_organizations.where(Organization.slug == bindparam("slug")))
_LEFT_ALONE = Statement(
    _organizations.where(and_(Organization.closed_at.is_(None), ADMINISTRATORS == 0)).limit(AT_MOST + 1)
)
_CLOSED = Statement(_organizations.where(Organization.closed_at.is_not(None)).limit(AT_MOST + 1))
_PROVIDERS = Statement(
    select(Provider.id, Provider.label, Provider.enabled, Provider.stopped_at.is_not(None))
    .join(Organization, Organization.id == Provider.organization_id)
    .where(Organization.slug == bindparam("slug"))
    .order_by(Provider.id)
)


async def people_found(db: Db, typed: str) -> Some[Found]:
    """Whose handle starts so, or whose name holds it."""
    if not names.sort_key(typed):
        return Some([], more=False)
    rows = await db.rows(_FOUND, handle_prefix=starts_so(typed.lower().removeprefix("@")), name_within=_within(typed))
    return _some([_found(*row) for row in rows])


async def trusted(db: Db, after: str = "") -> Some[Found]:
    """Who has a role on the platform, by name, from the one after `after` (a handle)."""
    place = await db.row(_PLACE, handle=after) if after else None
    key, person_id = place or ("", 0)
    return _some([_found(*row) for row in await db.rows(_TRUSTED, after_key=key, after_id=person_id)])


async def person(db: Db, handle: str) -> Administered:
    """Somebody who has an account; raises `NotHere`."""
    row = await db.row(_PERSON, handle=handle)
    if row is None:
        raise NotHere
    roles = tuple(sorted(row["roles"] or ()))
    alone = "admin" in roles and not await db.value(_OTHER_ADMINISTRATORS, person_id=row["id"])
    return Administered(row["id"], row["handle"], row["name"], roles, row["suspended_at"], row["created_at"], alone)


async def organizations_found(db: Db, typed: str) -> Some[OrganizationFound]:
    if not names.sort_key(typed):
        return Some([], more=False)
    rows = await db.rows(_ORGANIZATIONS, name_within=_within(typed))
    return _some([OrganizationFound(*row) for row in rows])


async def organizations_left_alone(db: Db) -> Some[OrganizationFound]:
    """Those that nobody administers who could."""
    return _some([OrganizationFound(*row) for row in await db.rows(_LEFT_ALONE)])


async def closed_organizations(db: Db) -> Some[OrganizationFound]:
    return _some([OrganizationFound(*row) for row in await db.rows(_CLOSED)])


async def organization(db: Db, slug: str) -> OrganizationFound:
    row = await db.row(_ORGANIZATION, slug=slug)
    if row is None:
        raise NotHere
    return OrganizationFound(*row)


async def providers(db: Db, slug: str) -> list[ProviderLine]:
    return [ProviderLine(*row) for row in await db.rows(_PROVIDERS, slug=slug)]


def _some(lines: list[T]) -> Some[T]:
    return Some(lines[:AT_MOST], len(lines) > AT_MOST)


def _found(handle: str, name: str, roles: list[str] | None, suspended_at: datetime | None) -> Found:
    return Found(handle, name, tuple(sorted(roles or ())), suspended_at)


def _within(typed: str) -> str:
    return "%" + starts_so(names.sort_key(typed).partition("\x1f")[0])
