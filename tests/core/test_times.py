"""Dates, times and numbers read as they do in Québec."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from maillage.core import times

NB = "\u00a0"
MONTREAL = ZoneInfo("America/Toronto")
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (date(2026, 3, 1), f"1er{NB}mars 2026", f"March{NB}1, 2026"),
        (date(2026, 8, 2), f"2{NB}août 2026", f"August{NB}2, 2026"),
        (date(1999, 12, 31), f"31{NB}décembre 1999", f"December{NB}31, 1999"),
    ],
)
def test_dates(day: date, french: str, english: str) -> None:
    assert times.date(day, "fr-CA") == french
    assert times.date(day, "en") == english


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (time(13, 0), f"13{NB}h", f"1{NB}p.m."),
        (time(8, 30), f"8{NB}h{NB}30", f"8:30{NB}a.m."),
        (time(8, 5), f"8{NB}h{NB}5", f"8:05{NB}a.m."),
        (time(0, 0), f"0{NB}h", f"12{NB}a.m."),
        (time(12, 15), f"12{NB}h{NB}15", f"12:15{NB}p.m."),
    ],
)
def test_times(at: time, french: str, english: str) -> None:
    assert times.time(at, "fr-CA") == french
    assert times.time(at, "en") == english


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (datetime(2026, 3, 5, 18, 30, tzinfo=UTC), f"aujourd’hui, 13{NB}h{NB}30", f"today, 1:30{NB}p.m."),
        (datetime(2026, 3, 4, 13, 5, tzinfo=UTC), f"hier, 8{NB}h{NB}5", f"yesterday, 8:05{NB}a.m."),
        # Still the evening of the fourth in Montréal.
        (datetime(2026, 3, 5, 3, 0, tzinfo=UTC), f"hier, 22{NB}h", f"yesterday, 10{NB}p.m."),
        (datetime(2026, 3, 3, 14, 0, tzinfo=UTC), f"3{NB}mars, 9{NB}h", f"March{NB}3, 9{NB}a.m."),
        (
            datetime(2025, 3, 1, 14, 0, tzinfo=UTC),
            f"1er{NB}mars 2025, 9{NB}h",
            f"March{NB}1, 2025, 9{NB}a.m.",
        ),
        (datetime(2026, 7, 3, 13, 0, tzinfo=UTC), f"3{NB}juillet, 9{NB}h", f"July{NB}3, 9{NB}a.m."),
    ],
)
def test_moments_are_told_from_where_the_reader_stands(at: datetime, french: str, english: str) -> None:
    assert times.moment(at, MONTREAL, "fr-CA", now=NOW) == french
    assert times.moment(at, MONTREAL, "en", now=NOW) == english


def test_new_years_eve_is_yesterday_and_not_last_year() -> None:
    at, now = datetime(2025, 12, 31, 20, 0, tzinfo=UTC), datetime(2026, 1, 1, 15, 0, tzinfo=UTC)
    assert times.moment(at, MONTREAL, "fr-CA", now=now) == f"hier, 15{NB}h"


def test_machines_read_utc() -> None:
    assert times.iso(datetime(2026, 3, 5, 13, 30, 7, 999, tzinfo=MONTREAL)) == "2026-03-05T18:30:07Z"


@pytest.mark.parametrize(
    ("n", "french", "english"),
    [(0, "0", "0"), (1234, f"1{NB}234", "1,234"), (-1234567, f"-1{NB}234{NB}567", "-1,234,567")],
)
def test_numbers(n: int, french: str, english: str) -> None:
    assert times.number(n, "fr-CA") == french
    assert times.number(n, "en") == english
