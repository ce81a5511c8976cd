"""What the pages about people and signing in ask the database."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, or_, select, true

from maillage.auth.models import Membership, Organization, Person, Provider, ProviderIdentity, Session
from maillage.auth.viewer import Viewer
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere

SUGGESTIONS = 8


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """A way to sign in, as the sign-in page lists it."""

    id: int
    label: str
    organization: str | None


@dataclass(frozen=True, slots=True)
class ProviderSecrets:
    """What an exchange with a provider needs; the secret still sealed."""

    id: int
    organization_id: int | None
    label: str
    issuer: str
    client_id: str
    client_secret: bytes | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo world, and what her provider calls her."""

    subject: str
    name: str
    title: str
    organization: str | None


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
class OpenSession:
    id: int
    device: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


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


# The organization for which a person speaks: the one that she joined last.
_CURRENT = (
    select(
        Membership.relation.label("own_relation"),
        Organization.relation.label("organization_relation"),
        Organization.name.label("organization"),
    )
    .join(Organization, Organization.id == Membership.organization_id)
    .where(Membership.person_id == Person.id, Membership.state == "active", Membership.ended_on.is_(None))
    .order_by(Membership.started_on.desc(), Membership.id.desc())
    .limit(1)
    .lateral("current")
)
_HERE = and_(Person.suspended_at.is_(None), Person.closed_at.is_(None))


def _people(*columns: object) -> Select[tuple[object, ...]]:
    chosen: Select[tuple[object, ...]] = select(*columns)  # type: ignore[call-overload]
    return chosen.select_from(Person).outerjoin(_CURRENT, true())


_PROVIDERS = Statement(
    select(Provider.id, Provider.label, Organization.name.label("organization"))
    .outerjoin(Organization, Organization.id == Provider.organization_id)
    .where(Provider.enabled)
    .order_by(func.coalesce(Organization.name_key, func.lower(Provider.label)).collate("C"), Provider.id)
)
_PROVIDER = Statement(
    select(
        Provider.id,
        Provider.organization_id,
        Provider.label,
        Provider.issuer,
        Provider.client_id,
        Provider.client_secret,
    ).where(Provider.id == bindparam("provider_id"), Provider.enabled)
)
_DEMO_PEOPLE = Statement(
    _people(
        Provider.id.label("provider_id"),
        ProviderIdentity.subject,
        Person.name,
        Person.title,
        _CURRENT.c.organization,
    )
    .join(ProviderIdentity, ProviderIdentity.person_id == Person.id)
    .join(Provider, Provider.issuer == ProviderIdentity.issuer)
    .where(
        Provider.enabled,
        # Under an organization's provider its own people; under one that belongs to nobody, all it knows.
        or_(
            Provider.organization_id.is_(None),
            Provider.organization_id.in_(
                select(Membership.organization_id).where(
                    Membership.person_id == Person.id, Membership.ended_on.is_(None)
                )
            ),
        ),
        _HERE,
    )
    .order_by(Person.name_key.collate("C"))
)
_ACCOUNT = Statement(
    _people(
        Person.handle,
        Person.name,
        Person.title,
        Person.region,
        Person.locale,
        _CURRENT.c.own_relation.label("relation"),
        _CURRENT.c.organization,
        _CURRENT.c.organization_relation,
    ).where(Person.id == bindparam("person_id"))
)
_SESSIONS = Statement(
    select(Session.id, Session.device, Session.created_at, Session.last_seen_at)
    .where(
        Session.person_id == bindparam("person_id"),
        Session.expires_at > bindparam("now"),
        Session.last_seen_at > bindparam("seen_after"),
    )
    .order_by(Session.last_seen_at.desc(), Session.id.desc())
)
_PROFILE = Statement(
    _people(
        Person.handle,
        Person.name,
        Person.title,
        Person.about,
        Person.region,
        func.coalesce(_CURRENT.c.own_relation, _CURRENT.c.organization_relation).label("relation"),
        _CURRENT.c.organization,
        Person.created_at,
    ).where(Person.handle == bindparam("handle"), Person.closed_at.is_(None))
)
_SUGGESTIONS = Statement(
    _people(Person.handle, Person.name, _CURRENT.c.organization)
    .where(
        or_(
            Person.handle.like(bindparam("handle_prefix")),
            Person.name_key.like(bindparam("name_prefix")),
        ),
        _HERE,
    )
    .order_by(Person.name_key.collate("C"), Person.id)
    .limit(SUGGESTIONS)
)


async def providers(db: Db) -> list[ProviderChoice]:
    """Every way to sign in, by organization."""
    return [ProviderChoice(*row) for row in await db.rows(_PROVIDERS)]


async def provider(db: Db, provider_id: int) -> ProviderSecrets:
    """One that may be used now; raises `NotHere`."""
    row = await db.row(_PROVIDER, provider_id=provider_id)
    if row is None:
        raise NotHere
    return ProviderSecrets(*row)


async def demo_people(db: Db) -> dict[int, list[DemoPerson]]:
    """By provider, the people whom the demo world knows there."""
    people: dict[int, list[DemoPerson]] = defaultdict(list)
    for provider_id, *person in await db.rows(_DEMO_PEOPLE):
        people[provider_id].append(DemoPerson(*person))
    return people


async def account(db: Db, who: Viewer) -> Account:
    row = await db.row(_ACCOUNT, person_id=who.id)
    if row is None:
        raise NotHere
    return Account(*row)


async def open_sessions(db: Db, who: Viewer, *, now: datetime, seen_after: datetime) -> list[OpenSession]:
    """The browsers in which she is signed in, the last used first."""
    rows = await db.rows(_SESSIONS, person_id=who.id, now=now, seen_after=seen_after)
    return [
        OpenSession(id_, device, created_at, last_seen_at, id_ == who.session_id)
        for id_, device, created_at, last_seen_at in rows
    ]


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
    rows = await db.rows(_SUGGESTIONS, handle_prefix=_prefix(handle), name_prefix=_prefix(name))
    return [Suggestion(*row) for row in rows]


def _prefix(start: str) -> str:
    return "".join(f"\\{char}" if char in "\\%_" else char for char in start) + "%"
