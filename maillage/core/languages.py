"""Interface languages: French first, English complete beside it; sentences travel untranslated until a page is made."""

from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

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
        return said % {key: value.in_(locale) if isinstance(value, Text) else value for key, value in self.fill.items()}

    def __str__(self) -> str:
        return self.in_(ENGLISH)


def _(msgid: str, **fill: Any) -> Text:
    """Mark a sentence for translation without translating it yet."""
    return Text(msgid, fill)


def counted(one: str, many: str, n: int, **fill: Any) -> Text:
    """A sentence whose form depends on `n` (also available as ``%(n)s``)."""
    return Text(one, {"n": n, **fill}, many, n)


def shown_language(text: dict[str, str], locale: str) -> str:
    """The language in which a bilingual text is shown: French where the one wanted is missing, never the reverse."""
    return locale if text.get(locale) else FRENCH


def localized(text: dict[str, str], locale: str) -> str:
    """A bilingual text as readers of `locale` see it."""
    return text.get(shown_language(text, locale), "")


@cache
def translations(locale: str) -> NullTranslations:
    """The catalogue of `locale`, read from its source: nothing to compile, nothing to forget. English needs none."""
    if locale == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with (LOCALES_DIR / locale.replace("-", "_") / "LC_MESSAGES" / "maillage.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale.replace("-", "_")))
    compiled.seek(0)
    return GNUTranslations(compiled)
