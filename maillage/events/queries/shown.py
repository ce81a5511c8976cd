"""A gathering as its page shows it to everybody, and the list of gatherings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maillage.auth.viewer import Who
from maillage.core.db import Db, Row, Statement
from maillage.events.queries import agenda, asking, cases
from maillage.events.queries.comers import named

PER_PAGE = 20

_GATHERING = Statement(
    """
    SELECT g.id, g.title, g.slug, g.language, g.state, g.reason, g.visibility, g.type_id, g.module_id, g.summary,
           g.cost, g.conditions, g.registration, g.reported_at, g.agenda_at,
           t.body_html AS description,
           b.body_html AS before, a.body_html AS after,
           (SELECT min(render_version) FROM gathering_text WHERE gathering_id = g.id) AS rendered,
           th.id AS thread_id, th.slug AS thread_slug,
           (SELECT array_agg(o.name ORDER BY b.position) FROM gathering_organization b
              JOIN organization o ON o.id = b.organization_id WHERE b.gathering_id = g.id) AS organizations,
           (SELECT array_agg(o.slug ORDER BY b.position) FROM gathering_organization b
              JOIN organization o ON o.id = b.organization_id WHERE b.gathering_id = g.id) AS organization_slugs,
           (SELECT array_agg(p.name ORDER BY p.name) FROM gathering_hand h JOIN person p ON p.id = h.person_id
             WHERE h.gathering_id = g.id AND h.role = 'organizer' AND p.closed_at IS NULL) AS organizers,
           (SELECT array_agg(p.name ORDER BY p.name) FROM gathering_hand h JOIN person p ON p.id = h.person_id
             WHERE h.gathering_id = g.id AND h.role = 'facilitator' AND p.closed_at IS NULL) AS facilitators
      FROM gathering g
      LEFT JOIN gathering_text t ON t.gathering_id = g.id AND t.field = 'description'
      LEFT JOIN gathering_text b ON b.gathering_id = g.id AND b.field = 'before'
      LEFT JOIN gathering_text a ON a.gathering_id = g.id AND a.field = 'after'
      LEFT JOIN thread th ON th.id = g.thread_id
     WHERE g.id = $1
    """,
    ("gathering_id",),
)
# How many may still come each way, as registering counts: nobody, while somebody waits.
_ROOM = """
    SELECT array_agg(p.way ORDER BY p.way) AS ways,
           array_agg(p.way ORDER BY p.way) FILTER (WHERE p.limited AND (taken.waiting > 0 OR p.seats <= taken.seated))
               AS full_ways,
           sum(taken.waiting)::bigint AS waiting
      FROM seat_pool p
      CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE r.status IN ('confirmed', 'offered')) AS seated,
                 count(*) FILTER (WHERE r.status = 'waiting') AS waiting
            FROM registration r WHERE r.occurrence_id = o.id AND r.way = p.way) taken
     WHERE p.occurrence_id = o.id
"""
_DATES = Statement(
    f"""
    SELECT o.id, o.label, o.state, o.reason, o.mode, o.zone, o.place, o.address, o.locality, o.region_id,
           o.opens_at, o.closes_at, o.starts_at, o.ends_at, room.ways, room.full_ways, room.waiting,
           (SELECT array_agg(s.local_start ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS starts,
           (SELECT array_agg(s.local_end ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS ends,
           (SELECT array_agg(ARRAY[a.fact, a.answer, a.note] ORDER BY a.fact) FROM occurrence_access a
             WHERE a.occurrence_id = o.id) AS access,
           CASE WHEN o.state = 'scheduled' AND o.ends_at > $2 THEN ({named("'everyone'")}) END AS comers
      FROM occurrence o
      CROSS JOIN LATERAL ({_ROOM}) room
     WHERE o.gathering_id = $1
     ORDER BY o.starts_at, o.id LIMIT 100
    """,  # noqa: S608 — our own words
    ("gathering_id", "now"),
)
# What every list, calendar and feed is narrowed by, over `o` and `g`: the first parameters of each, by these names.
NARROWED = """
       ($1::integer IS NULL OR o.region_id = $1) AND ($2::integer IS NULL OR g.type_id = $2)
       AND ($3::text IS NULL OR o.mode = $3 OR o.mode = 'hybrid')
       AND ($4::integer IS NULL OR EXISTS (
           SELECT FROM gathering_term t WHERE t.gathering_id = g.id AND t.term_id = $4))
"""
NARROWED_BY = ("region_id", "type_id", "mode", "stage_id")
# Which dates a list shows, and the versions by which it is kept. `cursor` is the moment and the number of the last row
# of the page before.
_LIST = """
    SELECT o.id, o.starts_at, g.version AS gathering_version, o.version
      FROM occurrence o
      JOIN gathering g ON g.id = o.gathering_id
     WHERE {narrowed} AND g.state IN ('published', 'cancelled') AND (g.visibility = 'public' OR $5)
       AND {when} AND ($7::timestamptz IS NULL OR (o.starts_at, o.id) {after} ($7, $8))
     ORDER BY o.starts_at {order}, o.id {order} LIMIT 21
"""
_NAMES = (*NARROWED_BY, "is_member", "now", "cursor_at", "cursor_id")
_UNDER_WAY, _TO_COME = (
    _LIST.format(narrowed=NARROWED, when=when, after=">", order="ASC")
    for when in ("tstzrange(o.starts_at, o.ends_at) @> $6::timestamptz AND o.starts_at <= $6", "o.starts_at > $6")
)
# Each part finds its dates by an index of its own; asked for what ends later, one would read all that ever began.
_COMING = Statement(f"({_UNDER_WAY}) UNION ALL ({_TO_COME}) ORDER BY starts_at, id LIMIT 21", _NAMES)
# What has ended has begun: said, so that what is to come is not read on the way.
_OVER = "o.ends_at <= $6 AND o.starts_at < $6"
_PAST = Statement(_LIST.format(narrowed=NARROWED, when=_OVER, after="<", order="DESC"), _NAMES)
_ROWS = Statement(
    f"""
    SELECT g.id, g.title, g.slug, g.language, g.state, g.summary, g.type_id, g.cost, o.id AS occurrence_id, o.label,
           o.state AS date_state, o.mode, o.zone, o.locality, o.region_id, o.starts_at, room.ways, room.full_ways,
           s.local_start, s.local_end,
           (SELECT count(*) FROM event_session WHERE occurrence_id = o.id) AS sessions
      FROM occurrence o
      JOIN gathering g ON g.id = o.gathering_id
      JOIN LATERAL (SELECT local_start, local_end FROM event_session WHERE occurrence_id = o.id
                     ORDER BY starts_at LIMIT 1) s ON true
      CROSS JOIN LATERAL ({_ROOM}) room
     WHERE o.id = ANY($1::bigint[])
    """,  # noqa: S608 — our own words
    ("occurrences",),
)


@dataclass(frozen=True, slots=True)
class GatheringPage:
    """All that everybody sees of a gathering."""

    row: Row
    dates: Sequence[Row]
    items: Sequence[Row]
    stories: Sequence[cases.Story]
    agenda: Sequence[agenda.Point]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None is all."""

    region_id: int | None = None
    type_id: int | None = None
    mode: str | None = None
    stage_id: int | None = None
    past: bool = False

    @property
    def given(self) -> dict[str, int | str | None]:
        """What `NARROWED` asks for."""
        return {name: getattr(self, name) for name in NARROWED_BY}


async def gathering_page(db: Db, gathering_id: int, now: datetime) -> GatheringPage:
    """Four questions, five with an agenda, however many dates there are. The caller came through the door."""
    row = await db.row(_GATHERING, gathering_id=gathering_id)
    assert row is not None  # noqa: S101 — the door found it
    dates = await db.rows(_DATES, gathering_id=gathering_id, now=now)
    points = await agenda.of_page(db, gathering_id) if row["agenda_at"] else ()
    return GatheringPage(
        row, dates, await asking.items(db, gathering_id), await cases.of_page(db, gathering_id), points
    )


async def listed(
    db: Db, who: Who, filters: Filters, now: datetime, cursor: tuple[datetime, int] | None = None
) -> tuple[Sequence[Row], bool]:
    """Which dates a page shows, the nearest first, and whether there are more."""
    rows = await db.rows(
        _PAST if filters.past else _COMING,
        **filters.given,
        is_member=who is not None,
        now=now,
        cursor_at=cursor[0] if cursor else None,
        cursor_id=cursor[1] if cursor else None,
    )
    return rows[:PER_PAGE], len(rows) > PER_PAGE


async def list_rows(db: Db, occurrences: Sequence[int]) -> Sequence[Row]:
    """What a list says of these dates, in no order."""
    return await db.rows(_ROWS, occurrences=occurrences)
