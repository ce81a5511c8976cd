"""Who looks after a gathering, from one day to the next."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.events.commands.holding import hold, touch
from maillage.events.models import GatheringHand

_ADD = Statement(
    insert(GatheringHand)
    .values(
        gathering_id=bindparam("gathering_id"),
        person_id=bindparam("person_id"),
        role=bindparam("role"),
        added_at=bindparam("now"),
    )
    .on_conflict_do_nothing()
)
_REMOVE = Statement(
    delete(GatheringHand).where(
        GatheringHand.gathering_id == bindparam("of"),
        GatheringHand.person_id == bindparam("whose"),
        GatheringHand.role == bindparam("part"),
    )
)
_ORGANIZERS = Statement(
    select(func.count()).where(
        GatheringHand.gathering_id == bindparam("gathering_id"), GatheringHand.role == "organizer"
    )
)


async def add(db: Db, *, gathering_id: int, person_id: int, role: str, now: datetime) -> None:
    """Somebody organizes it, is named as its facilitator, or receives people at the door."""
    await db.run(_ADD, gathering_id=gathering_id, person_id=person_id, role=role, now=now)
    await touch(db, gathering_id=gathering_id, now=now)


async def remove(db: Db, *, gathering_id: int, person_id: int, role: str, now: datetime) -> None:
    """One less. Raises `Refused` for the last who organizes it."""
    # Two who leave at the same time would each think that the other stays.
    await hold(db, gathering_id=gathering_id)
    await db.run(_REMOVE, of=gathering_id, whose=person_id, part=role)
    if await db.value(_ORGANIZERS, gathering_id=gathering_id) == 0:
        raise Refused(_("Somebody must organize it: add another person first."))
    await touch(db, gathering_id=gathering_id, now=now)
