"""The HTML of a file in a text: its picture, or what to know before following a link to it."""

from html import escape

from maillage.core.files.shown import ShownFile, weight
from maillage.core.markdown.sanitizing import SHOWN_AS


def picture(file: ShownFile, alt: str) -> str:
    """A picture in the sizes that are kept of it: browsers choose the one that fits, and leave room for it at once."""
    sources = ", ".join(f"{file.at(size)} {size}w" for size in file.sizes)
    return (
        f'<img src="{escape(file.path)}" srcset="{escape(sources)}" sizes="{SHOWN_AS}" alt="{escape(alt)}"'
        f' width="{file.width}" height="{file.height}" loading="lazy" decoding="async">'
    )


def about(file: ShownFile, *, french: bool) -> str:
    """What a link to a file leads to: « (PDF, 1,2 Mo) »."""
    extension = file.name.rpartition(".")[2].upper()
    return f"({escape(extension)}, {weight(file.bytes, 'fr' if french else 'en')})"
