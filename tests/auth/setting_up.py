"""What the tests of an organization's set-up have in common: bringing one here, connecting and trying a provider."""

import re
from typing import Any

import httpx2

from tests.auth.conftest import BASE_URL, authorized
from tests.auth.providers import CLIENT_ID, CLIENT_SECRET

FORM = {"name": "Ressourcerie de l’Orignal", "about": "", "region": "", "relation": ""}


async def founded(client: httpx2.AsyncClient, **form: str) -> str:
    """Bring an organization here; returns its path."""
    response = await client.post("/organisations/nouvelle", data=FORM | form)
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


def described(issuer: str, /, **form: str) -> dict[str, str]:
    return {
        "genre": "oidc",
        "label": "Nos comptes",
        "address": issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    } | form


async def connected(client: httpx2.AsyncClient, organization: str, issuer: str, /, **form: str) -> str:
    """Connect a provider; returns the path of its page."""
    response = await client.post(f"{organization}/connexion/nouveau", data=described(issuer, **form))
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


async def tried(client: httpx2.AsyncClient, path: str, subject: str = "maryse") -> httpx2.Response:
    """Try it out as that person; returns the page of the trial."""
    out = await client.post(f"{path}/essai")
    assert out.status_code == 303, out.text
    return await client.get(await authorized(out.headers["location"], subject))


async def in_use(client: httpx2.AsyncClient, organization: str, issuer: str, /, **form: str) -> str:
    """Connect, try and switch on; returns the path of its page."""
    path = await connected(client, organization, issuer, **form)
    assert (await tried(client, path)).status_code == 200
    assert (await client.post(f"{path}/activer")).status_code == 303
    return path


def key_of(path: str) -> int:
    """The key of the provider whose page that is."""
    found = re.search(r"/connexion/(\d+)$", path)
    assert found, path
    return int(found[1])


async def rows(db: Any, *tables: str) -> dict[str, Any]:
    """What stands in these tables."""
    return {
        table: [row[0] for row in await db.connection.fetch(f"select to_jsonb(t)::text from {table} t order by 1")]  # noqa: S608
        for table in tables
    }


__all__ = ["BASE_URL", "connected", "described", "founded", "in_use", "key_of", "rows", "tried"]
