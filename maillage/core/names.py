"""Names of people and things: cleaned as they come in, sorted as French sorts them, turned into addresses."""

import re
import unicodedata

# Letters that no decomposition turns into plain ones.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
_APOSTROPHES = re.compile("['’ʼ`´]")
_NOT_WORDS = re.compile(r"[\W_]+")
_NOT_ASCII_WORDS = re.compile(r"[^a-z0-9]+")
_BLANKS = re.compile(r"\s+")
# Sorts before the space, so that accents only decide between names that are otherwise the same.
_TIE = "\x1f"
# From no accent to the rarest, as the Canadian standard orders them.
_ACCENTS = {"\u0301": "1", "\u0300": "2", "\u0302": "3", "\u0308": "4", "\u0327": "5"}


def clean(name: str) -> str:
    """`name` on one line, composed (NFC), without controls, direction marks or anything that has no shape."""
    spaced = _BLANKS.sub(" ", name)
    kept = (char for char in spaced if not unicodedata.category(char).startswith("C"))
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", "".join(kept))).strip()


def sort_key(name: str) -> str:
    """What to store and to sort by, byte for byte (``COLLATE "C"``), so that names come in French order.

    Case, accents and apostrophes do not count, a hyphen counts as a space; between names that are then equal,
    the last accent decides, as in *cote, côte, coté, côté*.
    """
    # Letters that fold to a base and a mark (such as a dotted İ) need decomposing after folding.
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    base: list[str] = []
    accents: list[str] = []
    for char in decomposed:
        if not unicodedata.combining(char):
            base.append(char)
            accents.append("0")
        elif accents:
            accents[-1] = _ACCENTS.get(char, "6")
    plain = _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", "".join(base).translate(_LETTERS))).strip()
    tie = "".join(reversed(accents)).rstrip("0")
    return f"{plain}{_TIE}{tie}" if tie else plain


def slug(title: str, max: int = 60) -> str:  # noqa: A002 (it reads best where it is called)
    """The words of `title` for an address: plain lower case letters, digits and hyphens, never empty."""
    decomposed = unicodedata.normalize("NFKD", title.casefold().translate(_LETTERS))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    whole = _NOT_ASCII_WORDS.sub("-", plain).strip("-")
    if len(whole) <= max:
        return whole or "discussion"
    # Cut between words, unless the first word alone is too long.
    cut = whole[: max + 1].rpartition("-")[0] or whole[:max]
    return cut.strip("-") or "discussion"
