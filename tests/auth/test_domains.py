"""A domain is an organization's once an administrator used a link sent to it; before that nobody learns anything."""

import json
import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.auth.letters import domains as letters
from maillage.core import clock, jobs, mail
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from tests.auth.conftest import said, signed_in
from tests.auth.setting_up import founded, rows

pytestmark = pytest.mark.anyio


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The letters that left."""
    found: list[Any] = []

    async def keep(_settings: Settings, letter: Any) -> None:
        found.append(letter)

    monkeypatch.setattr(mail, "send", keep)
    return found


async def posted(database: Database, settings: Settings) -> None:
    """Run the jobs that send the links."""
    async with database.writing() as db:
        waiting = await db.connection.fetch("delete from pgqueuer where entrypoint = 'domain_proof' returning payload")
    for (payload,) in waiting:
        await letters.domain_proof(jobs.Tools(database, settings), json.loads(payload))


async def claimed(
    client: httpx2.AsyncClient, organization: str, address: str, database: Database, settings: Settings, sent: list[Any]
) -> str:
    """Ask for the link and receive it; returns its path."""
    response = await client.post(f"{organization}/connexion/domaines", data={"address": address})
    assert response.status_code == 303, response.text
    await posted(database, settings)
    assert sent[-1].to == address.lower() or sent[-1].to == address
    found = re.search(r"/domaine/[\w-]{43}", sent[-1].text)
    assert found
    return found[0]


async def test_the_link_proves_and_only_its_post_does(
    maryse: httpx2.AsyncClient, database: Database, settings: Settings, sent: list[Any], db: Db
) -> None:
    organization = await founded(maryse)
    path = await claimed(maryse, organization, "admin@Orignal.example.org", database, settings, sent)
    before = await rows(db, "organization_domain")
    for _ in range(2):
        assert "You confirm that addresses at orignal.example.org" in said(await maryse.get(path))
    assert await rows(db, "organization_domain") == before
    assert (await maryse.post(path)).status_code == 303
    row = await db.connection.fetchrow("select * from organization_domain")
    assert row is not None
    assert row["proved_at"] is not None
    assert row["proof_hash"] is None
    # Once.
    assert (await maryse.get(path)).status_code == 404
    assert (await maryse.post(path)).status_code == 409


async def test_neither_the_token_nor_the_address_is_kept(
    maryse: httpx2.AsyncClient, database: Database, settings: Settings, sent: list[Any], db: Db
) -> None:
    path = await claimed(maryse, await founded(maryse), "admin@orignal.example.org", database, settings, sent)
    token = path.removeprefix("/domaine/")
    for lines in (await rows(db, "organization_domain", "pgqueuer", "sign_in_event")).values():
        for secret in (token, token.encode().hex(), "info@"):
            assert secret not in str(lines)


async def test_a_link_lasts_a_day_and_a_newer_one_replaces_it(
    maryse: httpx2.AsyncClient, database: Database, settings: Settings, sent: list[Any]
) -> None:
    organization = await founded(maryse)
    first = await claimed(maryse, organization, "admin@orignal.example.org", database, settings, sent)
    second = await claimed(maryse, organization, "admin@orignal.example.org", database, settings, sent)
    assert (await maryse.post(first)).status_code == 409
    async with database.writing() as db:
        await db.connection.execute(
            "update organization_domain set proof_expires_at = $1", clock.now() - timedelta(seconds=1)
        )
    assert (await maryse.get(second)).status_code == 404
    assert (await maryse.post(second)).status_code == 409


async def test_only_an_administrator_confirms(
    client: httpx2.AsyncClient,
    maryse: httpx2.AsyncClient,
    ibrahima: httpx2.AsyncClient,
    database: Database,
    settings: Settings,
    sent: list[Any],
    db: Db,
) -> None:
    """One press of whoever reads info@ must not hand a domain over to strangers."""
    path = await claimed(maryse, await founded(maryse), "admin@orignal.example.org", database, settings, sent)
    for other in (client, ibrahima):
        page = await other.get(path)
        assert page.status_code == 200
        assert "<button" not in page.text.partition("<main")[2].partition("</main>")[0]
        assert (await other.post(path)).status_code == 403
    assert await db.connection.fetchval("select proved_at from organization_domain") is None


@pytest.mark.parametrize(
    "address",
    [
        "moi@gmail.com",
        "moi@Outlook.com",
        "moi@outlook.fr",
        "moi@hotmail.co.uk",
        "moi@yahoo.ca",
        "moi@videotron.ca",
        "moi@bell.net",
        "moi@icloud.com",
        "moi@live.ca",
    ],
)
async def test_where_everybody_has_addresses_nobody_proves_anything(
    maryse: httpx2.AsyncClient, db: Db, address: str
) -> None:
    organization = await founded(maryse)
    response = await maryse.post(f"{organization}/connexion/domaines", data={"address": address})
    assert response.status_code == 422
    assert "Everybody can have an address" in said(response)
    assert await db.connection.fetchval("select count(*) from organization_domain") == 0


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "@example.org",
        "a@b",
        "a b@example.org",
        "a@exa mple.org",
        "a@-x.org",
        "a@1.2.3.4",
        "info@cdc.example.org",
    ],
)
async def test_what_is_no_address_is_refused(maryse: httpx2.AsyncClient, db: Db, address: str) -> None:
    organization = await founded(maryse)
    response = await maryse.post(f"{organization}/connexion/domaines", data={"address": address})
    assert response.status_code == 422
    assert 'id="address-error"' in response.text
    assert await db.connection.fetchval("select count(*) from pgqueuer") == 0


async def test_a_claimant_learns_nothing_of_another_before_the_letter_is_used(
    maryse: httpx2.AsyncClient,
    ibrahima: httpx2.AsyncClient,
    database: Database,
    settings: Settings,
    sent: list[Any],
    db: Db,
) -> None:
    hers, his = await founded(maryse), await founded(ibrahima, name="Autre")
    path = await claimed(maryse, hers, "admin@orignal.example.org", database, settings, sent)
    await maryse.post(path)
    taken = await ibrahima.post(f"{his}/connexion/domaines", data={"address": "admin@orignal.example.org"})
    free = await ibrahima.post(f"{his}/connexion/domaines", data={"address": "admin@libres.example.org"})
    assert (taken.status_code, free.status_code) == (303, 303)
    await posted(database, settings)
    assert [letter.to for letter in sent[-2:]] == ["admin@orignal.example.org", "admin@libres.example.org"]
    page = said(await ibrahima.get(f"{his}/connexion/domaines"))
    lines = re.findall(r"<li>.*?</li>", page.partition("<main")[2].partition("</main>")[0], re.DOTALL)
    assert len({re.sub(r"orignal|libres|domain-\d|<time.*?</time>", "", line) for line in lines}) == 1
    # Only whoever reads the letters there is told.
    token = re.search(r"/domaine/[\w-]{43}", sent[-2].text)
    assert token
    assert "You confirm" in said(await ibrahima.get(token[0]))
    refused = await ibrahima.post(token[0])
    assert refused.status_code == 409
    assert "Another organization has already shown" in said(refused)
    assert "Ressourcerie" not in said(refused)
    proved = await db.connection.fetchval("select count(*) from organization_domain where proved_at is not null")
    assert proved == 1


async def test_a_domain_removed_is_free_again(
    maryse: httpx2.AsyncClient,
    ibrahima: httpx2.AsyncClient,
    database: Database,
    settings: Settings,
    sent: list[Any],
) -> None:
    hers, his = await founded(maryse), await founded(ibrahima, name="Autre")
    await maryse.post(await claimed(maryse, hers, "admin@orignal.example.org", database, settings, sent))
    # Not by somebody else.
    await ibrahima.post(f"{his}/connexion/domaines/retirer", data={"domain": "orignal.example.org"})
    assert "Proved" in said(await maryse.get(f"{hers}/connexion/domaines"))
    await maryse.post(f"{hers}/connexion/domaines/retirer", data={"domain": "orignal.example.org"})
    assert "Proved" not in said(await maryse.get(f"{hers}/connexion/domaines"))
    path = await claimed(ibrahima, his, "admin@orignal.example.org", database, settings, sent)
    assert (await ibrahima.post(path)).status_code == 303


async def test_one_mailbox_is_not_flooded(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, database: Database
) -> None:
    hers, his = await founded(maryse), await founded(ibrahima, name="Autre")
    statuses = []
    for client, organization in ((maryse, hers), (maryse, hers), (ibrahima, his), (ibrahima, his)):
        response = await client.post(
            f"{organization}/connexion/domaines", data={"address": "admin@orignal.example.org"}
        )
        statuses.append(response.status_code)
    assert statuses == [303, 303, 303, 429]


async def test_a_closed_organization_proves_nothing_more(
    app: Starlette, maryse: httpx2.AsyncClient, database: Database, settings: Settings, sent: list[Any]
) -> None:
    path = await claimed(maryse, await founded(maryse), "admin@orignal.example.org", database, settings, sent)
    async with database.writing() as db:
        await db.connection.execute("update organization set closed_at = $1", clock.now())
    async with signed_in(app, database, "maryse") as again:
        assert (await again.get(path)).status_code == 404
        assert (await again.post(path)).status_code == 409


async def test_who_joins_how_is_chosen_and_only_between_two(maryse: httpx2.AsyncClient, db: Db) -> None:
    organization = await founded(maryse)
    asked = "select joining from organization where slug = 'ressourcerie-de-l-orignal'"
    for given, kept in (("at_once", "at_once"), ("everybody", "at_once"), ("", "at_once"), ("approval", "approval")):
        response = await maryse.post(f"{organization}/connexion/adhesion", data={"joining": given})
        assert response.status_code == 303
        assert await db.connection.fetchval(asked) == kept
