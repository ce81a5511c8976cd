"""The template of a practice story: what each field asks, in what form, and from which state on it must be answered.

Rests on the good-practice template of FAO, the capitalisation guides of F3E and CTA, Most Significant Change, and the
four axes of Yann Le Bossé. What those ask for and this does not: proof that it worked. A failure is as good a story.
"""

from dataclasses import dataclass
from typing import Literal

from maillage.core.languages import Text, _

# "line" and "prose" are words; "terms" are chosen from a taxonomy; "changes" and "components" have words for each term
# chosen; the rest have forms of their own.
Kind = Literal["line", "prose", "terms", "place", "period", "changes", "components", "actors"]
# From which depth or state on an answer is needed: a draft needs its title only.
Needed = Literal["draft", "publish", "full", "never"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `limit` is in characters; `taxonomies` names what its terms are chosen from."""

    name: str
    kind: Kind
    needed: Needed
    label: Text
    # What it asks, as one would ask it aloud.
    prompt: Text
    hint: Text | None = None
    brief: bool = False
    limit: int = 10_000
    taxonomies: tuple[str, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether its answer is a single text, a row of `case_text`."""
        return self.kind == "prose"


FIELDS: tuple[Field, ...] = (
    Field(
        "title",
        "line",
        "draft",
        _("Title"),
        _("A title that says what happened"),
        _("For example: “We closed the table to make a fresh start.”"),
        brief=True,
        limit=200,
    ),
    Field(
        "summary",
        "prose",
        "publish",
        _("In three sentences"),
        _("In three sentences: the situation, what you did, what changed"),
        brief=True,
        limit=600,
    ),
    Field(
        "regions",
        "place",
        "publish",
        _("Where"),
        _("Where did this happen?"),
        _("Naming the place is up to you: in a small community, it can be enough to recognize people."),
        brief=True,
        taxonomies=("region",),
    ),
    Field(
        "stages",
        "terms",
        "publish",
        _("Stages"),
        _("Which stages of the cycle does this story serve most?"),
        brief=True,
        taxonomies=("stage",),
    ),
    Field(
        "starting_point",
        "prose",
        "publish",
        _("Where it started"),
        _("What was the situation, and who saw a problem in it?"),
        brief=True,
    ),
    Field(
        "what_we_did",
        "prose",
        "publish",
        _("What we did"),
        _("Tell the moments that mattered, detours included"),
        brief=True,
        limit=20_000,
    ),
    Field(
        "what_changed",
        "changes",
        "publish",
        _("What changed"),
        _("What can people, organizations and the community know or do now? How do you know?"),
        _("One field is enough. Nothing changed, or things got worse? Say so: others will learn from it."),
        brief=True,
        taxonomies=("change_field",),
    ),
    Field(
        "lessons",
        "prose",
        "publish",
        _("Three lessons"),
        _("Three things you would tell somebody who is starting out"),
        _("One a line."),
        brief=True,
        limit=3_000,
    ),
    Field(
        "summary_other",
        "prose",
        "never",
        _("Summary in the other language"),
        _("The same three sentences in English, or in French if the story is in English"),
        _("Readers of the other language will know whether it is for them."),
        limit=600,
    ),
    Field(
        "period",
        "period",
        "full",
        _("When"),
        _("From when to when? Is it still going on, over, or interrupted?"),
    ),
    Field(
        "themes",
        "terms",
        "full",
        _("Issues and dimensions"),
        _("What issues does it touch, and which dimensions of development?"),
        taxonomies=("theme", "dimension"),
    ),
    Field(
        "context",
        "prose",
        "full",
        _("The setting"),
        _("What does one need to know about the community to understand?"),
    ),
    Field(
        "actors",
        "actors",
        "full",
        _("Who acted"),
        _("Who acted, in what role and capacity, at which stages?"),
        taxonomies=("family", "relation", "stage"),
    ),
    Field(
        "people_concerned",
        "prose",
        "full",
        _("The people concerned"),
        _("What part did the people concerned take in choosing, deciding and acting?"),
    ),
    Field(
        "turning_point",
        "prose",
        "never",
        _("A turning point"),
        _("A moment when it could all have gone another way"),
    ),
    Field(
        "empowerment",
        "components",
        "full",
        _("Empowerment"),
        _("Which components of empowerment moved, and which way?"),
        _("A line for each is enough."),
        limit=500,
        taxonomies=("empowerment",),
    ),
    Field(
        "unexpected",
        "prose",
        "full",
        _("Unexpected or negative effects"),
        _("What happened that nobody expected or wanted?"),
        _("“None that we know of” is an answer."),
    ),
    Field(
        "resources_used",
        "prose",
        "never",
        _("What it took"),
        _("Time, money, support: the order of magnitude"),
        limit=3_000,
    ),
    Field("tools", "prose", "never", _("Tools"), _("What tools and resources did you use?"), limit=3_000),
    Field(
        "do_differently",
        "prose",
        "full",
        _("What we would do differently"),
        _("What would you do differently?"),
    ),
    Field(
        "transfer",
        "prose",
        "never",
        _("What can travel"),
        _("What depends on the place, and what can travel?"),
    ),
    Field(
        "competencies",
        "terms",
        "never",
        _("Competencies"),
        _("Which competencies came into play?"),
        taxonomies=("competency",),
    ),
    Field(
        "open_question",
        "prose",
        "never",
        _("A question for readers"),
        _("A question that you put to those who read you"),
        _("It opens the discussion of your story."),
        limit=2_000,
    ),
)
BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
BRIEF: tuple[Field, ...] = tuple(field for field in FIELDS if field.brief)
# A trial answers these instead: a reply in the form of a small story.
TRIAL: tuple[Field, ...] = (
    Field("adapted", "prose", "publish", _("What we adapted"), _("What did you keep, and what did you change?")),
    Field("what_happened", "prose", "publish", _("What happened"), _("What came of it where you are?")),
)
WORDS: dict[str, Field] = {field.name: field for field in (*FIELDS, *TRIAL) if field.kind == "prose"}


def asked(depth: str) -> tuple[Field, ...]:
    """The fields that a story of this depth is asked for, in their order."""
    return {"brief": BRIEF, "full": FIELDS, "trial": TRIAL}[depth]


def needed_to_publish(depth: str) -> tuple[Field, ...]:
    """Those without which a story of this depth is not published."""
    wanted = {"draft", "publish", "full"} if depth == "full" else {"draft", "publish"}
    return tuple(field for field in asked(depth) if field.needed in wanted)
