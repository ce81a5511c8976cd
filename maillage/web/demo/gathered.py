"""The gatherings of the demonstration in `world/gathering-*.toml`, as they are written there."""

from datetime import time
from typing import Literal

from pydantic import Field

from maillage.web.demo.text import Text


class Session(Text):
    """So many days from the loading, or before it where `days` is negative; never on a Saturday or a Sunday."""

    days: int
    begins: time
    ends: time


class Date(Text):
    mode: Literal["in-person", "online", "hybrid"]
    zone: str
    sessions: list[Session]
    label: str = ""
    place: str = ""
    address: str = ""
    locality: str = ""
    region: str = ""
    online_url: str = ""
    online_note: str = ""
    # Without a number, whoever wishes.
    seats: int | None = None
    online_seats: int | None = None
    # Fact → answer, note.
    access: dict[str, tuple[str, str]] = Field(default_factory=dict)


class Workshop(Text):
    label: str
    details: str = ""
    seats: int | None = None


class Line(Text):
    """A line of the programme, in minutes after the beginning; with workshops, one is chosen."""

    begins: int
    minutes: int
    title: str
    details: str = ""
    session: int = 1
    workshops: list[Workshop] = Field(default_factory=list)


class Question(Text):
    kind: Literal["text", "one", "several"]
    label: str
    help: str = ""
    required: bool = False
    choices: list[str] = Field(default_factory=list)


class Comer(Text):
    """Somebody who registers: a `person` with an account, or a `name` without one.

    `date` counts from 1; `choices` are labels, `says` what she answers in her own words.
    """

    person: str = ""
    name: str = ""
    way: Literal["in-person", "online"]
    days_ago: float
    date: int = 1
    listed: Literal["nobody", "participants", "everyone"] = "nobody"
    choices: list[str] = Field(default_factory=list)
    says: str = ""
    access: list[str] = Field(default_factory=list)
    diet: list[str] = Field(default_factory=list)
    needs: str = ""
    came: bool = False
    withdrew_days_ago: float | None = None


class Guests(Text):
    """People without an account who register one after the other, from the first moment to the last."""

    way: Literal["in-person", "online"]
    first_days_ago: float
    last_days_ago: float
    names: list[str]
    date: int = 1
    choices: list[str] = Field(default_factory=list)
    came: bool = False


class Group(Text):
    """An organization that registers several: accounts, names, and seats that it names nobody for yet."""

    organization: str
    by: str
    way: Literal["in-person", "online"]
    days_ago: float
    date: int = 1
    members: list[str] = Field(default_factory=list)
    named: list[str] = Field(default_factory=list)
    unnamed: int = 0


class Reply(Text):
    """In a discussion; `answers` counts the replies from 1, 0 is what opened it."""

    author: str
    days_ago: float
    body: str
    answers: int = 0


class Brought(Text):
    """A story, by its title, that somebody proposes: and what the organizer makes of it, if she has answered."""

    story: str
    by: str
    days_ago: float
    note: str = ""
    state: Literal["proposed", "chosen", "presented", "came-of-it"] = "proposed"


class Asked(Text):
    """A question for it, or with `picked` one of the forum, by its title, that somebody picks; and those who are
    interested in it too. `topic` is the title of the point under which it stands."""

    by: str
    days_ago: float
    body: str = ""
    picked: str = ""
    supported: list[str] = Field(default_factory=list)
    topic: str = ""
    answer: str = ""


class Topic(Text):
    title: str
    minutes: int | None = None


class Agenda(Text):
    """What `by` made of the questions, so many days ago."""

    by: str
    days_ago: float
    published: bool
    topic: list[Topic] = Field(default_factory=list)
    asked: list[Asked]


class Outcome(Text):
    kind: Literal["decision", "question", "commitment"]
    body: str
    owner: str = ""
    due_in_days: int | None = None
    reply: list[Reply] = Field(default_factory=list)


class Report(Text):
    days_ago: float
    published_days_ago: float
    notes: str
    changes: str = ""
    outcome: list[Outcome] = Field(default_factory=list)


class Evaluation(Text):
    useful: Literal[1, 2, 3, 4, 5]
    learned: str = ""
    change: str = ""


class Gathering(Text):
    key: str
    title: str
    language: str
    type: str
    by: str
    published_days_ago: float
    summary: str
    description: str
    module: str = ""
    # Whoever organizes it keeps a model of it, under this title.
    model: str = ""
    cost: str = ""
    conditions: str = ""
    facilitators: list[str] = Field(default_factory=list)
    door: list[str] = Field(default_factory=list)
    organizations: list[str] = Field(default_factory=list)
    stages: list[str] = Field(default_factory=list)
    themes: list[str] = Field(default_factory=list)
    competencies: list[str] = Field(default_factory=list)
    date: list[Date]
    programme: list[Line] = Field(default_factory=list)
    question: list[Question] = Field(default_factory=list)
    comer: list[Comer] = Field(default_factory=list)
    guests: list[Guests] = Field(default_factory=list)
    group: list[Group] = Field(default_factory=list)
    reply: list[Reply] = Field(default_factory=list)
    story: list[Brought] = Field(default_factory=list)
    agenda: Agenda | None = None
    report: Report | None = None
    evaluation: list[Evaluation] = Field(default_factory=list)
