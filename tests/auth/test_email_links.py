"""Links by e-mail: one letter for any address, one use, fifteen minutes, and nothing before the button is pressed."""

import re
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core.config import Settings
from maillage.core.db import Database, Db
from tests.auth.conftest import World, browser, come_in, said, who
from tests.auth.posted import Post, to, words

pytestmark = pytest.mark.anyio
HERS, UNKNOWN = "ibrahima@laboussole.example", "personne@nulle-part.example"


@pytest.fixture
def post(database: Database, settings: Settings, tmp_path: Path) -> Post:
    return Post(database, settings, tmp_path)


@pytest.fixture(autouse=True)
async def proved(world: World, database: Database) -> None:
    async with database.writing() as db:
        await db.connection.execute(
            "update person set email = $1, email_proved_at = now() where id = $2", HERS, world.ibrahima
        )


async def ask(client: httpx2.AsyncClient, email: str, **form: str) -> httpx2.Response:
    return await client.post("/connexion/courriel", data={"email": email, **form})


async def test_a_letter_signs_in_whoever_reads_it(client: httpx2.AsyncClient, post: Post) -> None:
    response = await ask(client, HERS.upper(), suite="/discussions?page=2")
    assert response.status_code == 303
    assert response.headers["location"] == "/connexion/courriel"
    assert "If this address is yours" in said(await client.get("/connexion/courriel"))
    link = await post.link()
    opened = await client.get(link)
    assert "another browser" not in said(opened)
    assert await who(client) is None
    response = await client.post(link)
    assert response.headers["location"] == "/discussions?page=2"
    assert await who(client) == "ibrahima"
    again = await client.post(link)
    assert again.status_code == 409


async def test_the_token_is_in_no_table_and_in_no_job(client: httpx2.AsyncClient, post: Post, db: Db) -> None:
    await ask(client, HERS)
    (before,) = await post.waiting()
    link = await post.link()
    token = link.rpartition("/")[2]
    rows = str([dict(row) for row in await db.connection.fetch("select * from sign_in_link")])
    log = str([dict(row) for row in await db.connection.fetch("select * from pgqueuer_log")])
    assert len(token) == 43
    assert token not in before + rows + log
    assert client.cookies["connexion"] not in before + rows


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_a_scanner_of_mails_uses_nothing_up(
    client: httpx2.AsyncClient, app: Starlette, post: Post, method: str
) -> None:
    await ask(client, HERS)
    link = await post.link()
    async with browser(app) as scanner:
        response = await scanner.request(method, link)
        assert "set-cookie" not in response.headers
    assert (await client.post(link)).status_code == 303
    assert await who(client) == "ibrahima"


async def test_on_another_device_the_page_says_so_and_still_serves(
    client: httpx2.AsyncClient, app: Starlette, post: Post
) -> None:
    await ask(client, HERS)
    link = await post.link()
    async with browser(app) as telephone:
        page = said(await telephone.get(link))
        assert "asked for in another browser" in page
        # So that somebody who asked for nothing sees whose door it is.
        assert HERS in page
        assert (await telephone.post(link)).status_code == 303
        assert await who(telephone) == "ibrahima"
    assert await who(client) is None


async def test_an_unknown_address_leads_to_the_first_page(client: httpx2.AsyncClient, post: Post, db: Db) -> None:
    people = await db.connection.fetchval("select count(*) from person")
    await ask(client, UNKNOWN, suite="/discussions")
    response = await client.post(await post.link())
    assert response.headers["location"] == "/bienvenue"
    assert await db.connection.fetchval("select count(*) from person") == people
    response = await come_in(client, name="Une Nouvelle")
    assert response.headers["location"] == "/discussions"
    assert await who(client) == "une-nouvelle"
    row = await db.connection.fetchrow("select email, email_proved_at from person where handle = 'une-nouvelle'")
    assert row is not None
    assert row["email"] == UNKNOWN
    assert row["email_proved_at"] is not None


async def test_a_suspended_person_is_told_once_she_has_shown_whose_address_it_is(
    client: httpx2.AsyncClient, post: Post, db: Db
) -> None:
    await db.connection.execute("update person set suspended_at = now() where handle = 'ibrahima'")
    response = await ask(client, HERS)
    link = await post.link()
    opened = await client.get(link)
    assert "suspended" not in said(response) + said(opened)
    pressed = await client.post(link)
    assert pressed.status_code == 409
    assert "suspended" in said(pressed)
    assert await who(client) is None


async def test_an_address_that_nobody_proved_lets_nobody_in(
    client: httpx2.AsyncClient, app: Starlette, post: Post, world: World, db: Db
) -> None:
    """Somebody made an account with an address that is not hers: its true owner gets one of her own (36)."""
    await db.connection.execute("update person set email = $1, email_proved_at = null", UNKNOWN)
    await ask(client, UNKNOWN)
    await client.post(await post.link())
    await come_in(client, name="La Vraie")
    assert await who(client) == "la-vraie"
    owners = await db.connection.fetch("select handle from person where email = $1", UNKNOWN)
    assert [row["handle"] for row in owners] == ["la-vraie"]
    # The letters of that address open the true owner's account from now on.
    async with browser(app) as elsewhere:
        await ask(elsewhere, UNKNOWN)
        await elsewhere.post(await post.link())
        assert await who(elsewhere) == "la-vraie"


async def test_a_link_lasts_fifteen_minutes_from_its_letter(client: httpx2.AsyncClient, post: Post, db: Db) -> None:
    await ask(client, HERS)
    link = await post.link()
    lasts = await db.connection.fetchval("select expires_at - created_at from sign_in_link")
    assert lasts.total_seconds() == 15 * 60
    await db.connection.execute("update sign_in_link set expires_at = now()")
    assert (await client.post(link)).status_code == 409


async def test_a_letter_that_could_not_leave_in_time_does_not_leave(
    client: httpx2.AsyncClient, post: Post, db: Db
) -> None:
    await ask(client, HERS)
    await db.connection.execute(
        r"""update pgqueuer set payload = convert_to(regexp_replace(convert_from(payload, 'UTF8'),
        '"asked_at": "\d{4}', '"asked_at": "2020'), 'UTF8')"""
    )
    assert await post.delivered() == []
    assert await db.connection.fetchval("select count(*) from sign_in_link") == 0


async def test_the_letter_is_in_the_language_of_the_page(app: Starlette, post: Post) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        await ask(client, HERS)
    letter = await post.letter()
    assert letter["Content-Language"] == "fr-CA"
    assert to(letter) == HERS
    assert "Voici le lien" in words(letter)


@pytest.mark.parametrize(
    "nonsense",
    ["", "x", "@", "a@b", "a b@example.org", "a@b@example.org", "a@-x.org", "é@example.org", "a@x.org\nb@y.org"],
)
async def test_what_is_no_address_gets_no_letter_and_stays_in_its_field(
    client: httpx2.AsyncClient, post: Post, nonsense: str
) -> None:
    for path in ("/connexion/courriel", "/connexion"):
        response = await client.post(path, data={"email": nonsense, "suite": "/moi"})
        assert response.status_code == 422
        assert 'value="/moi"' in response.text
        if nonsense == "a@b":
            assert re.search(r'name="email"[^>]* value="a@b"', response.text)
    assert await post.waiting() == []


async def test_one_mailbox_gets_few_letters_whoever_asks(
    client: httpx2.AsyncClient, app: Starlette, post: Post
) -> None:
    statuses = []
    for number in range(7):
        async with browser(app) as other:
            statuses.append((await ask(other, HERS if number % 2 else HERS.title())).status_code)
    assert statuses == [303] * 7
    assert (await ask(client, UNKNOWN)).status_code == 303
    assert len(await post.waiting()) == 6


async def test_one_computer_gets_few_letters_sent(client: httpx2.AsyncClient, post: Post) -> None:
    statuses = [(await ask(client, f"p{number}@example.org")).status_code for number in range(65)]
    assert statuses[:60] == [303] * 60
    assert statuses[-1] == 429
    assert len(await post.waiting()) == statuses.count(303)


async def test_another_site_has_no_letter_sent(client: httpx2.AsyncClient, post: Post) -> None:
    response = await client.post("/connexion/courriel", data={"email": HERS}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert await post.waiting() == []
