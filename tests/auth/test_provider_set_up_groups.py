"""An organization's own groups, and which values of its account service stand for them."""

import httpx2
import pytest

from maillage.auth.commands import groups
from maillage.core.db import Database, Db
from tests.auth.conftest import World, said
from tests.auth.setting_up import connected, founded, key_of

pytestmark = pytest.mark.anyio


async def created(client: httpx2.AsyncClient, organization: str, name: str, db: Db) -> int:
    response = await client.post(f"{organization}/connexion/groupes", data={"name": name})
    assert response.status_code == 303, response.text
    return int(await db.connection.fetchval("select id from organization_group where name = $1", name))


async def test_groups_are_made_renamed_and_removed(maryse: httpx2.AsyncClient, db: Db) -> None:
    organization = await founded(maryse)
    group = await created(maryse, organization, "Équipe du fleuve", db)
    path = f"{organization}/connexion/groupes"
    assert (await maryse.post(f"{path}/{group}", data={"name": "Équipe des rives"})).status_code == 303
    assert "Équipe des rives" in said(await maryse.get(path))
    assert (await maryse.post(f"{path}/{group}/supprimer")).status_code == 303
    assert "None yet." in said(await maryse.get(path))


async def test_a_name_that_sorts_like_another_is_refused(maryse: httpx2.AsyncClient, db: Db) -> None:
    organization = await founded(maryse)
    path = f"{organization}/connexion/groupes"
    await created(maryse, organization, "Équipe", db)
    other = await created(maryse, organization, "Conseil", db)
    for target, name in ((path, "équipe"), (f"{path}/{other}", "ÉQUIPE"), (path, "  "), (path, "<>")):
        response = await maryse.post(target, data={"name": name})
        assert response.status_code == 422
        assert 'aria-invalid="true"' in response.text
    assert await db.connection.fetchval("select count(*) from organization_group") == 2


async def test_nothing_is_mapped_without_a_claim_of_groups(
    maryse: httpx2.AsyncClient, provider_url: str, db: Db
) -> None:
    organization = await founded(maryse)
    group = await created(maryse, organization, "Équipe", db)
    path = await connected(maryse, organization, f"{provider_url}/a")
    response = await maryse.post(f"{path}/groupes", data={"value": "x", "group": str(group)})
    assert response.status_code == 404
    assert await db.connection.fetchval("select count(*) from provider_group") == 0


async def test_what_a_mapping_gave_goes_with_it_and_nothing_else(
    maryse: httpx2.AsyncClient, provider_url: str, database: Database, world: World, db: Db
) -> None:
    organization = await founded(maryse)
    group = await created(maryse, organization, "Équipe", db)
    path = await connected(maryse, organization, f"{provider_url}/a", group_claim="groups")
    for value in ("rives", "fleuve"):
        assert (await maryse.post(f"{path}/groupes", data={"value": value, "group": str(group)})).status_code == 303
    async with database.writing() as writing:
        await groups.told(writing, provider_id=key_of(path), person_id=world.maryse, groups=["rives"])
        await writing.connection.execute(
            "insert into group_member (group_id, person_id) values ($1, $2)", group, world.ibrahima
        )
    count = "select count(*) from group_member where provider_id is not distinct from $1"
    await maryse.post(f"{path}/groupes/retirer", data={"value": "fleuve", "group": str(group)})
    assert await db.connection.fetchval(count, key_of(path)) == 1
    await maryse.post(f"{path}/groupes/retirer", data={"value": "rives", "group": str(group)})
    assert await db.connection.fetchval(count, key_of(path)) == 0
    assert await db.connection.fetchval(count, None) == 1


@pytest.mark.parametrize("group", ["", "x", "0", "9" * 30, "9" * 5000, "-1", "²"])
async def test_a_group_that_is_none_is_not_there(maryse: httpx2.AsyncClient, provider_url: str, group: str) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a", group_claim="groups")
    response = await maryse.post(f"{path}/groupes", data={"value": "x", "group": group})
    assert response.status_code == 404


async def test_people_are_put_in_and_taken_out_by_hand(
    maryse: httpx2.AsyncClient,
    ibrahima: httpx2.AsyncClient,
    provider_url: str,
    database: Database,
    world: World,
    db: Db,
) -> None:
    organization = await founded(maryse)
    await founded(ibrahima, name="Autre")
    group = await created(maryse, organization, "Équipe", db)
    people = f"{organization}/connexion/groupes/{group}/personnes"
    for _ in range(2):
        assert (await maryse.post(people, data={"handle": "maryse"})).status_code == 303
    # Nobody who does not belong there, and nobody who does not exist.
    assert (await maryse.post(people, data={"handle": "ibrahima"})).status_code == 404
    assert (await maryse.post(people, data={"handle": "personne"})).status_code == 404
    assert await db.connection.fetchval("select count(*) from group_member") == 1
    assert "Maryse Lacombe-Dubé" in said(await maryse.get(f"{organization}/connexion/groupes"))
    path = await connected(maryse, organization, f"{provider_url}/a", group_claim="groups")
    await maryse.post(f"{path}/groupes", data={"value": "rives", "group": str(group)})
    async with database.writing() as writing:
        await groups.told(writing, provider_id=key_of(path), person_id=world.maryse, groups=["rives"])
    assert (await maryse.post(f"{people}/retirer", data={"handle": "maryse"})).status_code == 303
    kept = await db.connection.fetch("select provider_id from group_member")
    assert [row[0] for row in kept] == [key_of(path)]
    assert "by your account service" in said(await maryse.get(f"{organization}/connexion/groupes"))


async def test_nobody_fills_the_groups_of_another_organization(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, db: Db
) -> None:
    hers, his = await founded(maryse), await founded(ibrahima, name="Autre")
    group = await created(maryse, hers, "Équipe", db)
    for organization, status in ((hers, 403), (his, 404)):
        path = f"{organization}/connexion/groupes/{group}/personnes"
        assert (await ibrahima.post(path, data={"handle": "ibrahima"})).status_code == status
        assert (await ibrahima.post(f"{path}/retirer", data={"handle": "maryse"})).status_code == status
    assert await db.connection.fetchval("select count(*) from group_member") == 0
