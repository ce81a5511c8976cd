"""People's Markdown becomes HTML that is safe to store and to show to anybody: the same words give the same
bytes.

Read in this order: `parsing` (what the source says, and what we refuse to parse), `writing` (tokens to HTML
and to plain text), `sanitizing` (what may leave, whatever came before)."""

from maillage.core.markdown.parsing import TooComplex
from maillage.core.markdown.quoting import quote
from maillage.core.markdown.references import Found, References, mentioned
from maillage.core.markdown.rendering import RENDER_VERSION, Rendered, missing_alt, render

__all__ = [
    "RENDER_VERSION",
    "Found",
    "References",
    "Rendered",
    "TooComplex",
    "mentioned",
    "missing_alt",
    "quote",
    "render",
]
