"""An administrator connects an account service: described, asked who it is, kept; and what no page ever shows."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from maillage.auth.oidc import directories
from maillage.core.db import Database, Db
from maillage.core.sealing import unseal
from tests.auth.conftest import SECRET_KEY, World, said, signed_in
from tests.auth.providers import CLIENT_SECRET, HostileProvider
from tests.auth.setting_up import BASE_URL, connected, described, founded, in_use, key_of, rows, tried

pytestmark = pytest.mark.anyio
TENANT = "8d2f6c1e-4b7a-4e0f-9c55-0a1b2c3d4e5f"


async def kept(db: Db, path: str) -> Any:
    return await db.connection.fetchrow("select * from provider where id = $1", key_of(path))


async def test_what_is_connected_is_off_and_its_secret_sealed(
    maryse: httpx2.AsyncClient, provider_url: str, db: Db
) -> None:
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a")
    row = await kept(db, path)
    assert (row["enabled"], row["tried_at"], row["kind"], row["issuer"]) == (False, None, "oidc", f"{provider_url}/a")
    assert CLIENT_SECRET.encode() not in row["client_secret"]
    assert unseal(SECRET_KEY, "provider secret", row["client_secret"]).decode() == CLIENT_SECRET
    page = said(await maryse.get(path))
    assert f"{BASE_URL}/connexion/retour/{row['organization_id']}" in page
    assert f"{BASE_URL}/connexion/retrait/{row['id']}" in page
    assert "Being prepared" in page


@pytest.mark.parametrize(
    ("form", "issuer"),
    [
        ({"genre": "microsoft", "tenant": TENANT.upper()}, f"https://login.microsoftonline.com/{TENANT}/v2.0"),
        ({"genre": "google"}, "https://accounts.google.com"),
        (
            {"genre": "keycloak", "server": "https://comptes.example.org/", "realm": "Réseau-1".replace("é", "e")},
            "https://comptes.example.org/realms/Reseau-1",
        ),
        (
            {"genre": "keycloak", "server": "comptes.example.org/auth/realms/x/account", "realm": "mrc"},
            "https://comptes.example.org/auth/realms/mrc",
        ),
        ({"genre": "oidc", "address": "https://id.example.org/"}, "https://id.example.org/"),
        (
            {"genre": "oidc", "address": "https://id.example.org/o/.well-known/openid-configuration"},
            "https://id.example.org/o",
        ),
    ],
)
async def test_each_kind_asks_for_what_it_needs(
    maryse: httpx2.AsyncClient, db: Db, form: dict[str, str], issuer: str
) -> None:
    organization = await founded(maryse)
    assert (await maryse.get(f"{organization}/connexion/nouveau?genre={form['genre']}")).status_code == 200
    path = await connected(maryse, organization, "", **form)
    assert (await kept(db, path))["issuer"] == issuer
    # Saving it again as the page proposes it changes nothing.
    again = await maryse.post(path, data=described("", **form) | {"client_secret": ""})
    assert again.status_code == 303
    assert (await kept(db, path))["issuer"] == issuer


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"genre": "microsoft", "tenant": "common"}, "tenant"),
        ({"genre": "microsoft", "tenant": "9188040d-6c67-4c5b-b112-36a304b66dad"}, "tenant"),
        ({"genre": "microsoft", "tenant": "../x"}, "tenant"),
        ({"genre": "keycloak", "server": "http://comptes.example.org", "realm": "x"}, "server"),
        ({"genre": "keycloak", "server": "https://comptes.example.org", "realm": "a/../b"}, "realm"),
        ({"genre": "oidc", "address": "javascript:alert(1)"}, "address"),
        ({"genre": "oidc", "address": "https://user:pass@example.org"}, "address"),
        ({"genre": "oidc", "address": "https://example.org/#x"}, "address"),
        ({"genre": "oidc", "address": "file:///etc/passwd"}, "address"),
        ({"genre": "oidc", "address": "https://[bad"}, "address"),
        ({"genre": "oidc", "client_id": " "}, "client_id"),
        ({"genre": "google", "group_claim": "deux mots"}, "group_claim"),
        ({"genre": "oauth2", "authorization_endpoint": "http://example.org/a"}, "authorization_endpoint"),
    ],
)
async def test_what_makes_no_sense_is_refused_beside_its_field(
    maryse: httpx2.AsyncClient, db: Db, form: dict[str, str], field: str
) -> None:
    organization = await founded(maryse)
    given = described("https://id.example.org") | {"label": "Les nôtres"} | form
    response = await maryse.post(f"{organization}/connexion/nouveau", data=given)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    # Nothing written is lost but the secret, which no page gives back.
    assert "Les nôtres" in said(response)
    assert CLIENT_SECRET not in response.text.replace(BASE_URL, "")
    assert await db.connection.fetchval("select count(*) from provider where organization_id is not null") == 0


async def test_a_plain_service_gets_a_name_of_its_own(maryse: httpx2.AsyncClient, db: Db) -> None:
    organization = await founded(maryse)
    plain = {
        "genre": "oauth2",
        "authorization_endpoint": "https://id.example.org/authorize",
        "token_endpoint": "https://id.example.org/token",
        "userinfo_endpoint": "https://id.example.org/me",
        "subject_claim": "id",
        "name_claim": "name",
        "email_claim": "",
        # What nobody may choose.
        "issuer": "https://accounts.google.com",
    }
    first = await connected(maryse, organization, "", **plain)
    second = await connected(maryse, organization, "", **plain)
    issuers = {(await kept(db, path))["issuer"] for path in (first, second)}
    assert len(issuers) == 2
    assert all(issuer.startswith("oauth2:") for issuer in issuers)
    await maryse.post(first, data=described("", **plain) | {"label": "Autre nom"})
    assert (await kept(db, first))["issuer"] in issuers


async def test_the_same_service_is_not_connected_twice(maryse: httpx2.AsyncClient, provider_url: str, db: Db) -> None:
    organization = await founded(maryse)
    await connected(maryse, organization, f"{provider_url}/a")
    response = await maryse.post(f"{organization}/connexion/nouveau", data=described(f"{provider_url}/a"))
    assert response.status_code == 422
    assert "connected already" in said(response)
    # Several services, or the same under another identifier, are fine.
    await connected(maryse, organization, f"{provider_url}/b")
    await connected(maryse, organization, f"{provider_url}/a", client_id="autre")
    assert await db.connection.fetchval("select count(*) from provider where organization_id is not null") == 3


async def test_a_secret_is_in_no_page_and_no_log(
    maryse: httpx2.AsyncClient, provider_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "un-secret-que-personne-ne-revoit"
    organization = await founded(maryse)
    path = await connected(maryse, organization, f"{provider_url}/a", client_secret=secret)
    pages = [
        await maryse.get(path),
        await maryse.get(f"{organization}/connexion"),
        await maryse.post(path, data=described("nonsense", client_secret=secret)),
        await maryse.post(f"{organization}/connexion/verifier", data=described("nonsense", client_secret=secret)),
        await maryse.post(f"{organization}/connexion/nouveau", data=described("nonsense", client_secret=secret)),
        await tried(maryse, path),
    ]
    assert [page.status_code for page in pages] == [200, 200, 422, 200, 422, 503]
    for page in pages:
        assert secret not in page.text
    told = "".join(capfd.readouterr())
    assert "request" in told
    assert secret not in told


async def test_the_service_is_asked_who_it_is_as_she_types(
    maryse: httpx2.AsyncClient, provider_url: str, hostile: HostileProvider, db: Db
) -> None:
    organization = await founded(maryse)
    verify = f"{organization}/connexion/verifier"
    before = await rows(db, "provider", "sign_in_event", "sign_in_attempt")
    found = await maryse.post(
        verify, data={"genre": "oidc", "address": f"{provider_url}/a"}, headers={"x-fragment": "1"}
    )
    assert found.status_code == 200
    assert "<html" not in found.text
    assert f"{provider_url}/a" in said(found)
    assert "says what is needed" in said(found)
    hostile.behave("other issuer")
    wrong = await maryse.post(verify, data={"genre": "oidc", "address": hostile.issuer}, headers={"x-fragment": "1"})
    assert "says what is needed" not in said(wrong)
    assert "notice-wrong" in wrong.text
    nonsense = await maryse.post(verify, data={"genre": "oidc", "address": "x y"}, headers={"x-fragment": "1"})
    assert "begins with https" in said(nonsense)
    # Without a script, the same in the page, with her words in their fields.
    page = await maryse.post(verify, data=described(f"{provider_url}/a", label="Les nôtres"))
    assert "<html" in page.text
    assert "says what is needed" in said(page)
    assert "Les nôtres" in said(page)
    assert await rows(db, "provider", "sign_in_event", "sign_in_attempt") == before


async def test_a_microsoft_domain_is_kept_as_the_number_of_its_directory(
    maryse: httpx2.AsyncClient, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = await founded(maryse)
    answers: dict[str, Any] = {}

    async def document(_http: Any, _client: Any, url: str) -> dict[str, Any]:
        answers["url"] = url
        return {"issuer": answers["issuer"]}

    monkeypatch.setattr(directories, "document", document)
    form = described("", genre="microsoft", tenant="Orignal.example.org")
    for wrong in ("https://evil.example/v2.0", "https://login.microsoftonline.com/common/v2.0", None):
        answers["issuer"] = wrong
        response = await maryse.post(f"{organization}/connexion/nouveau", data=form)
        assert response.status_code == 422
        assert "Microsoft does not know this directory" in said(response)
    answers["issuer"] = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    path = await connected(maryse, organization, "", genre="microsoft", tenant="Orignal.example.org")
    assert (await kept(db, path))["issuer"] == answers["issuer"]
    assert answers["url"].startswith("https://login.microsoftonline.com/orignal.example.org/v2.0/.well-known/")
    assert TENANT in said(await maryse.get(path))


async def test_asking_services_is_limited(maryse: httpx2.AsyncClient) -> None:
    organization = await founded(maryse)
    for _ in range(30):
        await maryse.post(f"{organization}/connexion/verifier", data={"genre": "oidc", "address": "x y"})
    response = await maryse.post(f"{organization}/connexion/verifier", data={"genre": "oidc", "address": "x y"})
    assert response.status_code == 429


async def test_nobody_sees_or_changes_what_another_organization_set_up(
    app: Starlette, maryse: httpx2.AsyncClient, ibrahima: httpx2.AsyncClient, provider_url: str, db: Db
) -> None:
    hers, his = await founded(maryse), await founded(ibrahima, name="Autre")
    path = await in_use(maryse, hers, f"{provider_url}/a")
    key = key_of(path)
    await maryse.post(f"{hers}/connexion/groupes", data={"name": "Équipe"})
    group = await db.connection.fetchval("select id from organization_group")
    tables = ("provider", "organization_group", "provider_group", "organization_domain", "session", "organization")
    before = await rows(db, *tables)
    posts = [
        ("", described(f"{provider_url}/b")),
        ("/essai", {}),
        ("/activer", {}),
        ("/desactiver", {"sessions": "1"}),
        ("/supprimer", {"sessions": "1"}),
        ("/groupes", {"value": "x", "group": str(group)}),
        ("/groupes/retirer", {"value": "x", "group": str(group)}),
    ]
    for root, status in ((f"{hers}/connexion", 403), (f"{his}/connexion", 404)):
        assert (await ibrahima.get(f"{root}/{key}")).status_code == status
        for act, form in posts:
            response = await ibrahima.post(f"{root}/{key}{act}", data=form)
            assert response.status_code == status, act
        for act, form in ((f"/groupes/{group}", {"name": "Pris"}), (f"/groupes/{group}/supprimer", {})):
            assert (await ibrahima.post(root + act, data=form)).status_code == status
        assert (
            await ibrahima.post(f"{root}/verifier", data={"fournisseur": str(key), "address": f"{provider_url}/a"})
        ).status_code == status
    # And the lists of hers.
    for page in ("", "/nouveau", "/nouveau?genre=oidc", "/domaines", "/groupes", "/journal"):
        assert (await ibrahima.get(f"{hers}/connexion{page}")).status_code == 403
    for act, form in (
        ("/nouveau", described(f"{provider_url}/b")),
        ("/adhesion", {"joining": "at_once"}),
        ("/domaines", {"address": "admin@cdc.example.org"}),
        ("/domaines/retirer", {"domain": "x"}),
        ("/groupes", {"name": "Pris"}),
    ):
        assert (await ibrahima.post(f"{hers}/connexion{act}", data=form)).status_code == 403, act
    after = await rows(db, *tables)
    assert {name: value for name, value in after.items() if name != "session"} == {
        name: value for name, value in before.items() if name != "session"
    }
    assert len(after["session"]) == len(before["session"])
    # Another organization's key is as absent as one that never was.
    there, nowhere = [said(await ibrahima.get(f"{his}/connexion/{number}")) for number in (key, 999_999)]
    assert "Nos comptes" not in there
    assert len(there) == len(nowhere.replace("999999", str(key)))


async def test_strangers_and_mere_members_are_kept_out(
    client: httpx2.AsyncClient, maryse: httpx2.AsyncClient, world: World
) -> None:
    response = await client.get("/organisations/cdc/connexion")
    assert response.headers["location"] == "/connexion?suite=/organisations/cdc/connexion"
    assert (await client.post("/organisations/cdc/connexion/adhesion", data={"joining": "at_once"})).status_code == 403
    refused = await maryse.get("/organisations/cdc/connexion")
    assert refused.status_code == 403
    assert "Only an administrator of this organization" in said(refused)
    assert (await maryse.get("/organisations/absente/connexion")).status_code == 404


async def test_the_platforms_administrators_may_help(
    app: Starlette, database: Database, maryse: httpx2.AsyncClient, provider_url: str
) -> None:
    organization = await founded(maryse)
    path = await connected(maryse, organization, f"{provider_url}/a")
    async with database.writing() as db:
        await db.connection.execute(
            "insert into platform_role (person_id, role) select id, 'admin' from person where handle = 'ibrahima'"
        )
    async with signed_in(app, database, "ibrahima") as helper:
        assert (await helper.get(path)).status_code == 200
        assert (await tried(helper, path)).status_code == 200


async def test_extra_fields_change_nothing(maryse: httpx2.AsyncClient, provider_url: str, db: Db) -> None:
    extra = {
        "enabled": "true",
        "tried_at": "2001-01-01",
        "organization_id": "1",
        "id": "1",
        "kind": "google",
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://evil.example",
    }
    path = await connected(maryse, await founded(maryse), f"{provider_url}/a", **extra)
    for _ in range(2):
        row = await kept(db, path)
        assert (row["enabled"], row["tried_at"], row["kind"], row["issuer"]) == (
            False,
            None,
            "oidc",
            f"{provider_url}/a",
        )
        assert row["authorization_endpoint"] is None
        assert row["organization_id"] != 1
        await maryse.post(path, data=described(f"{provider_url}/a", **extra) | {"genre": "google"})
