"""What organizers ask of those who register: the words for it, and what may still be changed once people answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _, counted

# Workshops are asked for in the programme, where their hour is.
KIND_NAMES: dict[str, Text] = {
    "text": _("An answer in one’s own words"),
    "one": _("One of several answers"),
    "several": _("Any number of several answers"),
}
MOST_CHOICES = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """One answer to choose from, as it was written; `id` is None for a new one, an empty `label` takes it out.

    `seats`: so many may have it on each date; None is without a limit.
    """

    id: int | None
    label: str
    details: str = ""
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as it was written. `shown_when_id`: asked only of those who chose this."""

    kind: str
    label: str
    help: str = ""
    required: bool = False
    sensitive: bool = False
    shown_when_id: int | None = None
    choices: Sequence[Offered] = ()


def may_drop_question(answered: int) -> Answer:
    if answered:
        return no(
            counted(
                "%(n)s person has answered: the question can be worded anew, but not taken out.",
                "%(n)s people have answered: the question can be worded anew, but not taken out.",
                answered,
            )
        )
    return YES


def may_drop_choice(label: str, *, chosen: int, leads_on: bool) -> Answer:
    """Take out one of the answers: nobody has chosen it, and no other question is asked of those who do."""
    if chosen:
        return no(_("“%(choice)s” has been chosen already: it can be worded anew, but not taken out.", choice=label))
    if leads_on:
        return no(_("Another question is asked of those who choose “%(choice)s”: change that one first.", choice=label))
    return YES


def may_seat(label: str, *, seats: int | None, taken: int) -> Answer:
    """So many places of a choice: never fewer than people have already."""
    if seats is not None and seats < taken:
        return no(
            counted(
                "%(n)s person has a place in “%(choice)s” already: it cannot have fewer.",
                "%(n)s people have a place in “%(choice)s” already: it cannot have fewer.",
                taken,
                choice=label,
            )
        )
    return YES


def may_stand(question_id: int, order: Sequence[tuple[int, int | None]]) -> Answer:
    """Questions in this order: each with the one that it depends on. What leads to a question comes before it."""
    places = {number: place for place, (number, _after) in enumerate(order)}
    for number, after in order:
        if after is not None and question_id in (number, after) and places[after] > places[number]:
            return no(_("A question comes after the one whose answer leads to it."))
    return YES
