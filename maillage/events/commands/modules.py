"""Waiting for a training that has no date yet, and being told of one."""

from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from maillage.core import jobs
from maillage.core.db import Db, Statement
from maillage.events.models import ModuleInterest
from maillage.notices.commands import tell

_WAIT = Statement(
    insert(ModuleInterest)
    .values(
        module_id=bindparam("module_id"),
        region_id=bindparam("region_id"),
        person_id=bindparam("person_id"),
        since=bindparam("now"),
    )
    .on_conflict_do_nothing()
)
_STOP = Statement(
    delete(ModuleInterest).where(
        ModuleInterest.module_id == bindparam("module_id"),
        ModuleInterest.person_id == bindparam("person_id"),
        ModuleInterest.region_id == bindparam("region_id"),
    )
)
# A date online and without a region is for everybody. Whoever organizes it knows of it.
_TOLD = Statement(
    """
    UPDATE module_interest i SET told_at = $2
      FROM gathering g, person p
     WHERE g.id = $1 AND g.state = 'published' AND i.module_id = g.module_id AND p.id = i.person_id
       AND p.closed_at IS NULL AND p.suspended_at IS NULL
       AND NOT EXISTS (SELECT FROM gathering_hand h WHERE h.gathering_id = g.id AND h.person_id = i.person_id)
       AND EXISTS (SELECT FROM occurrence o WHERE o.gathering_id = g.id AND o.state = 'scheduled' AND o.starts_at > $2
                      AND (o.region_id = i.region_id OR o.region_id IS NULL AND o.mode = 'online'))
    RETURNING i.person_id
    """,
    ("gathering_id", "now"),
)


async def wait_for(db: Db, *, module_id: int, region_id: int, person_id: int, now: datetime) -> None:
    """Tell her when it comes to this region. Asking twice is asking once."""
    await db.run(_WAIT, module_id=module_id, region_id=region_id, person_id=person_id, now=now)


async def stop_waiting(db: Db, *, module_id: int, region_id: int, person_id: int) -> None:
    await db.run(_STOP, module_id=module_id, region_id=region_id, person_id=person_id)


async def tell_those_who_wait(db: Db, *, gathering_id: int, now: datetime) -> int:
    """A gathering that gives a module is published: those who wait for it where it takes place are told, each once.

    Returns how many.
    """
    people = {row["person_id"] for row in await db.rows(_TOLD, gathering_id=gathering_id, now=now)}
    await tell(db, people=people, kind="module-offered", subject_kind="gathering", subject_id=gathering_id, now=now)
    for person_id in sorted(people):
        payload = {"gathering_id": gathering_id, "person_id": person_id}
        await jobs.enqueue(db, "module_offered", payload, dedupe_key=f"{gathering_id}:{person_id}")
    return len(people)
