"""Rendered text as a tree of plain values, so that nothing of it is read as markup a second time."""

import re
from collections.abc import Container
from html.parser import HTMLParser
from typing import Any

Node = dict[str, Any] | str
_VOID = {"br", "hr", "img", "input"}
# Said on paper as what is inside them.
_HIDDEN = {"svg", "button", "script", "style"}


# The address of a picture, with its key.
_PICTURE = re.compile(r"(?:/recits/[0-9]+)?/fichiers/([0-9a-f]{32})/")


def tree(html: str, pictures: Container[str] = ()) -> list[Node]:
    """The nodes of sanitized HTML: text, or a tag (`t`) with its children (`c`) and, of a link, its address.

    A picture that is among `pictures` has its `key`, any other its words alone.
    """
    parser = _Parser(pictures)
    parser.feed(html)
    parser.close()
    return parser.root


class _Parser(HTMLParser):
    def __init__(self, pictures: Container[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._pictures = pictures
        self.root: list[Node] = []
        self._open: list[tuple[str, list[Node]]] = [("", self.root)]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        if self._hidden:
            return
        given = dict(attrs)
        node: dict[str, Any] = {"t": tag, "c": []}
        if tag == "a":
            node["href"] = given.get("href") or ""
        elif tag == "img":
            node["alt"] = given.get("alt") or ""
            found = _PICTURE.match(given.get("src") or "")
            node["key"] = found[1] if found and found[1] in self._pictures else ""
        elif tag == "ol":
            node["start"] = _start(given.get("start"))
        self._open[-1][1].append(node)
        if tag not in _VOID:
            self._open.append((tag, node["c"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden -= 1
        elif not self._hidden and any(name == tag for name, _children in self._open[1:]):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._open[-1][1].append(data)


def _start(given: str | None) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 7 else 1
