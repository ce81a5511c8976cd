"""Which people and threads a post speaks of, so that the caller can look up those that exist."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markdown_it.token import Token

from maillage.core.markdown.parsing import parse

# One look-up of this many names is cheap; a post that holds more calls nobody beyond them.
MAX_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Handles and thread numbers as the source gives them, in order, each once; they may not exist."""

    handles: tuple[str, ...] = ()
    thread_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class References:
    """What the caller found: names by handle, and (title, path) by thread number.

    A thread may be here only if everybody who can read the post can read that thread, since the HTML is
    shared."""

    people: Mapping[str, str]
    threads: Mapping[int, tuple[str, str]]


def mentioned(source: str) -> Found:
    """The people and threads that `source` speaks of, never inside code, links, addresses or e-mail
    addresses.

    Raises `TooComplex`.
    """
    if "@" not in source and "#" not in source:
        return Found()
    handles: dict[str, None] = {}
    numbers: dict[int, None] = {}
    for token in inline_tokens(parse(source)):
        if token.type == "mention" and len(handles) < MAX_CANDIDATES:
            handles[token.meta["handle"]] = None
        elif token.type == "thread_link" and len(numbers) < MAX_CANDIDATES:
            numbers[token.meta["number"]] = None
    return Found(tuple(handles), tuple(numbers))


def inline_tokens(blocks: list[Token]) -> Iterator[Token]:
    """Every inline token, in reading order."""
    for block in blocks:
        yield from block.children or ()
