"""The journal of an organization's ways to sign in: what happened, under the number that the person was shown."""

from datetime import datetime

from sqlalchemy import insert

from maillage.auth.models import SignInEvent
from maillage.core.db import Db


async def note(
    db: Db,
    *,
    organization_id: int | None,
    provider_id: int | None,
    person_id: int | None,
    outcome: str,
    reference: str,
    now: datetime,
) -> None:
    """Write one line. What concerns no organization has no journal: nothing to do.

    `outcome` says what was done, or is the word of what went wrong (`oidc/trouble.py`). No address, no claim.
    """
    if organization_id is None:
        return
    await db.run(
        insert(SignInEvent).values(
            organization_id=organization_id,
            provider_id=provider_id,
            person_id=person_id,
            outcome=outcome[:40],
            reference=reference[:64],
            at=now,
        )
    )
