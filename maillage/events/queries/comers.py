"""The names of those who come, for those whom each of them lets read hers; people who only wait are not among them."""

from collections.abc import Sequence
from datetime import datetime

from maillage.core.db import Db, Row, Statement

# More than that nobody reads.
MOST = 200


def named(levels: str) -> str:
    """Of the date `o`, those who said that they may be listed so: for a query."""
    return f"""
        SELECT array_agg(name) FROM (
            SELECT coalesce(p.name, pa.name) AS name
              FROM registration r
              JOIN participant pa ON pa.id = r.participant_id
              LEFT JOIN person p ON p.id = pa.person_id
             WHERE r.occurrence_id = o.id AND r.status = 'confirmed' AND r.listed IN ({levels})
               AND p.closed_at IS NULL AND p.suspended_at IS NULL
             ORDER BY coalesce(p.name_key, lower(pa.name)), r.id LIMIT {MOST}) listed
    """  # noqa: S608 — our own words


# Whoever has a seat herself, and nobody else.
_BESIDE = Statement(
    f"""
    SELECT o.id, ({named("'participants', 'everyone'")}) AS names FROM occurrence o
     WHERE o.state = 'scheduled' AND o.ends_at > $3 AND o.gathering_id = $1 AND EXISTS (
           SELECT FROM registration mine JOIN participant who ON who.id = mine.participant_id
            WHERE mine.occurrence_id = o.id AND mine.status = 'confirmed' AND who.person_id = $2)
     ORDER BY o.starts_at, o.id
    """,  # noqa: S608 — our own words
    ("gathering_id", "person_id", "now"),
)


async def beside(db: Db, gathering_id: int, person_id: int, now: datetime) -> Sequence[Row]:
    """Of each date on which she comes, those who come too and let her know."""
    return await db.rows(_BESIDE, gathering_id=gathering_id, person_id=person_id, now=now)
