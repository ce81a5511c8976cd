"""A trial shows all that a service says and keeps nothing of it; switching on and off locks nobody out."""

import re
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core import clock
from maillage.core.db import Database, Db
from tests.auth.conftest import World, authorized, browser, hold, said, signed_in, who
from tests.auth.providers import HostileProvider
from tests.auth.setting_up import connected, described, founded, in_use, key_of, rows, tried

pytestmark = pytest.mark.anyio
# All that signing in could write to.
KEPT = ("person", "identity", "membership", "arrival", "group_member", "sign_in_attempt", "session")


def without_last_seen(found: dict[str, Any]) -> dict[str, Any]:
    return {table: [re.sub(r'"last_seen_at":[^,}]*', "", row) for row in lines] for table, lines in found.items()}


async def test_a_trial_shows_each_claim_and_keeps_none(maryse: httpx2.AsyncClient, provider_url: str, db: Db) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a")
    before = without_last_seen(await rows(db, *KEPT))
    session = maryse.cookies["session"]
    page = await tried(maryse, path, "nouvelle")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    for shown in ("Nouvelle Venue", "maryse@example.org", "email_verified", "sub", "iss", "aud", "nonce"):
        assert shown in said(page), shown
    assert without_last_seen(await rows(db, *KEPT)) == before
    assert maryse.cookies["session"] == session
    assert await who(maryse) == "maryse"
    row = await db.connection.fetchrow("select * from provider where id = $1", key_of(path))
    assert row is not None
    assert row["tried_at"] is not None
    assert not row["enabled"]
    event = await db.connection.fetchrow("select * from sign_in_event order by id desc limit 1")
    assert event is not None
    assert event["outcome"] == "trial"
    assert "nouvelle" not in str(dict(event)).lower()
    assert event["reference"] == page.headers["x-request-id"]


async def test_a_trial_that_fails_says_why_and_changes_nothing(
    maryse: httpx2.AsyncClient, provider_url: str, db: Db
) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a", client_secret="faux")
    page = await tried(maryse, path)
    assert page.status_code == 503
    assert "does not recognize this platform" in said(page)
    assert "Copy the client identifier and the secret again" in said(page)
    assert page.headers["x-request-id"] in page.text
    row = await db.connection.fetchrow("select * from provider where id = $1", key_of(path))
    assert row is not None
    assert row["tried_at"] is None
    event = await db.connection.fetchrow("select * from sign_in_event order by id desc limit 1")
    assert event is not None
    assert (event["outcome"], event["reference"]) == ("client-refused", page.headers["x-request-id"])


async def test_a_service_that_is_away_is_told_before_leaving(
    maryse: httpx2.AsyncClient, hostile: HostileProvider
) -> None:
    path = await connected(maryse, await founded(maryse), hostile.issuer)
    hostile.behave("broken")
    response = await maryse.post(f"{path}/essai")
    assert response.status_code == 503
    assert "does not answer" in said(response)


async def test_only_she_who_set_out_sees_what_comes_back(
    app: Starlette, maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, provider_url: str, db: Db
) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a")
    out = await maryse.post(f"{path}/essai")
    back = await authorized(out.headers["location"], "maryse")
    # The same browser, in which somebody else has signed in since.
    hold(maryse, "session", ibrahima.cookies["session"])
    response = await maryse.get(back)
    assert response.status_code == 404
    assert "example.org" not in said(response)
    assert await db.connection.fetchval("select tried_at from provider where id = $1", key_of(path)) is None


async def test_whoever_no_longer_administers_sees_nothing(
    maryse: httpx2.AsyncClient, provider_url: str, database: Database
) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a")
    out = await maryse.post(f"{path}/essai")
    back = await authorized(out.headers["location"], "maryse")
    async with database.writing() as db:
        await db.connection.execute("update membership set role = 'member' where role = 'administrator'")
    response = await maryse.get(back)
    assert response.status_code == 403
    assert "email_verified" not in response.text


@pytest.mark.parametrize("changed", [{"address": "…/b", "client_secret": "un autre"}, {"group_claim": "groups"}])
async def test_a_trial_of_old_settings_says_nothing_of_the_new(
    maryse: httpx2.AsyncClient, provider_url: str, db: Db, changed: dict[str, str]
) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a")
    out = await maryse.post(f"{path}/essai")
    back = await authorized(out.headers["location"], "maryse")
    form = described(f"{provider_url}/a", client_secret="") | changed
    form["address"] = form["address"].replace("…", provider_url)
    await maryse.post(path, data=form)
    await maryse.get(back)
    assert await db.connection.fetchval("select tried_at from provider where id = $1", key_of(path)) is None


async def test_nothing_untried_is_switched_on(maryse: httpx2.AsyncClient, provider_url: str, db: Db) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a")
    response = await maryse.post(f"{path}/activer")
    assert response.status_code == 403
    assert "Try it first" in said(response)
    assert not await db.connection.fetchval("select enabled from provider where id = $1", key_of(path))


async def test_switching_on_takes_no_way_in_from_anybody(
    app: Starlette,
    maryse: httpx2.AsyncClient,
    ibrahima: httpx2.AsyncClient,
    provider_url: str,
    database: Database,
    world: World,
    db: Db,
) -> None:
    """Whoever was in stays in, and every provider, identity and address that served before serves after."""
    organization = await founded(maryse)
    async with database.writing() as writing:
        await writing.connection.execute(
            "insert into membership (person_id, organization_id) select $1, max(id) from organization",
            world.ibrahima,
        )
    path = await connected(maryse, organization, f"{provider_url}/b")
    assert (await tried(maryse, path)).status_code == 200
    ways = ("session", "identity", "person")
    before = without_last_seen(await rows(db, *ways))
    others = await db.connection.fetch("select id, enabled from provider where id <> $1 order by id", key_of(path))
    assert (await maryse.post(f"{path}/activer")).status_code == 303
    for act in ("", "/desactiver", "/activer"):
        if act:
            assert (await maryse.post(path + act)).status_code == 303
        assert without_last_seen(await rows(db, *ways)) == before
        now = await db.connection.fetch("select id, enabled from provider where id <> $1 order by id", key_of(path))
        assert now == others
        assert await who(maryse) == "maryse"
        assert await who(ibrahima) == "ibrahima"
        async with signed_in(app, database, "ibrahima") as again:
            assert await who(again) == "ibrahima"
        async with database.writing() as writing:
            await writing.connection.execute(
                "delete from session where token_hash not in (select token_hash from session order by id limit 2)"
            )
    assert "In use" in said(await maryse.get(path))


async def test_switching_off_ends_sessions_only_when_asked(
    maryse: httpx2.AsyncClient, provider_url: str, database: Database, db: Db
) -> None:
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/a")
    async with database.writing() as writing:
        await writing.connection.execute(
            "insert into session (token_hash, person_id, provider_id, expires_at)"
            " select '\\x01', id, $1, now() + interval '1 day' from person where handle = 'ibrahima'",
            key_of(path),
        )
    count = "select count(*) from session where provider_id = $1"
    await maryse.post(f"{path}/desactiver")
    assert await db.connection.fetchval(count, key_of(path)) == 1
    await maryse.post(f"{path}/activer")
    await maryse.post(f"{path}/desactiver", data={"sessions": "1"})
    assert await db.connection.fetchval(count, key_of(path)) == 0
    assert await who(maryse) == "maryse"


async def test_removing_ends_what_it_opened(
    maryse: httpx2.AsyncClient, provider_url: str, database: Database, db: Db
) -> None:
    # Nobody could find these sessions later, to end them when their owner leaves the organization.
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/a")
    async with database.writing() as writing:
        await writing.connection.execute(
            "insert into session (token_hash, person_id, provider_id, expires_at)"
            " select '\\x01', id, $1, now() + interval '1 day' from person where handle = 'ibrahima'",
            key_of(path),
        )
    count = "select count(*) from session"
    before = await db.connection.fetchval(count)
    await maryse.post(f"{path}/supprimer")
    assert await db.connection.fetchval(count) == before - 1
    assert await who(maryse) == "maryse"


async def test_switching_off_turns_back_whoever_is_on_the_way(
    maryse: httpx2.AsyncClient, provider_url: str, db: Db
) -> None:
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/a")
    async with browser(app=maryse._transport.app) as anybody:  # type: ignore[attr-defined]
        out = await anybody.post(f"/connexion/fournisseur/{key_of(path)}")
        on_the_way = "select count(*) from sign_in_attempt where provider_id = $1"
        assert await db.connection.fetchval(on_the_way, key_of(path)) == 1
        await maryse.post(f"{path}/desactiver")
        assert await db.connection.fetchval(on_the_way, key_of(path)) == 0
        await maryse.post(f"{path}/activer")
        back = await anybody.get(await authorized(out.headers["location"], "maryse"))
        assert back.status_code == 400
        assert await who(anybody) is None


async def test_whoever_would_have_no_other_way_is_counted_first(
    maryse: httpx2.AsyncClient, provider_url: str, database: Database, world: World
) -> None:
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/b")
    sentence = "has no other way in today"
    async with database.writing() as db:
        await db.connection.execute("update provider set enabled = false where organization_id is null")
    assert sentence not in said(await maryse.get(path))
    async with database.writing() as db:
        await db.connection.execute(
            "insert into membership (person_id, organization_id) select $1, max(id) from organization", world.ibrahima
        )
        await db.connection.execute(
            "insert into identity (issuer, subject, person_id) values ($1, 'ibrahima', $2)",
            f"{provider_url}/b",
            world.ibrahima,
        )
    assert f"1 person of your organization {sentence}" in said(await maryse.get(path))
    async with database.writing() as db:
        await db.connection.execute(
            "update person set email = 'i@example.org', email_proved_at = $1 where id = $2", clock.now(), world.ibrahima
        )
    assert sentence not in said(await maryse.get(path))


async def test_what_is_removed_is_found_again(maryse: httpx2.AsyncClient, provider_url: str, db: Db) -> None:
    organization = await founded(maryse)
    path = await in_use(maryse, organization, f"{provider_url}/a")
    before = await rows(db, "identity", "person")
    assert (await maryse.post(f"{path}/supprimer")).headers["location"] == f"{organization}/connexion"
    assert (await maryse.get(path)).status_code == 404
    assert await rows(db, "identity", "person") == before
    async with browser(app=maryse._transport.app) as anybody:  # type: ignore[attr-defined]
        assert "Nos comptes" not in said(await anybody.get("/connexion"))
