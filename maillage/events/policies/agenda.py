"""Who asks questions for a gathering, who makes its agenda of them, and what a form for it says."""

from collections.abc import Sequence
from dataclasses import dataclass

from maillage.auth.viewer import Who
from maillage.core.answers import YES, Answer, no
from maillage.core.languages import _
from maillage.events.policies.rules import Standing, may_organize

# So many questions make a list that can still be read, and one form.
MOST_QUESTIONS = 200
MOST_TOPICS = 15
TO_ASK = _("Sign in to ask a question for this gathering.")
_HANDS = frozenset({"organizer", "facilitator"})
_NOT_PUBLISHED = _("This gathering is not published yet: questions are gathered in its discussion once it is.")
_CANCELLED = _("This gathering is cancelled.")


@dataclass(frozen=True, slots=True)
class Topic:
    """A point of the agenda as it was written; `id` is None for a new one."""

    key: str
    id: int | None
    title: str
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a question stands, under the topic of that key, if any; `answer` is None where none can be written yet."""

    id: int
    topic: str
    position: int
    answer: str | None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All that a form says, its topics in their order."""

    topics: Sequence[Topic]
    placed: Sequence[Placed]
    dropped: Sequence[int]


def may_see_agenda(standing: Standing) -> bool:
    """Before it is published there is nothing for others. Whoever may read it is asked apart."""
    return standing.is_visible or bool(may_organize(standing))


def may_ask(who: Who, standing: Standing, *, all_began: bool) -> Answer:
    """Ask a question, support one: whoever is signed in and may read it, until its last date begins."""
    if standing.state == "cancelled":
        return no(_CANCELLED)
    if standing.state != "published":
        return no(_NOT_PUBLISHED)
    if all_began:
        return no(_("This gathering has begun: questions for it can no longer be asked or supported."))
    if who is None:
        return no(_("Sign in to ask a question or to support one."), sign_in=True)
    return YES


def may_support(who_id: int, asked_by_id: int | None, *, set_aside: bool) -> Answer:
    """Say that one is interested too. Asked apart: whether questions are still asked."""
    if set_aside:
        return no(_("The organizers have set this question aside."))
    if who_id == asked_by_id:
        return no(_("This question is yours: others say whether they are interested."))
    return YES


def may_take_back(who_id: int, asked_by_id: int | None, *, supports: int) -> Answer:
    """Whoever asked it, while it is hers alone. Asked apart: whether questions are still asked."""
    if who_id != asked_by_id:
        return no(_("Only the person who asked can take back a question."))
    if supports:
        return no(_("Others are interested in this question by now: ask the organizers to set it aside."))
    return YES


def may_set_aside(standing: Standing) -> Answer:
    if standing.state == "cancelled":
        return no(_CANCELLED)
    return may_organize(standing)


def may_arrange(standing: Standing) -> Answer:
    """Group questions, publish the agenda, pick questions of the forum, and afterwards write the answers."""
    if not standing.roles & _HANDS:
        return no(_("Only the organizers and facilitators of a gathering can do this."))
    if standing.state == "cancelled":
        return no(_CANCELLED)
    if standing.state != "published":
        return no(_NOT_PUBLISHED)
    return YES
