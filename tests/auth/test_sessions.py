"""Sessions: opened anew at each sign-in, ended when they should be, useless to whoever reads the table."""

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.auth import commands
from maillage.auth.routes.sessions import device_name
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from maillage.web.app import create_app
from tests.auth.conftest import World, arrive, browser, hold, said, sign_in, signed_in, who

pytestmark = pytest.mark.anyio


async def test_signing_in_again_gives_a_new_session_and_ends_the_old(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await sign_in(client, world.provider_a, "maryse")
    first = client.cookies["session"]
    await sign_in(client, world.provider_a, "maryse")
    assert client.cookies["session"] != first
    assert await db.connection.fetchval("select count(*) from session") == 1
    hold(client, "session", first)
    assert await who(client) is None


async def test_nothing_of_one_person_survives_the_sign_in_of_another(
    client: httpx2.AsyncClient, app: Starlette, world: World
) -> None:
    await sign_in(client, world.provider_a, "maryse")
    first = client.cookies["session"]
    await arrive(client, world.provider_a, "nouvelle")
    assert await who(client) == "nouvelle-venue"
    async with browser(app) as thief:
        hold(thief, "session", first)
        assert await who(thief) is None


async def test_a_session_that_somebody_planted_is_not_taken_over(client: httpx2.AsyncClient, world: World) -> None:
    hold(client, "session", "p" * 43)
    await sign_in(client, world.provider_a, "maryse")
    assert "p" * 43 not in client.cookies.values()
    assert await who(client) == "maryse"


async def test_signing_out_ends_the_session_and_what_the_browser_kept(maryse: httpx2.AsyncClient, db: Db) -> None:
    response = await maryse.post("/deconnexion")
    assert response.status_code == 303
    assert response.headers["clear-site-data"] == '"storage"'
    assert "session" not in maryse.cookies
    assert await db.connection.fetchval("select count(*) from session") == 0


@pytest.mark.parametrize(
    "path", ["/deconnexion", "/moi/sessions/fin", "/moi/sessions/1/fin", "/connexion/fournisseur/1"]
)
async def test_looking_changes_nothing(maryse: httpx2.AsyncClient, path: str) -> None:
    assert (await maryse.get(path)).status_code == 405
    assert await who(maryse) == "maryse"


async def test_another_site_cannot_sign_anybody_out(maryse: httpx2.AsyncClient) -> None:
    response = await maryse.post("/deconnexion", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert await who(maryse) == "maryse"


@pytest.mark.parametrize(
    "over",
    [
        "update session set expires_at = now()",
        "update session set last_seen_at = now() - interval '14 days 1 minute'",
        "update person set suspended_at = now()",
        "update person set closed_at = now()",
        "delete from session",
    ],
)
async def test_a_session_that_is_over_is_nobodys_and_is_forgotten(
    maryse: httpx2.AsyncClient, db: Db, over: str
) -> None:
    await db.connection.execute(over)
    response = await maryse.get("/connexion")
    assert "You are signed in" not in said(response)
    assert response.headers["set-cookie"].startswith("session=; Max-Age=0; Path=/; HttpOnly")
    assert "session" not in maryse.cookies


async def test_being_seen_is_written_every_ten_minutes_only(maryse: httpx2.AsyncClient, db: Db) -> None:
    seen = "select last_seen_at from session"
    before = await db.connection.fetchval(seen)
    response = await maryse.get("/connexion")
    assert await db.connection.fetchval(seen) == before
    queries = int(response.headers["x-queries"])
    await db.connection.execute("update session set last_seen_at = now() - interval '11 minutes'")
    response = await maryse.get("/connexion")
    assert await db.connection.fetchval(seen) > before
    assert int(response.headers["x-queries"]) == queries + 1


async def test_knowing_who_is_reading_takes_one_query_and_none_for_strangers(
    maryse: httpx2.AsyncClient, app: Starlette
) -> None:
    async with browser(app) as stranger:
        assert (await stranger.get("/a-propos")).headers["x-queries"] == "0"
    assert (await maryse.get("/a-propos")).headers["x-queries"] == "1"
    assert (await maryse.get("/static/nothing")).headers["x-queries"] == "0"
    assert (await maryse.get("/healthz")).headers["x-queries"] == "0"


async def test_suspension_ends_every_session_at_once(
    maryse: httpx2.AsyncClient, app: Starlette, database: Database
) -> None:
    async with signed_in(app, database, "maryse") as elsewhere:
        async with database.writing() as db:
            await commands.suspend(db, handle="maryse", now=clock.now())
            assert await db.connection.fetchval("select count(*) from session") == 0
        assert await who(maryse) is None
        assert await who(elsewhere) is None


async def test_a_change_of_rights_ends_every_session(
    maryse: httpx2.AsyncClient, app: Starlette, database: Database
) -> None:
    async with database.writing() as db:
        await commands.grant_role(db, handle="maryse", role="moderator", by=None, now=clock.now())
    assert await who(maryse) is None
    async with signed_in(app, database, "maryse") as again:
        async with database.writing() as db:
            await commands.revoke_role(db, handle="maryse", role="moderator")
        assert await who(again) is None


async def test_one_sees_and_ends_ones_own_sessions(
    maryse: httpx2.AsyncClient, app: Starlette, database: Database, db: Db
) -> None:
    async with signed_in(app, database, "maryse") as elsewhere:
        page = said(await maryse.get("/moi/sessions"))
        assert page.count("/fin") == 3
        assert page.count("/tout") == 1
        assert page.count('<span class="tag">this browser') == 1
        newest = await db.connection.fetchval("select max(id) from session")
        assert (await maryse.post(f"/moi/sessions/{newest}/fin")).status_code == 303
        assert await who(elsewhere) is None
        assert await who(maryse) == "maryse"


async def test_the_list_says_how_each_was_opened_and_no_place(
    maryse: httpx2.AsyncClient, app: Starlette, world: World, db: Db
) -> None:
    async with browser(app, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}) as elsewhere:
        await sign_in(elsewhere, world.provider_a, "maryse")
        page = said(await maryse.get("/moi/sessions"))
        assert "With a link" in page
        assert "With the account of Fournisseur A" in page
        assert "Firefox, Windows" in page
        assert "127.0.0.1" not in page
        row = str([dict(row) for row in await db.connection.fetch("select * from session")])
        assert "127.0" not in row


async def test_all_sessions_end_together_this_one_too(
    maryse: httpx2.AsyncClient, app: Starlette, database: Database, db: Db
) -> None:
    async with signed_in(app, database, "maryse") as elsewhere, signed_in(app, database, "ibrahima") as other:
        response = await maryse.post("/moi/sessions/tout")
        assert response.headers["location"] == "/"
        assert "session" not in maryse.cookies
        assert await who(elsewhere) is None
        assert await who(other) == "ibrahima"


async def test_all_other_sessions_end_together(maryse: httpx2.AsyncClient, app: Starlette, database: Database) -> None:
    async with signed_in(app, database, "maryse") as elsewhere:
        assert (await maryse.post("/moi/sessions/fin")).status_code == 303
        assert await who(elsewhere) is None
    assert await who(maryse) == "maryse"


async def test_ending_this_session_signs_out(maryse: httpx2.AsyncClient, db: Db) -> None:
    own = await db.connection.fetchval("select id from session")
    response = await maryse.post(f"/moi/sessions/{own}/fin")
    assert response.headers["location"] == "/"
    assert "session" not in maryse.cookies


async def test_nobody_ends_somebody_elses_session(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, db: Db
) -> None:
    for session in await db.connection.fetch("select id from session"):
        response = await ibrahima.post(f"/moi/sessions/{session['id']}/fin")
        assert response.status_code == 303
    assert await who(maryse) == "maryse"
    assert (await maryse.post(f"/moi/sessions/{10**30}/fin")).status_code == 404


async def test_under_https_the_cookie_is_bound_to_this_host(settings: Settings, world: World) -> None:
    secure = settings.model_copy(update={"base_url": "https://maillage.example.org"})
    app = create_app(secure)
    async with app.router.lifespan_context(app):
        database = app.state.database
        async with database.writing() as db:
            token = await commands.issue_sign_in_link(db, handle="maryse", now=clock.now())
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://maillage.example.org") as client:
            response = await client.post(f"/connexion/lien/{token}")
            cookie = response.headers["set-cookie"]
            assert cookie.startswith("__Host-session=")
            assert "Secure" in cookie
            assert "Path=/" in cookie
            client.cookies.set("langue", "en")
            assert await who(client) == "maryse"
            away = await client.post(f"/connexion/fournisseur/{world.provider_a}")
            assert away.headers["set-cookie"].startswith("__Host-connexion=")
            assert "Secure" in away.headers["set-cookie"]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Edg/140.0",
            "Edge, Windows",
        ),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_by_what_one_recognizes(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
