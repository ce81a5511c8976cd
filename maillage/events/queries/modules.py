"""Where each training is given, and where it is waited for: the grid of modules and regions, and one module's page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.auth.viewer import Who
from maillage.core.db import Db, Row, Statement
from maillage.core.languages import Text, _
from maillage.events.models import ModuleInterest

# What one sees of a module in a region, the most useful first.
STATES: dict[str, Text] = {
    "offered": _("Offered"),
    "full": _("Full"),
    "past": _("Was offered"),
    "never": _("Never offered"),
}
# A date without a region, given online, is for everybody.
EVERYWHERE = 0

# `members` dates are counted for those who may read them. Whether there is room is counted as registering does.
_DATES = Statement(
    """
    SELECT g.module_id, coalesce(o.region_id, 0) AS region_id,
           count(*) FILTER (WHERE o.starts_at > $1 AND room.left_over) AS offered,
           count(*) FILTER (WHERE o.starts_at > $1 AND NOT room.left_over) AS full,
           count(*) FILTER (WHERE o.starts_at <= $1) AS past,
           coalesce(sum(room.waiting) FILTER (WHERE o.starts_at > $1), 0)::bigint AS waiting
      FROM gathering g
      JOIN occurrence o ON o.gathering_id = g.id
      CROSS JOIN LATERAL (
          SELECT bool_or(NOT p.limited OR p.seats > taken.seated) AND NOT bool_and(taken.waiting > 0) AS left_over,
                 sum(taken.waiting) AS waiting
            FROM seat_pool p
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE r.status IN ('confirmed', 'offered')) AS seated,
                       count(*) FILTER (WHERE r.status = 'waiting') AS waiting
                  FROM registration r WHERE r.occurrence_id = o.id AND r.way = p.way) taken
           WHERE p.occurrence_id = o.id) room
     WHERE g.module_id IS NOT NULL AND ($3::integer IS NULL OR g.module_id = $3)
       AND g.state = 'published' AND o.state = 'scheduled' AND (g.visibility = 'public' OR $2)
       AND (o.region_id IS NOT NULL OR o.mode = 'online')
     GROUP BY g.module_id, coalesce(o.region_id, 0)
    """,
    ("now", "is_member", "module_id"),
)
_INTEREST = Statement(
    """
    SELECT i.module_id, i.region_id, count(*) AS people
      FROM module_interest i JOIN person p ON p.id = i.person_id
     WHERE p.closed_at IS NULL AND p.suspended_at IS NULL AND ($1::integer IS NULL OR i.module_id = $1)
     GROUP BY i.module_id, i.region_id
    """,
    ("module_id",),
)
_MINE = Statement(
    select(ModuleInterest.region_id)
    .where(ModuleInterest.module_id == bindparam("module_id"), ModuleInterest.person_id == bindparam("person_id"))
    .order_by(ModuleInterest.region_id)
)
_COMING = Statement(
    """
    SELECT g.id, g.slug, g.title, g.language, o.id AS occurrence_id, o.mode, o.zone, o.starts_at, o.locality,
           o.region_id, s.local_start, (SELECT count(*) FROM event_session WHERE occurrence_id = o.id) AS sessions
      FROM gathering g
      JOIN occurrence o ON o.gathering_id = g.id
      JOIN LATERAL (SELECT local_start FROM event_session WHERE occurrence_id = o.id ORDER BY starts_at LIMIT 1) s
           ON true
     WHERE g.module_id = $1 AND g.state = 'published' AND o.state = 'scheduled' AND o.starts_at > $2
       AND (g.visibility = 'public' OR $3)
     ORDER BY o.starts_at, o.id LIMIT 50
    """,
    ("module_id", "now", "is_member"),
)


@dataclass(slots=True)
class Cell:
    """One module in one region: dates with room, full, past; who waits for a seat; who waits for a date."""

    offered: int = 0
    full: int = 0
    past: int = 0
    waiting: int = 0
    interested: int = 0

    @property
    def state(self) -> str:
        return "offered" if self.offered else "full" if self.full else "past" if self.past else "never"

    @property
    def says_something(self) -> bool:
        return self.state != "never" or self.interested > 0


@dataclass(frozen=True, slots=True)
class Grid:
    """By module, then by region; `EVERYWHERE` is online, for all regions."""

    cells: dict[int, dict[int, Cell]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Cell)))

    def cell(self, module_id: int, region_id: int) -> Cell:
        return self.cells.get(module_id, {}).get(region_id) or Cell()


async def grid(db: Db, who: Who, now: datetime, module_id: int | None = None) -> Grid:
    """Of all modules, or of one: two questions however many there are."""
    found = Grid()
    for row in await db.rows(_DATES, now=now, is_member=who is not None, module_id=module_id):
        cell = found.cells[row["module_id"]][row["region_id"]]
        cell.offered, cell.full, cell.past = row["offered"], row["full"], row["past"]
        cell.waiting = row["waiting"]
    for row in await db.rows(_INTEREST, module_id=module_id):
        found.cells[row["module_id"]][row["region_id"]].interested = row["people"]
    return found


async def interests_of(db: Db, module_id: int, person_id: int) -> list[int]:
    """The regions in which she waits for it."""
    return [row["region_id"] for row in await db.rows(_MINE, module_id=module_id, person_id=person_id)]


async def coming(db: Db, who: Who, module_id: int, now: datetime) -> Sequence[Row]:
    """Its next dates."""
    return await db.rows(_COMING, module_id=module_id, now=now, is_member=who is not None)
