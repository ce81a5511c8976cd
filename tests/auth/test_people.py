"""How members see each other, and how strangers do not."""

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core.db import Db
from tests.auth.conftest import World, browser, said

pytestmark = pytest.mark.anyio


async def test_members_see_who_somebody_is(ibrahima: httpx2.AsyncClient) -> None:
    page = said(await ibrahima.get("/personnes/maryse"))
    assert "Maryse Lacombe-Dubé" in page
    assert "CDC du Grand Détour" in page
    assert "maryse@example.org" not in page


async def test_strangers_cannot_tell_who_is_here(app: Starlette, world: World) -> None:
    async with browser(app) as stranger:
        here, absent = await stranger.get("/personnes/maryse"), await stranger.get("/personnes/personne")
        assert here.status_code == absent.status_code == 303
        assert here.headers["location"] == "/connexion?suite=/personnes/maryse"
        assert absent.headers["location"] == "/connexion?suite=/personnes/personne"
        assert here.text == absent.text == ""
        assert (await stranger.get("/personnes/suggestions?q=m")).status_code == 303


@pytest.mark.parametrize("handle", ["personne", "Maryse", "%00", "x" * 300, "maryse%20", "é", "%27%20or%201=1"])
async def test_nobody_is_not_here(maryse: httpx2.AsyncClient, handle: str) -> None:
    assert (await maryse.get(f"/personnes/{handle}")).status_code in {400, 404}


async def test_a_closed_account_is_not_here(maryse: httpx2.AsyncClient, db: Db) -> None:
    await db.connection.execute("update person set closed_at = now() where handle = 'ibrahima'")
    assert (await maryse.get("/personnes/ibrahima")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("mar", ["maryse"]),
        ("MARYSE lacombe-d", ["maryse"]),
        ("Ibrahima S", ["ibrahima"]),
        ("", []),
        ("%", []),
        ("_aryse", []),
        ("\\", []),
        ("susp", []),
        ("@", []),
    ],
)
async def test_whoever_is_meant_is_suggested(maryse: httpx2.AsyncClient, typed: str, found: list[str]) -> None:
    response = await maryse.get("/personnes/suggestions", params={"q": typed})
    assert response.status_code == 200
    assert [one["handle"] for one in response.json()] == found


async def test_a_suggestion_says_who_and_where_from(ibrahima: httpx2.AsyncClient) -> None:
    response = await ibrahima.get("/personnes/suggestions?q=mar")
    assert response.json() == [
        {"handle": "maryse", "name": "Maryse Lacombe-Dubé", "organization": "CDC du Grand Détour"}
    ]
    assert response.headers["cache-control"] == "private, no-store"


async def test_accents_do_not_matter_and_eight_are_enough(maryse: httpx2.AsyncClient, db: Db) -> None:
    await db.connection.executemany(
        "insert into person (handle, name, name_key) values ($1, $2, $3)",
        [(f"p-{n}", f"Édith {n}", f"edith {n}\x1f1") for n in range(9)],
    )
    found = (await maryse.get("/personnes/suggestions", params={"q": "éd"})).json()
    assert [one["name"] for one in found] == [f"Édith {n}" for n in range(8)]
