"""What the platform does to an organization as a whole: closing it, opening it again, switching its doors off."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update

from maillage.auth.commands.members import hold
from maillage.auth.commands.people import pages_change
from maillage.auth.models import Organization, Provider, Session, SignInAttempt
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
    # Whoever switches it on again, once the platform lets her, tries it first.
    .values(enabled=False, tried_at=None, stopped_at=func.coalesce(Provider.stopped_at, bindparam("now")))
    .returning(Provider.id)
)
_LIFT = Statement(
    update(Provider)
    .where(Provider.id == bindparam("lifted_id"), Provider.organization_id == bindparam("within_id"))
    .values(stopped_at=None)
)
_SEE_OUT = Statement(delete(Session).where(Session.provider_id == bindparam("provider_id")))
_TURN_BACK = Statement(delete(SignInAttempt).where(SignInAttempt.provider_id == bindparam("provider_id")))


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


async def switch_off(db: Db, *, organization_id: int, provider_id: int, now: datetime) -> None:
    """Let nobody in through that provider until this is lifted; what it had opened ends, and what is on its way."""
    if await db.value(_SWITCH_OFF, switched_id=provider_id, within_id=organization_id, now=now) is not None:
        await db.run(_SEE_OUT, provider_id=provider_id)
        await db.run(_TURN_BACK, provider_id=provider_id)


async def lift(db: Db, *, organization_id: int, provider_id: int) -> None:
    """Let the organization try that provider, and switch it on again."""
    await db.run(_LIFT, lifted_id=provider_id, within_id=organization_id)
