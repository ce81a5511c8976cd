"""What the platform does to an organization as a whole: closing it, opening it again, switching its doors off."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from maillage.auth.commands.members import hold
from maillage.auth.commands.people import pages_change
from maillage.auth.models import Organization, Provider, Session
from maillage.core.db import Db, Statement

_CLOSE = Statement(
    update(Organization)
    .where(Organization.id == bindparam("closing_id"), Organization.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
)
_REOPEN = Statement(update(Organization).where(Organization.id == bindparam("closed_id")).values(closed_at=None))
_SEE_EVERYBODY_OUT = Statement(
    delete(Session).where(
        Session.provider_id.in_(select(Provider.id).where(Provider.organization_id == bindparam("organization_id")))
    )
)
_SWITCH_OFF = Statement(
    update(Provider)
    .where(Provider.id == bindparam("switched_id"), Provider.organization_id == bindparam("within_id"))
    # Whoever switches it on again tries it first.
    .values(enabled=False, tried_at=None)
    .returning(Provider.id)
)
_SEE_OUT = Statement(delete(Session).where(Session.provider_id == bindparam("provider_id")))


async def close(db: Db, *, organization_id: int, now: datetime) -> None:
    """It takes part no longer: what its providers opened ends, nobody speaks for it, what its people wrote stays."""
    await hold(db, organization_id=organization_id)
    await db.run(_CLOSE, closing_id=organization_id, now=now)
    await db.run(_SEE_EVERYBODY_OUT, organization_id=organization_id)
    await pages_change(db)


async def reopen(db: Db, *, organization_id: int) -> None:
    """It takes part again, with the people it had."""
    await hold(db, organization_id=organization_id)
    await db.run(_REOPEN, closed_id=organization_id)
    await pages_change(db)


async def switch_off(db: Db, *, organization_id: int, provider_id: int) -> None:
    """Let nobody in through that provider any more; what it had opened ends."""
    if await db.value(_SWITCH_OFF, switched_id=provider_id, within_id=organization_id) is not None:
        await db.run(_SEE_OUT, provider_id=provider_id)
