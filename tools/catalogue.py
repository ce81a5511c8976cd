"""Brings the French catalogue up to date with the sentences of the sources: `.venv/bin/python -m tools.catalogue`.

Sentences that are said no more go, new ones come with an empty translation and are listed; what is translated stays.
A JSON file of translations may be given, `{"Reply": "Répondre", "%(n)s day": ["%(n)s jour", "%(n)s jours"]}`; it gets
its no-break spaces where French wants them.
"""

import json
import re
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HOUSE = Path(__file__).parents[1] / "maillage"
CATALOGUE = HOUSE / "locales" / "fr_CA" / "LC_MESSAGES" / "maillage.po"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
# As `core/pages.py` reads them: blanks around blocks are part of what `trans` says.
_OPTIONS = {
    "templates/**": {
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
        "extensions": "jinja2.ext.do",
        "silent": "false",
    }
}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2), "counted": (1, 2)}
NO_BREAK = "\u00a0"


@cache
def said() -> dict[str | tuple[str, str], list[str]]:
    """Every sentence in code and templates, with where it is said."""
    found: dict[str | tuple[str, str], list[str]] = {}
    for name, line, sentence, _comments, _context in extract_from_dir(
        HOUSE, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    ):
        key = sentence if isinstance(sentence, str) else (sentence[0], sentence[1])
        found.setdefault(key, []).append(f"{name}:{line}")
    return found


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr_CA")


def spaced(sentence: str) -> str:
    """With the no-break spaces of French around quotation marks and before colons."""
    sentence = re.sub(r"«\s*", f"«{NO_BREAK}", sentence)
    sentence = re.sub(r"\s*»", f"{NO_BREAK}»", sentence)
    return re.sub(r"\s+:(?=\s|$)", f"{NO_BREAK}:", sentence)


def renewed(given: dict[str, str | list[str]]) -> Catalog:
    """The catalogue of today's sentences, in the order of their places, with the translations that are known."""
    known = {message.id if isinstance(message.id, str) else message.id[0]: message.string for message in catalogue()}
    known |= {key: spaced(one) if isinstance(one, str) else tuple(map(spaced, one)) for key, one in given.items()}
    new = Catalog(
        locale="fr_CA",
        project="Maillage",
        version="0.1",
        charset="utf-8",
        fuzzy=False,
        header_comment="# French (Canada) of Maillage, written as the OQLF recommends.",
        last_translator="Maillage",
        language_team="fr_CA",
        msgid_bugs_address="-",
        # One date for good: a catalogue that is up to date does not change by being looked at.
        creation_date=datetime(2026, 11, 22, tzinfo=UTC),
        revision_date=datetime(2026, 11, 22, tzinfo=UTC),
    )

    def place(where: str) -> tuple[str, int]:
        name, _, line = where.rpartition(":")
        return name, int(line)

    for key, places in sorted(said().items(), key=lambda item: place(item[1][0])):
        french = known.get(key if isinstance(key, str) else key[0])
        if isinstance(french, str) != isinstance(key, str):
            french = None
        new.add(key, french, locations=[(place(min(places))[0], None)])  # type: ignore[list-item]
    return new


if __name__ == "__main__":
    new = renewed(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")) if len(sys.argv) > 1 else {})
    with CATALOGUE.open("wb") as file:
        write_po(file, new, width=110, include_lineno=False)
    for message in new:
        if message.id and not (message.string if isinstance(message.string, str) else all(message.string or ("",))):
            sys.stdout.write(f"{message.locations[0][0]}: {message.id}\n")
