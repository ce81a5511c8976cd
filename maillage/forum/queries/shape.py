"""The shape of a thread: which number stands where in the conversation, without any of the words."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from maillage.forum.models import POSTS_A_PAGE

# Half-open ranges of post numbers: [lower, upper).
Ranges = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Unread:
    """What is left to read: how many messages, in how many branches, and the first in conversation order."""

    count: int
    branches: int
    first: int
    ranges: Ranges

    def includes(self, seq: int) -> bool:
        # The ranges are in order and apart: only the last that begins at or before `seq` can hold it.
        place = bisect_right(self.ranges, (seq, 2**31)) - 1
        return place >= 0 and seq < self.ranges[place][1]


class Shape:
    """Made from the numbers and depths in conversation order; kept in memory while the thread does not change.

    `order` lists numbers as they are read; `rank[seq]` is the place of a number in it (or -1 where a number
    lives no more), `root[seq]` the number of the first message of its branch.
    """

    __slots__ = ("by_time", "order", "rank", "root", "size", "version")

    def __init__(self, version: int, seqs: Iterable[int], depths: Iterable[int]) -> None:
        self.version = version
        self.order = array("i", seqs)
        self.by_time = array("i", sorted(self.order))
        top = self.by_time[-1] + 1 if self.by_time else 1
        # Lists, not arrays: counting the unread takes slices of them, and an array makes each number anew.
        self.rank = [-1] * top
        self.root = [0] * top
        root = 0
        for place, (seq, depth) in enumerate(zip(self.order, depths, strict=True)):
            # The first message opens every branch of the thread; what answers it directly is a branch.
            if depth <= 1:
                root = seq
            self.rank[seq] = place
            self.root[seq] = root
        self.size = 24 * top + 200

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.order) // POSTS_A_PAGE))

    def page_seqs(self, number: int, *, by_time: bool) -> "array[int]":
        """The numbers on page `number` (from 1); empty past the end."""
        start = (number - 1) * POSTS_A_PAGE
        return (self.by_time if by_time else self.order)[start : start + POSTS_A_PAGE]

    def page_of(self, seq: int, *, by_time: bool = False) -> int | None:
        """The page on which a number is found; None when it is not in this thread."""
        if not 0 < seq < len(self.rank) or self.rank[seq] < 0:
            return None
        place = self.by_time.index(seq) if by_time else self.rank[seq]
        return place // POSTS_A_PAGE + 1

    def unread(self, ranges: Ranges) -> Unread | None:
        """Count the unread; `ranges` holds only numbers that live here. None when nothing is left."""
        # A post that arrived after this shape was read is counted at the next look: slices end where it ends.
        ranks = list(chain.from_iterable(self.rank[lower:upper] for lower, upper in ranges))
        if not ranks:
            return None
        branches = set(chain.from_iterable(self.root[lower:upper] for lower, upper in ranges))
        return Unread(len(ranks), len(branches), self.order[max(min(ranks), 0)], ranges)
