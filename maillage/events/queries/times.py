"""When a gathering takes place. What is postponed or cancelled does not."""

from sqlalchemy import and_, bindparam, func, select

from maillage.core.db import Db, Row, Statement
from maillage.events.models import Gathering, Occurrence
from maillage.events.policies.times import Times

# What a question about a gathering brings of its dates, outer-joined so.
COLUMNS = (
    func.min(Occurrence.starts_at).label("first_at"),
    func.max(Occurrence.starts_at).label("last_at"),
    func.max(Occurrence.ends_at).label("ends_at"),
)
ITS_DATES = and_(Occurrence.gathering_id == Gathering.id, Occurrence.state == "scheduled")
_TIMES = Statement(
    select(*COLUMNS)
    .select_from(Gathering)
    .outerjoin(Occurrence, ITS_DATES)
    .where(Gathering.id == bindparam("gathering_id"))
)


def times_of(row: Row) -> Times:
    return Times(row["first_at"], row["last_at"], row["ends_at"])


async def dates_of(db: Db, gathering_id: int) -> Times:
    row = await db.row(_TIMES, gathering_id=gathering_id)
    assert row is not None  # noqa: S101 — an aggregate gives one row
    return times_of(row)
