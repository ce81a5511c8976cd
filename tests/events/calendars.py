"""What tests of calendars share: a gathering with a secret link, and calendars read as programs read them."""

from typing import Any

from icalendar import Calendar, Event

from maillage.core.db import Db
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering

LINK = "https://salle.example/porte-secrete"


def hybrid(site: Site, handle: str = "thuy-linh", *, days: int = 45, sessions: int = 1, **more: Any) -> int:
    async def write(db: Db) -> int:
        gathering_id = await make_gathering(db, handle, **more)
        starts = in_days(days)
        await make_date(
            db, gathering_id, seats=5, starts=starts, mode="hybrid", online=5, online_url=LINK, sessions=sessions
        )
        return gathering_id

    return site.write(write)


def read(body: bytes) -> list[Event]:
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 75
    return list(Calendar.from_ical(body).events)


def titles(body: bytes) -> set[str]:
    return {str(event["SUMMARY"]) for event in read(body)}


def sequence(event: Event) -> int:
    return int(str(event["SEQUENCE"]))
