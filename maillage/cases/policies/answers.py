"""Answers as text: the one form in which they are compared, merged, kept in history and put back."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from maillage.cases.policies.template import Field

# How many actors a story has at most.
MOST_ACTORS = 60
# Longer than that, two versions are shown to their author rather than put together.
_MOST_PARAGRAPHS = 400
_PARAGRAPH = re.compile(r"\n[ \t]*\n+")


@dataclass(frozen=True, slots=True)
class Said:
    """What a field says, or one of its parts. Chosen terms are "taxonomy/slug", one a line."""

    text: str = ""
    # Which way a component of empowerment moved.
    direction: str | None = None


NOTHING = Said()
# A field; of one that has several parts, the term that the part is about.
Key = tuple[str, int | None]
Answers = dict[Key, Said]


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a story a form was filled from: its last revision, and how many people had withdrawn from it."""

    revision: int = 0
    withdrawals: int = 0

    def __str__(self) -> str:
        return f"{self.revision}-{self.withdrawals}"

    @classmethod
    def read(cls, text: str) -> "Seen":
        """From the browser's words; nonsense has seen nothing, so that it overwrites nothing."""
        match = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,6})", text, re.ASCII)
        return cls(int(match[1]), int(match[2])) if match else cls()


def merged(field: Field, base: Said, theirs: Said, hers: Said) -> Said | None:
    """What both of two changes to `base` make together; None when only their author can tell."""
    if hers in (theirs, base):
        return theirs
    if theirs == base:
        return hers
    if field.kind in ("terms", "place"):
        return _chosen_together(base.text, theirs.text, hers.text)
    if field.kind in ("prose", "changes") and theirs.text and hers.text:
        return _told_together(base.text, theirs.text, hers.text)
    if field.kind == "actors" and theirs.text and hers.text:
        lines = _together(*(text.splitlines() for text in (base.text, theirs.text, hers.text)))
        return None if lines is None or len(lines) > MOST_ACTORS else Said("\n".join(lines))
    return None


def _chosen_together(base: str, theirs: str, hers: str) -> Said | None:
    """What either took out is out, what either put in is in."""
    before, mine, others = (text.splitlines() for text in (base, hers, theirs))
    kept = [line for line in others if line in mine or line not in before]
    both = [*kept, *(line for line in mine if line not in others and line not in before)]
    single = [line.partition("/")[0] for line in both if line.startswith(("scale/", "locality/"))]
    return None if len(set(single)) < len(single) else Said("\n".join(both))


def _told_together(base: str, theirs: str, hers: str) -> Said | None:
    """The paragraphs of both, where they touched different ones."""
    texts = (base, theirs, hers)
    pieces = [_PARAGRAPH.split(text) for text in texts]
    # Inside a block of code, blank lines are words.
    if max(map(len, pieces)) > _MOST_PARAGRAPHS or any(fence in text for text in texts for fence in ("```", "~~~")):
        return None
    whole = _together(*pieces)
    return None if whole is None else Said("\n\n".join(whole))


def _together(before: Sequence[str], others: Sequence[str], mine: Sequence[str]) -> list[str] | None:
    """What both of two changes make of a sequence; None where they touch the same of it."""
    changes = sorted({*_changes(before, others), *_changes(before, mine)})
    if any(map(_meet, changes, changes[1:])):
        return None
    whole: list[str] = []
    at = 0
    for start, end, instead in changes:
        whole += [*before[at:start], *instead]
        at = end
    return [*whole, *before[at:]]


# From which paragraph to which, and what stands there instead.
_Change = tuple[int, int, tuple[str, ...]]


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterable[_Change]:
    for tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield start, end, tuple(after[first:last])


def _meet(one: _Change, next_: _Change) -> bool:
    """Whether two changes are of the same paragraphs, or one adds something where the other ends."""
    adds = one[0] == one[1] or next_[0] == next_[1]
    return one[1] > next_[0] or (one[1] == next_[0] and adds)
