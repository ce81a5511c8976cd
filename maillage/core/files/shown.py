"""A file as pages and texts show it."""

from dataclasses import dataclass
from urllib.parse import quote

# What a text calls a file by: `![…](fichier:KEY)`, `[…](fichier:KEY)`.
SCHEME = "fichier:"


@dataclass(frozen=True, slots=True)
class ShownFile:
    """What may be said of a file to whoever may see it. `sizes`: the widths that are kept of a picture, or none."""

    key: str
    kind: str
    media_type: str
    name: str
    bytes: int
    width: int | None
    height: int | None
    sizes: tuple[int, ...]
    alt: str
    right_of_use: str
    credit: str
    # What its address begins with, where those who may see it are known by a cookie of that path alone.
    under: str = ""

    @property
    def is_image(self) -> bool:
        return self.kind == "image"

    @property
    def path(self) -> str:
        return f"{self.under}/fichiers/{self.key}/{quote(self.name)}"

    def at(self, width: int) -> str:
        """The address of one of its sizes; the largest is the picture's own address."""
        return self.path if width == self.sizes[-1] else f"{self.path}?l={width}"

    @property
    def line(self) -> str:
        """What to write in a text to show the file there."""
        bang, words = ("!", self.alt) if self.is_image else ("", self.name)
        plain = " ".join(words.replace("\\", "").translate(_BRACKETS).split())
        return f"{bang}[{plain}]({SCHEME}{self.key})"


# Those would end the words too early; the text that is shown may differ from the file's own by as much.
_BRACKETS = str.maketrans("[]", "()")


def weight(count: int, locale: str) -> str:
    """How much a file weighs, as people of this language say it: « 1,2 Mo »."""
    french = locale.startswith("fr")
    if count < 1_000_000:
        return f"{max(1, round(count / 1_000))}\u00a0{'ko' if french else 'kB'}"
    millions = f"{count / 1_000_000:.1f}"
    return f"{millions.replace('.', ',')}\u00a0Mo" if french else f"{millions}\u00a0MB"
