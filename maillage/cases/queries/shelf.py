"""The shelf: which published story has which words, in the memory of each process, as sets of bits.

A story is a bit, the latest published the highest. What is known is of one number of `browsing_version`; a process
that finds a higher one asks for the stories that changed since, and for nothing else. Counting any combination of
words is then done on whole numbers, without a question to the database.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress

from sqlalchemy import select
from starlette.requests import Request

from maillage.cases.models import BrowsingVersion
from maillage.cases.policies.rules import PUBLISHED
from maillage.core.db import Db, Row, Statement
from maillage.core.kept import KeptPages, kept_pages
from maillage.core.models import SiteEpoch

# A process that is so many changes behind begins anew: putting them in one by one would take longer.
_ANEW = 100
_VERSION = Statement(
    select(BrowsingVersion.number, select(SiteEpoch.number).scalar_subquery().label("epoch")).select_from(
        BrowsingVersion
    )
)
# Written out: the planner must see that the index of what lists show serves. The moment is a whole number, because
# twenty thousand of them are read at once, and each would be made into a datetime first.
_CHANGED = Statement(
    """
    SELECT id, browsing, visibility = 'public' AS public, language, listed_terms AS terms,
           CASE WHEN state = ANY($2) THEN (extract(epoch FROM published_at) * 1000000)::bigint END AS published
      FROM practice_case WHERE browsing > 0 AND browsing > $1
     ORDER BY published DESC, id DESC
    """,
    ("known", "published"),
)
# By when they were published, in microseconds, then by their number.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is to browse at `known`, never changed: a later one is another shelf."""

    known: int = 0
    epoch: int = 0
    # The oldest first: the place of each is its bit.
    order: Sequence[Key] = field(default=(), repr=False)
    keys: Mapping[int, Key] = field(default_factory=dict, repr=False)
    all: int = field(default=0, repr=False)
    public: int = field(default=0, repr=False)
    by_term: Mapping[int, int] = field(default_factory=dict, repr=False)
    by_language: Mapping[str, int] = field(default_factory=dict, repr=False)
    # One shelf for the whole process: whoever takes it asks which number it is of.
    version: None = None

    @property
    def size(self) -> int:
        return (300 + len(self.by_term) // 8) * len(self.order) + 50_000

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

    def ids(self, found: int) -> list[int]:
        """The numbers of all stories of `found`, the latest first."""
        return [number for _moment, number in compress(reversed(self.order), map(int, f"{found:0{len(self.order)}b}"))]

    def key_of(self, case_id: int) -> Key:
        return self.keys[case_id]


async def shelf(request: Request, db: Db) -> Shelf:
    """What there is to browse now: one question, and another one where something changed since the last time."""
    return await shelf_of(kept_pages(request), db)


async def shelf_of(pages: KeptPages, db: Db) -> Shelf:
    number, epoch = await _now(db)
    have = _at_hand(pages)
    if have.known >= number and have.epoch >= epoch:
        return have
    # Whoever waits here finds what the one before brought.
    async with pages.making("shelf"):
        have = _at_hand(pages)
        if have.known < number:
            have = await _read(db, have, number)
        if have.epoch < epoch:
            have = replace(have, epoch=epoch)
        return pages.put("shelf", have)


def _at_hand(pages: KeptPages) -> Shelf:
    kept = pages.get("shelf", None)
    return kept if isinstance(kept, Shelf) else Shelf()


async def _now(db: Db) -> tuple[int, int]:
    row = await db.row(_VERSION)
    return (row["number"], row["epoch"]) if row else (0, 0)


async def _read(db: Db, have: Shelf, number: int) -> Shelf:
    """The shelf after what changed since."""
    if number - have.known > _ANEW:
        have = Shelf(epoch=have.epoch)
    changed = await db.rows(_CHANGED, known=have.known, published=PUBLISHED)
    known = max([number, *(row["browsing"] for row in changed)])
    # Where there are many stories it takes a moment, and other pages are not to wait for it.
    return await asyncio.to_thread(_with if have.known else _of, have, known, changed)


def _of(have: Shelf, known: int, rows: Sequence[Row]) -> Shelf:
    """All stories put on an empty shelf. They come in the order of a page."""
    listed = [row for row in rows if row["published"] is not None]
    order = [(row["published"], row["id"]) for row in reversed(listed)]
    # A figure for each story, the latest first, as a number is written.
    nobody = b"0" * len(listed)
    public = bytearray(nobody)
    by_term: defaultdict[int, bytearray] = defaultdict(partial(bytearray, nobody))
    by_language: defaultdict[str, bytearray] = defaultdict(partial(bytearray, nobody))
    one = ord("1")
    for place, row in enumerate(listed):
        by_language[row["language"]][place] = one
        if row["public"]:
            public[place] = one
        for term_id in row["terms"]:
            by_term[term_id][place] = one
    return Shelf(
        known,
        have.epoch,
        order,
        {key[1]: key for key in order},
        (1 << len(listed)) - 1,
        int(public or b"0", 2),
        {term_id: int(figures, 2) for term_id, figures in by_term.items()},
        {language: int(figures, 2) for language, figures in by_language.items()},
    )


def _with(have: Shelf, known: int, rows: Sequence[Row]) -> Shelf:
    """The shelf after these changes."""
    bits = _Bits(have)
    for row in rows:
        before = have.keys.get(row["id"])
        now = None if row["published"] is None else (row["published"], row["id"])
        if before is not None:
            (bits.clear if before == now else bits.take_out)(before)
        if now is not None:
            bits.put_in(now, row)
    keys = {key[1]: key for key in bits.order}
    return Shelf(known, have.epoch, bits.order, keys, bits.all, bits.public, bits.by_term, bits.by_language)


class _Bits:
    """The bits of a shelf while it is being made from another one."""

    def __init__(self, have: Shelf) -> None:
        self.order, self.all, self.public = list(have.order), have.all, have.public
        self.by_term, self.by_language = dict(have.by_term), dict(have.by_language)

    def clear(self, key: Key) -> None:
        """It stays in its place, and has nothing."""
        others = ~(1 << bisect_left(self.order, key))
        self._each(lambda bits: bits & others)

    def take_out(self, key: Key) -> None:
        place = bisect_left(self.order, key)
        del self.order[place]
        bit = 1 << place
        # Those published after it move down by one.
        self._each(lambda bits: bits >> 1 & -bit | bits & (bit - 1))

    def put_in(self, key: Key, row: Row) -> None:
        place = bisect_left(self.order, key)
        bit = 1 << place
        if self.order[place : place + 1] != [key]:
            self.order.insert(place, key)
            if place < len(self.order) - 1:
                # Those published after it move up by one.
                self._each(lambda bits: (bits & -bit) << 1 | bits & (bit - 1))
        self.all |= bit
        if row["public"]:
            self.public |= bit
        self.by_language[row["language"]] = self.by_language.get(row["language"], 0) | bit
        for term_id in row["terms"]:
            self.by_term[term_id] = self.by_term.get(term_id, 0) | bit

    def _each(self, turned: Callable[[int], int]) -> None:
        self.all, self.public = turned(self.all), turned(self.public)
        self.by_term = {term_id: turned(bits) for term_id, bits in self.by_term.items()}
        self.by_language = {language: turned(bits) for language, bits in self.by_language.items()}
