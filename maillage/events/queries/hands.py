"""Those who look after a gathering."""

from collections.abc import Sequence
from datetime import datetime

from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _

_HANDS = Statement(
    """
    SELECT p.id, p.handle, p.name, h.role FROM gathering_hand h JOIN person p ON p.id = h.person_id
     WHERE h.gathering_id = $1 ORDER BY h.role = 'organizer' DESC, h.role = 'facilitator' DESC, p.name_key, p.id
    """,
    ("gathering_id",),
)
_ORGANIZERS = Statement(
    "SELECT person_id FROM gathering_hand WHERE gathering_id = $1 AND role = 'organizer'", ("gathering_id",)
)
_CALLED = Statement(
    "SELECT id FROM person WHERE handle = $1 AND closed_at IS NULL AND suspended_at IS NULL", ("handle",)
)
# Models last, then the latest date first; what has no date yet comes before all.
_LOOKED_AFTER = Statement(
    """
    SELECT g.id, g.slug, g.title, g.language, g.state, next.local_start, next.local_end, next.zone,
           (SELECT array_agg(h.role ORDER BY h.role) FROM gathering_hand h
             WHERE h.gathering_id = g.id AND h.person_id = $1) AS roles
      FROM gathering g
      LEFT JOIN LATERAL (
          SELECT s.local_start, s.local_end, s.zone, s.starts_at FROM event_session s
            JOIN occurrence o ON o.id = s.occurrence_id
           WHERE o.gathering_id = g.id ORDER BY s.starts_at < $2, abs(extract(epoch FROM s.starts_at - $2)) LIMIT 1
      ) next ON true
     WHERE g.id IN (SELECT gathering_id FROM gathering_hand WHERE person_id = $1)
     ORDER BY g.state = 'model', next.starts_at DESC NULLS FIRST, g.id DESC LIMIT 200
    """,
    ("person_id", "now"),
)


async def looked_after_by(db: Db, person_id: int, now: datetime) -> Sequence[Row]:
    """The gatherings in which she has a hand, drafts and models too, each with the session that is next or was last."""
    return await db.rows(_LOOKED_AFTER, person_id=person_id, now=now)


async def hands_of(db: Db, gathering_id: int) -> Sequence[Row]:
    """Who organizes it, facilitates it, receives people: a row for each part that somebody takes."""
    return await db.rows(_HANDS, gathering_id=gathering_id)


async def organizers(db: Db, gathering_id: int) -> set[int]:
    return {row["person_id"] for row in await db.rows(_ORGANIZERS, gathering_id=gathering_id)}


async def person_called(db: Db, handle: str) -> int:
    """Whose handle this is. Raises `Refused` where it is nobody’s."""
    number: int | None = await db.value(_CALLED, handle=handle)
    if number is None:
        raise Refused(_("Nobody here has the handle “%(handle)s”.", handle=handle))
    return number
