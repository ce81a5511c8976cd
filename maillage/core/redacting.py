"""Taking a person's name, and words that she said, out of texts: whatever their accents, capitals and layout."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from maillage.core.db import Base, Db, Row
from maillage.core.names import LETTERS

# What stands where a name or a quotation stood.
TAKEN_OUT = "[…]"
# A part of a name shorter than that is an initial or a particle, and half of all words begin with it.
_PART = 3
_WORD = re.compile(r"[^\W_]+")
# Between the words of a name or of a quotation: blanks, hyphens, quotation marks, what lays a text out.
_BETWEEN = r"[\W_]+"


class Redaction:
    """Knows the forms of a name, and finds them.

    `names` are looked for whole, in any case, and also the other way round (« Roy, Julie »). `parts` are single words
    of them that count only where they are written as a name is, with a capital. `quotes` are whole passages.
    """

    def __init__(self, names: Iterable[str], *, parts: Iterable[str] = (), quotes: Iterable[str] = ()) -> None:
        whole: dict[str, None] = {}
        for words in (_words(text) for text in [*quotes, *names]):
            if words:
                whole[_BETWEEN.join(map(re.escape, words))] = None
                if len(words) > 1 and len(words) < 5:
                    whole[_BETWEEN.join(map(re.escape, [words[-1], *words[:-1]]))] = None
                    whole[_BETWEEN.join(map(re.escape, [*words[1:], words[0]]))] = None
        # The longest first: what is part of another is taken out with it.
        self._whole = _pattern(sorted(whole, key=len, reverse=True))
        self._parts = _pattern(re.escape(word) for part in parts for word in _words(part))

    def of(self, text: str) -> str:
        """The text without them. A text that hides one behind character references is unfolded first."""
        if not text:
            return text
        left = self._without(text)
        bare = html.unescape(left)
        return self._without(bare) if bare != left and self._spans(_Folded(bare)) else left

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
        return self.of(text) != text

    def _without(self, text: str) -> str:
        folded = _Folded(text)
        for start, end in reversed(self._spans(folded)):
            text = f"{text[:start]}{TAKEN_OUT}{text[end:]}"
        return text

    def _spans(self, folded: "_Folded") -> list[tuple[int, int]]:
        """Where they stand in the original text, from first to last, none inside another."""
        found = [] if self._whole is None else [folded.span(match) for match in self._whole.finditer(folded.text)]
        if self._parts is not None:
            for match in self._parts.finditer(folded.text):
                start, end = folded.span(match)
                if folded.original[start].isupper() and not any(a < end and start < b for a, b in found):
                    found.append((start, end))
        return sorted(found)


class _Folded:
    """A text in small letters without accents, with where each letter comes from."""

    __slots__ = ("_from", "original", "text")

    def __init__(self, original: str) -> None:
        letters: list[str] = []
        self._from: list[int] = []
        for place, character in enumerate(original):
            plain = _plain(character)
            letters.append(plain)
            self._from.extend([place] * len(plain))
        self.original, self.text = original, "".join(letters)

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        start, end = self._from[match.start()], self._from[match.end() - 1] + 1
        # Accents that are characters of their own go with their letter.
        while end < len(self.original) and not _plain(self.original[end]):
            end += 1
        return start, end


def _plain(character: str) -> str:
    """One character folded; nothing for an accent, a soft hyphen or whatever has no shape."""
    return "".join(
        part
        for part in unicodedata.normalize("NFKD", character.casefold()).translate(LETTERS)
        if not unicodedata.combining(part) and unicodedata.category(part) != "Cf"
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(_Folded(text).text)


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
