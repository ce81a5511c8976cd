"""A story as everything that shows it has it: its page, its PDF, its exports."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from maillage.cases.policies.reading import EFFECTS
from maillage.cases.queries.door import case_path
from maillage.core.languages import Text
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who wrote a story, or read it over."""

    name: str
    # None without an account, or once it is closed.
    handle: str | None
    kind: str
    concerned: bool
    relation: str | None
    organization: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """What is said of one change or one component."""

    term_id: int
    html: Markup
    source: str
    direction: str | None


@dataclass(frozen=True, slots=True)
class Actor:
    family_id: int
    role: str
    relation_id: int | None
    stage_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Another story: one that was tried here, or that this one was tried from."""

    id: int
    slug: str
    title: str
    language: str
    outcome: str | None
    excerpt: str
    published_at: datetime
    region_ids: tuple[int, ...]

    @property
    def path(self) -> str:
        return case_path(self.id, self.slug)


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the story: words, or parts, or actors."""

    name: str
    label: Text
    html: Markup | None = None
    source: str = ""
    parts: tuple[Part, ...] = ()
    actors: tuple[Actor, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryPage:
    id: int
    slug: str
    title: str
    language: str
    depth: str
    state: str
    visibility: str
    locality: str
    scale_id: int | None
    began_on: date | None
    ended_on: date | None
    progress: str | None
    licence: str
    contact: bool
    translation_offered: bool
    excerpt: str
    changed_at: datetime
    published_at: datetime | None
    outcome: str | None
    thread_id: int | None
    term_ids: tuple[int, ...]
    texts: dict[str, Part]
    sections: tuple[Section, ...]
    authors: tuple[Hand, ...]
    validators: tuple[Hand, ...]
    # What it was tried from, the nearest first.
    chain: tuple[Other, ...]
    trials: tuple[Other, ...]

    @property
    def path(self) -> str:
        return case_path(self.id, self.slug)

    @property
    def is_trial(self) -> bool:
        return self.depth == "trial"

    @property
    def effects(self) -> int:
        """How many of its trials had an effect."""
        return sum(trial.outcome in EFFECTS for trial in self.trials)

    def html(self, name: str) -> Markup | None:
        return self.texts[name].html if name in self.texts else None

    def source(self, name: str) -> str:
        return self.texts[name].source if name in self.texts else ""


def words_of(term_ids: Sequence[int], known: Vocabulary) -> defaultdict[str, list[Word]]:
    """The words of a story by list, in the order of the lists."""
    found: defaultdict[str, list[Word]] = defaultdict(list)
    mine = frozenset(term_ids)
    for taxonomy in {known.by_id[term_id].taxonomy for term_id in mine}:
        found[taxonomy] = [word for word in known.lists[taxonomy] if word.id in mine]
    return found
