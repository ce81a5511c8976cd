"""Source code gets coloured on the server, in a few languages and within a limit, and is escaped in any
case."""

from functools import cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Error,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
    is_token_subtype,
)

# Names that a fence may carry. Every lexer is a set of regular expressions that strangers feed: these stay
# fast on hostile input within the limits below, where others (C, Java, R, INI) take seconds.
LANGUAGES = {
    "bash": "bash", "css": "css", "diff": "diff", "html": "html", "javascript": "javascript",
    "js": "javascript", "json": "json", "python": "python", "py": "python", "sh": "bash", "sql": "sql",
    "toml": "toml", "xml": "xml", "yaml": "yaml", "yml": "yaml",
}  # fmt: skip
# In one post, and in one line: what exceeds either is shown without colours.
MAX_HIGHLIGHTED = 2_000
MAX_LINE = 200

# The most precise comes first; `static/css/code.css` gives each class its colour in light and dark.
CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "hl-comment"),
    (Keyword, "hl-keyword"),
    (Operator.Word, "hl-keyword"),
    (Name.Tag, "hl-keyword"),
    (Name.Function, "hl-name"),
    (Name.Class, "hl-name"),
    (Name.Attribute, "hl-name"),
    (Name.Decorator, "hl-name"),
    (Name.Builtin, "hl-builtin"),
    (String, "hl-string"),
    (Number, "hl-number"),
    (Generic.Inserted, "hl-inserted"),
    (Generic.Deleted, "hl-deleted"),
    (Error, "hl-error"),
)
CLASS_NAMES = frozenset(name for _, name in CLASSES)


def known_language(info: str) -> str | None:
    """The language that a fence's first word names, if it is one of ours."""
    words = info.split(None, 1)
    return LANGUAGES.get(words[0].lower()) if words else None


def worth_highlighting(code: str, already: int) -> bool:
    """Whether `code` may still be coloured in a post where `already` characters are."""
    return already + len(code) <= MAX_HIGHLIGHTED and all(len(line) <= MAX_LINE for line in code.split("\n"))


def highlighted(code: str, language: str) -> str:
    """`code` as HTML with a `span` around what has a colour."""
    pieces = []
    for kind, value in _lexer(language).get_tokens(code):
        text = escape(value)
        name = _class_of(kind)
        pieces.append(f'<span class="{name}">{text}</span>' if name else text)
    return "".join(pieces)


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


@cache
def _class_of(kind: _TokenType) -> str | None:
    return next((name for parent, name in CLASSES if is_token_subtype(kind, parent)), None)
