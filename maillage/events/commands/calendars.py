"""Somebody's own calendar, behind an address that only she knows."""

from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Statement
from maillage.core.sealing import new_token, token_hash
from maillage.events.models import CalendarFeed

_insert = insert(CalendarFeed).values(
    person_id=bindparam("person_id"), token_hash=bindparam("hash_is"), created_at=bindparam("now")
)
_OPEN = Statement(
    _insert.on_conflict_do_update(
        index_elements=[CalendarFeed.person_id],
        set_={"token_hash": _insert.excluded.token_hash, "created_at": _insert.excluded.created_at},
    )
)
_CLOSE = Statement(delete(CalendarFeed).where(CalendarFeed.person_id == bindparam("of")))


async def open_feed(db: Db, *, person_id: int, now: datetime) -> str:
    """A new address for her calendar; the one before leads nowhere any more. It is told here once; a hash is kept."""
    token = new_token()
    await db.run(_OPEN, person_id=person_id, hash_is=token_hash(token), now=now)
    return token


async def close_feed(db: Db, *, person_id: int) -> None:
    """Her calendar is nowhere to be read any more."""
    await db.run(_CLOSE, of=person_id)
