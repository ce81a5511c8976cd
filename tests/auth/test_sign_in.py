"""Somebody signs in through a real provider: who she is, and what is asked and kept."""

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.auth.models import Person
from maillage.auth.routes.clients import PROVIDER_SECRET
from maillage.core.db import Db
from maillage.core.sealing import seal
from tests.auth.conftest import World, arrive, authorized, browser, said, set_out, sign_in, who

pytestmark = pytest.mark.anyio


async def test_a_person_signs_in_and_comes_back_to_where_she_was(client: httpx2.AsyncClient, world: World) -> None:
    response = await sign_in(client, world.provider_a, "maryse", suite="/discussions/12-x?page=2")
    assert response.status_code == 303
    assert response.headers["location"] == "/discussions/12-x?page=2"
    cookie = next(c for c in response.headers.get_list("set-cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert await who(client) == "maryse"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example", "/%0d%0aX: y"])
async def test_signing_in_never_leads_to_another_site(client: httpx2.AsyncClient, world: World, elsewhere: str) -> None:
    page = await client.get("/connexion", params={"suite": elsewhere})
    assert 'name="suite" value="/"' in page.text
    response = await sign_in(client, world.provider_a, "maryse", suite=elsewhere)
    assert response.headers["location"] == "/"


async def test_the_question_to_the_provider_is_what_it_must_be(client: httpx2.AsyncClient, world: World) -> None:
    first = await set_out(client, world.provider_a, login_hint="maryse")
    assert first["scope"] == "openid profile email"
    assert first["response_type"] == "code"
    assert first["code_challenge_method"] == "S256"
    assert first["login_hint"] == "maryse"
    assert first["redirect_uri"] == "http://127.0.0.1:8000/connexion/retour"
    second = await set_out(client, world.provider_a)
    for once in ("state", "nonce", "code_challenge"):
        assert len(first[once]) >= 43
        assert first[once] != second[once]


async def test_somebody_new_gets_an_account_of_her_own(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await arrive(client, world.provider_a, "nouvelle")
    assert await who(client) == "nouvelle-venue"
    again = await sign_in(client, world.provider_a, "nouvelle")
    assert again.status_code == 303
    assert await who(client) == "nouvelle-venue"
    assert await db.connection.fetchval("select count(*) from person") == 4


async def test_a_matching_address_links_nobody(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    """Provider B also has a `maryse@example.org`, under the same subject as provider A's."""
    await arrive(client, world.provider_b, "maryse")
    assert await who(client) == "une-autre-maryse"
    mine = "select person_id from identity where issuer like '%/b'"
    assert await db.connection.fetchval(mine) != world.maryse


async def test_two_people_of_one_name_get_two_handles(app: Starlette, world: World, db: Db) -> None:
    await db.connection.execute("update person set handle = 'nouvelle-venue' where id = $1", world.ibrahima)
    async with browser(app) as client:
        await arrive(client, world.provider_a, "nouvelle")
        assert await who(client) == "nouvelle-venue-2"


async def test_a_name_from_a_provider_is_only_a_name(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await arrive(client, world.provider_a, "malice")
    name = await db.value(
        Person.__table__.select()
        .with_only_columns(Person.name)
        .where(Person.handle != "maryse", Person.id > world.ibrahima, Person.suspended_at.is_(None))
    )
    assert name == "script alert(1) script Bcc x evil. tld evil. tld"
    page = await client.get("/moi")
    assert "<script>alert" not in page.text


async def test_a_person_without_a_name_is_still_somebody(client: httpx2.AsyncClient, world: World) -> None:
    await arrive(client, world.provider_a, "sans-nom")
    assert await who(client) == "membre"


async def test_the_call_back_may_land_on_another_process(
    client: httpx2.AsyncClient, other_process: Starlette, world: World
) -> None:
    out = await set_out(client, world.provider_a)
    call_back = await authorized(out[""], "maryse")
    async with browser(other_process) as elsewhere:
        elsewhere.cookies.update(client.cookies)
        response = await elsewhere.get(call_back)
        assert response.status_code == 303
        assert await who(elsewhere) == "maryse"


async def test_a_call_back_in_another_browser_is_refused(
    client: httpx2.AsyncClient, app: Starlette, world: World
) -> None:
    """Whoever gets somebody to follow her call-back does not sign that person in as herself."""
    out = await set_out(client, world.provider_a)
    call_back = await authorized(out[""], "maryse")
    async with browser(app) as elsewhere:
        await set_out(elsewhere, world.provider_a)
        response = await elsewhere.get(call_back)
        assert response.status_code == 400
        assert "not begun in this browser" in said(response)
        assert await who(elsewhere) is None
    assert (await client.get(call_back)).status_code == 303


async def test_a_call_back_serves_once(client: httpx2.AsyncClient, world: World) -> None:
    out = await set_out(client, world.provider_a)
    kept = dict(client.cookies)
    call_back = await authorized(out[""], "maryse")
    assert (await client.get(call_back)).status_code == 303
    client.cookies.clear()
    client.cookies.update(kept)
    assert (await client.get(call_back)).status_code == 400
    assert await who(client) is None


async def test_a_failed_call_back_uses_its_state_up(client: httpx2.AsyncClient, world: World) -> None:
    out = await set_out(client, world.provider_a)
    kept = dict(client.cookies)
    failed = await client.get(f"/connexion/retour?state={out['state']}&code=wrong&iss=http://other.example")
    assert failed.status_code == 400
    client.cookies.update(kept)
    assert (await client.get(await authorized(out[""], "maryse"))).status_code == 400


async def test_an_attempt_lasts_ten_minutes(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    out = await set_out(client, world.provider_a)
    await db.connection.execute("update sign_in_attempt set expires_at = expires_at - interval '10 minutes'")
    assert (await client.get(await authorized(out[""], "maryse"))).status_code == 400


async def test_two_tabs_may_sign_in_at_once(client: httpx2.AsyncClient, world: World) -> None:
    first = await set_out(client, world.provider_a)
    await set_out(client, world.provider_a)
    assert (await client.get(await authorized(first[""], "maryse"))).status_code == 303


async def test_a_suspended_person_stays_out(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    response = await sign_in(client, world.provider_a, "suspendue")
    assert response.status_code == 403
    assert "suspended" in said(response)
    assert await db.connection.fetchval("select count(*) from session") == 0


async def test_what_crosses_the_tables_cannot_be_used(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    """Neither cookies nor states nor addresses of the network are in any row."""
    out = await set_out(client, world.provider_a)
    attempts = str([dict(row) for row in await db.connection.fetch("select * from sign_in_attempt")])
    await client.get(await authorized(out[""], "maryse"))
    sessions = str([dict(row) for row in await db.connection.fetch("select * from session")])
    limits = str([dict(row) for row in await db.connection.fetch("select * from rate_limit")])
    held = [client.cookies[name] for name in ("session", "connexion") if name in client.cookies]
    for secret in (out["state"], *held, "127.0.0.1"):
        assert secret not in attempts + sessions + limits


async def test_only_her_name_is_kept_and_no_address_that_is_not_proved(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await arrive(client, world.provider_a, "nouvelle")
    row = await db.connection.fetchrow("select * from person where handle = 'nouvelle-venue'")
    assert row is not None
    # Nobody has shown that it is hers.
    assert row["email"] is None
    # The language in which she arrived.
    assert row["locale"] == "en"
    assert row["title"] == row["about"] == ""


async def test_a_first_sign_in_through_an_organization_waits_to_be_let_in(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await db.connection.execute("update provider set organization_id = (select id from organization)")
    await arrive(client, world.provider_a, "nouvelle")
    row = await db.connection.fetchrow("select state, role from membership order by id desc limit 1")
    assert row is not None
    assert tuple(row) == ("pending", "member")
    assert await db.connection.fetchval("select count(*) from platform_role") == 0
    assert "You speak for CDC du Grand" not in said(await client.get("/moi"))


async def test_the_page_lists_ways_to_sign_in_and_whom_the_demonstration_knows(
    client: httpx2.AsyncClient, world: World
) -> None:
    page = await client.get("/connexion?suite=/discussions")
    assert page.status_code == 200
    assert 'value="/discussions"' in page.text
    assert 'name="login_hint" value="maryse"' in page.text
    assert "Fournisseur B" in said(page)
    assert "form-action 'self' https:" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


async def test_a_provider_switched_off_is_not_there(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await db.connection.execute("update provider set enabled = false where id = $1", world.provider_a)
    assert (await client.post(f"/connexion/fournisseur/{world.provider_a}")).status_code == 404
    assert (await client.post(f"/connexion/fournisseur/{10**30}")).status_code == 404
    assert "Fournisseur A" not in said(await client.get("/connexion"))


async def test_a_secret_that_no_key_opens_any_more_is_said_not_stumbled_over(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    lost = seal("x" * 40, PROVIDER_SECRET, b"secret")
    await db.connection.execute("update provider set client_secret = $2 where id = $1", world.provider_a, lost)
    response = await client.post(f"/connexion/fournisseur/{world.provider_a}")
    assert response.status_code == 503
    assert "can no longer be read" in said(response)


async def test_too_many_attempts_are_slowed_down(client: httpx2.AsyncClient, world: World) -> None:
    statuses = [(await client.post(f"/connexion/fournisseur/{world.provider_a}")).status_code for _ in range(70)]
    assert statuses[:50] == [303] * 50
    assert statuses[-1] == 429
