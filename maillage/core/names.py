"""Names of people and things: cleaned as they come in, sorted as French sorts them, turned into addresses."""

import re
import unicodedata

# Letters that no decomposition turns into plain ones.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
_APOSTROPHES = re.compile("['’ʼ`´]")
_NOT_WORDS = re.compile(r"[\W_]+")
_NOT_ASCII_WORDS = re.compile(r"[^a-z0-9]+")
_BLANKS = re.compile(r"\s+")
# What the eye takes for a Latin letter: Greek, Cyrillic and phonetic letters, each group behind its Latin one.
_ALIKE = (
    "A\u0391\u0410 B\u0392\u0412 C\u0421\u03f9 E\u0395\u0415 H\u0397\u041d "
    "I\u0399\u0406\u04c0|1 J\u0408 K\u039a\u041a M\u039c\u041c N\u039d O\u039f\u041e0 "
    "P\u03a1\u0420 S\u0405 T\u03a4\u0422 X\u03a7\u0425 Y\u03a5\u0423\u04ae Z\u0396 "
    "a\u0430\u03b1\u0251 b\u0432\u044c c\u0441\u03f2 d\u0501 e\u0435\u03b5 g\u0261 "
    "h\u043d\u04bb i\u0456\u03b9\u026a\u04cfl j\u0458\u03f3 k\u043a\u03ba m\u043c "
    "n\u03b7\u0274 o\u043e\u03bf\u03c3 p\u0440\u03c1 q\u051b r\u0433\u0280 s\u0455 "
    "t\u0442\u03c4 u\u03c5 v\u03bd\u0475 w\u051d\u03c9 x\u0445\u03c7 y\u0443\u03b3\u04af"
)
_LOOKALIKES = str.maketrans({other: alike[0] for alike in _ALIKE.split() for other in alike[1:]})
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
    plain = _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", "".join(base).translate(LETTERS))).strip()
    tie = "".join(reversed(accents)).rstrip("0")
    return f"{plain}{_TIE}{tie}" if tie else plain


def look(name: str) -> str:
    """What the eye keeps of a name: two names of one look can pass for each other. Not for showing or sorting."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    plain = sort_key(bare.translate(_LOOKALIKES)).replace("l", "i")
    return plain.replace("rn", "m").replace("vv", "w").replace(" ", "").partition(_TIE)[0]


def slug(title: str, max: int = 60) -> str:  # noqa: A002 (it reads best where it is called)
    """The words of `title` for an address: plain lower case letters, digits and hyphens, never empty."""
    decomposed = unicodedata.normalize("NFKD", title.casefold().translate(LETTERS))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    whole = _NOT_ASCII_WORDS.sub("-", plain).strip("-")
    if len(whole) <= max:
        return whole or "discussion"
    # Cut between words, unless the first word alone is too long.
    cut = whole[: max + 1].rpartition("-")[0] or whole[:max]
    return cut.strip("-") or "discussion"
