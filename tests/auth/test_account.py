"""One's own account: what may be changed there, and what a form cannot smuggle in."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core.db import Db
from tests.auth.conftest import World, browser, hold, said

pytestmark = pytest.mark.anyio
FORM = {"name": "Maryse L.", "title": "agente", "region": "mauricie", "relation": "", "locale": "fr-CA"}


async def test_changes_are_kept(maryse: httpx2.AsyncClient, db: Db) -> None:
    response = await maryse.post("/moi", data=FORM | {"relation": "partenaire-terrain", "locale": "en"})
    assert response.status_code == 303
    assert "Your changes are saved" in said(await maryse.get(response.headers["location"]))
    row = await db.connection.fetchrow("select * from person where handle = 'maryse'")
    assert row is not None
    assert [row[name] for name in ("name", "name_key", "title", "region", "locale")] == [
        "Maryse L.",
        "maryse l",
        "agente",
        "mauricie",
        "en",
    ]
    assert await db.connection.fetchval("select relation from membership") == "partenaire-terrain"


async def test_a_language_chosen_here_wins_over_one_chosen_in_passing(maryse: httpx2.AsyncClient) -> None:
    hold(maryse, "langue", "fr-CA")
    await maryse.post("/moi", data=FORM | {"locale": "en"})
    assert '<html lang="en">' in (await maryse.get("/moi")).text


async def test_pages_that_show_a_name_are_made_again(maryse: httpx2.AsyncClient, db: Db) -> None:
    await maryse.post("/moi", data=FORM)
    before = await db.connection.fetchval("select number from site_epoch")
    await maryse.post("/moi", data=FORM)
    assert await db.connection.fetchval("select number from site_epoch") > before


async def test_strangers_are_asked_to_sign_in(app: Starlette) -> None:
    async with browser(app) as stranger:
        response = await stranger.get("/moi/sessions")
        assert response.status_code == 303
        assert response.headers["location"] == "/connexion?suite=/moi/sessions"
        assert (await stranger.post("/moi", data=FORM)).status_code == 403


async def test_extra_fields_are_ignored(maryse: httpx2.AsyncClient, world: World, db: Db) -> None:
    extra = {
        "id": str(world.ibrahima),
        "person_id": str(world.ibrahima),
        "handle": "admin",
        "email": "evil@example.org",
        "role": "admin",
        "roles": "admin",
        "suspended_at": "",
        "organization_id": "1",
        "created_at": "1999-01-01",
    }
    before = await db.connection.fetch("select * from person where handle <> 'maryse' order by id")
    assert (await maryse.post("/moi", data=FORM | extra)).status_code == 303
    assert await db.connection.fetch("select * from person where handle <> 'maryse' order by id") == before
    row = await db.connection.fetchrow("select handle, email from person where id = $1", world.maryse)
    assert row is not None
    assert tuple(row) == ("maryse", "maryse@example.org")
    assert await db.connection.fetchval("select count(*) from platform_role") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " \u200b "},
        {"name": "x" * 121},
        {"name": "https://evil.tld"},
        {"name": "www.evil.tld"},
        {"name": "=HYPERLINK(1)"},
        {"name": "<b>x</b>"},
        {"name": "a@b.ca"},
        {"title": "x" * 161},
        {"region": "atlantis"},
        {"relation": "roi"},
        {"locale": "de"},
    ],
)
async def test_what_cannot_be_accepted_comes_back_with_the_words_kept(
    maryse: httpx2.AsyncClient, db: Db, wrong: dict[str, str]
) -> None:
    response = await maryse.post("/moi", data=FORM | {"title": "mots à garder"} | wrong)
    assert response.status_code == 422
    if "title" not in wrong:
        assert "mots à garder" in said(response)
    (name,) = wrong
    assert f'id="{name}-error"' in response.text
    assert await db.connection.fetchval("select name from person where handle = 'maryse'") == "Maryse Lacombe-Dubé"


@pytest.mark.parametrize(
    "body",
    [
        b"name=a%00b",
        b"name=%ed%a0%80",
        b"name=%ff",
        b"name[]=a&name[x]=b",
        b"name=a&" * 300,
        b"\xff\xfe",
        b"",
        b"locale=fr-CA&locale=en&name=",
    ],
)
async def test_nonsense_is_refused_never_a_fault(maryse: httpx2.AsyncClient, body: bytes) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await maryse.post("/moi", content=body, headers=kind)
    assert 400 <= response.status_code < 500


async def test_nonsense_in_other_forms_is_refused_too(maryse: httpx2.AsyncClient) -> None:
    for more in ({"json": {"name": ["a"]}}, {"files": {"name": ("x.svg", b"<svg>")}}):
        arguments: dict[str, Any] = more
        assert 400 <= (await maryse.post("/moi", **arguments)).status_code < 500


async def test_words_are_shown_never_run(maryse: httpx2.AsyncClient) -> None:
    title = '"><img src=x onerror=alert(1)> {{ 7 * 7 }} %(name)s'
    assert (await maryse.post("/moi", data=FORM | {"title": title})).status_code == 303
    for path in ("/moi", "/personnes/maryse"):
        page = await maryse.get(path)
        assert "<img src=x" not in page.text
        assert title in said(page)


async def test_whoever_has_no_organization_has_no_capacity_to_choose(ibrahima: httpx2.AsyncClient) -> None:
    page = await ibrahima.get("/moi")
    assert 'name="relation"' not in page.text
    form = {name: value for name, value in FORM.items() if name != "relation"}
    assert (await ibrahima.post("/moi", data=form)).status_code == 303
