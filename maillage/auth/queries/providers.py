"""What an exchange with a provider needs to know of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.auth.models import Organization, Provider
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as it is stored; the secret still sealed."""

    id: int
    organization_id: int | None
    kind: str
    label: str
    issuer: str
    client_id: str
    client_secret: bytes | None
    authorization_endpoint: str | None
    token_endpoint: str | None
    userinfo_endpoint: str | None
    subject_claim: str | None
    name_claim: str | None
    email_claim: str | None
    group_claim: str | None
    enabled: bool
    tried_at: datetime | None
    stopped_at: datetime | None


# In the order of the fields.
_ROW = select(
    Provider.id,
    Provider.organization_id,
    Provider.kind,
    Provider.label,
    Provider.issuer,
    Provider.client_id,
    Provider.client_secret,
    Provider.authorization_endpoint,
    Provider.token_endpoint,
    Provider.userinfo_endpoint,
    Provider.subject_claim,
    Provider.name_claim,
    Provider.email_claim,
    Provider.group_claim,
    Provider.enabled,
    Provider.tried_at,
    Provider.stopped_at,
)
_in_use = _ROW.outerjoin(Organization, Organization.id == Provider.organization_id).where(
    Provider.id == bindparam("provider_id"), Provider.enabled, Organization.closed_at.is_(None)
)
_IN_USE = Statement(_in_use)
_HELD = Statement(_in_use.with_for_update(read=True, of=Provider))
_ANY = Statement(_ROW.where(Provider.id == bindparam("provider_id")))
_OF = Statement(
    _ROW.where(Provider.organization_id == bindparam("organization_id")).order_by(Provider.created_at, Provider.id)
)


_OWN = Statement(
    _ROW.where(Provider.id == bindparam("provider_id"), Provider.organization_id == bindparam("organization_id"))
)


async def in_use(db: Db, provider_id: int) -> ProviderRow:
    """One that people may sign in with now; raises `NotHere`."""
    return _row(await db.row(_IN_USE, provider_id=provider_id))


async def held_in_use(db: Db, provider_id: int) -> None:
    """Nobody switches it off, or closes its organization, before this transaction ends; raises `NotHere`."""
    if await db.row(_HELD, provider_id=provider_id) is None:
        raise NotHere


async def whatever_its_state(db: Db, provider_id: int) -> ProviderRow:
    """One that may be switched off, as a trial or a message from the provider needs it; raises `NotHere`."""
    return _row(await db.row(_ANY, provider_id=provider_id))


async def own(db: Db, organization_id: int, provider_id: int) -> ProviderRow:
    """One of this organization's; raises `NotHere` for anybody else's."""
    return _row(await db.row(_OWN, provider_id=provider_id, organization_id=organization_id))


async def of_organization(db: Db, organization_id: int) -> list[ProviderRow]:
    """All of an organization's, in the order in which they were connected."""
    return [ProviderRow(*row) for row in await db.rows(_OF, organization_id=organization_id)]


def _row(row: Row | None) -> ProviderRow:
    if row is None:
        raise NotHere
    return ProviderRow(*row)
