"""What is said of an organization: changed by those who administer it, under the address that it had."""

import asyncio

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core import clock
from maillage.core.db import Database, Db
from tests.auth.conftest import browser, hold, said
from tests.auth.setting_up import FORM, founded

pytestmark = pytest.mark.anyio
ITS = "/organisations/ressourcerie-de-l-orignal"
NEW = {
    "name": "Ressourcerie des Deux-Rives",
    "about": "On répare ce qui casse.\nEt on le redonne.",
    "region": "estrie",
    "relation": "ressource-de-soutien",
    "language": "fr-CA",
}


async def said_of(db: Db) -> dict[str, str]:
    row = await db.connection.fetchrow(
        "select slug, name, name_key, about, region, relation, language from organization where slug <> 'cdc'"
    )
    assert row is not None
    return dict(row)


async def test_an_administrator_changes_what_is_said_and_the_address_stays(
    maryse: httpx2.AsyncClient, client: httpx2.AsyncClient, db: Db
) -> None:
    await founded(maryse)
    assert f"{ITS}/modifier" in (await maryse.get(ITS)).text
    form = await maryse.get(f"{ITS}/modifier")
    assert 'value="Ressourcerie de l’Orignal"' in said(form)
    answer = await maryse.post(f"{ITS}/modifier", data=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ITS}?fait")
    assert await said_of(db) == NEW | {"slug": "ressourcerie-de-l-orignal", "name_key": "ressourcerie des deux rives"}
    assert "Your changes are saved." in said(await maryse.get(f"{ITS}?fait"))
    shown = said(await client.get(ITS))
    assert "Deux-Rives" in shown
    assert "On répare ce qui casse." in shown
    assert "Estrie" in shown
    assert "modifier" not in shown
    assert "Deux-Rives" in said(await client.get("/organisations"))


async def test_pages_that_were_kept_learn_of_it(
    maryse: httpx2.AsyncClient, database: Database, db: Db, other_process: Starlette
) -> None:
    await founded(maryse)
    epoch = "select number from site_epoch"
    before = await db.connection.fetchval(epoch)
    async with browser(other_process) as elsewhere:
        hold(elsewhere, "session", maryse.cookies["session"])
        assert "de l’Orignal" in said(await elsewhere.get("/"))
        await maryse.post(f"{ITS}/modifier", data=NEW)
        assert await db.connection.fetchval(epoch) == before + 1
        page = said(await elsewhere.get("/"))
        assert "Deux-Rives" in page
        assert "de l’Orignal" not in page


async def test_the_journal_says_who_changed_it_and_nothing_when_nothing_changed(
    maryse: httpx2.AsyncClient, db: Db
) -> None:
    await founded(maryse)
    lines = "select count(*) from sign_in_event where outcome = 'described'"
    await maryse.post(f"{ITS}/modifier", data=NEW)
    await maryse.post(f"{ITS}/modifier", data=NEW)
    assert await db.connection.fetchval(lines) == 1
    journal = said(await maryse.get(f"{ITS}/connexion/journal")).partition("<ul")[2]
    assert "Name or description of the organization changed" in journal
    assert "Maryse" in journal


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "<b>Nous</b>"},
        {"name": "www.nous.example"},
        {"about": "x" * 2001},
        {"region": "atlantide"},
        {"relation": "x"},
        {"language": "xx"},
        {"language": ""},
    ],
)
async def test_what_cannot_be_kept_is_refused_beside_its_field_and_nothing_written_is_lost(
    maryse: httpx2.AsyncClient, db: Db, wrong: dict[str, str]
) -> None:
    await founded(maryse)
    before = await said_of(db)
    answer = await maryse.post(f"{ITS}/modifier", data=NEW | {"about": "Nos mots."} | wrong)
    assert answer.status_code == 422
    [name] = wrong
    assert f'id="{name}-error"' in answer.text
    assert name == "about" or "Nos mots." in said(answer)
    assert await said_of(db) == before


async def test_no_organization_takes_the_name_of_another_and_its_own_stays_its_own(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, db: Db
) -> None:
    await founded(maryse)
    await founded(ibrahima, name="Atelier du quai")
    answer = await maryse.post(f"{ITS}/modifier", data=NEW | {"name": "ATELIER  du-quai"})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert "already an organization called" in said(answer)
    kept = "select count(*) from organization where name = $1"
    assert await db.connection.fetchval(kept, FORM["name"]) == 1
    # Another way of writing its own name is no other organization.
    assert (await maryse.post(f"{ITS}/modifier", data=NEW | {"name": "ressourcerie de l'orignal"})).status_code == 303


async def test_of_two_who_take_one_name_at_once_one_has_it(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, db: Db
) -> None:
    await founded(maryse)
    other = await founded(ibrahima, name="Autre chose")
    answers = await asyncio.gather(
        maryse.post(f"{ITS}/modifier", data=NEW), ibrahima.post(f"{other}/modifier", data=NEW)
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert await db.connection.fetchval("select count(*) from organization where name = $1", NEW["name"]) == 1


async def test_nobody_else_changes_it(
    maryse: httpx2.AsyncClient,
    ibrahima: httpx2.AsyncClient,
    client: httpx2.AsyncClient,
    database: Database,
    db: Db,
) -> None:
    await founded(maryse)
    await db.connection.execute(
        "insert into membership (person_id, organization_id)"
        " select person.id, organization.id from person, organization"
        " where handle = 'ibrahima' and slug = 'ressourcerie-de-l-orignal'"
    )
    before = await said_of(db)
    for outsider in (ibrahima, client):
        assert (await outsider.post(f"{ITS}/modifier", data=NEW)).status_code == 403
        assert (await outsider.get(f"{ITS}/modifier")).status_code in {303, 403}
        assert "modifier" not in (await outsider.get(ITS)).text
    async with database.writing() as writing:
        await writing.connection.execute("update organization set closed_at = $1", clock.now())
    assert (await maryse.post(f"{ITS}/modifier", data=NEW)).status_code == 403
    assert await said_of(db) == before
