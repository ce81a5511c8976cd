"""What a gathering and its dates are, as they are planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from maillage.core.languages import Text, _

REGISTRATION_NAMES: dict[str, Text] = {
    "open": _("Open: whoever registers has a seat, while there are any"),
    "approval": _("By approval: the organizers read each request"),
    "invitation": _("By invitation"),
    "none": _("No registration: whoever wishes comes"),
}
VISIBILITY_NAMES: dict[str, Text] = {
    "public": _("Everybody, with or without an account"),
    "members": _("People with an account here"),
}
REMINDER_NAMES: dict[int, Text] = {
    168: _("a week before"),
    48: _("two days before"),
    24: _("the day before"),
    3: _("three hours before"),
}
MONTHLY = "month"
RULE_NAMES: dict[str, Text] = {
    "1": _("every week"),
    "2": _("every two weeks"),
    "3": _("every three weeks"),
    "4": _("every four weeks"),
    MONTHLY: _("every month, on the same weekday (the second Tuesday, say)"),
}
SCOPE_NAMES: dict[str, Text] = {
    "one": _("this date only"),
    "following": _("this one and those that follow: each on its own day"),
    "all": _("all dates to come of this series: each on its own day"),
}
# Time enough to give one’s seat to somebody else, and the way there once one is about to leave.
DEFAULT_REMINDERS = (48, 3)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a gathering is. `type_id` and `module_id` are terms."""

    title: str
    language: str
    summary: str = ""
    description: str = ""
    visibility: str = "public"
    registration: str = "open"
    type_id: int | None = None
    module_id: int | None = None
    cost: str = ""
    conditions: str = ""
    organization_ids: Sequence[int] = ()
    # Stages and competencies of which it speaks.
    term_ids: Sequence[int] = ()
    # How many hours before a date those who come are reminded.
    reminders: Sequence[int] = DEFAULT_REMINDERS
    auto_hours: int = 24
    offer_hours: int = 12
    unnamed_hours: int = 72
    skip_parties: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """One date: its sessions on the wall clock of its zone, where it is, and how many may come each way.

    `seats` has a key for each way in which one may come; None there is without a limit.
    """

    zone: str
    mode: str
    sessions: Sequence[tuple[datetime, datetime]]
    seats: Mapping[str, int | None]
    label: str = ""
    place: str = ""
    address: str = ""
    locality: str = ""
    region_id: int | None = None
    online_url: str = ""
    online_note: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    # Fact → (answer, note).
    access: Mapping[str, tuple[str, str]] = field(default_factory=dict)
