"""What somebody looks for among the stories, as an address says it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from maillage.cases.policies.facets import FACETS, Facet
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word

# A story's moment of publication in microseconds, and its number.
Key = tuple[int, int]
_LANGUAGES = ("fr-CA", "en")


@dataclass(frozen=True, slots=True)
class Sought:
    """Of each facet, the values of which a story must have one; and after which story the page begins."""

    values: tuple[tuple[Facet, tuple[str, ...]], ...]
    after: Key | None = None

    def of(self, facet: Facet) -> tuple[str, ...]:
        return dict(self.values).get(facet, ())

    def without(self, facet: Facet, value: str) -> "Sought":
        """The same from its first page on, less a value."""
        kept = [
            (each, tuple(one for one in values if each is not facet or one != value)) for each, values in self.values
        ]
        return Sought(tuple((each, values) for each, values in kept if values))

    def without_all(self, facets: Sequence[Facet]) -> "Sought":
        """The same from its first page on, less whole facets."""
        return Sought(tuple(pair for pair in self.values if pair[0] not in facets))

    def from_after(self, key: Key | None) -> "Sought":
        return replace(self, after=key)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(facet.param, value) for facet, values in self.values for value in values]

    @property
    def path(self) -> str:
        return self.path_at("/recits")

    def path_at(self, path: str) -> str:
        """The address of this under another list, such as the feed."""
        pairs = [*self.pairs, *([("apres", f"{self.after[0]}-{self.after[1]}")] if self.after else [])]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def sought(params: QueryParams, known: Vocabulary) -> Sought:
    """What an address asks for. What it names that there is not, or not any more, is left out."""
    values = []
    for facet in FACETS:
        given = _known(facet, params.getlist(facet.param), known)
        if given:
            values.append((facet, given))
    return Sought(tuple(values), _after(params.get("apres", "")))


def _known(facet: Facet, given: list[str], known: Vocabulary) -> tuple[str, ...]:
    if facet.taxonomy is None:
        return tuple(language for language in _LANGUAGES if language in given)
    words = {_standing(word, known).slug for slug in given if (word := known.find(facet.taxonomy, slug))}
    # In the order of the list, so that the same search has one address.
    return tuple(word.slug for word in known.lists.get(facet.taxonomy, ()) if word.slug in words)


def _standing(word: Word, known: Vocabulary) -> Word:
    return known.replacement(word) or word


def _after(given: str) -> Key | None:
    moment, _dash, number = given.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (moment, number)):
        return None
    return int(moment), int(number)
