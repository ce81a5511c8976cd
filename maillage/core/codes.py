"""Codes that a camera reads (QR), drawn as SVG: dark on light with their margin, whatever the page around them is."""

from io import BytesIO

import segno
from markupsafe import Markup


def drawn(words: str) -> Markup:
    """The code that says `words`, without a label: say beside it, or around it, what it is."""
    svg = BytesIO()
    segno.make(words, micro=False).save(
        svg, kind="svg", scale=4, dark="#000", light="#fff", svgclass="code", lineclass=None, xmldecl=False, nl=False
    )
    return Markup(svg.getvalue().decode())  # noqa: S704 — numbers and our own colours
