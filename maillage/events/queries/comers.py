"""Who comes: what the reader herself has there, and the names of those who let her read theirs. People who only wait
are not among them."""

from collections.abc import Sequence
from datetime import datetime

from maillage.core.db import Db, Row, Statement
from maillage.events.models import LIVE
from maillage.events.queries.registrations import RANK

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


# The names only for whoever has a seat herself.
_HERS = Statement(
    f"""
    SELECT mine.occurrence_id, mine.status, mine.rank,
           CASE WHEN mine.status = 'confirmed' AND o.state = 'scheduled' AND o.ends_at > $4
                THEN ({named("'participants', 'everyone'")}) END AS names
      FROM (SELECT r.id, r.occurrence_id, r.status, {RANK} AS rank
              FROM registration r JOIN participant who ON who.id = r.participant_id
             WHERE who.person_id = $2 AND r.status = ANY ($3)) mine
      JOIN occurrence o ON o.id = mine.occurrence_id
     WHERE o.gathering_id = $1
     ORDER BY o.starts_at, mine.id
    """,  # noqa: S608 — our own words
    ("gathering_id", "person_id", "live", "now"),
)


async def hers(db: Db, gathering_id: int, person_id: int, now: datetime) -> Sequence[Row]:
    """Her registrations there that have not ended, each with those who come too and let her know."""
    return await db.rows(_HERS, gathering_id=gathering_id, person_id=person_id, live=list(LIVE), now=now)
