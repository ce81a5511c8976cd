"""What signing in asks the database: which ways in there are, and who is on the way."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

from maillage.auth.models import (
    Arrival,
    Membership,
    Organization,
    OrganizationDomain,
    Person,
    Provider,
    ProviderIdentity,
    SignInLink,
)
from maillage.auth.queries.people import CURRENT, HERE, people
from maillage.core.db import Db, Statement


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """A way to sign in, as the sign-in page lists it."""

    id: int
    label: str
    organization_id: int | None
    organization: str | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo world, and what her provider calls her."""

    subject: str
    name: str
    title: str
    organization: str | None


@dataclass(frozen=True, slots=True)
class PendingLink:
    """A link that still serves: whom it signs in, and the browser that asked for it, if one did."""

    email: str | None
    browser_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Arriving:
    """Somebody without an account yet: what is proposed to her, and the organization that she comes from."""

    name: str
    email: str | None
    provider_id: int | None
    organization: str | None
    relation: str | None
    next_path: str


_USABLE = (
    select(
        Provider.id, Provider.label, Organization.id.label("organization_id"), Organization.name.label("organization")
    )
    .outerjoin(Organization, Organization.id == Provider.organization_id)
    .where(Provider.enabled, Organization.closed_at.is_(None))
    .order_by(func.coalesce(Organization.name_key, func.lower(Provider.label)).collate("C"), Provider.id)
)
_PROVIDERS = Statement(_USABLE)
_PROVIDERS_FOR = Statement(
    _USABLE.join(OrganizationDomain, OrganizationDomain.organization_id == Organization.id).where(
        OrganizationDomain.domain == bindparam("domain"), OrganizationDomain.proved_at.is_not(None)
    )
)
_LINK = Statement(
    select(SignInLink.email, SignInLink.browser_hash).where(
        SignInLink.token_hash == bindparam("token_hash"),
        SignInLink.purpose == bindparam("purpose"),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > bindparam("now"),
    )
)
# The organization of her provider; for whoever comes by a link, the one whose domain her address is in.
_ARRIVING = Statement(
    select(
        Arrival.name,
        Arrival.email,
        Arrival.provider_id,
        Organization.name.label("organization"),
        Organization.relation,
        Arrival.next_path,
    )
    .outerjoin(Provider, Provider.id == Arrival.provider_id)
    .outerjoin(
        OrganizationDomain,
        Arrival.provider_id.is_(None)
        & (OrganizationDomain.domain == func.lower(func.split_part(Arrival.email, "@", 2)))
        & OrganizationDomain.proved_at.is_not(None),
    )
    .outerjoin(
        Organization,
        (Organization.id == func.coalesce(Provider.organization_id, OrganizationDomain.organization_id))
        & Organization.closed_at.is_(None),
    )
    .where(Arrival.token_hash == bindparam("token_hash"), Arrival.expires_at > bindparam("now"))
)
_DEMO_PEOPLE = Statement(
    people(
        Provider.id.label("provider_id"),
        ProviderIdentity.subject,
        Person.name,
        Person.title,
        CURRENT.c.organization,
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
        HERE,
    )
    .order_by(Person.name_key.collate("C"))
)


async def providers(db: Db) -> list[ProviderChoice]:
    """Every way to sign in, by organization."""
    return [ProviderChoice(*row) for row in await db.rows(_PROVIDERS)]


async def providers_for(db: Db, domain: str) -> list[ProviderChoice]:
    """Those of the organization whose domain this is."""
    return [ProviderChoice(*row) for row in await db.rows(_PROVIDERS_FOR, domain=domain)]


async def pending_link(db: Db, token_hash: bytes, *, purpose: str, now: datetime) -> PendingLink | None:
    """The link, unless it is unknown, used or too old: the three look alike."""
    row = await db.row(_LINK, token_hash=token_hash, purpose=purpose, now=now)
    return None if row is None else PendingLink(*row)


async def arriving(db: Db, token_hash: bytes, now: datetime) -> Arriving | None:
    row = await db.row(_ARRIVING, token_hash=token_hash, now=now)
    return None if row is None else Arriving(*row)


async def demo_people(db: Db) -> dict[int, list[DemoPerson]]:
    """By provider, the people whom the demo world knows there."""
    people: dict[int, list[DemoPerson]] = defaultdict(list)
    for provider_id, *person in await db.rows(_DEMO_PEOPLE):
        people[provider_id].append(DemoPerson(*person))
    return people
