"""What changed between two versions of a text, word by word, in a time that its size bounds."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
# `difflib` looks at every pair of equal items, once for each match that it finds. This is how many such looks one diff
# may take, lines and words together (some tenths of a second); what would take more is shown as replaced.
BUDGET = 3_000_000

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"(\S*)(\s*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. The same and the added, joined, give the new version; the same and the removed, the
    old one."""

    kind: Kind
    text: str


@dataclass(slots=True)
class _Budget:
    """What is left of the looks that a diff may take."""

    left: int = BUDGET

    def allows(self, old: Sequence[str], new: Sequence[str]) -> bool:
        counts = Counter(new)
        pairs = sum(counts[item] for item in old)
        cost = pairs * min(len(old), len(new))
        if cost > self.left:
            return False
        self.left -= cost
        return True


def words(old: str, new: str) -> list[Piece]:
    """The pieces that lead from `old` to `new`: lines are matched first, then words inside
    the lines that changed."""
    pieces: list[Piece] = []
    budget = _Budget()
    old_lines, new_lines = _LINE.findall(old), _LINE.findall(new)
    for same, before, after in _runs(old_lines, new_lines, budget):
        if same:
            pieces.append(Piece("same", "".join(old_lines[before])))
        else:
            pieces += _words_of("".join(old_lines[before]), "".join(new_lines[after]), budget)
    return _merged(pieces)


def _words_of(old: str, new: str, budget: _Budget) -> Iterator[Piece]:
    # A word is matched without the blanks that follow it, so that adding a word at the end of a line leaves
    # the one before it alone.
    old_words, new_words = _WORD.findall(old), _WORD.findall(new)
    for same, before, after in _runs([word for word, _ in old_words], [word for word, _ in new_words], budget):
        if not same:
            removed = "".join(word + blank for word, blank in old_words[before])
            added = "".join(word + blank for word, blank in new_words[after])
            # The blank that ends both runs did not change.
            blank = old_words[before][-1][1] if removed and added else ""
            end = -len(blank) if blank and added.endswith(blank) else None
            yield Piece("removed", removed[:end])
            yield Piece("added", added[:end])
            yield Piece("same", blank if end else "")
            continue
        for (word, old_blank), (_, new_blank) in zip(old_words[before], new_words[after], strict=True):
            yield Piece("same", word)
            if old_blank == new_blank:
                yield Piece("same", old_blank)
            else:
                yield Piece("removed", old_blank)
                yield Piece("added", new_blank)


def _runs(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[tuple[bool, slice, slice]]:
    """Runs of equal and of different items, as (are they equal, where in `old`, where in `new`)."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    old_end, new_end = len(old) - tail, len(new) - tail
    if head:
        yield True, slice(0, head), slice(0, head)
    old_middle, new_middle = old[head:old_end], new[head:new_end]
    if old_middle or new_middle:
        if not budget.allows(old_middle, new_middle):
            yield False, slice(head, old_end), slice(head, new_end)
        else:
            matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=False)
            for tag, a, b, c, d in matcher.get_opcodes():
                yield tag == "equal", slice(head + a, head + b), slice(head + c, head + d)
    if tail:
        yield True, slice(old_end, len(old)), slice(new_end, len(new))


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Without empty pieces, neighbours of one kind joined, and what was removed before what was added."""
    merged: list[Piece] = []
    waiting: dict[Kind, list[str]] = {"same": [], "removed": [], "added": []}

    def settle(*kinds: Kind) -> None:
        for kind in kinds:
            if waiting[kind]:
                merged.append(Piece(kind, "".join(waiting[kind])))
                waiting[kind] = []

    for piece in pieces:
        if piece.text:
            settle(*(("removed", "added") if piece.kind == "same" else ("same",)))
            waiting[piece.kind].append(piece.text)
    settle("same", "removed", "added")
    return merged
