"""Taking a person's name, and words that she said, out of texts: whatever their accents, capitals and layout."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from maillage.core.db import Base, Db, Row
from maillage.core.markdown.sanitizing import sanitized
from maillage.core.names import LETTERS

# What stands where a name or a quotation stood.
TAKEN_OUT = "[…]"
# A part of a name shorter than that is an initial or a particle, and half of all words begin with it.
_PART = 3
# What has more words than that is not turned around.
_LONG_NAME = 5
_WORD = re.compile(r"[^\W_]+")
_LIGATURES = re.compile(f"[{''.join(map(chr, LETTERS))}]")
# Accents that are characters of their own; soft hyphens, joiners, marks of direction.
_SHAPELESS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+"
)
_CHARACTER = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});|.", re.DOTALL)
# Between the words of a name or of a quotation: blanks, hyphens, quotation marks, what lays a text out.
_BETWEEN = r"[\W_]+"
# A few words, and nothing else but marks around them: between quotation marks, or on a line.
_QUOTED = (
    r'[«“„‹"](?:_|[^\w«“„‹"\n])*(?P<marked>{said})(?:_|[^\w\n])*?[»”“›"]'
    r"|^(?:_|[^\w\n])*(?P<alone>{said})(?:_|[^\w\n])*$"
)


class Redaction:
    """Knows the forms of a name, and finds them.

    `names` are looked for whole, in any case, and also the other way round (« Roy, Julie »). `parts` are single words
    of them that count only where they are written as a name is, with a capital. `quotes` are whole passages, `quoted`
    words so few that they count only between quotation marks, or as a line of their own.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        parts: Iterable[str] = (),
        quotes: Iterable[str] = (),
        quoted: Iterable[str] = (),
    ) -> None:
        whole: dict[str, None] = {}
        first: set[str] = set()
        for words in (_words(text) for text in [*quotes, *names]):
            if not words:
                continue
            turned = [words]
            if 1 < len(words) < _LONG_NAME:
                turned += [[words[-1], *words[:-1]], [*words[1:], words[0]]]
            for one in turned:
                whole[_BETWEEN.join(map(re.escape, one))] = None
                first.add(one[0])
        single = [word for part in parts for word in _words(part)]
        # The longest first: what is part of another is taken out with it.
        self._whole = _pattern(sorted(whole, key=len, reverse=True))
        self._parts = _pattern(map(re.escape, single))
        few = [words for words in map(_words, quoted) if words]
        said = "|".join(_BETWEEN.join(map(re.escape, words)) for words in few)
        self._quoted = re.compile(_QUOTED.format(said=said), re.MULTILINE) if said else None
        # A text that holds none of these needs no closer look.
        self._first = {*first, *single, *(words[0] for words in few)}

    def of(self, text: str) -> str:
        """The text without them."""
        for start, end in reversed(self._spans(text)):
            text = f"{text[:start]}{TAKEN_OUT}{text[end:]}"
        return text

    def within(self, value: Any) -> Any:
        """The same for everything that is a text inside lists and objects."""
        match value:
            case str():
                return self.of(value)
            case list():
                return [self.within(one) for one in value]
            case dict():
                return {key: self.within(one) for key, one in value.items()}
        return value

    def finds(self, text: str) -> bool:
        """Whether the text holds one of them."""
        return bool(self._spans(text))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand, from first to last, none inside another."""
        if "&" not in text:
            plain = _folded(text)
            if not any(word in plain for word in self._first):
                return []
        folded = _Folded(text)
        found = [] if self._whole is None else [folded.span(match) for match in self._whole.finditer(folded.text)]
        if self._quoted is not None:
            found += [
                span
                for match in self._quoted.finditer(folded.text)
                if not _meets(span := folded.span(match, match.lastgroup or 0), found)
            ]
        if self._parts is not None:
            for match in self._parts.finditer(folded.text):
                start, end = folded.span(match)
                if html.unescape(text[start:end])[:1].isupper() and not _meets((start, end), found):
                    found.append((start, end))
        return sorted(found)


class InHtml(Redaction):
    """The same inside a page: what is left is a page still, whatever stood where something was taken out."""

    def __init__(self, take_out: Redaction) -> None:
        super().__init__([])
        self._take_out = take_out

    def of(self, text: str) -> str:
        left = self._take_out.of(text)
        return text if left == text else sanitized(left)


class _Folded:
    """A text in small letters without accents, with where each letter comes from. A character may be spelled out."""

    __slots__ = ("_from", "_original", "text")

    def __init__(self, original: str) -> None:
        letters: list[str] = []
        # Where what the letter comes from begins and ends.
        self._from: list[tuple[int, int]] = []
        for match in _CHARACTER.finditer(original):
            plain = _folded(html.unescape(match[0]))
            letters.append(plain)
            self._from.extend([match.span()] * len(plain))
        self._original, self.text = original, "".join(letters)

    def span(self, match: re.Match[str], group: int | str = 0) -> tuple[int, int]:
        start, end = self._from[match.start(group)][0], self._from[match.end(group) - 1][1]
        # Accents that are characters of their own go with their letter.
        while end < len(self._original) and not _folded(self._original[end]):
            end += 1
        return start, end


def _meets(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _folded(text: str) -> str:
    """A text folded; nothing is left of an accent, a soft hyphen or whatever has no shape."""
    small = text.casefold()
    if small.isascii():
        return small
    if _LIGATURES.search(small):
        small = small.translate(LETTERS)
    return _SHAPELESS.sub("", unicodedata.normalize("NFKD", small))


def _words(text: str) -> list[str]:
    return _WORD.findall(_folded(text))


def _pattern(alternatives: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(alternatives)
    return re.compile(rf"(?<![^\W_])(?:{joined})(?![^\W_])") if joined else None


def parts_of(names: Iterable[str]) -> Iterator[str]:
    """The single words of names that can stand for them."""
    for name in names:
        yield from (word for word in _WORD.findall(unicodedata.normalize("NFC", name)) if len(word) >= _PART)


async def rewrite(
    db: Db, take_out: Redaction, table: type[Base], where: ColumnElement[bool], *columns: InstrumentedAttribute[Any]
) -> list[Row]:
    """Take them out of these columns of the rows that `where` finds, held until the transaction ends.

    Returns the rows that said one of them, as they were: their keys, then the columns.
    """
    keys = list(inspect(table).primary_key)
    found = await db.rows(select(*keys, *columns).where(where).order_by(*keys).with_for_update(key_share=True))
    changed = []
    for row in found:
        without = {column.key: _fitting(take_out.within(row[column.key]), column) for column in columns}
        new = {name: value for name, value in without.items() if value != row[name]}
        if new:
            await db.run(update(table).where(*(key == row[key.name] for key in keys)).values(new))
            changed.append(row)
    return changed


def _fitting(value: Any, column: InstrumentedAttribute[Any]) -> Any:
    # What stands for a very short name is longer than it.
    longest = getattr(column.type, "length", None)
    return value[:longest] if isinstance(value, str) and longest else value
