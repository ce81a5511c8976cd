"""A list of stories as feed readers see it."""

from maillage.cases.queries.browsing import StoryRow
from maillage.core.feeds import Entry
from maillage.taxonomies.queries.vocabulary import Vocabulary


def entry(row: StoryRow, known: Vocabulary, locale: str) -> Entry:
    """One story, found by its stages, regions and themes."""
    words = [
        (word.slug, word.label(locale))
        for taxonomy in ("stage", "region", "theme")
        for word in known.lists.get(taxonomy, ())
        if word.id in row.term_ids
    ]
    return Entry(
        title=row.title,
        language=row.language,
        number=f"/recits/{row.id}",
        path=row.path,
        published_at=row.published_at,
        changed_at=row.changed_at,
        summary=row.excerpt,
        authors=row.authors,
        categories=words,
    )
