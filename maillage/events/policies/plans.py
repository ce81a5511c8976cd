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
