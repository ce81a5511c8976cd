"""The words of all lists, kept in the process: a page that knows the site's epoch names its terms without a query."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from starlette.requests import Request

from maillage.core.db import Db, Row, Statement
from maillage.core.kept import kept_pages
from maillage.core.languages import ENGLISH, FRENCH, localized
from maillage.core.models import SiteEpoch
from maillage.taxonomies.models import Term

_EPOCH = Statement(select(SiteEpoch.number))
_WORDS = Statement(
    select(
        Term.id,
        Term.taxonomy,
        Term.slug,
        Term.parent_id,
        Term.position,
        Term.code,
        Term.fr,
        Term.en,
        Term.description_fr,
        Term.description_en,
        Term.question_fr,
        Term.question_en,
        Term.stages,
        Term.scope,
        Term.official,
        Term.deprecated_at.is_not(None).label("deprecated"),
        Term.replaced_by_id,
    ).order_by(Term.position, Term.id)
)


@dataclass(frozen=True, slots=True)
class Word:
    """One term, as every page may show it."""

    id: int
    taxonomy: str
    slug: str
    parent_id: int | None
    position: int
    code: str | None
    fr: str
    en: str
    description_fr: str
    description_en: str
    question_fr: str
    question_en: str
    # The slugs of the stages that a competency serves, and whose it is.
    stages: tuple[str, ...]
    scope: str | None
    official: bool
    # No longer offered; what used it goes on showing it.
    deprecated: bool
    replaced_by_id: int | None

    def label(self, locale: str) -> str:
        return localized({FRENCH: self.fr, ENGLISH: self.en}, locale)

    def description(self, locale: str) -> str:
        return localized({FRENCH: self.description_fr, ENGLISH: self.description_en}, locale)

    def question(self, locale: str) -> str:
        return localized({FRENCH: self.question_fr, ENGLISH: self.question_en}, locale)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word, as it was at one epoch of the site."""

    version: int
    by_id: dict[int, Word]
    by_slug: dict[tuple[str, str], Word] = field(repr=False)
    # In order, each parent before its children where both are in one list; those set aside included.
    lists: dict[str, tuple[Word, ...]] = field(repr=False)

    @property
    def size(self) -> int:
        return 1_500 * len(self.by_id) + 500

    def label(self, id_: int, locale: str) -> str:
        return self.by_id[id_].label(locale)

    def find(self, taxonomy: str, slug: str) -> Word | None:
        return self.by_slug.get((taxonomy, slug))

    def offered(self, taxonomy: str) -> tuple[Word, ...]:
        """What can be chosen now."""
        return tuple(word for word in self.lists.get(taxonomy, ()) if not word.deprecated)

    def children(self, parent: Word, taxonomy: str) -> tuple[Word, ...]:
        """What can be chosen now under a word: the components of a type, the competencies of a domain."""
        return tuple(word for word in self.offered(taxonomy) if word.parent_id == parent.id)

    def gathered(self, parent: Word) -> int:
        """How many terms in use stand under a word, in any list."""
        return sum(word.parent_id == parent.id and not word.deprecated for word in self.by_id.values())

    def replacement(self, word: Word) -> Word | None:
        """What stands for a word that was set aside, at the end of the chain when that was set aside too."""
        seen: set[int] = set()
        while word.replaced_by_id is not None and word.id not in seen:
            seen.add(word.id)
            word = self.by_id[word.replaced_by_id]
        return word if seen else None


async def vocabulary(request: Request, db: Db, epoch: int | None = None) -> Vocabulary:
    """The words of now. `epoch` is `site_epoch.number` where the caller has just read it, and saves that question."""
    number: int = epoch if epoch is not None else await db.value(_EPOCH)
    pages = kept_pages(request)
    kept = pages.get("vocabulary", number)
    if isinstance(kept, Vocabulary):
        return kept
    return pages.put("vocabulary", await read(db, number))


async def read(db: Db, epoch: int) -> Vocabulary:
    """The words as the database has them."""
    return _made(epoch, [_word(row) for row in await db.rows(_WORDS)])


def _word(row: Row) -> Word:
    return Word(**{**row, "stages": tuple(row["stages"])})


def _made(version: int, words: Iterable[Word]) -> Vocabulary:
    by_id = {word.id: word for word in words}
    lists: dict[str, list[Word]] = defaultdict(list)
    for word in sorted(by_id.values(), key=lambda word: _place(word, by_id)):
        lists[word.taxonomy].append(word)
    return Vocabulary(
        version,
        by_id,
        {(word.taxonomy, word.slug): word for word in by_id.values()},
        {taxonomy: tuple(listed) for taxonomy, listed in lists.items()},
    )


def _place(word: Word, by_id: dict[int, Word]) -> tuple[int, ...]:
    """Where it stands: its parent's place, then its own."""
    own = (word.position, word.id)
    return own if word.parent_id is None else (*_place(by_id[word.parent_id], by_id), *own)
