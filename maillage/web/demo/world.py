"""The texts of the demonstration in `world/*.toml`, read whole and refused when they make no sense."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from maillage.web.demo.gathered import Gathering
from maillage.web.demo.text import Text as _Text

FOLDER = Path(__file__).parent / "world"
_THREAD = re.compile(r"#thread:([a-z-]+)")
# Nobody of this world writes at night: a day's fractions spread from half past six to eleven in the evening.
_DAWN, _DAYLIGHT = time(6, 30), timedelta(hours=16, minutes=30)


class Organization(_Text):
    slug: str
    name: str
    name_en: str = ""
    family: str
    relation: str
    region: str
    language: str
    # "" for those whose people sign in with a provider that belongs to no organization.
    provider: str
    # Proved to be its own; "" where nobody needed it.
    domain: str = ""
    about: str


class Person(_Text):
    handle: str
    name: str
    email: str
    organization: str
    membership: Literal["active", "pending"] = "active"
    title: str
    region: str
    relation: str
    role: str
    provider: str
    platform_roles: list[str]
    organization_role: str
    about: str
    joined_days_ago: float


class Space(_Text):
    slug: str
    name_fr: str
    name_en: str
    purpose_fr: str
    purpose_en: str
    visibility: str
    position: int
    members: list[str] = Field(default_factory=list)
    facilitators: list[str] = Field(default_factory=list)


class Act(_Text):
    """What a facilitator did, and when; without a date it followed the last message."""

    by: str
    days_ago: float | None = None
    reason_fr: str


class Edit(_Text):
    days_ago: float
    body: str


class Post(_Text):
    author: str
    days_ago: float
    parent: int | None = None
    language: str
    # The text as first posted; each edit holds the whole text that replaced it.
    body: str
    edits: list[Edit] = Field(default_factory=list)
    helpful: bool = False
    removed: Act | None = None


class Summary(_Text):
    by: str
    covers: int
    body: str


class Thread(_Text):
    key: str
    space: str
    kind: str
    title: str
    language: str
    author: str
    days_ago: float
    pinned_days: int | None = None
    merged_into: str | None = None
    locked: Act | None = None
    summary: Summary | None = None
    post: list[Post]


class Draft(_Text):
    person: str
    kind: Literal["thread", "reply"]
    space: str = ""
    thread: str = ""
    parent: int = 1
    title: str = ""
    body: str


class Read(_Text):
    person: str
    thread: str
    posts: list[int]


class Follow(_Text):
    person: str
    thread: str = ""
    space: str = ""


class Report(_Text):
    person: str
    thread: str
    post: int
    days_ago: float
    reason_fr: str


class _ReaderStates(_Text):
    draft: list[Draft]
    read: list[Read]
    follow: list[Follow]
    report: list[Report]


class Signature(_Text):
    """Somebody who takes part in a story: a `person` with an account, or a `name` without one."""

    person: str = ""
    name: str = ""
    kind: Literal["author", "coauthor", "validator", "reader"]
    concerned: bool = False


class Actor(_Text):
    family: str
    role: str
    relation: str = ""
    stages: list[str] = Field(default_factory=list)


class Component(_Text):
    component: str
    direction: Literal["up", "down", "mixed"]
    line: str


class Named(_Text):
    """Somebody in the private register of a story."""

    who: str
    other_names: list[str] = Field(default_factory=list)
    shown_as: str = ""
    relation: str
    choice: str = ""
    how: Literal["page", "written", "verbal", ""] = ""
    asked_by: str
    quotes: list[str] = Field(default_factory=list)


class Trial(_Text):
    """« On l’a essayé aussi »."""

    person: str
    outcome: str
    region: str
    title: str
    adapted: str
    what_happened: str
    days_ago: float


class Answer(_Text):
    """A reply in a story's discussion; `answers` counts the replies from 1, 0 is the opening question."""

    author: str
    days_ago: float
    body: str
    answers: int = 0
    language: str = "fr-CA"


class Discussion(_Text):
    replies: list[Answer] = Field(default_factory=list)


class Story(_Text):
    key: str
    title: str
    language: str
    state: Literal["draft", "review", "published"]
    depth: Literal["brief", "full"]
    visibility: Literal["public", "members"] = "public"
    regions: list[str]
    scale: str
    locality: str = ""
    # "2023-09"
    period_from: str = ""
    period_to: str = ""
    period_status: Literal["ongoing", "ended", "stopped", ""] = ""
    stages: list[str]
    themes: list[str] = Field(default_factory=list)
    dimensions: list[str] = Field(default_factory=list)
    competencies: list[str] = Field(default_factory=list)
    licence: str = "cc-by"
    days_ago: float
    # Where the story is in another language.
    summary_fr: str = ""
    texts: dict[str, str]
    changed: dict[str, str]
    empowerment: list[Component] = Field(default_factory=list)
    actors: list[Actor] = Field(default_factory=list)
    authors: list[Signature]
    people: list[Named] = Field(default_factory=list)
    trials: list[Trial] = Field(default_factory=list)
    thread: Discussion = Field(default_factory=Discussion)


class Wish(_Text):
    """Who wishes a training in which region."""

    person: str
    region: str
    days_ago: float


class Module(_Text):
    slug: str
    fr: str
    en: str
    description_fr: str
    description_en: str
    wishes: list[Wish] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class World:
    organizations: list[Organization]
    people: list[Person]
    spaces: list[Space]
    threads: list[Thread]
    stories: list[Story]
    modules: list[Module]
    gatherings: list[Gathering]
    drafts: list[Draft]
    reads: list[Read]
    follows: list[Follow]
    reports: list[Report]


def read() -> World:
    """The whole world, as written."""

    def rows(name: str) -> Any:
        return tomllib.loads((FOLDER / name).read_text("utf-8"))

    states = _ReaderStates.model_validate(rows("reader_states.toml"))
    return World(
        [Organization.model_validate(row) for row in rows("organizations.toml")["organization"]],
        [Person.model_validate(row) for row in rows("people.toml")["person"]],
        [Space.model_validate(row) for row in rows("spaces.toml")["space"]],
        [Thread.model_validate(rows(path.name)) for path in sorted(FOLDER.glob("thread-*.toml"))],
        [Story.model_validate(rows(path.name)) for path in sorted(FOLDER.glob("case-*.toml"))],
        [Module.model_validate(row) for row in rows("modules.toml")["module"]],
        [Gathering.model_validate(rows(path.name)) for path in sorted(FOLDER.glob("gathering-*.toml"))],
        states.draft,
        states.read,
        states.follow,
        states.report,
    )


def calendar(now: datetime, zone: str) -> Callable[[float], datetime]:
    """Turn "days ago" into moments, all of them before the day of `now` and in the order of their numbers."""
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)

    def moment(days_ago: float) -> datetime:
        whole, part = divmod(days_ago, 1)
        day = midnight - timedelta(days=whole + 1)
        return datetime.combine(day.date(), _DAWN, day.tzinfo) + (1 - part) * _DAYLIGHT

    return moment


def with_numbers(text: str, numbers: dict[str, int]) -> str:
    """`#thread:key` written as people write it: `#12`."""
    return _THREAD.sub(lambda found: f"#{numbers[found[1]]}", text).strip()
