"""One call from a person's source to what is stored beside it."""

from dataclasses import dataclass

from maillage.core.markdown.parsing import UNWANTED, cleaned, parse, weigh
from maillage.core.markdown.references import References
from maillage.core.markdown.sanitizing import sanitized
from maillage.core.markdown.writing import Writer, joined

# Raise it whenever the same source would give other HTML: stored posts with a lower number are rendered anew.
RENDER_VERSION = 2


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a source became.

    `html` is safe to put in a page as it is. `text` is plain text and is escaped like any other; without
    the words quoted from other messages, unless there are no others. `mentions` are the handles to tell, in
    order: people named inside a quote are shown but not called. `files` are the keys of the files that it
    shows. `missing_alt` counts images without alternative text."""

    html: str
    text: str
    mentions: tuple[str, ...]
    thread_links: tuple[int, ...]
    files: tuple[str, ...]
    missing_alt: int


def render(source: str, *, references: References, language: str, prefix: str) -> Rendered:
    """Render `source`, written in `language`; raises `TooComplex`.

    `prefix` (lower case letters, digits, hyphens, such as ``m-12-``) begins every `id` inside, so that
    posts can share a page."""
    writer = Writer(references, language.startswith("fr"), prefix)
    writer.write(parse(source))
    return Rendered(
        html=sanitized("".join(writer.html)),
        text=UNWANTED.sub("", joined(writer.said) or joined(writer.said_in_quotes)),
        mentions=tuple(writer.mentions),
        thread_links=tuple(writer.thread_links),
        files=tuple(writer.files),
        missing_alt=writer.missing_alt,
    )


def missing_alt(source: str) -> int:
    """How many images of `source` have no alternative text; raises `TooComplex`, for what is plainly too much.

    Most messages hold no image: those are weighed, and not rendered once more than needed.
    """
    if "![" not in source:
        weigh(cleaned(source))
        return 0
    return render(source, references=References({}, {}), language="en", prefix="p-").missing_alt
