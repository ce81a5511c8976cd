"""Who looks after a gathering, from one day to the next."""

from datetime import datetime

from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.events.commands.asking import hold, touch
from maillage.events.commands.planning import add_hand

_REMOVE = Statement(
    "DELETE FROM gathering_hand WHERE gathering_id = $1 AND person_id = $2 AND role = $3",
    ("gathering_id", "person_id", "role"),
)
_ORGANIZERS = Statement(
    "SELECT count(*) FROM gathering_hand WHERE gathering_id = $1 AND role = 'organizer'", ("gathering_id",)
)


async def add(db: Db, *, gathering_id: int, person_id: int, role: str, now: datetime) -> None:
    """One more person who takes this part."""
    await add_hand(db, gathering_id=gathering_id, person_id=person_id, role=role, now=now)
    await touch(db, gathering_id=gathering_id, now=now)


async def remove(db: Db, *, gathering_id: int, person_id: int, role: str, now: datetime) -> None:
    """One less. Raises `Refused` for the last who organizes it."""
    # Two who leave at the same time would each think that the other stays.
    await hold(db, gathering_id=gathering_id)
    await db.run(_REMOVE, gathering_id=gathering_id, person_id=person_id, role=role)
    if await db.value(_ORGANIZERS, gathering_id=gathering_id) == 0:
        raise Refused(_("Somebody must organize it: add another person first."))
    await touch(db, gathering_id=gathering_id, now=now)
