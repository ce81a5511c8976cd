"""The gatherings announced last, as an Atom feed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from maillage.core.db import Db, Row, Statement
from maillage.core.times import iso
from maillage.events.policies.zones import span
from maillage.events.queries.shown import Filters
from maillage.taxonomies.queries.vocabulary import Vocabulary

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_ANNOUNCED = Statement(
    """
    SELECT g.id, g.slug, g.title, g.language, g.summary, g.type_id, g.published_at, g.changed_at,
           s.local_start, s.local_end, s.zone, o.locality
      FROM gathering g
      JOIN LATERAL (SELECT * FROM occurrence o WHERE o.gathering_id = g.id
                       AND ($1::integer IS NULL OR o.region_id = $1)
                       AND ($3::text IS NULL OR o.mode = $3 OR o.mode = 'hybrid')
                     ORDER BY o.starts_at, o.id LIMIT 1) o ON true
      JOIN LATERAL (SELECT * FROM event_session s WHERE s.occurrence_id = o.id ORDER BY s.starts_at LIMIT 1) s ON true
     WHERE g.state IN ('published', 'cancelled') AND g.visibility = 'public'
       AND ($2::integer IS NULL OR g.type_id = $2)
       AND ($4::integer IS NULL OR EXISTS (
           SELECT FROM gathering_term t WHERE t.gathering_id = g.id AND t.term_id = $4))
     ORDER BY g.published_at DESC, g.id DESC LIMIT 30
    """,
    ("region_id", "type_id", "mode", "stage_id"),
)


async def announced(db: Db, filters: Filters) -> Sequence[Row]:
    """The latest, each with its first date."""
    return await db.rows(
        _ANNOUNCED,
        region_id=filters.region_id,
        type_id=filters.type_id,
        mode=filters.mode,
        stage_id=filters.stage_id,
    )


def atom(rows: Sequence[Row], words: Vocabulary, *, title: str, base_url: str, here: str, locale: str) -> bytes:
    """The feed of these gatherings. `here` is its own address, `title` names it."""
    feed = Element("feed", {"xmlns": _ATOM, f"{{{_XML}}}lang": locale})
    _text(feed, "title", title)
    _text(feed, "id", f"{base_url}{here}")
    _text(feed, "updated", iso(max((row["changed_at"] for row in rows), default=_NEVER)))
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=f"{base_url}{here}")
    SubElement(feed, "link", rel="alternate", type="text/html", href=f"{base_url}{here.replace('/flux.atom', '', 1)}")
    # No name of a person: the organizers are on the page.
    _text(SubElement(feed, "author"), "name", title)
    for row in rows:
        entry = SubElement(feed, "entry", {f"{{{_XML}}}lang": row["language"]})
        _text(entry, "title", row["title"])
        # Without the words of its title, which may change.
        _text(entry, "id", f"{base_url}/rencontres/{row['id']}")
        href = f"{base_url}/rencontres/{row['id']}-{row['slug']}"
        SubElement(entry, "link", rel="alternate", type="text/html", href=href, hreflang=row["language"])
        _text(entry, "published", iso(row["published_at"]))
        _text(entry, "updated", iso(row["changed_at"]))
        if row["type_id"] is not None and (kind := words.by_id.get(row["type_id"])):
            SubElement(entry, "category", term=kind.slug, label=kind.label(locale))
        when = span(row["local_start"], row["local_end"], row["zone"]).in_(locale)
        _text(entry, "summary", " · ".join(part for part in (when, row["locality"], row["summary"]) if part))
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _text(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = words
