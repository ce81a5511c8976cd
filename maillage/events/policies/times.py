"""When a gathering takes place, all of its dates together."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Times:
    """When its first date begins, when its last one does, and when the last one ends; None without any."""

    first_at: datetime | None
    last_at: datetime | None
    ends_at: datetime | None

    def began(self, now: datetime) -> bool:
        return self.first_at is not None and self.first_at <= now

    def all_began(self, now: datetime) -> bool:
        return self.last_at is not None and self.last_at <= now

    def over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at < now
