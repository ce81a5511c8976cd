"""What pages about people ask the database: one's own account and sessions, and how members see each other."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, or_, select, true

from maillage.auth.models import Membership, Organization, Person, PlatformRole
from maillage.auth.viewer import SPOKEN_FOR, SPOKEN_FOR_FIRST, Viewer
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere

SUGGESTIONS = 8


@dataclass(frozen=True, slots=True)
class Account:
    """What a person may change of herself. `organization_relation` is the usual one, `relation` her own."""

    handle: str
    name: str
    title: str
    region: str | None
    locale: str
    relation: str | None
    organization: str | None
    organization_relation: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as members see her."""

    handle: str
    name: str
    title: str
    about: str
    region: str | None
    relation: str | None
    organization: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    handle: str
    name: str
    organization: str | None


# The organization for which a person speaks.
CURRENT = (
    select(
        Membership.relation.label("own_relation"),
        Organization.relation.label("organization_relation"),
        Organization.name.label("organization"),
    )
    .join(Organization, Organization.id == Membership.organization_id)
    .where(Membership.person_id == Person.id, SPOKEN_FOR)
    .order_by(*SPOKEN_FOR_FIRST)
    .limit(1)
    .lateral("current")
)
HERE = and_(Person.suspended_at.is_(None), Person.closed_at.is_(None))


def people(*columns: object) -> Select[tuple[object, ...]]:
    chosen: Select[tuple[object, ...]] = select(*columns)  # type: ignore[call-overload]
    return chosen.select_from(Person).outerjoin(CURRENT, true())


_ACCOUNT = Statement(
    people(
        Person.handle,
        Person.name,
        Person.title,
        Person.region,
        Person.locale,
        CURRENT.c.own_relation.label("relation"),
        CURRENT.c.organization,
        CURRENT.c.organization_relation,
    ).where(Person.id == bindparam("person_id"))
)
_PROFILE = Statement(
    people(
        Person.handle,
        Person.name,
        Person.title,
        Person.about,
        Person.region,
        func.coalesce(CURRENT.c.own_relation, CURRENT.c.organization_relation).label("relation"),
        CURRENT.c.organization,
        Person.created_at,
    ).where(Person.handle == bindparam("handle"), Person.closed_at.is_(None))
)
_SUGGESTIONS = Statement(
    people(Person.handle, Person.name, CURRENT.c.organization)
    .where(
        or_(
            Person.handle.like(bindparam("handle_prefix")),
            Person.name_key.like(bindparam("name_prefix")),
        ),
        HERE,
    )
    .order_by(Person.name_key.collate("C"), Person.id)
    .limit(SUGGESTIONS)
)


# Everybody whom others trust for what she may do here.
_STAFF = Statement(
    select(Person.id, Person.name)
    .where(Person.closed_at.is_(None), select(PlatformRole.role).where(PlatformRole.person_id == Person.id).exists())
    .order_by(Person.id)
)


async def name_taken_by_staff(db: Db, name: str, *, except_id: int | None) -> bool:
    """Whether the name would pass for that of somebody, other than `except_id`, who has a role on the platform."""
    looks = names.look(name)
    return any(row["id"] != except_id and names.look(row["name"]) == looks for row in await db.rows(_STAFF))


async def account(db: Db, who: Viewer) -> Account:
    row = await db.row(_ACCOUNT, person_id=who.id)
    if row is None:
        raise NotHere
    return Account(*row)


async def profile(db: Db, handle: str) -> Profile:
    """Somebody as members see her; raises `NotHere`. A suspended person is still who she is."""
    row = await db.row(_PROFILE, handle=handle)
    if row is None:
        raise NotHere
    return Profile(*row)


async def suggestions(db: Db, typed: str) -> list[Suggestion]:
    """Whom somebody typing `@typed` may mean: handle or name starts so, whatever the accents and capitals."""
    handle, name = typed.lower(), names.sort_key(typed).partition("\x1f")[0]
    if not typed.strip() or not name:
        return []
    rows = await db.rows(_SUGGESTIONS, handle_prefix=starts_so(handle), name_prefix=starts_so(name))
    return [Suggestion(*row) for row in rows]


def starts_so(start: str) -> str:
    """A LIKE pattern for what starts so, whatever signs are in it."""
    return "".join(f"\\{char}" if char in "\\%_" else char for char in start) + "%"
