"""What templates may do to a value: say a time, a number or a bilingual text as readers of one language expect."""

import datetime as dt
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from maillage.core import times, typography
from maillage.core.clock import now
from maillage.core.files import shown
from maillage.core.languages import Text, localized, shown_language


def for_locale(locale: str, zone: ZoneInfo) -> dict[str, Callable[..., Any]]:
    """The filters of one interface language; times are told in `zone`."""

    countries = Locale.parse(locale, sep="-").territories

    def moment(at: datetime) -> str:
        """« hier, 13 h 30 »: near to now, so never on a kept page."""
        return times.moment(at, zone, locale, now=now())

    def date_time(at: datetime) -> str:
        """« 3 mars 2026, 13 h 30 »: true whenever it is read."""
        local = at.astimezone(zone)
        return f"{times.date(local.date(), locale)}, {times.time(local.time(), locale)}"

    def date(at: datetime) -> str:
        return times.date(at.astimezone(zone).date(), locale)

    def day(on: dt.date) -> str:
        """A day that is no moment: « 3 mars 2026 »."""
        return times.date(on, locale)

    def hour(at: dt.time) -> str:
        """What a clock on the wall says: « 13 h 30 »."""
        return times.time(at, locale)

    def month(on: dt.date) -> str:
        """A month: « mars 2026 »."""
        return times.month(on, locale)

    def number(n: int) -> str:
        return times.number(n, locale)

    def weight(count: int) -> str:
        return shown.weight(count, locale)

    def country(code: str) -> str:
        return str(countries.get(code, code))

    def said(text: object) -> object:
        """A sentence in the reader's language; what is not a `Text` stays as it is."""
        return text.in_(locale) if isinstance(text, Text) else text

    def in_reader_language(text: dict[str, str]) -> str:
        return localized(text, locale)

    return {
        "moment": moment,
        "date_time": date_time,
        "date": date,
        "day": day,
        "hour": hour,
        "month": month,
        "iso": times.iso,
        "number": number,
        "country": country,
        "weight": weight,
        "said": said,
        "typeset": typography.typeset,
        "localized": in_reader_language,
        "language_of": shown_language,
    }
