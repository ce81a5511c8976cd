"""Following, and stopping."""

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Statement
from maillage.notices.models import Follow

_row = insert(Follow).values(
    person_id=bindparam("person_id"),
    kind=bindparam("kind"),
    target_id=bindparam("target_id"),
    reason=bindparam("reason"),
    muted=bindparam("muted"),
)
_key = [Follow.person_id, Follow.kind, Follow.target_id]
# Taking part follows along; asking to follow also undoes an earlier "no".
_ALONG = Statement(_row.on_conflict_do_nothing(index_elements=_key))
_ASKED = Statement(_row.on_conflict_do_update(index_elements=_key, set_={"muted": False, "reason": "asked"}))
_STOP = Statement(_row.on_conflict_do_update(index_elements=_key, set_={"muted": True}))


async def follow_along(db: Db, *, person_id: int, kind: str, target_id: int, reason: str) -> None:
    """Follow because she took part. Does nothing when she follows already, or said no before."""
    await db.run(_ALONG, person_id=person_id, kind=kind, target_id=target_id, reason=reason, muted=False)


async def follow(db: Db, *, person_id: int, kind: str, target_id: int) -> None:
    """Follow because she asked to."""
    await db.run(_ASKED, person_id=person_id, kind=kind, target_id=target_id, reason="asked", muted=False)


async def stop_following(db: Db, *, person_id: int, kind: str, target_id: int) -> None:
    """Stop, and stay so: taking part again later does not start it again."""
    await db.run(_STOP, person_id=person_id, kind=kind, target_id=target_id, reason="asked", muted=True)
