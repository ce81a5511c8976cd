"""The organizations and people of the demonstration, and how they sign in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert

from maillage.auth.models import (
    Membership,
    Organization,
    OrganizationDomain,
    Person,
    PlatformRole,
    Provider,
    ProviderIdentity,
)
from maillage.auth.routes.clients import PROVIDER_SECRET
from maillage.auth.viewer import Viewer
from maillage.core import names
from maillage.core.config import Settings
from maillage.core.db import Base, Db, Statement
from maillage.core.languages import FRENCH
from maillage.core.sealing import seal
from maillage.web.demo import world
from maillage.web.demo.provider import CLIENT_ID, CLIENT_SECRET, DOWN, issuer

Moment = Callable[[float], datetime]
# The provider whose people need belong to no organization.
_INSTANCE, _INSTANCE_LABEL = "a", "Compte de démonstration"
_BEFORE_EVERYBODY = 240.0


def _row(table: type[Base], *columns: str) -> Statement:
    values: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in columns}
    return Statement(insert(table).values(values).returning(table.__table__.c.id))


_ORGANIZATION = _row(
    Organization,
    *("slug", "name", "name_key", "family", "relation", "region", "language", "about", "created_at"),
)
_PERSON = _row(
    Person,
    *("handle", "name", "name_key", "email", "email_proved_at", "title", "about", "region", "locale", "created_at"),
    "reading_since",
)
_MEMBERSHIP = _row(Membership, "person_id", "organization_id", "role", "state", "relation", "started_on")
_PROVIDER = _row(
    Provider, "organization_id", "label", "issuer", "client_id", "client_secret", "enabled", "tried_at", "created_at"
)
_DOMAIN = Statement(
    insert(OrganizationDomain).values(
        {name: bindparam(name) for name in ("organization_id", "domain", "proved_at", "created_at")}
    )
)
_IDENTITY = _row(ProviderIdentity, "issuer", "subject", "person_id", "created_at")
_ROLE = Statement(insert(PlatformRole).values({name: bindparam(name) for name in ("person_id", "role", "granted_at")}))


async def load_organizations(
    db: Db, organizations: list[world.Organization], settings: Settings, moment: Moment
) -> dict[str, int]:
    """The organizations and the providers that they sign in with. Returns their keys by slug."""
    keys: dict[str, int] = {}
    at = moment(_BEFORE_EVERYBODY)
    await _load_provider(db, None, _INSTANCE_LABEL, _INSTANCE, settings, at)
    for organization in organizations:
        about = f"{organization.name_en}. {organization.about}" if organization.name_en else organization.about
        key = keys[organization.slug] = await db.value(
            _ORGANIZATION,
            slug=organization.slug,
            name=organization.name,
            name_key=names.sort_key(organization.name),
            family=organization.family,
            relation=organization.relation,
            region=organization.region,
            language=organization.language,
            about=about,
            created_at=at,
        )
        if organization.domain:
            await db.run(_DOMAIN, organization_id=key, domain=organization.domain, proved_at=at, created_at=at)
        if organization.provider:
            await _load_provider(db, key, organization.name, organization.provider, settings, at)
    return keys


async def _load_provider(
    db: Db, organization_id: int | None, label: str, provider: str, settings: Settings, at: datetime
) -> None:
    await db.value(
        _PROVIDER,
        organization_id=organization_id,
        label=label,
        issuer=issuer(provider_url(settings), provider),
        client_id=CLIENT_ID,
        client_secret=seal(settings.secret, PROVIDER_SECRET, CLIENT_SECRET.encode()),
        enabled=True,
        tried_at=at,
        created_at=at,
    )


def _is_proved(person: world.Person, organization: world.Organization | None) -> bool:
    """By a link sent there, where there is no provider; else by the provider of the organization whose domain it is."""
    if organization is None or not organization.provider:
        return True
    return person.email.endswith(f"@{organization.domain}")


def provider_url(settings: Settings) -> str:
    """Where the demonstration's provider listens, or usually does: `serve` corrects it when it starts."""
    return settings.demo_provider_url or f"http://127.0.0.1:{settings.port + 1}"


async def load_people(
    db: Db,
    people: list[world.Person],
    organizations: dict[str, world.Organization],
    organization_keys: dict[str, int],
    settings: Settings,
    moment: Moment,
) -> dict[str, Viewer]:
    """The people, each as a viewer that commands can act for, by handle."""
    cast: dict[str, Viewer] = {}
    for person in people:
        at = moment(person.joined_days_ago)
        organization = organizations.get(person.organization)
        locale = organization.language if organization else FRENCH
        key = await db.value(
            _PERSON,
            handle=person.handle,
            name=person.name,
            name_key=names.sort_key(person.name),
            email=person.email,
            email_proved_at=at if _is_proved(person, organization) else None,
            title=person.title,
            about=person.about,
            region=person.region,
            locale=locale,
            created_at=at,
            reading_since=at,
        )
        if organization is not None:
            await db.value(
                _MEMBERSHIP,
                person_id=key,
                organization_id=organization_keys[organization.slug],
                role=person.organization_role,
                state=person.membership,
                # Her own where it differs; otherwise her organization's counts.
                relation=person.relation if person.relation != organization.relation else None,
                started_on=at.date(),
            )
        if person.provider not in {"", DOWN}:
            await db.value(
                _IDENTITY,
                issuer=issuer(provider_url(settings), person.provider),
                subject=person.handle,
                person_id=key,
                created_at=at,
            )
        speaks_for = organization if person.membership == "active" else None
        cast[person.handle] = Viewer(
            id=key,
            handle=person.handle,
            name=person.name,
            locale=locale,
            roles=frozenset(person.platform_roles),
            session_id=0,
            reading_since=at,
            relation=person.relation if speaks_for else None,
            organization_id=organization_keys[speaks_for.slug] if speaks_for else None,
            organization_name=speaks_for.name if speaks_for else None,
        )
        for role in person.platform_roles:
            await db.run(_ROLE, person_id=key, role=role, granted_at=at)
    return cast
