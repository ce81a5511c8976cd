"""French text gets the spaces and marks that the Office québécois de la langue française asks for, no others.

A no-break space before « : » and inside « », between a number and its unit, inside a time and a grouped
number. None is added before ; ! ? but one that was typed there is made narrow and no-break, so that the
mark never begins a line. Addresses and ``:short-codes:`` are left as they are. Applying it twice changes
nothing more."""

import re
from collections.abc import Callable

from maillage.core.languages import FRENCH

NO_BREAK = "\u00a0"
NARROW = "\u202f"

Replacement = str | Callable[[re.Match[str]], str]

_ADDRESS = re.compile(r"((?:https?://|www\.)\S+)")


def _joined(match: re.Match[str]) -> str:
    return match[0].replace(" ", NO_BREAK)


# What must be in the text for the rule to be worth trying, what it looks for, what it writes instead. `(?<!
# )` before a run of spaces makes a long run cost once and not once a space.
_RULES: tuple[tuple[str, re.Pattern[str], Replacement], ...] = (
    ("...", re.compile(r"\.\.\.(?<!\.\.\.\.)(?!\.)"), "…"),
    # Between letters; and after an elided word at the end, where an emphasized word follows.
    (
        "'",
        re.compile(r"'(?<=[^\W\d_]')(?=[^\W\d_]|«)|'(?:(?<=\b[CDJLMNSTcdjlmnst]')|(?<=\b[Qq]u'))\Z"),
        "’",
    ),
    # Empty quotation marks are left alone: they have no inside.
    (
        "«",
        re.compile("«(?![ \u00a0\u202f]*») *(?:[\u00a0\u202f]+ *)?"),
        f"«{NO_BREAK}",
    ),
    (
        "»",
        re.compile("(?<!«)(?:(?<! ) +|(?<![ \u00a0\u202f]))»"),
        f"{NO_BREAK}»",
    ),
    (
        ":",
        re.compile('((?<!:):[a-z0-9_+-]{1,32}:(?!\\S))|(?<! ) +:(?!//)|(?<=[\\w»)\\]”"’…%$!?*]):(?=\\s|\\Z)'),
        lambda match: match[1] or f"{NO_BREAK}:",
    ),
    (" ;", re.compile("(?<! ) +(?=;)"), NARROW),
    (" !", re.compile("(?<! ) +(?=!)"), NARROW),
    (" ?", re.compile(r"(?<! ) +(?=\?)"), NARROW),
    (
        "h",
        re.compile("([0-9](?<![\\w.,][0-9])[0-9]{0,2})[ \u00a0]?h(?:[ \u00a0]?([0-5]?[0-9]))?(?!\\w)"),
        lambda match: NO_BREAK.join(filter(None, (match[1], "h", match[2]))),
    ),
    ("%", re.compile("(?<=[0-9]) ?%"), f"{NO_BREAK}%"),
    ("$", re.compile("(?<=[0-9]) ?\\$"), f"{NO_BREAK}$"),
    (" ", re.compile("[0-9](?<![0-9][0-9])[0-9]{0,2}(?: [0-9]{3})+(?![0-9])"), _joined),
)


def french(text: str) -> str:
    """`text` with the typography of French as written in Québec. Straight double quotes are left alone."""
    if "://" not in text and "www." not in text:
        return _corrected(text)
    pieces = _ADDRESS.split(text)
    pieces[::2] = map(_corrected, pieces[::2])
    return "".join(pieces)


def typeset(text: str, language: str) -> str:
    """What somebody wrote on a plain line, as its language sets it: none is to begin with a colon."""
    return french(text) if language == FRENCH else text


def _corrected(text: str) -> str:
    for sign, pattern, replacement in _RULES:
        if sign in text:
            text = pattern.sub(replacement, text)
    return text
