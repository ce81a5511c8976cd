"""What the register keeps of somebody in a story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from maillage.core.languages import _

# How long before a consent ends the authors of a published story are told.
WARNING = timedelta(days=30)
CHILDREN = _("Children under 14 are not mentioned.")


@dataclass(frozen=True, slots=True)
class Described:
    """What authors write down of somebody."""

    name: str
    other_names: str
    relation: str
    shown_as: str
    under_14: bool
    quotes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What she agreed to, in writing or by word of mouth."""

    choice: str
    how: str
    expires_on: date | None
