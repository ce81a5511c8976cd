"""In what language a page comes: what this browser chose, else what the person chose, else French."""

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.core.db import Db
from tests.auth.conftest import browser, hold

pytestmark = pytest.mark.anyio


async def language(client: httpx2.AsyncClient) -> str:
    page = await client.get("/connexion", headers={"Accept-Language": "en, de;q=0.5"})
    return page.text.partition('lang="')[2].partition('"')[0]


async def test_strangers_read_french_whatever_their_browser_asks(app: Starlette) -> None:
    async with browser(app) as client:
        client.cookies.clear()
        assert await language(client) == "fr-CA"


async def test_what_this_browser_chose_comes_first(maryse: httpx2.AsyncClient, db: Db) -> None:
    maryse.cookies.delete("langue")
    assert await language(maryse) == "fr-CA"
    await db.connection.execute("update person set locale = 'en'")
    assert await language(maryse) == "en"
    hold(maryse, "langue", "fr-CA")
    assert await language(maryse) == "fr-CA"


@pytest.mark.parametrize("chosen", ["de", "../../etc/passwd", "en\x7f", "EN", ""])
async def test_a_language_that_is_not_spoken_here_is_not_a_choice(app: Starlette, chosen: str) -> None:
    async with browser(app) as client:
        client.cookies.clear()
        page = await client.get("/connexion", headers={"Cookie": f"langue={chosen}"})
        assert '<html lang="fr-CA">' in page.text


async def test_a_language_that_is_no_longer_spoken_is_not_a_choice(maryse: httpx2.AsyncClient, db: Db) -> None:
    maryse.cookies.delete("langue")
    await db.connection.execute("update person set locale = 'iu'")
    assert await language(maryse) == "fr-CA"
