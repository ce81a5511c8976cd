"""What organizers decide about those who registered, and what they write to them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from maillage.core import jobs
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.events.commands import registering
from maillage.events.models import GatheringLetter
from maillage.events.policies.desk import ACTS
from maillage.events.policies.words import STALE
from maillage.events.queries import desk as queries

_WRITE = Statement(
    insert(GatheringLetter)
    .values(
        gathering_id=bindparam("gathering_id"),
        by_id=bindparam("by"),
        request_key=bindparam("request_key"),
        subject=bindparam("subject"),
        body=bindparam("body"),
        recipients=bindparam("recipients"),
        created_at=bindparam("now"),
    )
    .on_conflict_do_nothing(index_elements=[GatheringLetter.request_key])
    .returning(GatheringLetter.id)
)


async def decide(
    db: Db, *, gathering_id: int, act: str, registration_ids: Sequence[int], now: datetime, by: int
) -> int:
    """Approve, reject or remove those of them with whom it can be done; returns with how many it was.

    Raises `NotHere` for those of another gathering, `Refused` when it can be done with none.
    """
    rows = await queries.stated(db, gathering_id, registration_ids)
    if len(rows) != len(set(registration_ids)):
        raise NotHere
    possible = [row for row in rows if row["status"] in ACTS[act]]
    if not possible:
        raise Refused(STALE)
    if act == "approve":
        parties: set[int] = set()
        for row in possible:
            # A party is approved as a whole, by any of its seats.
            if row["party_id"] is None or row["party_id"] not in parties:
                await registering.approve(db, registration_id=row["id"], now=now, by=by)
            parties |= {row["party_id"]} - {None}
        return len(possible)
    end = registering.reject if act == "reject" else registering.remove
    return await end(db, registration_ids=[row["id"] for row in possible], now=now, by=by)


async def write(
    db: Db,
    *,
    gathering_id: int,
    registration_ids: Sequence[int],
    subject: str,
    body: str,
    request_key: str,
    now: datetime,
    by: int,
) -> None:
    """A letter to each. The same form again writes nothing."""
    letter_id = await db.value(
        _WRITE,
        gathering_id=gathering_id,
        by=by,
        request_key=request_key,
        subject=subject,
        body=body,
        recipients=len(registration_ids),
        now=now,
    )
    if letter_id is None:
        return
    for number in registration_ids:
        payload = {"letter_id": letter_id, "registration_id": number}
        await jobs.enqueue(db, "gathering_letter", payload, dedupe_key=f"gathering_letter {letter_id} {number}")
