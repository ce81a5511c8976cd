"""Two servers on one database, everybody at once, and processes killed in the middle: exactly as many as there are
seats, and each of them has her letter."""

import asyncio
import email
import os
import random
import signal
from collections.abc import Iterator
from datetime import timedelta
from email.policy import default
from pathlib import Path

import httpx2
import pytest

from maillage.auth import commands as auth
from maillage.core import clock
from maillage.core.db import Database
from maillage.events.queries import health
from tests.conftest import finish
from tests.events.gatherings import make_date, make_gathering
from tests.operating.house import House, until

pytestmark = pytest.mark.operating

PEOPLE, SEATS, AT_ONCE = 300, 60, 50
# What somebody who is in was told last, in the language that new people have.
_HAS_A_SEAT = {
    f"{words}\u00a0: Rencontre de Sainte-Brume" for words in ("Votre inscription est confirmée", "Vous avez une place")
}
_KEY = "a secret key that both of these servers know"
_OWN = {"MAILLAGE_SECRET_KEY": _KEY, "MAILLAGE_TRUSTED_PROXIES": "1"}


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[tuple[House, House]]:
    """Two servers, each with a web process and a worker, on the database of the first."""
    first = House(tmp_path / "one", env=dict(_OWN))
    with first.serving():
        second = House(tmp_path / "two", env=_OWN | {"MAILLAGE_DATABASE_URL": first.dsn()})
        with second.serving():
            yield first, second


async def prepared(database: Database) -> tuple[int, int, list[str]]:
    """A gathering with its date, and the tokens of people who are signed in."""
    now = clock.now()
    async with database.writing() as db:
        people = await db.connection.fetch(
            "INSERT INTO person (handle, name, name_key, email) SELECT 'p-' || n, 'Personne ' || n, 'personne ' || n,"
            " 'p' || n || '@courriel.example' FROM generate_series(0, $1) n RETURNING id",
            PEOPLE,
        )
        gathering_id = await make_gathering(db, "p-0")
        occurrence_id = await make_date(db, gathering_id, seats=SEATS)
        tokens = [
            await auth.open_session(
                db, person_id=row["id"], provider_id=None, device="", now=now, lifetime=timedelta(hours=1)
            )
            for row in people[1:]
        ]
    return gathering_id, occurrence_id, tokens


async def storm(
    database: Database, gathering_id: int, occurrence_id: int, tokens: list[str], houses: tuple[House, House]
) -> None:
    """Each posts the same form to both servers at once; four in ten withdraw; whoever gets no answer asks again."""
    chance, gate = random.Random(11), asyncio.Semaphore(AT_ONCE)
    base = f"/rencontres/{gathering_id}"

    async with httpx2.AsyncClient(timeout=20, limits=httpx2.Limits(max_connections=AT_ONCE)) as http:

        async def post(house: House, token: str, act: str, form: dict[str, str]) -> None:
            headers = {
                "Cookie": f"session={token}",
                "X-Forwarded-For": f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}",
            }
            for _attempt in range(200):
                try:
                    async with gate:
                        answer = await http.post(
                            f"http://127.0.0.1:{house.port}{base}/{act}", data=form, headers=headers
                        )
                except httpx2.HTTPError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code in {500, 503}:
                    await asyncio.sleep(0.1)
                    continue
                assert answer.status_code == 303, (answer.status_code, answer.text[:300])
                return
            raise AssertionError("no answer at all")

        async def life(number: int, token: str, *, leaves: bool) -> None:
            form = {"date": f"{occurrence_id}:in-person", "listed": "nobody", "request_key": f"form-{number}"}
            await asyncio.gather(*(post(house, token, "inscription", form) for house in houses))
            if leaves:
                async with database.reading() as db:
                    own = await db.connection.fetchval(
                        "SELECT id FROM registration WHERE request_key = $1", f"form-{number}"
                    )
                await post(chance.choice(houses), token, "desistement", {"registration": str(own)})

        async def death() -> None:
            """In the middle of it, one web process and one worker are killed."""
            await asyncio.sleep(1.0)
            for house, what in zip(houses, ("processes.web", "processes.worker"), strict=True):
                for line in house.processes():
                    if what in line:
                        os.kill(int(line.split()[0]), signal.SIGKILL)

        plans = [life(n, token, leaves=chance.random() < 0.4) for n, token in enumerate(tokens)]
        await asyncio.gather(death(), *plans)


def letters(houses: tuple[House, House]) -> dict[str, set[str]]:
    """The subjects that reached each address, by Message-ID once."""
    got: dict[str, set[str]] = {}
    for house in houses:
        for path in (house.data_dir / "letters").glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=default)
            got.setdefault(str(message["To"].addresses[0].addr_spec), set()).add(str(message["Subject"]))
    return got


def test_a_storm_over_two_servers_with_processes_killed_fills_the_room_exactly(houses: tuple[House, House]) -> None:
    dsn = houses[0].dsn()

    async def weather() -> tuple[list[str], dict[str, int]]:
        database = await Database.open(dsn, size=4)
        try:
            gathering_id, occurrence_id, tokens = await prepared(database)
            await storm(database, gathering_id, occurrence_id, tokens, houses)
            async with database.reading() as db:
                assert await health.problems(db, [gathering_id], clock.now()) == []
                rows = await db.connection.fetch("SELECT status, count(*) AS many FROM registration GROUP BY status")
                inside = await db.connection.fetch(
                    "SELECT p.email FROM registration r JOIN participant pa ON pa.id = r.participant_id"
                    " JOIN person p ON p.id = pa.person_id WHERE r.status = 'confirmed'"
                )
        finally:
            await database.close()
        return [row["email"] for row in inside], {row["status"]: row["many"] for row in rows}

    inside, standing = finish(weather())
    assert all("ended unexpectedly (SIGKILL)" in house.log.read_text() for house in houses)
    assert standing["confirmed"] == SEATS
    assert sum(standing.values()) == PEOPLE
    # Whoever is in is told so, in the end: jobs that a dead worker held are done by the other.
    until(
        lambda: not houses[0].asks("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'registration_letter'"),
        "every letter leaves",
    )
    told = letters(houses)
    assert {address for address in inside if not told.get(address, set()) & _HAS_A_SEAT} == set()
