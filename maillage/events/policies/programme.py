"""The programme of a gathering: lines whose hours count from the beginning of a session, for every date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from maillage.core.answers import YES, Answer, no
from maillage.core.languages import _


@dataclass(frozen=True, slots=True)
class Item:
    """A line as it was written. `session` counts from 1; `begins` is in minutes after its beginning."""

    session: int
    begins: int
    minutes: int
    title: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Timed:
    """A line with its hours on the wall; without any when the date has no such session."""

    row: Any
    starts: datetime | None
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """What happens in one session."""

    session: int
    day: datetime | None
    lines: Sequence[Timed]


@dataclass(frozen=True, slots=True)
class Programme:
    """`of_one_date`: other dates begin at other hours, so that it says whose hours these are."""

    parts: Sequence[Part]
    of_one_date: bool = False


def may_drop_workshops(chosen: int) -> Answer:
    if chosen:
        return no(_("People have chosen these workshops already: they can be changed, but not taken out."))
    return YES


def reference(dates: Sequence[Any], now: datetime) -> Any:
    """The date whose hours the programme shows: the next one, or the last that was; None without any."""
    held = [date for date in dates if date["state"] == "scheduled" and date["starts"]] or [
        date for date in dates if date["starts"]
    ]
    return next((date for date in held if date["ends_at"] > now), held[-1] if held else None)


def timed(items: Sequence[Any], dates: Sequence[Any], now: datetime) -> Programme:
    """The programme with the hours of the reference date."""
    shown = reference(dates, now)
    starts: Sequence[datetime] = shown["starts"] if shown else ()
    parts = []
    for session in sorted({item["session"] for item in items}):
        day = starts[session - 1] if session <= len(starts) else None
        lines = [_timed(item, day) for item in items if item["session"] == session]
        parts.append(Part(session, day, lines))
    hours = {tuple(start.time() for start in date["starts"]) for date in dates if date["starts"]}
    return Programme(parts, of_one_date=len(hours) > 1)


def _timed(item: Any, day: datetime | None) -> Timed:
    if day is None:
        return Timed(item, None, None)
    starts = day + timedelta(minutes=item["begins"])
    return Timed(item, starts, starts + timedelta(minutes=item["minutes"]))
