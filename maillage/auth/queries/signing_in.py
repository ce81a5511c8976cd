"""What signing in asks the database: which ways in there are, and what an exchange with a provider needs."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from maillage.auth.models import Membership, Organization, Person, Provider, ProviderIdentity
from maillage.auth.queries.people import CURRENT, HERE, people
from maillage.core.db import Db, Statement


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """A way to sign in, as the sign-in page lists it."""

    id: int
    label: str
    organization: str | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo world, and what her provider calls her."""

    subject: str
    name: str
    title: str
    organization: str | None


_PROVIDERS = Statement(
    select(Provider.id, Provider.label, Organization.name.label("organization"))
    .outerjoin(Organization, Organization.id == Provider.organization_id)
    .where(Provider.enabled)
    .order_by(func.coalesce(Organization.name_key, func.lower(Provider.label)).collate("C"), Provider.id)
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


async def demo_people(db: Db) -> dict[int, list[DemoPerson]]:
    """By provider, the people whom the demo world knows there."""
    people: dict[int, list[DemoPerson]] = defaultdict(list)
    for provider_id, *person in await db.rows(_DEMO_PEOPLE):
        people[provider_id].append(DemoPerson(*person))
    return people
