"""Domains of e-mail addresses: claimed by many, proved by one."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.models import OrganizationDomain
from maillage.auth.queries.domains import CLAIMED, Claimed
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash

PROOF_LASTS = timedelta(hours=24)
MOST = 30
OVER = _("This link is no longer valid: used already, replaced by a newer one, or more than 24 hours old.")


async def claim(db: Db, *, organization_id: int, domain: str) -> bool:
    """Say that a domain is the organization's; nobody else learns of it. Returns whether that has yet to be proved."""
    row = OrganizationDomain
    known = await db.row(
        select(row.proved_at.is_not(None)).where(row.organization_id == organization_id, row.domain == domain)
    )
    if known is not None:
        return not known[0]
    if await db.value(select(func.count()).where(row.organization_id == organization_id)) >= MOST:
        raise Refused(_("An organization has at most %(most)s domains.", most=MOST))
    await db.run(insert_or(row).values(organization_id=organization_id, domain=domain).on_conflict_do_nothing())
    return True


async def issue_proof(db: Db, *, organization_id: int, domain: str, now: datetime) -> str | None:
    """The token of a link that proves this domain; an older one stops to serve. None when there is nothing to prove."""
    token = new_token()
    row = OrganizationDomain
    written = await db.run(
        update(row)
        .where(row.organization_id == organization_id, row.domain == domain, row.proved_at.is_(None))
        .values(proof_hash=token_hash(token), proof_expires_at=now + PROOF_LASTS)
    )
    return token if written else None


_LOCK = Statement(CLAIMED.with_for_update(of=OrganizationDomain))


async def prove(db: Db, *, token: str, now: datetime) -> Claimed:
    """The domain belongs to the organization from now on; raises `Refused` when it is another's already."""
    row = await db.row(_LOCK, proof_hash=token_hash(token), now=now)
    if row is None:
        raise Refused(OVER)
    found = Claimed(*row)
    # One at a time per domain, so that the second to come is told, not stopped by the index.
    await db.value(select(func.pg_advisory_xact_lock(func.hashtextextended(f"domain {found.domain}", 0))))
    domain = OrganizationDomain
    if await db.value(select(exists().where(domain.domain == found.domain, domain.proved_at.is_not(None)))):
        raise Refused(
            _(
                "Another organization has already shown that %(domain)s is its own. Write to the people who look"
                " after the platform if that is a mistake.",
                domain=found.domain,
            )
        )
    await db.run(
        update(domain)
        .where(domain.organization_id == found.organization_id, domain.domain == found.domain)
        .values(proved_at=now, proof_hash=None, proof_expires_at=None)
    )
    return found


async def drop(db: Db, *, organization_id: int, domain: str) -> bool:
    """It is the organization's no more. Whoever came in thanks to it stays."""
    row = OrganizationDomain
    return bool(await db.run(delete(row).where(row.organization_id == organization_id, row.domain == domain)))
