"""The sign-in journal: of one organization only, newest first, found again by the reference that a person was shown."""

from datetime import timedelta

import httpx2
import pytest

from maillage.auth.commands.journal import note
from maillage.core import clock
from maillage.core.db import Database
from tests.auth.conftest import World, said
from tests.auth.setting_up import connected, founded, in_use, tried

pytestmark = pytest.mark.anyio


async def test_every_act_leaves_a_line_in_words(maryse: httpx2.AsyncClient, provider_url: str) -> None:
    organization = await founded(maryse)
    path = await in_use(maryse, organization, f"{provider_url}/a")
    await maryse.post(f"{path}/desactiver")
    page = said(await maryse.get(f"{organization}/connexion/journal"))
    found = [
        page.index(words)
        for words in ("Switched off", "Switched on", "Trial that went through", "Account service added")
    ]
    assert found == sorted(found)


async def test_a_reference_finds_its_line(maryse: httpx2.AsyncClient, provider_url: str) -> None:
    organization = await founded(maryse)
    path = await connected(maryse, organization, f"{provider_url}/a", client_secret="faux")
    reference = (await tried(maryse, path)).headers["x-request-id"]
    page = said(await maryse.get(f"{organization}/connexion/journal", params={"reference": f" {reference} "}))
    assert "did not recognize us" in page
    assert "Account service added" not in page
    assert "No line is like that" in said(await maryse.get(f"{organization}/connexion/journal?reference=abc"))


async def test_only_what_went_wrong_can_be_asked_for(maryse: httpx2.AsyncClient, provider_url: str) -> None:
    organization = await founded(maryse)
    await tried(maryse, await connected(maryse, organization, f"{provider_url}/a", client_secret="faux"))
    page = said(await maryse.get(f"{organization}/connexion/journal?echecs=1"))
    assert "did not recognize us" in page
    assert "Account service added" not in page


async def test_pages_follow_one_another_without_gap(
    maryse: httpx2.AsyncClient, database: Database, world: World
) -> None:
    organization = await founded(maryse)
    async with database.writing() as db:
        own = await db.connection.fetchval("select max(id) from organization")
        for number in range(60):
            await note(
                db,
                organization_id=own,
                provider_id=None,
                person_id=world.maryse,
                outcome="slow",
                reference=f"n{number:03}",
                now=clock.now(),
            )
    first = said(await maryse.get(f"{organization}/connexion/journal?echecs=1"))
    link = first.partition("/connexion/journal?avant=")[2].partition('"')[0]
    second = said(await maryse.get(f"{organization}/connexion/journal?avant={link}"))
    seen = [f"n{number:03}" for number in range(60)]
    assert [name for name in seen if name in first] == seen[10:]
    assert [name for name in seen if name in second] == seen[:10]


async def test_another_organizations_lines_are_not_there(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, provider_url: str
) -> None:
    hers, his = await founded(maryse), await founded(ibrahima, name="Autre")
    path = await connected(maryse, hers, f"{provider_url}/a", client_secret="faux")
    reference = (await tried(maryse, path)).headers["x-request-id"]
    for query in ("", f"?reference={reference}", "?echecs=1", "?avant=999999"):
        page = said(await ibrahima.get(f"{his}/connexion/journal{query}"))
        assert "did not recognize us" not in page
        assert f"<code>{reference}" not in page


async def test_lines_are_gone_after_ninety_days(maryse: httpx2.AsyncClient, database: Database, world: World) -> None:
    organization = await founded(maryse)
    async with database.writing() as db:
        own = await db.connection.fetchval("select max(id) from organization")
        for days, reference in ((89, "recent"), (91, "ancien")):
            await note(
                db,
                organization_id=own,
                provider_id=None,
                person_id=None,
                outcome="slow",
                reference=reference,
                now=clock.now() - timedelta(days=days),
            )
    page = said(await maryse.get(f"{organization}/connexion/journal"))
    assert "recent" in page
    assert "ancien" not in page


async def test_nonsense_in_the_address_is_no_fault(maryse: httpx2.AsyncClient) -> None:
    organization = await founded(maryse)
    for query in ("avant=x", "avant=-1", f"avant={'9' * 30}", "echecs=x", f"reference={'x' * 500}"):
        assert (await maryse.get(f"{organization}/connexion/journal?{query}")).status_code == 200
