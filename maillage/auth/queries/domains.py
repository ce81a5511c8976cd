"""What a link that was sent to a domain would prove."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.auth.models import Organization, OrganizationDomain
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.core.sealing import token_hash


@dataclass(frozen=True, slots=True)
class Claimed:
    """A domain that waits for its proof, and the organization that says it is its own."""

    organization_id: int
    slug: str
    organization: str
    domain: str


# In the order of the fields.
CLAIMED = (
    select(Organization.id, Organization.slug, Organization.name, OrganizationDomain.domain)
    .join(Organization, Organization.id == OrganizationDomain.organization_id)
    .where(
        OrganizationDomain.proof_hash == bindparam("proof_hash"),
        OrganizationDomain.proof_expires_at > bindparam("now"),
        OrganizationDomain.proved_at.is_(None),
        Organization.closed_at.is_(None),
    )
)
_CLAIMED = Statement(CLAIMED)


async def claimed(db: Db, *, token: str, now: datetime) -> Claimed:
    """What this link proves; raises `NotHere` when it proves nothing any more."""
    row = await db.row(_CLAIMED, proof_hash=token_hash(token), now=now)
    if row is None:
        raise NotHere
    return Claimed(*row)
