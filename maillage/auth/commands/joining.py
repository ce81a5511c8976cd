"""Who comes to belong to an organization by signing in through its provider."""

from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.models import Membership, Organization, OrganizationDomain
from maillage.core import jobs
from maillage.core.db import Db, Statement

_DOMAINS = Statement(
    select(OrganizationDomain.domain).where(
        OrganizationDomain.organization_id == bindparam("organization_id"), OrganizationDomain.proved_at.is_not(None)
    )
)
_JOINING = Statement(
    select(Organization.joining).where(
        Organization.id == bindparam("organization_id"), Organization.closed_at.is_(None)
    )
)
_EVER = Statement(
    select(Membership.id)
    .where(Membership.person_id == bindparam("person_id"), Membership.organization_id == bindparam("organization_id"))
    .limit(1)
)


async def refusal(db: Db, *, organization_id: int | None, email: str | None, unverified: bool) -> str | None:
    """Why somebody new may not come in through this organization's provider; None when she may.

    `email` is what the provider vouches for; `unverified` says that it gave an address without vouching for it.
    An organization that has proved no domain lets everybody of its provider come, and wait.
    """
    if organization_id is None:
        return None
    domains = await _domains(db, organization_id)
    if not domains or domain_of(email) in domains:
        return None
    return "unverified-address" if email is None or unverified else "unknown-domain"


async def joined(db: Db, *, person_id: int, organization_id: int | None, email: str | None, today: date) -> None:
    """Make her belong to the organization whose provider brought her: at once, or waiting for approval.

    Once only. Whoever left, was let go or was turned down does not come back by signing in again.
    """
    if organization_id is None:
        return
    joining = await db.value(_JOINING, organization_id=organization_id)
    if joining is None or await db.value(_EVER, person_id=person_id, organization_id=organization_id) is not None:
        return
    at_once = await enters_at_once(db, organization_id=organization_id, email=email)
    membership_id = await db.value(
        insert_or(Membership)
        .values(
            person_id=person_id,
            organization_id=organization_id,
            state="active" if at_once else "pending",
            started_on=today,
        )
        .on_conflict_do_nothing()
        .returning(Membership.id)
    )
    if membership_id is not None and not at_once:
        await jobs.enqueue(db, "membership_requested", {"membership_id": membership_id})


async def enters_at_once(db: Db, *, organization_id: int, email: str | None) -> bool:
    """Whether somebody new whose provider vouches for this address need not wait."""
    joining = await db.value(_JOINING, organization_id=organization_id)
    return joining == "at_once" and domain_of(email) in await _domains(db, organization_id)


async def _domains(db: Db, organization_id: int) -> set[str]:
    return {row["domain"] for row in await db.rows(_DOMAINS, organization_id=organization_id)}


def domain_of(email: str | None) -> str:
    """What follows the last @ of an address, in small letters; "" without one."""
    return (email or "").rpartition("@")[2].lower() if email and "@" in email else ""
