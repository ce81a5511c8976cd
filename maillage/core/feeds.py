"""Lists of what was published last, for feed readers (Atom, RFC 4287)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from maillage.core.times import iso

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was published. `number` is its address without the words of its title, which may change."""

    title: str
    language: str
    number: str
    path: str
    published_at: datetime
    changed_at: datetime
    summary: str
    authors: Sequence[str] = ()
    # Slug and label.
    categories: Sequence[tuple[str, str]] = ()


def atom(entries: Sequence[Entry], *, title: str, base_url: str, here: str, locale: str, author: str = "") -> bytes:
    """The feed of these, the latest first. `here` is its own address; `author` is whose those are that name nobody."""
    feed = Element("feed", {"xmlns": _ATOM, f"{{{_XML}}}lang": locale})
    _text(feed, "title", title)
    _text(feed, "id", f"{base_url}{here}")
    _text(feed, "updated", iso(max((entry.changed_at for entry in entries), default=_NEVER)))
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=f"{base_url}{here}")
    SubElement(feed, "link", rel="alternate", type="text/html", href=f"{base_url}{here.replace('/flux.atom', '', 1)}")
    _names(feed, [author] if author else [])
    for entry in entries:
        feed.append(_entry(entry, base_url))
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(entry: Entry, base_url: str) -> Element:
    said = Element("entry", {f"{{{_XML}}}lang": entry.language})
    _text(said, "title", entry.title)
    _text(said, "id", f"{base_url}{entry.number}")
    SubElement(said, "link", rel="alternate", type="text/html", href=f"{base_url}{entry.path}", hreflang=entry.language)
    _text(said, "published", iso(entry.published_at))
    _text(said, "updated", iso(entry.changed_at))
    _names(said, entry.authors)
    for slug, label in entry.categories:
        SubElement(said, "category", term=slug, label=label)
    if entry.summary:
        _text(said, "summary", entry.summary)
    return said


def _names(parent: Element, names: Iterable[str]) -> None:
    for name in names:
        _text(SubElement(parent, "author"), "name", name)


def _text(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = words
