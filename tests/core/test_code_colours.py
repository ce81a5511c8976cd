"""Every colour of highlighted code can be read, in light and in dark, and every class that we write has
one."""

import re
from itertools import chain
from pathlib import Path

import pytest

from maillage.core.markdown.highlighting import CLASS_NAMES

STYLES = Path(__file__).parents[2] / "maillage" / "static" / "css"
CODE = (STYLES / "code.css").read_text()
DECLARATION = re.compile(r"(--[a-z-]+):\s*(#[0-9a-f]{6})")
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", re.DOTALL)


def values(theme: str) -> dict[str, str]:
    """The custom properties that are plain colours, as they stand in a theme."""
    sheets = [(STYLES / "tokens.css").read_text(), CODE]
    found = dict(chain.from_iterable(DECLARATION.findall(DARK.sub("", sheet)) for sheet in sheets))
    if theme == "dark":
        darkened = (part for sheet in sheets for part in DARK.findall(sheet))
        found |= dict(chain.from_iterable(DECLARATION.findall(part) for part in darkened))
    return found


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


NAMES = sorted({name for name, _ in DECLARATION.findall(CODE)})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("background", ["--sunk", "--paper", "--raised"])
def test_a_colour_of_code_stands_out_from_what_is_behind_it(name: str, theme: str, background: str) -> None:
    colours = values(theme)
    assert contrast(colours[name], colours[background]) >= 4.5


def test_the_dark_theme_names_every_colour_again() -> None:
    (dark,) = DARK.findall(CODE)
    assert sorted(name for name, _ in DECLARATION.findall(dark)) == NAMES


@pytest.mark.parametrize("name", sorted(CLASS_NAMES))
def test_every_class_that_we_write_has_its_rule(name: str) -> None:
    assert re.search(rf"^\.{name} \{{", CODE, re.MULTILINE)
