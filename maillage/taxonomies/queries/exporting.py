"""All lists as one document, for programs: both languages, in order, with what was set aside."""

from typing import Any

from maillage.core.languages import ENGLISH, FRENCH
from maillage.taxonomies.policies import TAXONOMIES
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word


def whole(words: Vocabulary) -> dict[str, Any]:
    return {
        "taxonomies": {
            name: {
                "fr": taxonomy.name.in_(FRENCH),
                "en": taxonomy.name.in_(ENGLISH),
                "terms": [_term(word, words) for word in words.lists.get(name, ())],
            }
            for name, taxonomy in TAXONOMIES.items()
        }
    }


def _term(word: Word, words: Vocabulary) -> dict[str, Any]:
    """What a term says; what it does not say is left out."""
    replacement = words.replacement(word)
    said = {
        "slug": word.slug,
        "parent": words.by_id[word.parent_id].slug if word.parent_id is not None else None,
        "code": word.code,
        "fr": word.fr,
        "en": word.en,
        "description": _both(word.description_fr, word.description_en),
        "question": _both(word.question_fr, word.question_en),
        "scope": word.scope,
        "stages": list(word.stages),
        "official": word.official,
        "deprecated": word.deprecated,
        "replaced_by": replacement.slug if replacement else None,
    }
    return {name: value for name, value in said.items() if value or name == "slug"}


def _both(french: str, english: str) -> dict[str, str] | None:
    return {"fr": french, "en": english} if french else None
