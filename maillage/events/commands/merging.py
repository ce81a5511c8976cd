"""An address that turns out to be an account’s: what it registered for becomes hers.

However an account comes by a proved address, the database writes the job (see the migrations); whoever confirms a
registration from the address of an account asks for it here. It is a transaction of its own, because it holds all of
the dates for which either was registered.
"""

from datetime import datetime
from typing import Any

from maillage.core import clock, jobs
from maillage.core.db import Db, Statement
from maillage.events.commands import participants, registering

_ONE = "lower(p.email) = pa.email AND p.email_proved_at IS NOT NULL AND p.closed_at IS NULL AND p.suspended_at IS NULL"
_ACCOUNT = Statement(
    f"""
    SELECT p.id FROM registration r
      JOIN participant pa ON pa.id = r.participant_id
      JOIN person p ON {_ONE}
     WHERE r.id = $1
    """,  # noqa: S608 — our own words
    ("registration_id",),
)
_ADDRESS = Statement(
    f"SELECT pa.id, p.locale FROM person p JOIN participant pa ON {_ONE} WHERE p.id = $1",  # noqa: S608 — our own words
    ("person_id",),
)


async def ask(db: Db, *, registration_id: int) -> None:
    """Somebody answered from this address: if it is an account's, they are one."""
    person_id = await db.value(_ACCOUNT, registration_id=registration_id)
    if person_id is not None:
        await jobs.enqueue(
            db, "participants_merge", {"person_id": person_id}, dedupe_key=f"participants_merge {person_id}"
        )


@jobs.job("participants_merge")
async def participants_merge(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    async with tools.database.writing() as db:
        await merge(db, person_id=payload["person_id"], now=clock.now())


async def merge(db: Db, *, person_id: int, now: datetime) -> None:
    """Make the address of this account one with it, if it registered for anything."""
    found = await db.row(_ADDRESS, person_id=person_id)
    if found is None:
        return
    kept = await participants.of_account(db, person_id=person_id, locale=found["locale"])
    await registering.merge(db, gone=found["id"], kept=kept, now=now, by=None)
