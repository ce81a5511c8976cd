"""When it is, in words: what the clock on the wall there says, with its zone beside it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from maillage.core import times
from maillage.core.languages import Text, _

# Québec keeps three.
ZONE_NAMES: dict[str, Text] = {
    "America/Toronto": _("Eastern time"),
    "America/Halifax": _("Atlantic time"),
    "America/Blanc-Sablon": _("Atlantic standard time"),
}


# The one in which nearly everybody here lives: said beside another one.
COMMON = "America/Toronto"


def span(local_start: datetime, local_end: datetime, zone: str) -> Text:
    """« 3 mars 2026, de 9 h à 16 h, heure de l’Est »."""
    return _Span("", {"start": local_start, "end": local_end, "zone": ZONE_NAMES.get(zone, zone)})


def when(local_start: datetime, local_end: datetime, zone: str) -> Text:
    """The same, and what most clocks say meanwhile, where that differs: « … (de 8 h à 15 h, heure de l’Est) »."""
    here = span(local_start, local_end, zone)
    start, end = (instant(local, zone).astimezone(ZoneInfo(COMMON)) for local in (local_start, local_end))
    if start.replace(tzinfo=None) == local_start:
        return here
    return _Beside("", {"here": here, "start": start, "end": end})


def instant(local: datetime, zone: str) -> datetime:
    """The moment at which the clock there says so. Of an hour that comes twice in autumn, the later one is meant."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=1)


def moment(at: datetime, zone: str) -> Text:
    """« 3 mars 2026 à 9 h, heure de l’Est »: a moment, as the clock there says it."""
    return _Moment("", {"at": at.astimezone(ZoneInfo(zone)), "zone": ZONE_NAMES.get(zone, zone)})


class _Moment(Text):
    def in_(self, locale: str) -> str:
        at, zone = self.fill["at"], self.fill["zone"]
        day, hour = times.date(at.date(), locale), times.time(at.time().replace(second=0, microsecond=0), locale)
        return _("%(day)s at %(hour)s, %(zone)s", day=day, hour=hour, zone=zone).in_(locale)


class _Beside(Text):
    def in_(self, locale: str) -> str:
        first, last = (times.time(self.fill[end].time(), locale) for end in ("start", "end"))
        said = {"here": self.fill["here"], "from": first, "to": last, "zone": ZONE_NAMES[COMMON]}
        return _("%(here)s (from %(from)s to %(to)s, %(zone)s)", **said).in_(locale)


class _Span(Text):
    """Said once its reader's language is known: months and hours are written otherwise in each."""

    def in_(self, locale: str) -> str:
        start, end, zone = self.fill["start"], self.fill["end"], self.fill["zone"]
        first = {"day": times.date(start.date(), locale), "from": times.time(start.time(), locale)}
        last = {"to": times.time(end.time(), locale), "zone": zone}
        if start.date() == end.date():
            return _("%(day)s, from %(from)s to %(to)s, %(zone)s", **first, **last).in_(locale)
        last["until"] = times.date(end.date(), locale)
        return _("%(day)s at %(from)s until %(until)s at %(to)s, %(zone)s", **first, **last).in_(locale)
