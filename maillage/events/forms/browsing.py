"""What somebody looks for among gatherings, as the address of a list or of a feed says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from maillage.events.models import MODES
from maillage.events.queries.shown import Filters
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word


@dataclass(frozen=True, slots=True)
class Sought:
    """The words that a list is narrowed to, by the names they have in the address."""

    words: Mapping[str, Word] = field(default_factory=dict)
    mode: str | None = None
    past: bool = False

    @property
    def filters(self) -> Filters:
        ids = {name: word.id for name, word in self.words.items()}
        return Filters(ids.get("region"), ids.get("type"), self.mode, ids.get("etape"), self.past)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        chosen = [(name, word.slug) for name, word in self.words.items()]
        return [*chosen, *([("mode", self.mode)] if self.mode else [])]

    def path_at(self, path: str, **more: str) -> str:
        """The same search at another address: a feed, a calendar, a further page."""
        pairs = [*self.pairs, *more.items()]
        return f"{path}?{urlencode(pairs)}" if pairs else path


# By the name in the address, the list of words that it takes.
TAXONOMIES = {"region": "region", "type": "gathering_type", "etape": "stage"}


def sought(asked: Mapping[str, str], words: Vocabulary) -> Sought:
    """Whatever is no word of ours is as if it had not been said."""
    found = {name: words.find(taxonomy, asked.get(name, "")) for name, taxonomy in TAXONOMIES.items()}
    mode = asked.get("mode", "")
    return Sought(
        {name: word for name, word in found.items() if word is not None},
        mode if mode in MODES else None,
        asked.get("passees") == "1",
    )
