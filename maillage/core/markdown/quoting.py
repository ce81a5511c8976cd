"""Quoting a message: plain Markdown whose first line says whose words follow and leads back to them."""

import re

from markdown_it.token import Token

from maillage.core.names import clean

SPECIAL = re.compile(r"([\\\[\]*_`<>&~!#@])")
PERMALINK = re.compile(r"#m-[1-9][0-9]*\Z")


def quote(name: str, handle: str, seq: int, text: str, thread_path: str) -> str:
    """The Markdown that quotes `text` (itself Markdown) from message `seq` of the thread at `thread_path`.

    Its first line is ``> [Name (@handle), message 12](/discussions/5-title#m-12)``. Any quote that begins
    with a link to ``#m-…`` is understood in the same way, so a shorter form typed by hand or by a script
    works too. The handle stands in a link, so it calls nobody; it is what lets an erased name be found
    again in the words of others."""
    who = SPECIAL.sub(r"\\\1", clean(name))
    said = [f"> {line}".rstrip() for line in text.strip("\n").splitlines()]
    return "\n".join([f"> [{who} (@{handle}), message {seq}]({thread_path}#m-{seq})", ">", *said, "", ""])


def quotes_a_message(tokens: list[Token], opening: int) -> bool:
    """Whether the blockquote that opens at index `opening` begins with a link to a message."""
    if opening + 2 >= len(tokens) or not (children := tokens[opening + 2].children):
        return False
    return children[0].type == "link_open" and bool(PERMALINK.search(str(children[0].attrGet("href"))))
