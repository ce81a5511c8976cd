"""Gatherings made behind the scenes, for tests that are about what happens to them afterwards."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maillage.core import clock, names
from maillage.core.db import Db
from maillage.events.commands import participants, registering
from tests.conftest import Site

TORONTO = "America/Toronto"


def in_days(days: int, hour: int = 9, zone: str = TORONTO) -> datetime:
    """That hour on the wall, so many days from now."""
    there = clock.now().astimezone(ZoneInfo(zone)) + timedelta(days=days)
    return there.replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None)


def on_the_wall(**away: float) -> datetime:
    """What the clock there says so long from now."""
    there = clock.now().astimezone(ZoneInfo(TORONTO)) + timedelta(**away)
    return there.replace(second=0, microsecond=0, tzinfo=None)


async def make_gathering(
    db: Db,
    handle: str = "thuy-linh",
    *,
    title: str = "Rencontre de Sainte-Brume",
    state: str = "published",
    visibility: str = "public",
    registration: str = "open",
    language: str = "fr-CA",
    summary: str = "Une journée pour se parler de ce qui marche et de ce qui ne marche pas.",
    auto_hours: int = 24,
    offer_hours: int = 12,
    skip_parties: bool = True,
) -> int:
    """A gathering that this person organizes, as yet without a date; returns its number."""
    ask, now = db.connection.fetchval, clock.now()
    person_id = await ask("SELECT id FROM person WHERE handle = $1", handle)
    gathering_id: int = await ask(
        """
        INSERT INTO gathering (title, slug, language, state, visibility, summary, registration, auto_hours,
                               offer_hours, skip_parties, created_by_id, created_at, changed_at, published_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13) RETURNING id
        """,
        title,
        names.slug(title),
        language,
        state,
        visibility,
        summary,
        registration,
        auto_hours,
        offer_hours,
        skip_parties,
        person_id,
        now,
        now if state in ("published", "cancelled") else None,
    )
    await db.connection.execute(
        "INSERT INTO gathering_hand (gathering_id, person_id, role) VALUES ($1, $2, 'organizer')",
        gathering_id,
        person_id,
    )
    return gathering_id


async def make_date(
    db: Db,
    gathering_id: int,
    *,
    starts: datetime | None = None,
    hours: float = 7,
    sessions: int = 1,
    zone: str = TORONTO,
    seats: int | None = 10,
    online: int | None = None,
    mode: str = "in-person",
    online_url: str = "",
) -> int:
    """A date, with sessions a week apart, `seats` in the room and `online` places beside; returns its number."""
    ask = db.connection.fetchval
    occurrence_id: int = await ask(
        "INSERT INTO occurrence (gathering_id, mode, zone, place, locality, online_url) "
        "VALUES ($1, $2, $3, 'Salle communautaire', 'Sainte-Brume', $4) RETURNING id",
        gathering_id,
        mode,
        zone,
        online_url,
    )
    begins = starts or in_days(45)
    for week in range(sessions):
        await db.connection.execute(
            "INSERT INTO event_session (occurrence_id, zone, local_start, local_end) VALUES ($1, $2, $3, $4)",
            occurrence_id,
            zone,
            begins + timedelta(weeks=week),
            begins + timedelta(weeks=week, hours=hours),
        )
    if mode != "online":
        await registering.set_seats(db, occurrence_id=occurrence_id, way="in-person", seats=seats, now=clock.now())
    if mode != "in-person":
        await registering.set_seats(db, occurrence_id=occurrence_id, way="online", seats=online, now=clock.now())
    return occurrence_id


async def make_guest(db: Db, name: str) -> int:
    """Somebody with an address and no account; returns the participant's number."""
    return await participants.of_address(db, email=f"{names.slug(name)}@courriel.example", name=name, locale="fr-CA")


def gathering(site: Site, handle: str = "thuy-linh", *, seats: int | None = 10, **given: object) -> int:
    """A published gathering with one date 45 days from now; returns its number."""

    async def write(db: Db) -> int:
        gathering_id = await make_gathering(db, handle, **given)  # type: ignore[arg-type]
        await make_date(db, gathering_id, seats=seats)
        return gathering_id

    return site.write(write)
