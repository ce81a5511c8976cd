"""Organizations: listed, shown, brought here by somebody; closed ones are there for their own people only."""

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core import clock
from maillage.core.db import Database, Db
from tests.auth.conftest import World, browser, said, signed_in
from tests.auth.setting_up import FORM, founded

pytestmark = pytest.mark.anyio


async def test_whoever_brings_an_organization_here_administers_it(maryse: httpx2.AsyncClient, db: Db) -> None:
    response = await maryse.post("/organisations/nouvelle", data=FORM | {"region": "mauricie"})
    assert response.status_code == 303
    assert response.headers["location"] == "/organisations/ressourcerie-de-l-orignal"
    row = await db.connection.fetchrow(
        "select organization.*, role, state from organization join membership on organization_id = organization.id"
        " join person on person.id = person_id where slug = 'ressourcerie-de-l-orignal' and handle = 'maryse'"
    )
    assert row is not None
    assert (row["role"], row["state"], row["region"], row["joining"]) == (
        "administrator",
        "active",
        "mauricie",
        "approval",
    )
    assert row["name_key"] == "ressourcerie de lorignal"
    assert (await maryse.get(f"{response.headers['location']}/connexion")).status_code == 200


async def test_a_new_right_comes_with_a_new_token(maryse: httpx2.AsyncClient, app: Starlette) -> None:
    before = maryse.cookies["session"]
    await founded(maryse)
    assert maryse.cookies["session"] != before
    async with browser(app, cookies={"session": before}) as thief:
        assert (await thief.get("/moi")).status_code == 303


@pytest.mark.parametrize(
    "name", ["ressourcerie de l'orignal", "  RESSOURCERIE  de l’Orignal ", "Ressourcerie-de-l’Orignal"]
)
async def test_a_name_that_sorts_like_another_is_refused(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, db: Db, name: str
) -> None:
    await founded(maryse)
    response = await ibrahima.post("/organisations/nouvelle", data=FORM | {"name": name, "about": "Nos mots."})
    assert response.status_code == 422
    assert "already an organization called" in said(response)
    assert "Nos mots." in said(response)
    assert await db.connection.fetchval("select count(*) from organization") == 2


@pytest.mark.parametrize(
    "name", ["", "   ", "—", "<b>Nous</b>", "http://nous.example", "a@b", "x" * 201, "www.nous.example"]
)
async def test_what_is_no_name_is_refused_beside_its_field(maryse: httpx2.AsyncClient, db: Db, name: str) -> None:
    response = await maryse.post("/organisations/nouvelle", data=FORM | {"name": name})
    assert response.status_code == 422
    assert 'id="name-error"' in response.text
    assert await db.connection.fetchval("select count(*) from organization") == 1


async def test_no_organization_takes_the_address_of_a_page(maryse: httpx2.AsyncClient) -> None:
    assert await founded(maryse, name="Nouvelle") == "/organisations/nouvelle-2"


async def test_two_names_of_one_address_both_live(maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient) -> None:
    assert await founded(maryse, name="Côté rue") == "/organisations/cote-rue"
    assert await founded(ibrahima, name="Côte rue") == "/organisations/cote-rue-2"


async def test_strangers_may_look_and_not_bring(client: httpx2.AsyncClient, world: World) -> None:
    assert "CDC du Grand Détour" in said(await client.get("/organisations"))
    page = await client.get("/organisations/cdc")
    assert page.status_code == 200
    for inside in ("/membres", '/connexion"', "/demande", "Maryse"):
        assert inside not in page.text
    assert (await client.get("/organisations/nouvelle")).headers["location"].startswith("/connexion?suite=")
    assert (await client.post("/organisations/nouvelle", data=FORM)).status_code == 403


async def test_the_list_is_in_french_order(maryse: httpx2.AsyncClient, database: Database) -> None:
    for name in ("Zénith", "Éclaireuses du fleuve", "Eclats", "Œuvre des quais"):
        async with database.writing() as db:
            await db.connection.execute("delete from rate_limit")
        await founded(maryse, name=name)
    page = said(await maryse.get("/organisations")).partition("<main")[2]
    found = [page.index(name) for name in ("CDC du", "Éclaireuses", "Eclats", "Œuvre", "Zénith")]
    assert found == sorted(found)


async def test_three_a_day_are_enough(maryse: httpx2.AsyncClient) -> None:
    for number in range(3):
        await founded(maryse, name=f"Organisme {number}")
    response = await maryse.post("/organisations/nouvelle", data=FORM | {"name": "Organisme 4"})
    assert response.status_code == 429


async def test_a_closed_organization_is_there_for_its_own_people_only(
    app: Starlette, maryse: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database, world: World
) -> None:
    async with database.writing() as db:
        await db.connection.execute("update organization set closed_at = $1", clock.now())
    async with signed_in(app, database, "ibrahima") as ibrahima:
        absent = said(await client.get("/organisations/xyz")).replace("xyz", "cdc")
        for outsider in (client, ibrahima):
            response = await outsider.get("/organisations/cdc")
            assert response.status_code == 404
            assert (await outsider.get("/organisations/cdc/connexion")).status_code == 404
        assert "CDC du Grand" not in absent
    assert "no longer takes part" in said(await maryse.get("/organisations/cdc"))
    assert "CDC du Grand" not in said(await maryse.get("/organisations"))
