"""One's own ways in: changed right after signing in only, by oneself only, and never without telling."""

from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.auth import commands
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from tests.auth.conftest import World, arrive, authorized, browser, come_in, said, sign_in, signed_in, who
from tests.auth.posted import Post, to, words

pytestmark = pytest.mark.anyio
NEW = "nouvelle-adresse@example.net"


@pytest.fixture
def post(database: Database, settings: Settings, tmp_path: Path) -> Post:
    return Post(database, settings, tmp_path)


async def add(client: httpx2.AsyncClient, provider_id: int, subject: str) -> httpx2.Response:
    """Press the button of another provider, and sign in there."""
    out = await client.post(f"/moi/connexions/ajout/{provider_id}")
    assert out.status_code == 303, said(out)
    return await client.get(await authorized(out.headers["location"], subject))


async def age_sessions(db: Db) -> None:
    await db.connection.execute("update session set created_at = now() - interval '11 minutes'")


async def test_an_account_added_lets_in_and_the_address_is_told(
    maryse: httpx2.AsyncClient, app: Starlette, post: Post, world: World, db: Db
) -> None:
    before = maryse.cookies["session"]
    response = await add(maryse, world.provider_b, "maryse")
    assert response.headers["location"] == "/moi/connexions?ajout"
    # What she may do has changed: her session goes on under another name.
    assert maryse.cookies["session"] != before
    assert await who(maryse) == "maryse"
    page = said(await maryse.get("/moi/connexions?ajout"))
    assert "Fournisseur B" in page
    letter = await post.letter()
    assert to(letter) == "maryse@example.org"
    assert "Fournisseur B" in words(letter)
    async with browser(app) as elsewhere:
        await sign_in(elsewhere, world.provider_b, "maryse")
        assert await who(elsewhere) == "maryse"
    # Once more adds nothing, and tells nobody.
    await add(maryse, world.provider_b, "maryse")
    assert await post.waiting() == []
    assert await db.connection.fetchval("select count(*) from identity where person_id = $1", world.maryse) == 2


async def test_changes_ask_for_a_fresh_sign_in(maryse: httpx2.AsyncClient, post: Post, world: World, db: Db) -> None:
    identity = await db.connection.fetchval("select id from identity where person_id = $1", world.maryse)
    await age_sessions(db)
    page = said(await maryse.get("/moi/connexions"))
    assert "first sign in once more" in page
    assert "/connexion?suite=/moi/connexions" in page
    for act in (f"ajout/{world.provider_b}", f"{identity}/retrait", "adresse"):
        assert act not in page
        response = await maryse.post(f"/moi/connexions/{act}", data={"email": NEW})
        assert response.status_code == 403
        assert "first sign in once more" in said(response)
    assert await post.waiting() == []
    assert await db.connection.fetchval("select count(*) from identity where person_id = $1", world.maryse) == 1
    # Where she is sent, she reads why she is asked once more rather than that she is in already.
    assert "it shows that it is still you" in said(await maryse.get("/connexion?suite=/moi/connexions"))
    await sign_in(maryse, world.provider_a, "maryse")
    assert f"ajout/{world.provider_b}" in (await maryse.get("/moi/connexions")).text


async def test_what_was_fresh_when_she_set_out_is_asked_again_when_she_comes_back(
    maryse: httpx2.AsyncClient, world: World, db: Db
) -> None:
    out = await maryse.post(f"/moi/connexions/ajout/{world.provider_b}")
    back = await authorized(out.headers["location"], "maryse")
    await age_sessions(db)
    assert (await maryse.get(back)).status_code == 403
    assert await db.connection.fetchval("select count(*) from identity where person_id = $1", world.maryse) == 1


async def test_an_account_of_somebody_else_is_refused_and_whose_is_not_said(
    maryse: httpx2.AsyncClient, app: Starlette, post: Post, world: World, db: Db
) -> None:
    async with browser(app) as other:
        await arrive(other, world.provider_b, "maryse", name="Une Tierce")
    response = await add(maryse, world.provider_b, "maryse")
    assert response.status_code == 409
    page = said(response)
    assert "cannot be added to yours" in page
    assert "Tierce" not in page
    assert await post.waiting() == []
    assert await db.connection.fetchval("select count(*) from identity where person_id = $1", world.maryse) == 1


async def test_what_one_began_nobody_else_ends(
    maryse: httpx2.AsyncClient, world: World, app: Starlette, database: Database, db: Db
) -> None:
    """Signed out in between, or somebody else by then: nothing is added to anybody."""
    out = await maryse.post(f"/moi/connexions/ajout/{world.provider_b}")
    call_back = await authorized(out.headers["location"], "maryse")
    async with database.writing() as writing:
        link = await commands.issue_sign_in_link(writing, handle="ibrahima", now=clock.now())
    await maryse.post(f"/connexion/lien/{link}")
    assert await who(maryse) == "ibrahima"
    assert (await maryse.get(call_back)).status_code == 403
    out = await maryse.post(f"/moi/connexions/ajout/{world.provider_b}")
    call_back = await authorized(out.headers["location"], "maryse")
    await maryse.post("/deconnexion")
    assert (await maryse.get(call_back)).status_code == 403
    assert await db.connection.fetchval("select count(*) from identity") == 2


async def test_a_stranger_adds_nothing(client: httpx2.AsyncClient, world: World) -> None:
    response = await client.post(f"/moi/connexions/ajout/{world.provider_b}")
    assert response.status_code == 403
    assert "location" not in response.headers


async def test_a_failure_leaves_things_as_they_are(maryse: httpx2.AsyncClient, world: World) -> None:
    response = await maryse.post(f"/moi/connexions/ajout/{world.down}")
    assert response.status_code == 503
    page = said(response)
    assert "How you sign in" in page
    assert "Reference number" in page


async def test_the_last_way_in_stays(maryse: httpx2.AsyncClient, post: Post, world: World, db: Db) -> None:
    identity = await db.connection.fetchval("select id from identity where person_id = $1", world.maryse)
    assert "This is your last way in" in said(await maryse.get("/moi/connexions"))
    response = await maryse.post(f"/moi/connexions/{identity}/retrait")
    assert response.status_code == 409
    # An account whose service is switched off is none.
    await add(maryse, world.provider_b, "maryse")
    await db.connection.execute("update provider set enabled = false where id = $1", world.provider_b)
    assert (await maryse.post(f"/moi/connexions/{identity}/retrait")).status_code == 409
    await db.connection.execute("update person set email_proved_at = now() where id = $1", world.maryse)
    assert (await maryse.post(f"/moi/connexions/{identity}/retrait")).status_code == 303
    assert await db.connection.fetchval("select count(*) from identity where id = $1", identity) == 0


async def test_removing_an_account_ends_the_other_sessions_and_what_it_gave(
    maryse: httpx2.AsyncClient, app: Starlette, database: Database, world: World, db: Db
) -> None:
    await add(maryse, world.provider_b, "maryse")
    removed = await db.connection.fetchval("select id from identity where issuer like '%/b'")
    group = await db.connection.fetchval(
        "insert into organization_group (organization_id, name, name_key) select id, 'CA', 'ca' from organization"
        " returning id"
    )
    for provider in (world.provider_b, None):
        await db.connection.execute(
            "insert into group_member (group_id, person_id, provider_id) values ($1, $2, $3)",
            group,
            world.maryse,
            provider,
        )
    async with signed_in(app, database, "maryse") as elsewhere:
        assert (await maryse.post(f"/moi/connexions/{removed}/retrait")).status_code == 303
        assert await who(elsewhere) is None
        assert await who(maryse) == "maryse"
        response = await sign_in(elsewhere, world.provider_b, "maryse")
        assert response.headers["location"] == "/bienvenue"
    left = await db.connection.fetch("select provider_id from group_member")
    assert [row["provider_id"] for row in left] == [None]


async def test_nobody_removes_somebody_elses(ibrahima: httpx2.AsyncClient, world: World, db: Db) -> None:
    identity = await db.connection.fetchval("select id from identity where person_id = $1", world.maryse)
    assert (await ibrahima.post(f"/moi/connexions/{identity}/retrait")).status_code == 404
    assert await db.connection.fetchval("select count(*) from identity where id = $1", identity) == 1


async def test_an_address_is_hers_once_she_has_used_its_link(
    maryse: httpx2.AsyncClient, app: Starlette, database: Database, post: Post, world: World, db: Db
) -> None:
    response = await maryse.post("/moi/connexions/adresse", data={"email": NEW})
    assert response.headers["location"] == "/moi/connexions?lettre"
    held = "select email from person where id = $1"
    assert await db.connection.fetchval(held, world.maryse) == "maryse@example.org"
    letter = await post.letter()
    assert to(letter) == NEW
    link = words(letter).partition("http://127.0.0.1:8000")[2].split()[0]
    async with signed_in(app, database, "maryse") as elsewhere:
        assert NEW in said(await maryse.get(link))
        assert await db.connection.fetchval(held, world.maryse) == "maryse@example.org"
        response = await maryse.post(link)
        assert response.headers["location"] == "/moi/connexions?adresse"
        assert await who(elsewhere) is None
        assert await who(maryse) == "maryse"
    row = await db.connection.fetchrow("select email, email_proved_at from person where id = $1", world.maryse)
    assert row is not None
    assert row["email"] == NEW
    assert row["email_proved_at"] is not None
    told = await post.letter()
    assert to(told) == "maryse@example.org"
    assert NEW not in words(told)
    assert (await maryse.post(link)).status_code == 409
    # The links of the address lead to her from now on.
    async with browser(app) as elsewhere:
        await elsewhere.post("/connexion/courriel", data={"email": NEW})
        await elsewhere.post(await post.link())
        assert await who(elsewhere) == "maryse"


async def test_only_who_asked_may_use_the_link_that_proves(
    maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, client: httpx2.AsyncClient, post: Post, db: Db
) -> None:
    await maryse.post("/moi/connexions/adresse", data={"email": NEW})
    link = await post.link()
    assert (await client.get(link)).headers["location"].startswith("/connexion?suite=/moi/connexions/adresse/")
    assert (await client.post(link)).status_code == 403
    assert (await ibrahima.post(link)).status_code == 409
    assert await db.connection.fetchval("select count(*) from person where email = $1", NEW) == 0
    assert (await maryse.post(link)).status_code == 303


async def test_a_link_serves_what_it_was_made_for_only(
    maryse: httpx2.AsyncClient, client: httpx2.AsyncClient, post: Post, db: Db
) -> None:
    await maryse.post("/moi/connexions/adresse", data={"email": NEW})
    proves = (await post.link()).rpartition("/")[2]
    await client.post("/connexion/courriel", data={"email": NEW})
    signs_in = (await post.link()).rpartition("/")[2]
    assert (await client.post(f"/connexion/lien/{proves}")).status_code == 409
    assert await who(client) is None
    assert (await maryse.post(f"/moi/connexions/adresse/{signs_in}")).status_code == 409
    for token in (proves, signs_in):
        for path in ("/domaine", "/invitation"):
            assert (await maryse.post(f"{path}/{token}")).status_code == 409
    assert await db.connection.fetchval("select count(*) from person where email = $1", NEW) == 0


async def test_an_address_that_is_somebodys_becomes_nobody_elses(
    maryse: httpx2.AsyncClient, post: Post, world: World, db: Db
) -> None:
    """Asking tells nothing; whoever shows that it is hers too is told, and nobody is named."""
    asked = []
    for email in (NEW, "libre@example.net"):
        await db.connection.execute(
            "update person set email = $1, email_proved_at = now() where id = $2", NEW, world.ibrahima
        )
        response = await maryse.post("/moi/connexions/adresse", data={"email": email})
        asked.append((response.status_code, response.headers["location"], response.headers["x-queries"]))
    assert asked[0] == asked[1]
    taken, _free = await post.delivered()
    response = await maryse.post(words(taken).partition("http://127.0.0.1:8000")[2].split()[0])
    assert response.status_code == 409
    assert "cannot become yours" in said(response)
    assert "Ibrahima" not in said(response)
    assert await db.connection.fetchval("select email from person where id = $1", world.ibrahima) == NEW


async def test_an_address_is_shown_to_its_owner_only(maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient) -> None:
    assert "maryse@example.org" in said(await maryse.get("/moi/connexions"))
    for path in ("/moi/connexions", "/personnes/maryse", "/personnes/suggestions?q=mar"):
        assert "maryse@example.org" not in said(await ibrahima.get(path))


async def test_another_providers_word_about_her_address_does_nothing_to_her(
    client: httpx2.AsyncClient, app: Starlette, post: Post, world: World, db: Db
) -> None:
    """Organization B's provider says that this is maryse's address, and vouches for it (34, 36)."""
    await db.connection.execute("update person set email_proved_at = $1 where id = $2", clock.now(), world.maryse)
    before = await db.connection.fetchrow("select * from person where id = $1", world.maryse)
    await sign_in(client, world.provider_b, "maryse")
    assert "Maryse Lacombe-Dubé" not in said(await client.get("/bienvenue"))
    await come_in(client)
    assert await who(client) == "une-autre-maryse"
    assert await db.connection.fetchrow("select * from person where id = $1", world.maryse) == before
    # Neither her letters nor her links go to the account that claims her address.
    assert await db.connection.fetchval("select email from person where handle = 'une-autre-maryse'") is None
    assert await post.waiting() == []
    async with browser(app) as hers:
        await hers.post("/connexion/courriel", data={"email": "maryse@example.org"})
        await hers.post(await post.link())
        assert await who(hers) == "maryse"
