"""Following, and stopping; telling, and having read."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Statement
from maillage.notices.models import Follow, Notice

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


# Of what happens again before she has read the first, one row stands for all.
_TELL = Statement(
    """
    INSERT INTO notice (person_id, kind, subject_kind, subject_id, at)
    SELECT told, $2, $3, $4, $5 FROM unnest($1::bigint[]) AS told ORDER BY told
    ON CONFLICT (person_id, kind, subject_kind, subject_id) WHERE read_at IS NULL
    DO UPDATE SET count = notice.count + 1, at = excluded.at
    """,
    ("people", "kind", "subject_kind", "subject_id", "now"),
)
_READ = Statement(
    update(Notice)
    .where(
        Notice.person_id == bindparam("whose"),
        Notice.read_at.is_(None),
        # What came after she looked is still to be read.
        Notice.at <= bindparam("until"),
    )
    .values(read_at=bindparam("now"))
)


async def tell(db: Db, *, people: Iterable[int], kind: str, subject_kind: str, subject_id: int, now: datetime) -> None:
    """Have these people told, each once."""
    if told := sorted(set(people)):
        await db.run(_TELL, people=told, kind=kind, subject_kind=subject_kind, subject_id=subject_id, now=now)


async def mark_read(db: Db, *, person_id: int, until: datetime, now: datetime) -> None:
    """She has read all that she was told until then."""
    await db.run(_READ, whose=person_id, until=until, now=now)
