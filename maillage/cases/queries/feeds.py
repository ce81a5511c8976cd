"""A list of stories as an Atom feed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from maillage.cases.queries.browsing import StoryRow
from maillage.core.times import iso
from maillage.taxonomies.queries.vocabulary import Vocabulary

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def atom(rows: Sequence[StoryRow], known: Vocabulary, *, title: str, base_url: str, here: str, locale: str) -> bytes:
    """The feed of these stories. `here` is its own address, `title` names it."""
    feed = Element("feed", {"xmlns": _ATOM, f"{{{_XML}}}lang": locale})
    _text(feed, "title", title)
    _text(feed, "id", f"{base_url}{here}")
    _text(feed, "updated", iso(max((row.changed_at for row in rows), default=_NEVER)))
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=f"{base_url}{here}")
    SubElement(feed, "link", rel="alternate", type="text/html", href=f"{base_url}{here.replace('/flux.atom', '', 1)}")
    for row in rows:
        feed.append(_entry(row, known, base_url, locale))
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(row: StoryRow, known: Vocabulary, base_url: str, locale: str) -> Element:
    entry = Element("entry", {f"{{{_XML}}}lang": row.language})
    _text(entry, "title", row.title)
    # Without the words of its title, which may change.
    _text(entry, "id", f"{base_url}/recits/{row.id}")
    SubElement(entry, "link", rel="alternate", type="text/html", href=f"{base_url}{row.path}", hreflang=row.language)
    _text(entry, "published", iso(row.published_at))
    _text(entry, "updated", iso(row.changed_at))
    for name in row.authors:
        _text(SubElement(entry, "author"), "name", name)
    for taxonomy in ("stage", "region", "theme"):
        for word in known.lists.get(taxonomy, ()):
            if word.id in row.term_ids:
                SubElement(entry, "category", term=word.slug, label=word.label(locale))
    if row.excerpt:
        _text(entry, "summary", row.excerpt)
    return entry


def _text(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = words
