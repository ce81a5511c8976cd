"""One-time links: one use, fifteen minutes, and nothing happens before the button is pressed."""

import asyncio
import re
from hashlib import sha256

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.auth import commands
from maillage.core import clock
from maillage.core.db import Database, Db
from maillage.core.errors import Refused
from tests.auth.conftest import World, browser, hold, said, who

pytestmark = pytest.mark.anyio


@pytest.fixture
async def link(database: Database, world: World) -> str:
    async with database.writing() as db:
        return "/connexion/lien/" + await commands.issue_sign_in_link(db, handle="ibrahima", now=clock.now())


async def test_a_link_signs_in_once(client: httpx2.AsyncClient, link: str) -> None:
    response = await client.post(link)
    assert response.status_code == 303
    assert await who(client) == "ibrahima"
    client.cookies.delete("session")
    again = await client.post(link)
    assert again.status_code == 409
    assert "no longer valid" in said(again)
    assert await who(client) is None


async def test_a_browser_whose_session_was_over_is_signed_in_all_the_same(
    client: httpx2.AsyncClient, link: str
) -> None:
    hold(client, "session", "p" * 43)
    response = await client.post(link)
    # One word on the session, and it is the new one; whoever was arriving in this browser is not she.
    assert [line.partition("=")[0] for line in response.headers.get_list("set-cookie")] == ["session", "arrivee"]
    assert await who(client) == "ibrahima"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_opening_a_link_uses_nothing_up(client: httpx2.AsyncClient, link: str, method: str, db: Db) -> None:
    response = await client.request(method, link)
    assert response.status_code in {200, 405}
    assert "set-cookie" not in response.headers
    assert await db.connection.fetchval("select used_at from sign_in_link") is None
    assert (await client.post(link)).status_code == 303


async def test_the_page_of_a_link_is_kept_nowhere(client: httpx2.AsyncClient, link: str) -> None:
    response = await client.get(link)
    assert response.headers["cache-control"] == "no-store"
    assert '<form method="post">' in response.text


async def test_a_link_lasts_fifteen_minutes(client: httpx2.AsyncClient, link: str, db: Db) -> None:
    lasts = await db.connection.fetchval("select expires_at - created_at from sign_in_link")
    assert lasts.total_seconds() == 15 * 60
    await db.connection.execute("update sign_in_link set expires_at = now() - interval '1 second'")
    assert (await client.post(link)).status_code == 409
    assert await who(client) is None


async def test_one_link_used_twice_at_the_same_time_signs_in_once(app: Starlette, link: str) -> None:
    async with browser(app) as one, browser(app) as other:
        answers = await asyncio.gather(one.post(link), other.post(link))
    assert sorted(answer.status_code for answer in answers) == [303, 409]


async def test_a_link_is_stored_as_a_hash_only(link: str, db: Db) -> None:
    token = link.rpartition("/")[2]
    row = await db.connection.fetchrow("select * from sign_in_link")
    assert row is not None
    assert row["token_hash"] == sha256(token.encode()).digest()
    assert token not in str(dict(row))


async def test_unknown_used_and_expired_links_look_alike(
    client: httpx2.AsyncClient, app: Starlette, link: str, db: Db
) -> None:
    """Nobody learns whether a link, or an account, ever was."""

    async def told(path: str) -> list[object]:
        async with browser(app) as stranger:
            opened, pressed = await stranger.get(path), await stranger.post(path)
            return [opened.status_code, pressed.status_code, *(_faceless(page) for page in (opened, pressed))]

    await client.post(link)
    used = await told(link)
    await db.connection.execute("update sign_in_link set used_at = null, expires_at = now()")
    assert await told(link) == used
    assert await told("/connexion/lien/" + "x" * 43) == used


def _faceless(page: httpx2.Response) -> str:
    return re.sub(r"/connexion/lien/[\w-]*|%2Fconnexion%2Flien[^\"]*|lien/[\w-]+", "", page.text)


async def test_a_suspended_person_gets_no_link_and_no_use_of_one(
    client: httpx2.AsyncClient, link: str, database: Database
) -> None:
    async with database.writing() as db:
        await db.connection.execute("update person set suspended_at = now() where handle = 'ibrahima'")
        with pytest.raises(Refused, match="suspended"):
            await commands.issue_sign_in_link(db, handle="ibrahima", now=clock.now())
    assert (await client.post(link)).status_code == 409
    assert await who(client) is None


async def test_nobody_gets_no_link(database: Database, world: World) -> None:
    async with database.writing() as db:
        with pytest.raises(Refused, match="Nobody here"):
            await commands.issue_sign_in_link(db, handle="personne", now=clock.now())


@pytest.mark.parametrize("token", ["%00", "x" * 600, "..%2f..", "%ff", "é"])
async def test_a_token_without_sense_is_refused(client: httpx2.AsyncClient, world: World, token: str) -> None:
    assert 400 <= (await client.post(f"/connexion/lien/{token}")).status_code < 500
