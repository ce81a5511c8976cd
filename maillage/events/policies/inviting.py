"""Asking people to come: by invitation only, or past the approval that others wait for."""

from dataclasses import dataclass

from maillage.core.answers import YES, Answer, no
from maillage.core.languages import _
from maillage.events.policies.rules import Standing, may_organize

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody to be invited: the handle of an account, or an address and the name that goes with it."""

    handle: str = ""
    email: str = ""
    name: str = ""


def may_invite(standing: Standing) -> Answer:
    """Write letters that lead to its page: it is there, and one registers for it."""
    if not (answer := may_organize(standing)):
        return answer
    if standing.state == "cancelled":
        return no(_("This gathering is cancelled."))
    if standing.state != "published":
        return no(_("Publish it first: the letter leads to its page."))
    if standing.registration == "none":
        return no(_("Nobody registers for this gathering: whoever wishes comes."))
    return YES
