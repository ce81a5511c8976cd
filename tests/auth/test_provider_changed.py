"""Changing a connected service: what stays, what has to be tried again, and where its secret never goes."""

from typing import Any

import httpx2
import pytest

from maillage.auth.commands import providers
from maillage.core.db import Database, Db
from tests.auth.conftest import said
from tests.auth.setting_up import described, founded, in_use, key_of

pytestmark = pytest.mark.anyio


async def kept(db: Db, path: str) -> Any:
    return await db.connection.fetchrow("select * from provider where id = $1", key_of(path))


async def test_an_empty_secret_keeps_the_one_there_is(maryse: httpx2.AsyncClient, provider_url: str, db: Db) -> None:
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/a")
    before = await kept(db, path)
    form = described(f"{provider_url}/a", label="Un autre nom", client_secret="")
    assert (await maryse.post(path, data=form)).status_code == 303
    after = await kept(db, path)
    assert after["label"] == "Un autre nom"
    assert [after[name] for name in ("client_secret", "tried_at", "enabled")] == [
        before[name] for name in ("client_secret", "tried_at", "enabled")
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"client_secret": "un autre"},
        {"client_id": "autre"},
        {"group_claim": "groups"},
        {"address": "…/b", "client_secret": "un autre"},
    ],
)
async def test_changed_settings_are_off_until_tried_again(
    maryse: httpx2.AsyncClient, provider_url: str, db: Db, changed: dict[str, str]
) -> None:
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/a")
    form = described(f"{provider_url}/a", client_secret="") | changed
    form["address"] = form["address"].replace("…", provider_url)
    assert (await maryse.post(path, data=form)).status_code == 303
    row = await kept(db, path)
    assert (row["tried_at"], row["enabled"]) == (None, False)
    assert (await maryse.post(f"{path}/activer")).status_code == 403
    assert not (await kept(db, path))["enabled"]


async def test_a_secret_goes_to_no_other_service_unless_it_is_written_again(
    maryse: httpx2.AsyncClient, provider_url: str, db: Db
) -> None:
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/a")
    before = await kept(db, path)
    response = await maryse.post(path, data=described(f"{provider_url}/b", client_secret=""))
    assert response.status_code == 422
    assert "enter its secret again" in said(response)
    assert await kept(db, path) == before


async def test_another_plain_service_does_not_say_who_people_were_at_the_former_one(
    maryse: httpx2.AsyncClient, provider_url: str, database: Database, db: Db
) -> None:
    path = await in_use(maryse, await founded(maryse), f"{provider_url}/a")
    number = key_of(path)
    await db.connection.execute(
        "update provider set kind = 'oauth2', issuer = 'oauth2:former', authorization_endpoint = 'https://a.example/x',"
        " token_endpoint = 'https://a.example/y', userinfo_endpoint = 'https://a.example/z', subject_claim = 'id'"
        " where id = $1",
        number,
    )
    row = await kept(db, path)
    for changed in ({"userinfo_endpoint": "https://b.example/z"}, {"subject_claim": "login"}):
        async with database.writing() as writing:
            await providers.change(
                writing,
                organization_id=row["organization_id"],
                provider_id=number,
                columns={"label": "x", **changed},
                client_secret=None,
                secret_sent=True,
            )
        now = await kept(db, path)
        assert now["issuer"].startswith("oauth2:")
        assert now["issuer"] != row["issuer"]
        row = now
