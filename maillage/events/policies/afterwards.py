"""What may be done once people have met, and the words for it."""

from dataclasses import dataclass
from datetime import date, datetime

from maillage.auth.viewer import Who
from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _
from maillage.events.policies.rules import Standing, may_organize

# Fewer answers than that would tell who gave them.
FEWEST = 5

OUTCOME_NAMES: dict[str, Text] = {
    "decision": _("Decision"),
    "question": _("Open question"),
    "commitment": _("Commitment"),
}
USEFUL: dict[str, Text] = {
    "1": _("Not at all"),
    "2": _("A little"),
    "3": _("Somewhat"),
    "4": _("A lot"),
    "5": _("Very much"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """One outcome as it was written; `id` is None for a new one, an empty `body` takes it out."""

    id: int | None
    kind: str
    body: str
    owner: str
    due_on: date | None


def may_report(standing: Standing, *, ended_at: datetime | None, now: datetime) -> Answer:
    """Write down what came of it, once it has taken place."""
    if not (answer := may_organize(standing)):
        return answer
    if standing.state != "published" or ended_at is None or ended_at > now:
        return no(_("A report is written once the gathering has taken place."))
    return YES


def may_evaluate(*, came: bool, done: bool, ended_at: datetime | None, now: datetime) -> Answer:
    """Say what one thought of it: those who came, once."""
    if ended_at is None or ended_at > now:
        return no(_("This gathering has not ended yet."))
    if not came:
        return no(_("Only those who came can say what they thought of it."))
    if done:
        return no(_("You have answered already: thank you. Nothing links your answers to you, so they cannot change."))
    return YES


def may_say_what_followed(who: Who, *, came: bool, ended_at: datetime | None, now: datetime) -> Answer:
    """« Et puis? »: those who came, with an account, because what they tell is signed."""
    if who is None:
        return no(_("What you tell here is signed, so it takes an account."), sign_in=True)
    if ended_at is None or ended_at > now:
        return no(_("This gathering has not ended yet."))
    if not came:
        return no(_("Only those who came can say what it changed."))
    return YES
