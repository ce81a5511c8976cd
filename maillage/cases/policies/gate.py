"""The gate: what keeps a story from being published, said one obstacle at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from maillage.cases.models import LICENCES
from maillage.cases.policies.template import needed_to_publish
from maillage.core.languages import Text, _, counted

# What whoever publishes says each time, ticked one by one.
STATEMENTS: dict[str, Text] = {
    "nobody_else": _("Apart from the people in the register, nobody can be recognized in this story."),
    "could_read": _("The people concerned were able to read it."),
    "no_file": _("Nothing in it comes from the confidential file of a person we accompany."),
}
# What somebody named in a story may choose; `retire` is not among what authors may write down for her.
CHOICES: dict[str, Text] = {
    "nom-complet": _("Under the full name"),
    "fonction-seulement": _("By the role alone"),
    "nom-fictif": _("Under a fictional name"),
    "aucune-mention": _("Not to be mentioned at all"),
}


@dataclass(frozen=True, slots=True)
class Settling:
    """Somebody of the register, as far as publishing depends on her."""

    choice: str | None
    expires_on: date | None
    # She asks for a correction that nobody has made yet.
    corrects: bool
    # After a withdrawal: an author says that the story no longer speaks of her.
    rewritten: bool
    # The story says her name, and she did not choose that.
    still_named: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate needs to know of a story, as it stands now."""

    depth: str
    answered: frozenset[str]
    people: tuple[Settling, ...]
    # Somebody with an account answers for it.
    answerable: bool
    licence: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something to do before publication. `at` follows the address of the story: where it is done."""

    why: Text
    at: str


def obstacles(facts: Facts, today: date) -> list[Obstacle]:
    """All that keeps the story from being published, in the order in which to see to it. None: it may go."""
    return [*_unanswered(facts), *_unsettled(facts.people, today), *_unsigned(facts)]


def _unanswered(facts: Facts) -> Iterator[Obstacle]:
    for field in needed_to_publish(facts.depth):
        if field.name not in facts.answered:
            yield Obstacle(_("“%(field)s” has no answer yet.", field=field.label), f"ecrire/{field.name}")


def _unsettled(people: tuple[Settling, ...], today: date) -> Iterator[Obstacle]:
    if n := sum(one.choice is None for one in people):
        yield _in_register(counted("%(n)s person has not answered yet.", "%(n)s people have not answered yet.", n))
    if n := sum(one.expires_on is not None and one.expires_on < today for one in people):
        yield _in_register(counted("%(n)s consent has expired.", "%(n)s consents have expired.", n))
    if n := sum(one.corrects for one in people):
        yield _in_register(
            counted(
                "%(n)s person asks for a correction that has not been made.",
                "%(n)s people ask for a correction that has not been made.",
                n,
            )
        )
    if n := sum(one.choice == "retire" and not one.rewritten for one in people):
        yield _in_register(
            counted(
                "%(n)s person has withdrawn: rewrite what spoke of them, then say so in the register.",
                "%(n)s people have withdrawn: rewrite what spoke of them, then say so in the register.",
                n,
            )
        )
    if n := sum(one.still_named for one in people):
        yield _in_register(
            counted(
                "%(n)s person is named in the text, and did not choose to be.",
                "%(n)s people are named in the text, and did not choose to be.",
                n,
            )
        )


def _in_register(why: Text) -> Obstacle:
    return Obstacle(why, "personnes")


def _unsigned(facts: Facts) -> Iterator[Obstacle]:
    if not facts.answerable:
        yield Obstacle(_("Nobody with an account answers for this story."), "equipe")
    if facts.licence not in LICENCES:
        yield Obstacle(_("Choose a licence."), "publier")
