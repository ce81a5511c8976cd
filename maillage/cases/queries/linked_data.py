"""A story as schema.org has it, so that a link to it looks right elsewhere."""

from typing import Any

from maillage.cases.policies.reading import LICENCE_ADDRESSES
from maillage.cases.queries.told import StoryPage
from maillage.taxonomies.queries.vocabulary import Vocabulary


def linked_data(story: StoryPage, words: Vocabulary, site: str, base_url: str) -> dict[str, Any] | None:
    """None for what search engines are not to know."""
    if story.published_at is None or story.visibility != "public":
        return None
    address = f"{base_url}{story.path}"
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": address,
        "url": address,
        "headline": story.title,
        "abstract": story.excerpt,
        "inLanguage": story.language,
        "datePublished": story.published_at.isoformat(),
        "dateModified": story.changed_at.isoformat(),
        "isAccessibleForFree": True,
        "author": [{"@type": "Person", "name": hand.name} for hand in story.authors],
        "publisher": {"@type": "Organization", "name": site, "url": base_url},
        "keywords": [words.label(term_id, story.language) for term_id in story.term_ids],
    }
    if licence := LICENCE_ADDRESSES.get(story.licence):
        data["license"] = licence
    if story.chain:
        data["isBasedOn"] = f"{base_url}{story.chain[0].path}"
    return data
