"""Stories by what they are about: how many there are of each kind, and one page of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from maillage.auth.viewer import Who
from maillage.cases.models import Case
from maillage.cases.policies import publicly_readable
from maillage.cases.policies.facets import FACETS, Facet
from maillage.cases.queries.door import case_path
from maillage.cases.queries.shelf import Shelf
from maillage.cases.queries.shown import author_names, published
from maillage.core.db import Db, Row, Statement
from maillage.core.languages import NAMES
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word

STORIES_A_PAGE = 20
_NEAREST = 4


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story in a list."""

    id: int
    slug: str
    title: str
    language: str
    depth: str
    visibility: str
    outcome: str | None
    excerpt: str
    published_at: datetime
    changed_at: datetime
    authors: tuple[str, ...]
    trials: int
    term_ids: frozenset[int]

    @property
    def path(self) -> str:
        return case_path(self.id, self.slug)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet, and how many stories there would be with it. `word` is None for a language."""

    slug: str
    word: Word | None
    count: int
    chosen: bool
    under: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    facet: Facet
    values: tuple[Value, ...]

    @property
    def chosen(self) -> int:
        return sum(value.chosen for value in self.values)


class Counts:
    """Which stories of the shelf somebody may see, and how many of them have what she looks for."""

    def __init__(self, shelf: Shelf, known: Vocabulary, who: Who) -> None:
        self.shelf, self.known = shelf, known
        self.seen = shelf.all if who is not None else shelf.public & shelf.all
        self._stands_for: dict[int, list[int]] = {}
        for word in known.by_id.values():
            if word.replaced_by_id is not None and (now := known.replacement(word)):
                self._stands_for.setdefault(now.id, []).append(word.id)

    def with_value(self, facet: Facet, slug: str) -> int:
        """The stories that have a value, whatever else they have."""
        if facet.taxonomy is None:
            return self.shelf.by_language.get(slug, 0)
        word = self.known.find(facet.taxonomy, slug)
        return self.with_word(word, nested=facet.nested) if word else 0

    def with_word(self, word: Word, *, nested: bool = False) -> int:
        ids = [word.id, *self._stands_for.get(word.id, ())]
        if nested:
            for child in self.known.lists.get(word.taxonomy, ()):
                if child.parent_id == word.id:
                    ids += [child.id, *self._stands_for.get(child.id, ())]
        return self.shelf.with_terms(ids)

    def found(self, values: Sequence[tuple[Facet, Sequence[str]]], but: Facet | None = None) -> int:
        """The stories that have one of the values of each facet, `but` for one."""
        found = self.seen
        for facet, slugs in values:
            if facet is not but:
                either = 0
                for slug in slugs:
                    either |= self.with_value(facet, slug)
                found &= either
        return found

    def facets(self, values: Sequence[tuple[Facet, Sequence[str]]]) -> list[FacetView]:
        """Every facet. A count says how many stories there would be with that value and all the other facets."""
        return [self._facet(facet, values) for facet in FACETS]

    def _facet(self, facet: Facet, values: Sequence[tuple[Facet, Sequence[str]]]) -> FacetView:
        others, chosen = self.found(values, but=facet), dict(values).get(facet, ())
        shown = []
        if facet.taxonomy is None:
            for language in NAMES:
                count = (others & self.with_value(facet, language)).bit_count()
                shown.append(Value(language, None, count, language in chosen, under=False))
        else:
            for word in self.known.lists.get(facet.taxonomy, ()):
                if word.replaced_by_id is None:
                    count = (others & self.with_word(word, nested=facet.nested)).bit_count()
                    under = facet.nested and word.parent_id is not None
                    shown.append(Value(word.slug, word, count, word.slug in chosen, under))
        return FacetView(facet, tuple(value for value in shown if value.count or value.chosen))

    def nearest(self, values: Sequence[tuple[Facet, Sequence[str]]]) -> list[tuple[tuple[Facet, ...], int]]:
        """What to give up to find something, and how much there would be: one facet, or, where that is not enough, all
        but one. Those that give most come first."""
        facets = [facet for facet, _slugs in values]
        for given_up in (
            [(facet,) for facet in facets],
            [tuple(f for f in facets if f is not kept) for kept in facets],
        ):
            counts = [(up, self.found([pair for pair in values if pair[0] not in up]).bit_count()) for up in given_up]
            if some := sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1]):
                return some[:_NEAREST]
        return []


_Trial = aliased(Case, name="trial")


def _rows(who_reads: bool) -> Statement:
    reads = publicly_readable(None)
    trials = select(func.count()).where(_Trial.source_id == Case.id, published(_Trial))
    if who_reads:
        reads = published(Case)
    else:
        trials = trials.where(_Trial.visibility == "public")
    return Statement(
        select(
            Case.id,
            Case.slug,
            Case.title,
            Case.language,
            Case.depth,
            Case.visibility,
            Case.outcome,
            Case.excerpt,
            Case.published_at,
            Case.changed_at,
            Case.listed_terms.label("term_ids"),
            author_names().label("authors"),
            trials.scalar_subquery().label("trials"),
        )
        # Asked again here: the shelf may be of a moment ago.
        .where(Case.id == func.any(bindparam("ids")), reads)
    )


_FOR_STRANGERS, _FOR_READERS = _rows(who_reads=False), _rows(who_reads=True)


async def story_rows(db: Db, who: Who, ids: Sequence[int]) -> list[StoryRow]:
    """These stories in this order, as far as she may read them."""
    if not ids:
        return []
    found = {row["id"]: row for row in await db.rows(_FOR_STRANGERS if who is None else _FOR_READERS, ids=list(ids))}
    return [_row(found[id_]) for id_ in ids if id_ in found]


def _row(row: Row) -> StoryRow:
    given = dict(row) | {"authors": tuple(row["authors"] or ()), "term_ids": frozenset(row["term_ids"])}
    return StoryRow(**given)
