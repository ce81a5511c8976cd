"""What an organization's provider says counts for its own people, and only as it was asked (34, 38)."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from sqlalchemy import insert

from maillage.auth import oidc
from maillage.auth.models import Provider
from maillage.auth.routes.clients import PROVIDER_SECRET
from maillage.core.sealing import seal
from tests.abuse.conftest import patient
from tests.auth.providers import CLIENT_ID, CLIENT_SECRET, HostileProvider, address, listening, served
from tests.conftest import Site

VICTIM = "maryse"


@pytest.fixture(scope="module")
def listener() -> Iterator[HostileProvider]:
    with listening() as heard:
        provider = HostileProvider(address(heard))
        with served(provider.app, heard):
            yield provider


@pytest.fixture
def evil(listener: HostileProvider, site: Site) -> HostileProvider:
    """The provider of an organization that the victim has nothing to do with."""
    oidc.forget()
    listener.behave()
    organization = site.ask(
        "SELECT id FROM organization WHERE id NOT IN (SELECT organization_id FROM membership JOIN person"
        " ON person.id = person_id WHERE handle = $1) AND NOT EXISTS (SELECT FROM organization_domain"
        " WHERE organization_id = organization.id) ORDER BY id LIMIT 1",
        VICTIM,
    )
    sealed = seal(site.settings.secret, PROVIDER_SECRET, CLIENT_SECRET.encode())
    site.write(
        lambda db: db.run(
            insert(Provider).values(
                organization_id=organization,
                label="Evil",
                issuer=listener.issuer,
                client_id=CLIENT_ID,
                client_secret=sealed,
                enabled=True,
            )
        )
    )
    return listener


def set_out(site: Site, browser: Any) -> dict[str, str]:
    patient(site)
    number = site.ask("SELECT id FROM provider WHERE label = 'Evil'")
    response = browser.post(f"/connexion/fournisseur/{number}")
    assert response.status_code == 303, response.text
    asked = parse_qs(urlsplit(response.headers["location"]).query)
    return {name: values[0] for name, values in asked.items()}


def come_back(evil: HostileProvider, browser: Any, out: dict[str, str], **answer: str) -> Response:
    evil.nonce = evil.nonce or out["nonce"]
    path = urlsplit(out["redirect_uri"]).path
    response: Response = browser.get(path, params={"state": out["state"], "code": "code", **answer})
    return response


_STANDING = (
    "SELECT json_agg(found)::text FROM (SELECT * FROM person WHERE handle = $1) AS found",
    (
        "SELECT json_agg(found ORDER BY id)::text FROM (SELECT identity.* FROM identity"
        " JOIN person ON person.id = person_id WHERE handle = $1) AS found"
    ),
    (
        "SELECT json_agg(found ORDER BY id)::text FROM (SELECT session.* FROM session"
        " JOIN person ON person.id = person_id WHERE handle = $1) AS found"
    ),
)


def standing(site: Site) -> list[Any]:
    """All that signing in as the victim, or to her account, would change."""
    return [site.ask(sql, VICTIM) for sql in _STANDING]


def test_whoever_says_to_be_somebody_is_not_her(evil: HostileProvider, site: Site) -> None:
    site.as_(VICTIM)
    hers = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT person.name, email, subject FROM person JOIN identity ON person_id = person.id WHERE handle = $1",
            VICTIM,
        )
    )
    assert hers is not None
    assert hers["email"]
    before = standing(site)
    evil.behave(sub=hers["subject"], name=hers["name"], email=hers["email"], email_verified=True, groups=["admin"])
    browser = site.stranger
    response = come_back(evil, browser, set_out(site, browser))
    # Nobody yet: the organization's provider may bring somebody in, but not the victim.
    assert response.headers.get("location") == "/bienvenue", response.text
    assert browser.get("/moi").status_code != 200
    welcomed = browser.post("/bienvenue", data={"name": hers["name"], "of_age": "y", "terms": "y"})
    assert welcomed.status_code == 303, welcomed.text
    assert browser.get("/moi").status_code == 200
    assert standing(site) == before
    new = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT person.* FROM person JOIN identity ON person_id = person.id WHERE issuer = $1", evil.issuer
        )
    )
    assert new is not None
    assert new["handle"] != VICTIM
    # The address proves nothing: no link sent to it will lead to this account, and none of the victim's rights come.
    assert new["email_proved_at"] is None
    assert site.ask("SELECT count(*) FROM platform_role WHERE person_id = $1", new["id"]) == 0


def test_a_token_in_the_name_of_her_own_provider_is_refused(evil: HostileProvider, site: Site) -> None:
    hers = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT issuer, subject FROM identity JOIN person ON person.id = person_id WHERE handle = $1", VICTIM
        )
    )
    assert hers is not None
    before = standing(site)
    evil.behave(iss=hers["issuer"], sub=hers["subject"])
    response = come_back(evil, site.stranger, set_out(site, site.stranger))
    assert response.status_code == 400
    assert standing(site) == before


@pytest.mark.parametrize(
    ("mode", "claims", "answer"),
    [
        ("", {}, {"state": "x" * 43}),
        ("", {}, {"state": ""}),
        ("", {}, {"iss": "https://other.example"}),
        ("announces iss", {}, {}),
        ("", {"nonce": "x" * 43}, {}),
        ("", {"nonce": None}, {}),
        ("", {"iss": "https://other.example"}, {}),
        ("", {"aud": "another-platform"}, {}),
        ("", {"aud": "another-platform", "azp": CLIENT_ID}, {}),
        ("", {"aud": [CLIENT_ID, "another-platform"]}, {}),
        ("", {"exp": int(time.time()) - 3600}, {}),
        ("alg none", {}, {}),
        ("hs256", {}, {}),
        ("other key", {}, {}),
        ("code over", {}, {}),
    ],
)
def test_an_answer_that_was_not_asked_for_opens_nothing(
    evil: HostileProvider, site: Site, mode: str, claims: dict[str, Any], answer: dict[str, str]
) -> None:
    evil.behave(mode, **claims)
    before = site.ask("SELECT count(*) FROM session"), site.ask("SELECT count(*) FROM arrival")
    response = come_back(evil, site.stranger, set_out(site, site.stranger), **answer)
    assert response.status_code in {400, 503}
    assert (site.ask("SELECT count(*) FROM session"), site.ask("SELECT count(*) FROM arrival")) == before
    assert site.stranger.get("/moi").status_code != 200


def test_the_code_is_bound_to_whoever_asked_and_to_one_address(evil: HostileProvider, site: Site) -> None:
    out = set_out(site, site.stranger)
    assert come_back(evil, site.stranger, out).status_code == 303
    [request] = evil.token_requests
    challenge = urlsafe_b64encode(sha256(request["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert (out["code_challenge_method"], out["code_challenge"]) == ("S256", challenge)
    assert out["redirect_uri"] == request["redirect_uri"]
    assert out["redirect_uri"].startswith(f"{site.settings.base_url}/connexion/retour/")
    assert out["scope"] == "openid profile email"
