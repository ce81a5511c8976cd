"""Interface languages: French first, English complete beside it; sentences travel untranslated until a page is made."""

from dataclasses import dataclass, field
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Any

LOCALES_DIR = Path(__file__).parent.parent / "locales"
FRENCH = "fr-CA"
ENGLISH = "en"
# What `lang` attributes and the language menu call each locale, in its own language.
NAMES = {FRENCH: "Français", ENGLISH: "English"}


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for a reader whose language is not known yet: an English msgid and what fills it.

    `plural` and `n` make it a counted sentence. Placeholders are gettext's: ``%(name)s``.
    """

    msgid: str
    fill: dict[str, Any] = field(default_factory=dict, hash=False)
    plural: str | None = None
    n: int = 0

    def in_(self, locale: str) -> str:
        """The sentence in `locale`; a `Text` inside `fill` is translated too."""
        catalogue = translations(locale)
        said = (
            catalogue.gettext(self.msgid)
            if self.plural is None
            else catalogue.ngettext(self.msgid, self.plural, self.n)
        )
        if not self.fill:
            return said
        return said % {
            key: value.in_(locale) if isinstance(value, Text) else value for key, value in self.fill.items()
        }

    def __str__(self) -> str:
        return self.in_(ENGLISH)


def _(msgid: str, **fill: Any) -> Text:
    """Mark a sentence for translation without translating it yet."""
    return Text(msgid, fill)


def counted(one: str, many: str, n: int, **fill: Any) -> Text:
    """A sentence whose form depends on `n` (also available as ``%(n)s``)."""
    return Text(one, {"n": n, **fill}, many, n)


@cache
def translations(locale: str) -> NullTranslations:
    """The catalogue of `locale`. English is the source and needs none."""
    if locale == ENGLISH:
        return NullTranslations()
    return translation("maillage", localedir=LOCALES_DIR, languages=[locale.replace("-", "_")], fallback=True)
