"""Which stories stand on the page of a gathering, who proposes them and who decides."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, ColumnElement, String, func, literal

from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _
from maillage.events.models import GatheringCase
from maillage.events.policies.rules import Standing, may_organize

# In these states a story is on the page of the gathering, and the gathering on the page of the story.
SHOWN = ("chosen", "presented", "came-of-it")
TO_PROPOSE = _("Sign in to propose a story.")
# So many stories of one person may wait for an answer.
MOST_WAITING = 5
# Over the stories that stand so.
CASE_STATE_NAMES: dict[str, Text] = {
    "proposed": _("Proposed"),
    "chosen": _("On the programme"),
    "presented": _("Presented"),
    "came-of-it": _("Grown out of it"),
    "set-aside": _("Not taken up this time"),
}
# What a story's page says before the title of a gathering.
SAID_OF_GATHERINGS: dict[str, Text] = {
    "chosen": _("On the programme of the gathering"),
    "presented": _("Presented at the gathering"),
    "came-of-it": _("Grown out of the gathering"),
}
# From which states each act leads on.
_FROM: dict[str, Sequence[str]] = {
    "choose": ("proposed", "set-aside", "presented"),
    "present": ("chosen",),
    "set-aside": ("proposed", "chosen", "came-of-it"),
    "move": ("chosen", "presented", "came-of-it"),
    "take-back": ("proposed",),
}


def shown() -> ColumnElement[bool]:
    """Those, as a WHERE clause over `gathering_case`."""
    return GatheringCase.state == func.any(literal(list(SHOWN), ARRAY(String)))


def may_propose(standing: Standing, *, over: bool) -> Answer:
    """Bring a published story: whoever is signed in, until the gathering is over; its organizers always."""
    if standing.state == "cancelled":
        return no(_("This gathering is cancelled."))
    if may_organize(standing):
        return YES
    if standing.state != "published":
        return no(_("This gathering is not published yet."))
    return no(_("This gathering is over: its organizers alone still say what was presented.")) if over else YES


def may_see_proposals(standing: Standing) -> bool:
    """Everybody's, not only one's own."""
    return bool(standing.roles & {"organizer", "facilitator"})


def may_show(*, gathering: str, story: str) -> Answer:
    """Have a story of this visibility on the page of a gathering of that one: all of its readers must be able to
    read the story too, since the page is the same for all."""
    if gathering == "public" and story != "public":
        return no(_("This story is for members only, and everybody reads the page of this gathering."))
    return YES


def may_decide(act: str, state: str, *, began: bool) -> Answer:
    """Whether this act is possible with a story that stands there. Who does it is asked apart."""
    if state not in _FROM[act]:
        return no(_("Somebody has decided otherwise about this story meanwhile: look at it again."))
    if act == "present" and not began:
        return no(_("A story is presented once the gathering has begun."))
    return YES
