"""Who looks after a gathering: somebody always does, whoever leaves and whenever."""

import asyncio

import pytest

from maillage.core import clock
from maillage.core.db import Database, Db
from maillage.core.errors import Refused
from maillage.events.commands import hands
from tests.conftest import Site, finish
from tests.events.gatherings import make_gathering
from tests.events.test_planning import begun, number_of


def test_whoever_only_receives_people_or_facilitates_organizes_nothing(site: Site) -> None:
    number = number_of(begun(site))
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/equipe"
    for role in ("door", "facilitator"):
        assert hers.post(address, data={"handle": "maryse", "role": role}).status_code == 303
    answer = hers.post(address, data={"act": "remove", "handle": "thuy-linh", "role": "organizer"})
    assert answer.status_code == 422
    assert "ajoutez d’abord une autre personne" in answer.text
    assert hers.get(f"/rencontres/{number}/modifier").status_code == 200


def test_of_two_who_leave_at_once_one_stays(world_dsn: str) -> None:
    async def life() -> tuple[int, int]:
        database = await Database.open(world_dsn, size=3)

        async def leave(db: Db, person_id: int) -> None:
            await hands.remove(db, gathering_id=number, person_id=person_id, role="organizer", now=clock.now())

        async def leaves(person_id: int) -> None:
            async with database.writing() as db:
                await leave(db, person_id)

        async with database.writing() as db:
            number = await make_gathering(db)
            first, second = [
                row["id"]
                for row in await db.connection.fetch(
                    "SELECT id FROM person WHERE handle IN ('maryse', 'thuy-linh') ORDER BY handle DESC"
                )
            ]
            await hands.add(db, gathering_id=number, person_id=second, role="organizer", now=clock.now())
        async with database.writing() as db:
            await leave(db, first)
            other = asyncio.create_task(leaves(second))
            # She is about to go as well, and has to wait for what became of the first.
            async with database.reading() as looking:
                for _try in range(500):
                    if await looking.connection.fetchval(_WAITS):
                        break
                    await asyncio.sleep(0.01)
        with pytest.raises(Refused):
            await other
        async with database.reading() as db:
            left: int = await db.connection.fetchval(
                "SELECT person_id FROM gathering_hand WHERE gathering_id = $1 AND role = 'organizer'", number
            )
        await database.close()
        return left, second

    left, second = finish(life())
    assert left == second


_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
