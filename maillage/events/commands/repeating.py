"""A series: dates that come back by a rule, each a date of its own with its own people."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, insert, update

from maillage.core.db import Db, Row, Statement
from maillage.events.commands import dates
from maillage.events.commands.copying import copy_date
from maillage.events.commands.dates import Sessions
from maillage.events.commands.holding import hold_with_dates, touch
from maillage.events.models import Occurrence, Series
from maillage.events.policies.plans import MONTHLY, Planned
from maillage.events.queries import editing as queries

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SERIES = Statement(
    insert(Series).values(gathering_id=bindparam("gathering_id"), rule=bindparam("rule")).returning(Series.id)
)
_JOIN = Statement(update(Occurrence).where(Occurrence.id == bindparam("of")).values(series_id=bindparam("series_id")))
_THERE = Statement(
    """
    SELECT s.local_start FROM event_session s JOIN occurrence o ON o.id = s.occurrence_id
     WHERE o.series_id = $1 AND o.state <> 'cancelled'
    """,
    ("series_id",),
)
_IN_SERIES = Statement(
    """
    SELECT id FROM occurrence
     WHERE series_id = $1 AND id <> $2 AND state <> 'cancelled' AND ends_at > $4
       AND ($3::timestamptz IS NULL OR starts_at > $3)
     ORDER BY id
    """,
    ("series_id", "but", "after", "now"),
)


def days_after(first: date, rule: str, times: int) -> Iterator[date]:
    """The next `times` days: every so many weeks (« 1 » to « 8 »), or the same weekday of each month (`MONTHLY`)."""
    if rule != MONTHLY:
        yield from (first + timedelta(weeks=int(rule) * n) for n in range(1, times + 1))
        return
    nth, found, month = (first.day - 1) // 7, 0, first.replace(day=1)
    # A fifth Tuesday is not in every month: those without are passed.
    while found < times:
        month = (month + timedelta(days=32)).replace(day=1)
        day = month + timedelta(days=(first.weekday() - month.weekday()) % 7 + 7 * nth)
        if day.month == month.month:
            found += 1
            yield day


def as_rrule(first: date, rule: str, times: int) -> str:
    """The rule as iCalendar writes it (RFC 5545, 3.3.10), the first date counted in."""
    if rule != MONTHLY:
        return f"FREQ=WEEKLY;INTERVAL={rule};COUNT={times + 1}"
    return f"FREQ=MONTHLY;BYDAY={(first.day - 1) // 7 + 1}{_DAYS[first.weekday()]};COUNT={times + 1}"


async def repeat(db: Db, *, gathering_id: int, occurrence_id: int, rule: str, times: int, now: datetime) -> int:
    """So many dates like this one after it, save those that its series has already. Returns how many it made."""
    await hold_with_dates(db, gathering_id=gathering_id)
    row, sessions = await queries.date_of(db, gathering_id, occurrence_id)
    if not sessions:
        return 0
    first = sessions[0]["local_start"].date()
    series_id = row["series_id"] or await db.value(
        _SERIES, gathering_id=gathering_id, rule=as_rrule(first, rule, times)
    )
    await db.run(_JOIN, of=occurrence_id, series_id=series_id)
    there = {session["local_start"] for session in await db.rows(_THERE, series_id=series_id)}
    made = 0
    for day in days_after(first, rule, times):
        if sessions[0]["local_start"] + (day - first) in there:
            continue
        await copy_date(
            db,
            occurrence_id=occurrence_id,
            gathering_id=gathering_id,
            days=(day - first).days,
            now=now,
            series_id=series_id,
        )
        made += 1
    await touch(db, gathering_id=gathering_id, now=now)
    return made


async def change_others(
    db: Db,
    *,
    gathering_id: int,
    row: Row,
    planned: Planned,
    sessions: Sessions,
    following: bool,
    now: datetime,
    by: int,
) -> None:
    """Give the other dates of its series that are to come, or those after it, the same hours, place and seats.

    Each keeps its own days. Those with another number of sessions keep their hours too, and so do those that are
    postponed: their next day is not known yet. `row` is the date as it was.
    """
    others = await db.rows(
        _IN_SERIES, series_id=row["series_id"], but=row["id"], after=row["starts_at"] if following else None, now=now
    )
    for other in others:
        there, its_own = await queries.date_of(db, gathering_id, other["id"])
        said: list[tuple[int | None, tuple[datetime, datetime]]] = [
            (session["id"], (session["local_start"], session["local_end"])) for session in its_own
        ]
        if len(said) == len(sessions) and there["state"] != "postponed":
            said = [
                (id_, tuple(_at_the_hour_of(mine, theirs) for mine, theirs in zip(mine_both, both, strict=True)))  # type: ignore[misc]
                for (id_, mine_both), (_id, both) in zip(said, sessions, strict=True)
            ]
        await dates.change(
            db,
            gathering_id=gathering_id,
            occurrence_id=there["id"],
            planned=replace(planned, label=there["label"], opens_at=there["opens_at"], closes_at=there["closes_at"]),
            sessions=said,
            now=now,
            by=by,
        )


def _at_the_hour_of(day: datetime, hour: datetime) -> datetime:
    return datetime.combine(day.date(), hour.time())
