"""A gathering at whose door somebody stands."""

from datetime import datetime, timedelta

from maillage.core import clock
from maillage.core.db import Database, Db
from maillage.events.commands import registering
from tests.browser.conftest import Live
from tests.conftest import finish
from tests.events.gatherings import in_days, make_date, make_gathering, make_guest


def gathering(live: Live, handle: str, *, starts: datetime | None = None, seats: int = 10) -> str:
    """The address of a gathering to which four people come, tomorrow by default, at whose door this person stands."""

    async def write(db: Db) -> int:
        number = await make_gathering(db)
        date = await make_date(db, number, hours=3, seats=seats)
        for name in ("Aline Roy", "Béa Côté", "Carl Gagné", "Denis Hébert"):
            whose = await make_guest(db, name)
            await registering.register(
                db, occurrence_id=date, way="in-person", participant_id=whose, now=clock.now(), by=None
            )
        begins = starts or in_days(1)
        await db.connection.execute(
            "UPDATE event_session SET local_start = $2, local_end = $3 WHERE occurrence_id = $1",
            date,
            begins,
            begins + timedelta(hours=3),
        )
        await db.connection.execute(
            "INSERT INTO gathering_hand (gathering_id, person_id, role)"
            " SELECT $1, id, 'door' FROM person WHERE handle = $2",
            number,
            handle,
        )
        return number

    async def in_transaction() -> int:
        database = await Database.open(live.dsn, size=1)
        async with database.writing() as db:
            number = await write(db)
        await database.close()
        return number

    return f"/rencontres/{finish(in_transaction())}"
