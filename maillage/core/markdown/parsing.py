"""A post's source becomes tokens within a bounded amount of work, or is refused."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def

MAX_LENGTH = 100_000
MAX_EFFORT = 10_000
# The parser drops whatever is nested deeper than its own limit, so we refuse well before words get lost.
MAX_NESTING = 24
PARSER_NESTING = 32
MAX_URL = 2_000

# What one occurrence costs to parse, to write and to sanitize, in units of about 10 µs. Everything else is
# almost free: a post of 10,000 plain words weighs a few hundred units, a table of 100 rows and 6 columns
# about 3,000.
EFFORT = {"![": 10, "[": 5, "://": 5, "\n": 3} | dict.fromkeys("*_~<@#", 2) | dict.fromkeys("]^|`>&\\:«»%$\u00a0", 1)
# A row that is too short is filled up to the width of its table, so a cell costs even where nothing is
# written.
EFFORT_OF_A_CELL = 2

# NUL and the other controls except tab and newline; marks that reorder the text around them.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NEW_LINES = re.compile("\r\n?|[\u0085\u2028\u2029]")

# Square brackets end a bare address, or it would swallow the end of the link label that it stands in.
URL_CHARACTER = r"[^\s<>\[\]\"«»`\\]"
BARE_URL = re.compile(rf"https?://\w{URL_CHARACTER}*", re.IGNORECASE)
REFERENCE = re.compile(
    rf"""
      (?<![\w@./:-]) (?P<www> www\.[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{1,5}}(?![\w@])
                              (?:[/?\#]{URL_CHARACTER}*)? )
    | (?<![\w@./+\#&-]) @(?P<handle> [A-Za-z0-9](?:[A-Za-z0-9-]{{0,37}}[A-Za-z0-9])? ) (?! -?\w | @ | \.\w )
    | (?<![\w@/\#&]) \#(?P<number> [1-9][0-9]{{0,8}} ) (?! \w )
    """,
    re.VERBOSE,
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
ALLOWED_SCHEMES = frozenset({"http:", "https:", "mailto:"})
# One of the files of the text's author: `![what it shows](fichier:KEY)`.
FILE = re.compile(r"fichier:([0-9a-f]{32})\Z")
TASK = re.compile(r"\[([ xX])\][ \t]")


class TooComplex(Exception):
    """The source would take too long to parse, or nests too deep: nothing was made of it."""


def cleaned(source: str) -> str:
    """The source with one kind of line end and without the characters that only deceive."""
    return UNWANTED.sub("", NEW_LINES.sub("\n", source))


def parse(source: str) -> list[Token]:
    """The block tokens of `source`; raises `TooComplex`.

    Beside markdown-it's own, inline tokens hold `mention` (``meta["handle"]``), `thread_link`
    (``meta["number"]``), `task_open` (``meta["done"]``) and `task_close`."""
    source = cleaned(source)
    weigh(source)
    tokens = PARSER.parse(source)
    if any(token.level >= MAX_NESTING for token in tokens):
        raise TooComplex
    return tokens


def weigh(source: str) -> None:
    """Refuse, before anything is parsed, what would take too long; raises `TooComplex`."""
    if len(source) > MAX_LENGTH or effort(source) > MAX_EFFORT:
        raise TooComplex


def effort(source: str) -> int:
    """How much work the source may ask for, found by counting and not by trying."""
    total = sum(source.count(sign) * weight for sign, weight in EFFORT.items())
    if "|" in source:
        for block in source.split("\n\n"):
            lines = block.split("\n")
            total += EFFORT_OF_A_CELL * len(lines) * max(line.count("|") for line in lines)
    return total


def allowed_link(url: str) -> bool:
    """Whether an address may be followed from a post: the web, a mailbox, or a path of this site.

    What is left after browsers drop blanks and controls decides; a relative path means nothing in a text
    that is shown in many places, and ``//`` hides another site behind the look of a path."""
    if FILE.match(url):
        return True
    bare = "".join(character for character in url if character > " " and character != "\x7f")
    if scheme := SCHEME.match(bare):
        return scheme[0].lower() in ALLOWED_SCHEMES
    return bare.startswith("#") or (bare.startswith("/") and not bare.startswith(("//", "/\\")))


def trimmed(url: str) -> str:
    """A bare address without the punctuation that belongs to the sentence around it."""
    end = len(url)
    unopened = url.count(")") - url.count("(")
    while end:
        if url[end - 1] == ")" and unopened > 0:
            unopened -= 1
        elif url[end - 1] not in ".,;:!?'*_~’”…|":
            break
        end -= 1
    return url[:end]


def bare_url(state: StateInline, silent: bool) -> bool:
    """Inline rule: an address in the text is one token, so that no `_` or `*` inside it is ever emphasis."""
    colon = state.pos
    if state.src[colon : colon + 3] != "://" or state.linkLevel:
        return False
    start = colon - 5 if state.src[max(colon - 5, 0) : colon].lower() == "https" else colon - 4
    if start < 0 or (start > 0 and (state.src[start - 1].isalnum() or state.src[start - 1] == "_")):
        return False
    if not (match := BARE_URL.match(state.src, start, state.posMax)):
        return False
    scheme = state.src[start:colon]
    if not silent and not state.pending.endswith(scheme):
        return False
    url = trimmed(match[0])
    if not silent:
        if len(url) > MAX_URL:
            state.append_pending(state.src[colon : start + len(url)])
        else:
            state.pending = state.pending[: -len(scheme)]
            for token in _link(state.md.normalizeLink(url), url):
                pushed = state.push(token.type, token.tag, token.nesting)
                pushed.attrs, pushed.content, pushed.info = token.attrs, token.content, token.info
    state.pos = start + len(url)
    return True


def _link(href: str, text: str) -> list[Token]:
    return [
        Token("link_open", "a", 1, attrs={"href": href}, info="auto"),
        Token("text", "", 0, content=text),
        Token("link_close", "a", -1, info="auto"),
    ]


def footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule: a note is defined at the outermost level only.

    The plugin moves notes to the end, and one inside another would leave half of the outer one behind. The notes of
    a message that is quoted stay in the quote for the same reason.
    """
    return state.level == 0 and footnote_def(state, start, end, silent)


def find_tasks(state: StateCore) -> None:
    """Core rule: a list item that begins with ``[ ]`` or ``[x]`` is a task."""
    tokens = state.tokens
    for index in range(2, len(tokens)):
        children = tokens[index].children
        if not children or tokens[index - 2].type != "list_item_open" or children[0].type != "text":
            continue
        if match := TASK.match(children[0].content):
            tokens[index - 2].meta["task"] = True
            children[0].content = children[0].content[match.end() :]
            children.insert(0, Token("task_open", "", 1, meta={"done": match[1] != " "}))
            children.append(Token("task_close", "", -1))


def find_references(state: StateCore) -> None:
    """Core rule: find `@handle`, `#123` and `www.` in plain text. Runs before escapes are joined to their
    neighbours, so that ``\\@handle`` stays what it looks like."""
    for block in state.tokens:
        if not block.children or not any(sign in block.content for sign in ("@", "#", "www.")):
            continue
        found: list[Token] = []
        link_level = 0
        for index, token in enumerate(block.children):
            link_level += (token.type == "link_open") - (token.type == "link_close")
            if token.type == "text" and not link_level:
                before = block.children[index - 1] if index else None
                after = block.children[index + 1] if index + 1 < len(block.children) else None
                found += _split(token, before, after)
            else:
                found.append(token)
        block.children = found


def _split(text: Token, before: Token | None, after: Token | None) -> list[Token]:
    content, pieces, position = text.content, [], 0
    for match in REFERENCE.finditer(content):
        start, end = match.span()
        if start == 0 and before is not None and before.type == "text_special":
            continue
        if end == len(content) and after is not None and after.type == "text_special":
            continue
        if match["www"]:
            url = trimmed(match["www"])
            end = start + len(url)
            new = _link(PARSER.normalizeLink(f"http://{url}"), url)
        elif match["handle"]:
            new = [Token("mention", "", 0, content=match[0], meta={"handle": match["handle"].lower()})]
        else:
            new = [Token("thread_link", "", 0, content=match[0], meta={"number": int(match["number"])})]
        if start > position:
            pieces.append(Token("text", "", 0, content=content[position:start]))
        pieces += new
        position = end
    if position < len(content):
        pieces.append(Token("text", "", 0, content=content[position:]))
    return pieces


def _parser() -> MarkdownIt:
    # Raw HTML is off: it shows as the text that it is. One line end in the source is one line end on the
    # page, because that is what people who write e-mail expect.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": PARSER_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False)
    parser.block.ruler.at("footnote_def", footnote, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.before("escape", "bare_url", bare_url)
    parser.core.ruler.after("inline", "tasks", find_tasks)
    parser.core.ruler.before("text_join", "references", find_references)
    # The shown text of an address is the address as typed: decoding it could show another site's name.
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    parser.validateLink = allowed_link  # type: ignore[method-assign]
    return parser


PARSER = _parser()
