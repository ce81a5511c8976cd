"""dt.dates, times and numbers as the Office québécois de la langue française and Canadian English write them.

No-break spaces keep a time and a day with its month on one line. Month names are read once: this is called
for every message of a page."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

NO_BREAK = "\u00a0"
_FRENCH_MONTHS: dict[int, str] = dict(Locale.parse("fr_CA").months["format"]["wide"])
_ENGLISH_MONTHS: dict[int, str] = dict(Locale.parse("en_CA").months["format"]["wide"])


@lru_cache(maxsize=2048)
def date(day: dt.date, locale: str) -> str:
    """« 1er mars 2026 » or “March 1, 2026”."""
    return f"{_day(day, locale)} {day.year}" if _is_french(locale) else f"{_day(day, locale)}, {day.year}"


def month(day: dt.date, locale: str) -> str:
    """« mars 2026 » or “March 2026”."""
    names = _FRENCH_MONTHS if _is_french(locale) else _ENGLISH_MONTHS
    return f"{names[day.month]}{NO_BREAK}{day.year}"


@lru_cache(maxsize=2048)
def time(moment: dt.time, locale: str) -> str:
    """« 13 h », « 8 h 30 », « 8 h 5 » or “1:30 p.m.”, “8:05 a.m.”, “9 a.m.”."""
    if _is_french(locale):
        minutes = f"{NO_BREAK}{moment.minute}" if moment.minute else ""
        return f"{moment.hour}{NO_BREAK}h{minutes}"
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes}{NO_BREAK}{'a.m.' if moment.hour < 12 else 'p.m.'}"


def moment(at: dt.datetime, zone: ZoneInfo, locale: str, *, now: dt.datetime) -> str:
    """When something happened, seen from `zone` at `now` (both moments aware).

    « aujourd’hui, 13 h 30 », « hier, 8 h 5 », « 3 mars, 9 h », and the year when it is not this one.
    """
    here = at.astimezone(zone)
    today = now.astimezone(zone).date()
    day = here.date()
    if day == today:
        said = "aujourd’hui" if _is_french(locale) else "today"
    elif day == today - dt.timedelta(days=1):
        said = "hier" if _is_french(locale) else "yesterday"
    elif day.year == today.year:
        said = _day(day, locale)
    else:
        said = date(day, locale)
    return f"{said}, {time(dt.time(here.hour, here.minute), locale)}"


def iso(at: dt.datetime) -> str:
    """The moment for machines, in UTC to the second: what goes in a `datetime` attribute."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(n: int, locale: str) -> str:
    """« 1 234 », with no-break spaces, or “1,234”."""
    grouped = f"{n:,}"
    return grouped.replace(",", NO_BREAK) if _is_french(locale) else grouped


def _day(day: dt.date, locale: str) -> str:
    if _is_french(locale):
        return f"{'1er' if day.day == 1 else day.day}{NO_BREAK}{_FRENCH_MONTHS[day.month]}"
    return f"{_ENGLISH_MONTHS[day.month]}{NO_BREAK}{day.day}"


def _is_french(locale: str) -> bool:
    return locale.startswith("fr")
