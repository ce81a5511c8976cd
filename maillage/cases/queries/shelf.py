"""The shelf: which published story has which words, in the memory of each process, as sets of bits.

A story is a bit, the latest published the highest. What is known is of one number of `browsing_version`; a process
that finds a higher one asks for the stories that changed since, and for nothing else. Counting any combination of
words is then done on whole numbers, without a question to the database.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from starlette.requests import Request

from maillage.cases.models import BrowsingVersion
from maillage.cases.policies.rules import PUBLISHED
from maillage.core.db import Db, Row, Statement
from maillage.core.kept import kept_pages
from maillage.core.models import SiteEpoch

_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_VERSION = Statement(
    select(BrowsingVersion.number, select(SiteEpoch.number).scalar_subquery().label("epoch")).select_from(
        BrowsingVersion
    )
)
# Written out: the planner must see that the index of what lists show serves.
_CHANGED = Statement(
    """
    SELECT id, state, visibility, language, published_at, browsing,
           ARRAY(SELECT term_id FROM case_term WHERE case_id = story.id
                  UNION
                 SELECT term_id FROM case_text WHERE case_id = story.id AND term_id IS NOT NULL AND btrim(body_md) <> ''
                  UNION
                 SELECT family_id FROM case_actor WHERE case_id = story.id
                  UNION
                 SELECT story.scale_id WHERE story.scale_id IS NOT NULL) AS terms
      FROM practice_case AS story WHERE browsing > 0 AND browsing > $1
    """,
    ("known",),
)
# By when they were published, then by their number.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A story as it stands on the shelf. One that is not published any more is remembered by its change alone."""

    id: int
    changed: int
    public: bool
    language: str
    published: Key | None
    terms: frozenset[int]

    @property
    def key(self) -> Key:
        assert self.published is not None  # noqa: S101 — only those that are published have a place
        return self.published


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is to browse at `known`, never changed: a later one is another shelf."""

    known: int = 0
    epoch: int = 0
    stories: Mapping[int, Shelved] = field(default_factory=dict, repr=False)
    # The stories that can be browsed, the oldest first: the place of each is its bit.
    order: tuple[Key, ...] = field(default=(), repr=False)
    all: int = field(default=0, repr=False)
    public: int = field(default=0, repr=False)
    by_term: Mapping[int, int] = field(default_factory=dict, repr=False)
    by_language: Mapping[str, int] = field(default_factory=dict, repr=False)
    # One shelf for the whole process: whoever takes it asks which number it is of.
    version: None = None

    @property
    def size(self) -> int:
        return 600 * len(self.stories) + 50_000

    def with_terms(self, term_ids: Iterable[int]) -> int:
        """The stories that have one of these."""
        found = 0
        for term_id in term_ids:
            found |= self.by_term.get(term_id, 0)
        return found

    def page(self, found: int, after: Key | None, size: int) -> list[int]:
        """The numbers of up to `size` stories of `found`, the latest first, from after `after`."""
        rest = found if after is None else found & ((1 << bisect_left(self.order, after)) - 1)
        ids: list[int] = []
        while rest and len(ids) < size:
            place = rest.bit_length() - 1
            ids.append(self.order[place][1])
            rest ^= 1 << place
        return ids

    def before(self, found: int, key: Key, size: int) -> tuple[Key | None, bool]:
        """What a page that ends just before the story of `key` begins after: its key, None for the first page.

        And whether there is such a page.
        """
        newer = found >> bisect_right(self.order, key)
        if not newer:
            return None, False
        if newer.bit_count() <= size:
            return None, True
        for _ in range(size):
            newer &= newer - 1
        place = (newer & -newer).bit_length() - 1 + bisect_right(self.order, key)
        return self.order[place], True

    def key_of(self, case_id: int) -> Key:
        return self.stories[case_id].key


async def shelf(request: Request, db: Db) -> Shelf:
    """What there is to browse now: one question, and another one where something changed since the last time."""
    number, epoch = await _now(db)
    pages = kept_pages(request)
    kept = pages.get("shelf", None)
    have = kept if isinstance(kept, Shelf) else Shelf()
    if have.known >= number and have.epoch == epoch:
        return have
    changed = await db.rows(_CHANGED, known=have.known) if have.known < number else []
    # Another request may have put a later one there meanwhile.
    kept = pages.get("shelf", None)
    if isinstance(kept, Shelf) and kept.known > have.known:
        have = kept
    return pages.put("shelf", _with(have, number, epoch, [_shelved(row) for row in changed]))


async def _now(db: Db) -> tuple[int, int]:
    row = await db.row(_VERSION)
    return (row["number"], row["epoch"]) if row else (0, 0)


def _shelved(row: Row) -> Shelved:
    shown = row["state"] in PUBLISHED and row["published_at"] is not None
    return Shelved(
        row["id"],
        row["browsing"],
        row["visibility"] == "public",
        row["language"],
        ((row["published_at"] - _EPOCH_START) // _MICROSECOND, row["id"]) if shown else None,
        frozenset(row["terms"]),
    )


def _with(have: Shelf, number: int, epoch: int, changed: Iterable[Shelved]) -> Shelf:
    """The shelf after these changes. A story that the shelf knows of a later change stays as it is."""
    news = [
        story for story in changed if (known := have.stories.get(story.id)) is None or known.changed < story.changed
    ]
    stories = {**have.stories, **{story.id: story for story in news}}
    known_now = max([have.known, number, *(story.changed for story in news)])
    bits = _Bits(have)
    for story in sorted(news, key=lambda story: story.published or (0, 0)):
        if not bits.take(have.stories.get(story.id), story):
            bits = _Bits(Shelf())
            for each in sorted((each for each in stories.values() if each.published), key=lambda each: each.key):
                bits.take(None, each)
            break
    return Shelf(
        known_now, epoch, stories, tuple(bits.order), bits.all, bits.public, dict(bits.by_term), dict(bits.by_language)
    )


class _Bits:
    """The bits of a shelf while it is being made from another one."""

    def __init__(self, have: Shelf) -> None:
        self.order, self.all, self.public = list(have.order), have.all, have.public
        self.by_term = defaultdict(int, have.by_term)
        self.by_language = defaultdict(int, have.by_language)

    def take(self, before: Shelved | None, now: Shelved) -> bool:
        """Put a story where it belongs. False when it belongs between others: then all are put anew."""
        if before is not None and before.published is not None:
            self._set(before, bisect_left(self.order, before.key), there=False)
        if now.published is None:
            return True
        place = bisect_left(self.order, now.key)
        if place == len(self.order):
            self.order.append(now.key)
        elif self.order[place] != now.key:
            return False
        self._set(now, place, there=True)
        return True

    def _set(self, story: Shelved, place: int, *, there: bool) -> None:
        bit = 1 << place
        self.all = _turned(self.all, bit, there=there)
        if story.public:
            self.public = _turned(self.public, bit, there=there)
        self.by_language[story.language] = _turned(self.by_language[story.language], bit, there=there)
        for term_id in story.terms:
            self.by_term[term_id] = _turned(self.by_term[term_id], bit, there=there)


def _turned(bits: int, bit: int, *, there: bool) -> int:
    return bits | bit if there else bits & ~bit
