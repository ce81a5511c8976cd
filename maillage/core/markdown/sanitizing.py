"""The last gate: whatever the writer made, only these elements, attributes, classes and schemes leave."""

import re

import nh3

from maillage.core.markdown.highlighting import CLASS_NAMES, LANGUAGES
from maillage.core.markdown.parsing import UNWANTED

RELATION = "nofollow ugc noopener"
TAGS = frozenset(
    {
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "div",
        "em",
        "figcaption",
        "figure",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "input",
        "label",
    }
    | {"li", "ol", "p", "pre", "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"}
)
ATTRIBUTES = {
    "a": frozenset({"href", "title", "id", "aria-label"}),
    "div": frozenset({"aria-label"}),
    "img": frozenset({"src", "srcset", "alt", "title", "width", "height"}),
    "li": frozenset({"id"}),
    "ol": frozenset({"start"}),
}
# How wide a picture is on the page: as wide as a text may be, or as the screen.
SHOWN_AS = "(min-width: 42rem) 38rem, 95vw"
VALUES = {
    "a": {"rel": frozenset({RELATION})},
    "div": {"role": frozenset({"group"}), "tabindex": frozenset({"0"})},
    "img": {"loading": frozenset({"lazy"}), "decoding": frozenset({"async"}), "sizes": frozenset({SHOWN_AS})},
    "input": {"type": frozenset({"checkbox"}), "disabled": frozenset({""}), "checked": frozenset({""})},
    "th": {"scope": frozenset({"col"})},
}
CLASSES = {
    "a": frozenset({"mention", "thread-link", "footnote-back"}),
    "blockquote": frozenset({"quoted-message"}),
    "code": frozenset(f"language-{language}" for language in LANGUAGES.values()),
    "div": frozenset({"code", "table", "footnotes"}),
    "li": frozenset({"task"}),
    "span": CLASS_NAMES,
    "sup": frozenset({"footnote"}),
    "td": frozenset({"center", "right"}),
    "th": frozenset({"center", "right"}),
}
# Our own files only: the page's policy would not load another site's image, and its owner would learn who
# reads.
_PATH = r"(?:/recits/[0-9]{1,19})?/fichiers/[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*(?:/[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*)*"
OWN_FILE = re.compile(rf"{_PATH}\Z")
_SIZE = rf"{_PATH}(?:\?l=[0-9]{{1,4}})? [0-9]{{1,4}}w"
OWN_SIZES = re.compile(rf"{_SIZE}(?:, {_SIZE})*\Z")
FOOTNOTE_ID = re.compile(r"[a-z0-9-]*fn(?:ref)?-[0-9]+(?:-[0-9]+)?\Z")


def _attribute(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src" and not OWN_FILE.match(value):
        return None
    if attribute == "srcset" and not OWN_SIZES.match(value):
        return None
    if attribute in {"width", "height"} and not (value.isdecimal() and len(value) <= 5):
        return None
    if attribute == "id" and not FOOTNOTE_ID.match(value):
        return None
    if attribute == "start" and not value.isdecimal():
        return None
    return value


CLEANER = nh3.Cleaner(
    tags=TAGS,
    # Ammonia drops the content of these with them; nothing else may come to hide words that way.
    clean_content_tags={"script", "style"},
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    tag_attribute_values=VALUES,
    allowed_classes=CLASSES,
    generic_attribute_prefixes=set(),
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


def sanitized(html: str) -> str:
    """`html` reduced to what a post may hold. Entities are characters by now, so controls are looked for
    again."""
    return UNWANTED.sub("", CLEANER.clean(html))
