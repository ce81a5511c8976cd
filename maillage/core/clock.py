"""The one place that reads the clock, so that everything else can be told the time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """The day that it is there: in the evening in Montréal, UTC is a day ahead."""
    return now().astimezone(ZoneInfo(zone)).date()
