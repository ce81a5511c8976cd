"""The sign-in page: an address finds its organization's provider, and a browser remembers what served last."""

import re

import httpx2
import pytest

from maillage.core.db import Db
from tests.auth.conftest import World, said, set_out, sign_in

pytestmark = pytest.mark.anyio
LAST = "As you did last time"


async def connect(db: Db, domain: str, *providers: int) -> None:
    """These providers belong to an organization that has proved this domain."""
    organization = await db.connection.fetchval("select id from organization")
    await db.connection.execute(
        "insert into organization_domain (organization_id, domain, proved_at) values ($1, $2, now())",
        organization,
        domain,
    )
    for provider in providers:
        await db.connection.execute("update provider set organization_id = $1 where id = $2", organization, provider)


async def test_an_address_leads_to_its_organizations_provider(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await connect(db, "example.org", world.provider_a)
    response = await client.post("/connexion", data={"email": "Maryse@Example.ORG", "suite": "/discussions"})
    assert response.status_code == 303
    assert "/a/" in response.headers["location"]
    assert "login_hint=Maryse%40Example.ORG" in response.headers["location"]
    assert await db.connection.fetchval("select next_path from sign_in_attempt") == "/discussions"
    assert await db.connection.fetchval("select count(*) from pgqueuer") == 0


async def test_of_several_she_chooses_or_has_a_link_sent(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await connect(db, "example.org", world.provider_a, world.provider_b)
    response = await client.post("/connexion", data={"email": "x@example.org", "suite": "/moi"})
    page = said(response)
    assert response.status_code == 200
    assert "Several ways in go with this address" in page
    for provider in (world.provider_a, world.provider_b):
        assert f'formaction="/connexion/fournisseur/{provider}"' in page
    assert 'name="login_hint" value="x@example.org"' in page
    assert 'formaction="/connexion/courriel"' in page


@pytest.mark.parametrize(
    "unusable",
    [
        "update organization_domain set proved_at = null",
        "update provider set enabled = false",
        "update organization set closed_at = now()",
        "update organization_domain set domain = 'ple.org'",
    ],
)
async def test_without_a_provider_that_serves_a_letter_leaves(
    client: httpx2.AsyncClient, world: World, db: Db, unusable: str
) -> None:
    await connect(db, "example.org", world.provider_a)
    await db.connection.execute(unusable)
    response = await client.post("/connexion", data={"email": "x@example.org"})
    assert response.headers["location"] == "/connexion/courriel"
    assert await db.connection.fetchval("select count(*) from pgqueuer") == 1


async def test_the_provider_that_served_last_comes_first(client: httpx2.AsyncClient, world: World) -> None:
    assert LAST not in said(await client.get("/connexion"))
    response = await sign_in(client, world.provider_a, "maryse")
    cookie = next(c for c in response.headers.get_list("set-cookie") if c.startswith("dernier="))
    assert "Path=/connexion" in cookie
    assert "HttpOnly" in cookie
    await client.post("/deconnexion")
    page = said(await client.get("/connexion"))
    assert page.index(LAST) < page.index("With your e-mail address")
    assert f'action="/connexion/fournisseur/{world.provider_a}"' in page.partition(LAST)[2].partition("</form>")[0]


async def test_what_has_just_failed_is_not_first_and_others_stand_in(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await connect(db, "example.org", world.provider_a, world.provider_b)
    await sign_in(client, world.provider_a, "maryse")
    out = await set_out(client, world.provider_a)
    organization = await db.connection.fetchval("select id from organization")
    failed = await client.get(
        f"/connexion/retour/{organization}", params={"state": out["state"], "error": "access_denied", "iss": "x"}
    )
    assert failed.status_code == 400
    page = said(failed)
    assert LAST not in page
    stands_in = page.partition("Your organization has another way in")[2].partition("</form>")[0]
    assert f'formaction="/connexion/fournisseur/{world.provider_b}"' in stands_in
    assert f'formaction="/connexion/fournisseur/{world.provider_a}"' not in stands_in
    assert 'formaction="/connexion/courriel"' in page
    # The journal has it under the number that she was shown.
    reference = await db.connection.fetchval("select reference from sign_in_event order by id desc limit 1")
    assert f"<code>{reference}</code>" in page
    # Nor does it come back first afterwards.
    assert LAST not in said(await client.get("/connexion"))


async def test_a_cookie_that_names_nothing_is_no_fault(client: httpx2.AsyncClient, world: World) -> None:
    for value in ("x", "-1", "9" * 50, "", "courriel"):
        client.cookies.set("dernier", value, domain="127.0.0.1", path="/connexion")
        page = await client.get("/connexion")
        assert page.status_code == 200
        assert LAST not in said(page)


async def test_two_hundred_organizations_stay_one_page(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    few = int((await client.get("/connexion")).headers["x-queries"])
    await db.connection.execute(
        "insert into organization (slug, name, name_key) select 'o' || n, 'Organisme ' || n, 'organisme ' || n"
        " from generate_series(1, 200) n"
    )
    await db.connection.execute(
        "insert into provider (organization_id, label, issuer, client_id, enabled)"
        " select id, name, 'https://' || slug || '.example', 'x', true from organization where slug like 'o%'"
    )
    response = await client.get("/connexion")
    page = said(response)
    assert int(response.headers["x-queries"]) == few
    assert "Choose among the organizations" in page
    assert len(re.findall(r'formaction="/connexion/fournisseur/\d+"', page)) >= 200
    assert "narrowing.js" in page
    # Without a script everything is there, and the field that would do nothing is not.
    assert re.search(r'class="field narrowing" hidden', page)


async def test_a_call_back_to_another_organizations_address_is_refused(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await connect(db, "example.org", world.provider_a)
    out = await set_out(client, world.provider_a)
    response = await client.get(f"/connexion/retour?state={out['state']}&code=x")
    assert response.status_code == 400
    assert "does not come from Fournisseur A" in said(response)


async def test_a_provider_switched_off_on_the_way_says_so(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    out = await set_out(client, world.provider_a)
    await db.connection.execute("update provider set enabled = false where id = $1", world.provider_a)
    response = await client.get(f"/connexion/retour?state={out['state']}&code=x")
    assert response.status_code == 403
    assert "no longer used to sign in here" in said(response)
