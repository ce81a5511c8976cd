"""The gatherings announced last, as feed readers see them."""

from collections.abc import Sequence

from maillage.core.db import Db, Row, Statement
from maillage.core.feeds import Entry
from maillage.events.policies.zones import span
from maillage.events.queries.door import gathering_path
from maillage.events.queries.shown import NARROWED, NARROWED_BY, Filters
from maillage.taxonomies.queries.vocabulary import Vocabulary

_ANNOUNCED = Statement(
    f"""
    SELECT g.id, g.slug, g.title, g.language, g.summary, g.type_id, g.published_at, g.changed_at,
           s.local_start, s.local_end, s.zone, o.locality
      FROM gathering g
      JOIN LATERAL (SELECT * FROM occurrence o WHERE o.gathering_id = g.id AND {NARROWED}
                     ORDER BY o.starts_at, o.id LIMIT 1) o ON true
      JOIN LATERAL (SELECT * FROM event_session s WHERE s.occurrence_id = o.id ORDER BY s.starts_at LIMIT 1) s ON true
     WHERE g.state IN ('published', 'cancelled') AND g.visibility = 'public'
     ORDER BY g.published_at DESC, g.id DESC LIMIT 30
    """,  # noqa: S608 — our own words
    NARROWED_BY,
)


async def announced(db: Db, filters: Filters) -> Sequence[Row]:
    """The latest, each with its first date."""
    return await db.rows(_ANNOUNCED, **filters.given)


def entry(row: Row, words: Vocabulary, locale: str) -> Entry:
    """One gathering. It names nobody: the organizers are on the page."""
    kind = words.by_id.get(row["type_id"])
    when = span(row["local_start"], row["local_end"], row["zone"]).in_(locale)
    return Entry(
        title=row["title"],
        language=row["language"],
        number=f"/rencontres/{row['id']}",
        path=gathering_path(row["id"], row["slug"]),
        published_at=row["published_at"],
        changed_at=row["changed_at"],
        summary=" · ".join(part for part in (when, row["locality"], row["summary"]) if part),
        categories=[(kind.slug, kind.label(locale))] if kind else [],
    )
