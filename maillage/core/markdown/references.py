"""Which people, threads and files a post speaks of, so that the caller can look up those that exist."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markdown_it.token import Token

from maillage.core.files.shown import SCHEME, ShownFile
from maillage.core.markdown.parsing import FILE, parse

# One look-up of this many names is cheap; a post that holds more calls nobody beyond them.
MAX_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Handles, thread numbers and keys of files as the source gives them, in order, each once; they may not exist."""

    handles: tuple[str, ...] = ()
    thread_ids: tuple[int, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class References:
    """What the caller found: names by handle, (title, path) by thread number, and files by key.

    A thread may be here only if everybody who can read the post can read that thread, since the HTML is
    shared; a file only if it belongs to the text, or is about to."""

    people: Mapping[str, str]
    threads: Mapping[int, tuple[str, str]]
    files: Mapping[str, ShownFile] = field(default_factory=dict)


def mentioned(source: str) -> Found:
    """The people and threads that `source` speaks of, never inside code, links, addresses or e-mail
    addresses; and the files that its links and images name.

    Raises `TooComplex`.
    """
    if "@" not in source and "#" not in source and SCHEME not in source:
        return Found()
    handles: dict[str, None] = {}
    numbers: dict[int, None] = {}
    files: dict[str, None] = {}
    for token in inline_tokens(parse(source)):
        if token.type == "mention" and len(handles) < MAX_CANDIDATES:
            handles[token.meta["handle"]] = None
        elif token.type == "thread_link" and len(numbers) < MAX_CANDIDATES:
            numbers[token.meta["number"]] = None
        elif (key := file_key(token)) and len(files) < MAX_CANDIDATES:
            files[key] = None
    return Found(tuple(handles), tuple(numbers), tuple(files))


def file_key(token: Token) -> str | None:
    """The key of the file that an image or a link names, if it names one."""
    address = {"image": "src", "link_open": "href"}.get(token.type)
    match = FILE.match(str(token.attrGet(address))) if address else None
    return match[1] if match else None


def inline_tokens(blocks: list[Token]) -> Iterator[Token]:
    """Every inline token, in reading order."""
    for block in blocks:
        yield from block.children or ()
