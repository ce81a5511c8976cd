"""The first time: no account before she agrees, three questions that may be left alone, and one account whatever."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.auth import commands
from maillage.core import clock
from maillage.core.config import Settings
from maillage.core.db import Database, Db
from maillage.web.app import create_app
from tests.auth.conftest import World, arrive, browser, come_in, hold, said, sign_in, who
from tests.auth.posted import Post

pytestmark = pytest.mark.anyio
AGREED = {"of_age": "y", "terms": "y"}


@pytest.fixture
def post(database: Database, settings: Settings, tmp_path: Path) -> Post:
    return Post(database, settings, tmp_path)


async def own(db: Db, world: World, *, domain: str | None = None, joining: str = "approval") -> int:
    """Provider A becomes an organization's, with a domain of its own."""
    organization: int = await db.connection.fetchval("update organization set joining = $1 returning id", joining)
    await db.connection.execute(
        "update provider set organization_id = $1 where id = $2", organization, world.provider_a
    )
    if domain:
        await db.connection.execute(
            "insert into organization_domain (organization_id, domain, proved_at) values ($1, $2, now())",
            organization,
            domain,
        )
    return organization


async def by_letter(client: httpx2.AsyncClient, post: Post, email: str) -> None:
    await client.post("/connexion/courriel", data={"email": email})
    response = await client.post(await post.link())
    assert response.headers["location"] == "/bienvenue"


async def test_nobody_has_an_account_before_she_agrees(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    people = await db.connection.fetchval("select count(*) from person")
    response = await sign_in(client, world.provider_a, "nouvelle", suite="/discussions")
    assert response.headers["location"] == "/bienvenue"
    page = await client.get("/bienvenue")
    assert page.text.count('type="checkbox"') == 3  # The third is for keyboard shortcuts, in the frame.
    form = page.text.partition('<form method="post" action="/bienvenue"')[2].partition("</form>")[0]
    assert "checked" not in form
    assert form.count("<select") + form.count('type="text"') <= 3
    for agreed in ({}, {"of_age": "y"}, {"terms": "y"}):
        refused = await client.post("/bienvenue", data={"name": "Moi Même", "region": "estrie", **agreed})
        assert refused.status_code == 422
        assert 'value="Moi Même"' in said(refused)
        assert '<option value="estrie" selected>' in refused.text
    assert await who(client) is None
    assert await db.connection.fetchval("select count(*) from person") == people
    assert await db.connection.fetchval("select count(*) from session") == 0
    response = await client.post("/bienvenue", data={"name": "Moi Même", "region": "estrie", **AGREED})
    assert response.headers["location"] == "/discussions"
    assert await who(client) == "moi-meme"
    row = await db.connection.fetchrow("select * from person where handle = 'moi-meme'")
    assert row is not None
    assert row["region"] == "estrie"
    assert row["agreed_to"] == commands.TERMS.isoformat()
    assert row["agreed_at"] is not None


async def test_every_question_may_be_left_alone(client: httpx2.AsyncClient, world: World) -> None:
    await sign_in(client, world.provider_a, "nouvelle")
    assert (await client.post("/bienvenue", data=AGREED)).status_code == 303
    assert await who(client) == "membre"


async def test_a_form_sent_twice_makes_one_person_and_leaves_her_signed_in(
    client: httpx2.AsyncClient, app: Starlette, world: World, db: Db
) -> None:
    await sign_in(client, world.provider_a, "nouvelle")
    async with browser(app) as same:
        hold(same, "arrivee", client.cookies["arrivee"])
        answers = await asyncio.gather(*(one.post("/bienvenue", data=AGREED) for one in (client, same)))
        assert [answer.status_code for answer in answers] == [303, 303]
        assert await who(client) == await who(same) == "membre"
    assert await db.connection.fetchval("select count(*) from person") == 4
    assert await db.connection.fetchval("select count(*) from identity") == 3


async def test_two_tabs_make_one_person(client: httpx2.AsyncClient, app: Starlette, world: World, db: Db) -> None:
    """Each with a sign-in of its own, as in two browsers."""
    async with browser(app) as other:
        await sign_in(client, world.provider_a, "nouvelle")
        await sign_in(other, world.provider_a, "nouvelle")
        assert (await come_in(client)).status_code == 303
        assert (await come_in(other)).status_code == 303
        assert await who(client) == await who(other) == "nouvelle-venue"
    # The tab that is left over leads in.
    assert (await client.post("/bienvenue", data=AGREED)).headers["location"] == "/"
    assert (await client.get("/bienvenue")).headers["location"] == "/"
    assert await db.connection.fetchval("select count(*) from person") == 4


async def test_two_letters_at_once_make_one_person(app: Starlette, post: Post, world: World, db: Db) -> None:
    async with browser(app) as one, browser(app) as other:
        await by_letter(one, post, "Nouvelle@example.net")
        await by_letter(other, post, "nouvelle@example.net")
        await asyncio.gather(*(tab.post("/bienvenue", data=AGREED) for tab in (one, other)))
        assert await who(one) == await who(other) == "membre"
    assert await db.connection.fetchval("select count(*) from person") == 4


async def test_only_the_browser_that_came_may_answer(client: httpx2.AsyncClient, app: Starlette, world: World) -> None:
    await sign_in(client, world.provider_a, "nouvelle")
    for token in (None, "x" * 43):
        async with browser(app) as stranger:
            if token:
                hold(stranger, "arrivee", token)
            for response in (await stranger.get("/bienvenue"), await stranger.post("/bienvenue", data=AGREED)):
                assert response.headers["location"] == "/connexion"
            assert await who(stranger) is None


@pytest.mark.parametrize("how", ["in", "out"])
async def test_whoever_signs_in_or_out_in_this_browser_is_not_the_one_who_was_arriving(
    client: httpx2.AsyncClient, world: World, db: Db, how: str
) -> None:
    await sign_in(client, world.provider_a, "nouvelle")
    if how == "in":
        await sign_in(client, world.provider_a, "maryse")
        assert await who(client) == "maryse"
    else:
        await client.post("/deconnexion")
    assert (await client.post("/bienvenue", data=AGREED)).status_code == 303
    assert await db.connection.fetchval("select count(*) from person") == 3


async def test_the_door_stays_open_for_an_hour(client: httpx2.AsyncClient, world: World, db: Db) -> None:
    await sign_in(client, world.provider_a, "nouvelle")
    left = await db.connection.fetchval("select expires_at - now() from arrival")
    assert 3500 < left.total_seconds() <= 3600
    await db.connection.execute("update arrival set expires_at = now()")
    assert (await client.post("/bienvenue", data=AGREED)).headers["location"] == "/connexion"
    assert await db.connection.fetchval("select count(*) from person") == 3


async def test_a_provider_switched_off_meanwhile_brings_nobody_in(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await sign_in(client, world.provider_a, "nouvelle")
    await db.connection.execute("update provider set enabled = false")
    assert (await client.post("/bienvenue", data=AGREED)).status_code == 409
    assert await db.connection.fetchval("select count(*) from person") == 3


async def test_somebody_suspended_since_stays_out(
    client: httpx2.AsyncClient, app: Starlette, world: World, db: Db
) -> None:
    async with browser(app) as other:
        await sign_in(client, world.provider_a, "nouvelle")
        await sign_in(other, world.provider_a, "nouvelle")
        await come_in(client)
        await db.connection.execute("update person set suspended_at = now() where handle = 'nouvelle-venue'")
        assert (await other.post("/bienvenue", data=AGREED)).status_code == 409
        assert await who(other) is None


async def test_a_name_that_passes_for_a_facilitators_is_neither_proposed_nor_taken(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await db.connection.execute("update person set name = 'Nouvelle Venue' where id = $1", world.ibrahima)
    await db.connection.execute("insert into platform_role (person_id, role) values ($1, 'moderator')", world.ibrahima)
    await sign_in(client, world.provider_a, "nouvelle")
    assert "Nouvelle Venue" not in said(await client.get("/bienvenue"))
    for name in ("Nouvelle Venue", "NOUVELLE  VENUE", "Nouve\u043ble Venue", "https://evil.example"):
        refused = await client.post("/bienvenue", data={"name": name, **AGREED})
        assert refused.status_code == 422, name
    assert await db.connection.fetchval("select count(*) from person") == 3


@pytest.mark.parametrize(("joining", "state"), [("at_once", "active"), ("approval", "pending")])
async def test_an_address_of_the_organizations_domain_joins_as_it_chose(
    client: httpx2.AsyncClient, app: Starlette, post: Post, world: World, db: Db, joining: str, state: str
) -> None:
    """Through its provider, or by a letter: a committee that has nothing but e-mail gets its people in too."""
    await own(db, world, domain="example.org", joining=joining)
    await arrive(client, world.provider_a, "nouvelle", relation="bailleur-de-fonds")
    async with browser(app) as other:
        await by_letter(other, post, "autre@EXAMPLE.org")
        assert "You come from CDC" in said(await other.get("/bienvenue"))
        await come_in(other, name="Une Autre", relation="partenaire-terrain")
    rows = await db.connection.fetch(
        "select handle, state, membership.relation from membership join person on person.id = person_id"
        " where person_id > $1 order by membership.id",
        world.ibrahima,
    )
    assert [tuple(row) for row in rows] == [
        ("nouvelle-venue", state, "bailleur-de-fonds"),
        ("une-autre", state, "partenaire-terrain"),
    ]


async def test_whom_the_provider_may_not_bring_in_is_told_why_with_another_way(
    client: httpx2.AsyncClient, world: World, db: Db
) -> None:
    await own(db, world, domain="ailleurs.example")
    response = await sign_in(client, world.provider_a, "nouvelle")
    assert response.status_code == 403
    page = said(response)
    assert "not one of this organization’s" in page
    assert 'formaction="/connexion/courriel"' in page
    row = await db.connection.fetchrow("select outcome, reference, person_id from sign_in_event")
    assert row is not None
    assert row["outcome"] == "unknown-domain"
    assert f"<code>{row['reference']}</code>" in page
    assert await db.connection.fetchval("select count(*) from arrival") == 0
    # Somebody whom it has already brought in is not put out by that.
    assert (await sign_in(client, world.provider_a, "maryse")).status_code == 303
    assert await who(client) == "maryse"


async def test_an_address_that_the_organization_owns_is_proved_by_its_word(
    client: httpx2.AsyncClient, app: Starlette, world: World, db: Db
) -> None:
    """And by nobody else's: what provider B, which owns nothing, says of an address is not even kept."""
    await db.connection.execute("update person set email = null, email_proved_at = null")
    proved = "select handle, email_proved_at is not null from person where email = 'maryse@example.org' order by 1"
    async with browser(app) as other:
        await arrive(other, world.provider_b, "maryse")
        assert [tuple(row) for row in await db.connection.fetch(proved)] == []
    await own(db, world, domain="example.org")
    await sign_in(client, world.provider_a, "maryse")
    assert [tuple(row) for row in await db.connection.fetch(proved)] == [("maryse", True)]


async def test_the_groups_that_the_provider_names_come_with_her(
    client: httpx2.AsyncClient, database: Database, world: World, db: Db
) -> None:
    organization = await own(db, world, domain="example.org", joining="at_once")
    group = await db.connection.fetchval(
        "insert into organization_group (organization_id, name, name_key) values ($1, 'CA', 'ca') returning id",
        organization,
    )
    await db.connection.execute(
        "insert into provider_group (provider_id, value, group_id) values ($1, 'ca', $2)", world.provider_a, group
    )
    async with database.writing() as writing:
        token = await commands.begin_arrival(
            writing,
            provider_id=world.provider_a,
            issuer="https://elsewhere.example",
            subject="x",
            groups=("ca", "autre"),
            name="Une Personne",
            email="x@example.org",
            email_proved=True,
            next_path="/",
            now=clock.now(),
        )
    hold(client, "arrivee", token)
    await come_in(client)
    assert await db.connection.fetchval("select count(*) from group_member where group_id = $1", group) == 1


async def test_the_terms_are_in_french_before_any_other_language(client: httpx2.AsyncClient, world: World) -> None:
    page = said(await client.get("/conditions"))
    assert page.index("Conditions d’utilisation") < page.index("In force since")
    assert 'lang="fr-CA" id="conditions"' in page
    assert "La version française prévaut" in page
    await sign_in(client, world.provider_a, "nouvelle")
    assert 'href="/conditions"' in (await client.get("/bienvenue")).text


async def test_where_only_french_is_spoken_the_terms_are_too(settings: Settings, world: World) -> None:
    app = create_app(settings.model_copy(update={"locales": ("fr-CA",)}))
    async with app.router.lifespan_context(app), browser(app) as client:
        page = said(await client.get("/conditions"))
        assert "In force since" not in page
        assert "prévaut" not in page
    create_app(settings)


async def test_a_newcomer_by_letter_is_in_after_three_buttons(client: httpx2.AsyncClient, post: Post, db: Db) -> None:
    """Her address, the link's button, the first page: nothing else stands between."""
    steps: list[Any] = [await client.post("/connexion", data={"email": "vite@example.net", "suite": "/discussions"})]
    link = await post.link()
    steps.append(await client.post(link))
    steps.append(await client.post("/bienvenue", data={"name": "Vite", **AGREED}))
    assert [step.headers["location"] for step in steps] == ["/connexion/courriel", "/bienvenue", "/discussions"]
    assert await who(client) == "vite"
