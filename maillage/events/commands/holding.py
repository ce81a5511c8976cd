"""Holding a gathering, and its dates, while something of them is changed: the gathering first, as everywhere."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere
from maillage.events.models import Gathering

_HOLD = Statement(select(Gathering).where(Gathering.id == bindparam("gathering_id")).with_for_update(key_share=True))
_HOLD_DATES = Statement(
    "SELECT event_hold(ARRAY(SELECT id FROM occurrence WHERE gathering_id = $1))", ("gathering_id",)
)
_TOUCH = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"))
    .values(version=Gathering.version + 1, changed_at=bindparam("now"))
)


async def hold(db: Db, *, gathering_id: int) -> Row:
    """Take the gathering until the transaction ends. Raises `NotHere`."""
    gathering = await db.row(_HOLD, gathering_id=gathering_id)
    if gathering is None:
        raise NotHere
    return gathering


async def hold_with_dates(db: Db, *, gathering_id: int) -> Row:
    """The same, then its dates: nobody registers for one until the transaction ends."""
    gathering = await hold(db, gathering_id=gathering_id)
    await db.run(_HOLD_DATES, gathering_id=gathering_id)
    return gathering


async def touch(db: Db, *, gathering_id: int, now: datetime) -> None:
    """Its page shows something else now."""
    await db.run(_TOUCH, of=gathering_id, now=now)
