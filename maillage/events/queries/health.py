"""What must always be true of who has a seat, asked as one question: no row is the right answer.

The desk of a gathering shows it, and so may whoever runs the platform; the tests ask it after every step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maillage.core.db import Db, Statement
from maillage.core.languages import Text, _

PROBLEMS: dict[str, Text] = {
    "oversold": _("more people have a seat than there are seats"),
    "stranded": _("a seat is free while somebody who could have it waits"),
    "overtaken": _("somebody passed others who have waited longer"),
    "twice": _("somebody is registered twice"),
    "untold": _("a change was written without its letter, or a letter without its change"),
}

_ASK = Statement(
    """
    WITH asked AS (
        SELECT o.id, o.state = 'scheduled' AND o.starts_at > $2 AND g.state = 'published' AS open, g.skip_parties
          FROM occurrence o JOIN gathering g ON g.id = o.gathering_id WHERE g.id = ANY ($1)
    ), hers AS (
        SELECT r.*, r.status IN ('confirmed', 'offered') AS has_seat
          FROM registration r WHERE r.occurrence_id IN (SELECT id FROM asked)
           AND r.status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')
    ), pools AS (
        SELECT p.occurrence_id, p.way, p.limited, p.seats,
               (SELECT count(*) FROM seat s WHERE s.occurrence_id = p.occurrence_id AND s.way = p.way) AS there,
               count(h.id) FILTER (WHERE h.has_seat) AS taken,
               count(h.id) FILTER (WHERE h.status = 'waiting') AS waiting,
               -- How many seats the first who could take some would need.
               CASE WHEN bool_or(h.status = 'waiting' AND h.party_id IS NULL) AND a.skip_parties THEN 1
                    WHEN a.skip_parties THEN (
                        SELECT min(many) FROM (SELECT count(*) AS many FROM hers w
                                                WHERE w.occurrence_id = p.occurrence_id AND w.way = p.way
                                                  AND w.status = 'waiting' GROUP BY w.party_id) parties)
                    ELSE (SELECT CASE WHEN f.party_id IS NULL THEN 1 ELSE (
                                     SELECT count(*) FROM hers w WHERE w.party_id = f.party_id
                                        AND w.status = 'waiting') END
                            FROM hers f WHERE f.occurrence_id = p.occurrence_id AND f.way = p.way
                             AND f.status = 'waiting' ORDER BY f.seq LIMIT 1) END AS needed,
               a.open
          FROM seat_pool p
          JOIN asked a ON a.id = p.occurrence_id
          LEFT JOIN hers h ON h.occurrence_id = p.occurrence_id AND h.way = p.way
         GROUP BY p.occurrence_id, p.way, a.open, a.skip_parties
    )
    SELECT 'oversold' AS problem, occurrence_id FROM pools
     WHERE limited AND (taken > there OR there > greatest(seats, taken))
    UNION ALL
    SELECT 'stranded', occurrence_id FROM pools
     WHERE open AND waiting > 0 AND (NOT limited OR seats - taken >= needed)
    UNION ALL
    SELECT 'overtaken', l.occurrence_id
      FROM hers l
      JOIN hers e ON e.occurrence_id = l.occurrence_id AND e.way = l.way AND e.seq < l.seq
      JOIN asked a ON a.id = l.occurrence_id
     WHERE l.has_seat AND e.status = 'waiting' AND l.seq IS NOT NULL
       AND NOT (a.skip_parties AND e.party_id IS NOT NULL)
       -- Whoever takes somebody's place takes her rank.
       AND NOT EXISTS (SELECT FROM registration_change c WHERE c.registration_id = l.id AND c.cause = 'replaces')
    UNION ALL
    SELECT 'twice', occurrence_id FROM hers WHERE participant_id IS NOT NULL AND moving_from_id IS NULL
     GROUP BY occurrence_id, participant_id HAVING count(*) > 1
    UNION ALL
    SELECT 'untold', r.occurrence_id
      FROM registration r
      LEFT JOIN registration_change c ON c.registration_id = r.id
     WHERE r.occurrence_id IN (SELECT id FROM asked)
     GROUP BY r.id
    HAVING count(c.id) <> r.transition + (count(c.id) FILTER (WHERE c.number = 0))
        OR (array_agg(c.to_status ORDER BY c.number DESC))[1] IS DISTINCT FROM r.status
    """,
    ("gatherings", "now"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that should never be, and on which date."""

    what: Text
    occurrence_id: int


async def problems(db: Db, gatherings: Sequence[int], now: datetime) -> list[Problem]:
    """All that is wrong with these gatherings: nothing, always."""
    rows = await db.rows(_ASK, gatherings=list(gatherings), now=now)
    return [Problem(PROBLEMS[row["problem"]], row["occurrence_id"]) for row in rows]
