"""What organizers may do with those who registered, and how the list of them is asked for."""

from dataclasses import dataclass

from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _
from maillage.events.models import LIVE
from maillage.events.policies.rules import Standing, may_organize

# How a registration stands, as its organizers say it.
STATUS_OF_SOMEBODY: dict[str, Text] = {
    "unconfirmed": _("Address not confirmed"),
    "pending": _("To be approved"),
    "waiting": _("Waiting list"),
    "offered": _("Seat offered"),
    "confirmed": _("Confirmed"),
    "cancelled": _("Cancelled"),
    "rejected": _("Declined by the organizers"),
    "expired": _("Offer expired"),
    "declined": _("Will not come"),
}
# In which statuses each act is possible.
ACTS: dict[str, tuple[str, ...]] = {
    "approve": ("pending",),
    "reject": ("pending",),
    "remove": ("unconfirmed", "waiting", "offered", "confirmed"),
}
SORTS = ("name", "organization", "status", "asked")
# Nobody without an address that has answered is written to, nor anybody who has ended her registration.
WRITTEN_TO = ("pending", "waiting", "offered", "confirmed")
MOST_WRITTEN_TO = 2_000


@dataclass(frozen=True, slots=True)
class Segment:
    """Some of those who registered."""

    statuses: tuple[str, ...] = LIVE
    # As it stands in the address: one status, "all", or nothing for those that have not ended.
    status: str = ""
    date: int | None = None
    way: str = ""
    region: str = ""
    family: str = ""
    words: str = ""
    # Those ticked; nobody ticked is everybody.
    ticked: tuple[int, ...] = ()
    sort: str = "name"
    descending: bool = False

    @property
    def query(self) -> dict[str, str]:
        """As the address carries it, without those ticked and without the order."""
        given = {
            "status": self.status,
            "date": str(self.date or ""),
            "way": self.way,
            "region": self.region,
            "family": self.family,
            "q": self.words,
        }
        return {name: value for name, value in given.items() if value}


def may_decide(standing: Standing, act: str, status: str) -> Answer:
    """Approve a request, decline it, or take somebody off the list."""
    if not (answer := may_organize(standing)):
        return answer
    if status not in ACTS[act]:
        return no(_("This cannot be done with a registration that stands there."))
    return YES


def may_write(standing: Standing) -> Answer:
    """Write to those who registered."""
    if not (answer := may_organize(standing)):
        return answer
    return YES if standing.is_visible else no(_("Publish it first: nobody is registered yet."))
