"""A certificate of attendance, on paper: who, what, when, for how long, and where to see that it is genuine."""

from pathlib import Path
from typing import Any

from maillage.core import times, typesetting
from maillage.core.codes import drawn
from maillage.core.db import Row
from maillage.core.languages import Text, _, counted
from maillage.events.policies.zones import span
from maillage.events.queries.attendance import Attended

_TEMPLATE = Path(__file__).parent / "certificate.typ"
# There is room for so many lines of who signs.
_MOST_SIGN = 3


async def certificate(attended: Attended, locale: str, *, site: str, address: str, issued: str) -> bytes:
    """That she attended these sessions. `address` is where this very document can be had again, `issued` a day."""
    files = {"code.svg": str(drawn(address)).encode()}
    return await typesetting.as_pdf(_TEMPLATE, _data(attended, locale, site, issued), files)


def _data(attended: Attended, locale: str, site: str, issued: str) -> dict[str, Any]:
    whose, sessions = attended.whose, attended.sessions
    minutes = sum(_minutes(session) for session in sessions)
    return {
        "lang": locale.partition("-")[0],
        "site": site,
        "heading": _("Certificate of attendance").in_(locale),
        "certify": _("This certifies that").in_(locale),
        "name": whose["name"],
        "attended": _("took part in").in_(locale),
        "title": whose["title"],
        "title_lang": whose["language"].partition("-")[0],
        "sessions": [_line(session, locale) for session in sessions],
        "total": counted(
            "%(n)s session, %(time)s in all", "%(n)s sessions, %(time)s in all", len(sessions), time=lasting(minutes)
        ).in_(locale),
        "organized": _("Organized by %(names)s", names=", ".join(whose["organizations"])).in_(locale)
        if whose["organizations"]
        else "",
        "signing": list(whose["organizers"] or ())[:_MOST_SIGN],
        "for": _("For the organizers").in_(locale),
        "issued": _("Issued on %(day)s", day=issued).in_(locale),
        "genuine": _("Scan this code to see this certificate at its source.").in_(locale),
    }


def _line(session: Row, locale: str) -> dict[str, str]:
    online = session["way"] == "online"
    place = _("Online").in_(locale) if online else ", ".join(filter(None, (session["place"], session["locality"])))
    when = span(session["local_start"], session["local_end"], session["zone"]).in_(locale)
    return {"when": when, "name": session["title"], "place": place, "time": lasting(_minutes(session)).in_(locale)}


def _minutes(session: Row) -> int:
    return int((session["ends_at"] - session["starts_at"]).total_seconds()) // 60


def lasting(minutes: int) -> Text:
    """« 6 h 30 min »."""
    hours, rest = divmod(minutes, 60)
    said = {"h": hours, "m": rest, "nb": times.NO_BREAK}
    if not hours:
        return _("%(m)s%(nb)smin", **said)
    return _("%(h)s%(nb)sh %(m)s%(nb)smin", **said) if rest else _("%(h)s%(nb)sh", **said)
