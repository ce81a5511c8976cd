"""The rules themselves: who reads a gathering, organizes it, receives people at its door, and registers."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_

from maillage.auth.viewer import Viewer, Who
from maillage.core.answers import YES, Answer, NotAllowed, no
from maillage.core.languages import Text, _
from maillage.events.models import Gathering

STATE_NAMES: dict[str, Text] = {
    "model": _("Model"),
    "draft": _("Draft"),
    "published": _("Announced"),
    "cancelled": _("Cancelled"),
}
DATE_STATE_NAMES: dict[str, Text] = {
    "scheduled": _("Scheduled"),
    "postponed": _("Postponed"),
    "cancelled": _("Cancelled"),
}
MODE_NAMES: dict[str, Text] = {
    "in-person": _("In person"),
    "online": _("Online"),
    "hybrid": _("Hybrid (in person and online)"),
}
WAY_NAMES: dict[str, Text] = {"in-person": _("In person"), "online": _("Online")}
ROLE_NAMES: dict[str, Text] = {
    "organizer": _("Organizes"),
    "facilitator": _("Facilitates"),
    "door": _("Receives people at the door"),
}
# What everybody may read, if its organizers did not keep it for members. Cancelled, it stays to be seen.
VISIBLE = ("published", "cancelled")
TO_ORGANIZE = _("Sign in to organize a gathering.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of a gathering, and of her who looks at it: the parts that she takes in it."""

    gathering_id: int
    state: str
    visibility: str
    registration: str
    roles: frozenset[str]

    @property
    def is_visible(self) -> bool:
        return self.state in VISIBLE


def signed_in(who: Who, why: Text = TO_ORGANIZE) -> Viewer:
    """The person signed in; raises `NotAllowed` for a stranger, who is asked to sign in and told what for."""
    if who is None:
        raise NotAllowed(no(why, sign_in=True))
    return who


def publicly_readable(who: Who) -> ColumnElement[bool]:
    """The gatherings that lists may show to this person, as a WHERE clause over `gathering`."""
    visible = or_(*(Gathering.state == state for state in VISIBLE))
    return visible if who is not None else and_(visible, Gathering.visibility == "public")


def may_read(who: Who, standing: Standing) -> bool:
    """Those who may not read are told that it is not there."""
    if standing.roles & {"organizer", "door"}:
        return True
    if standing.is_visible:
        return standing.visibility == "public" or who is not None
    return bool(standing.roles)


def may_create(who: Who) -> Answer:
    return YES if who is not None else no(TO_ORGANIZE, sign_in=True)


def may_organize(standing: Standing) -> Answer:
    """Change it, see who comes and what they need, write to them."""
    if "organizer" not in standing.roles:
        return no(_("Only the organizers of a gathering can do this."))
    return YES


def may_receive(standing: Standing) -> Answer:
    """Stand at the door: see the names of those who come, and note that they are there. Nothing else."""
    if not standing.roles & {"organizer", "door"}:
        return no(_("Only those whom the organizers asked to receive people can do this."))
    return YES
