"""Neither answers, nor questions to the database, nor letters say whether an address has an account (45)."""

import re
from typing import Any

import pytest

from tests.abuse.conftest import patient, plain
from tests.auth.members import letters, text_of, to
from tests.conftest import Site

KNOWN, UNKNOWN, SUSPENDED, UNPROVED = (f"{who}@egale.example" for who in ("connue", "absent", "bannie", "floues"))
ALIKE = (KNOWN, UNKNOWN, SUSPENDED, UNPROVED)


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    async def put(db: Any) -> None:
        change = "UPDATE person SET email = $1, email_proved_at = {}, suspended_at = {} WHERE handle = $2"
        await db.connection.execute(change.format("now()", "NULL"), KNOWN, "maryse")
        await db.connection.execute(change.format("now()", "now()"), SUSPENDED, "linda")
        await db.connection.execute(change.format("NULL", "NULL"), UNPROVED, "karine")

    site.write(put)


def asked(site: Site, path: str, email: str, **form: str) -> tuple[Any, ...]:
    """All that somebody outside can see of asking, with what it cost."""
    patient(site)
    site.stranger.cookies.clear()
    response = site.stranger.post(path, data={"email": email, **form})
    status, body, headers = plain(response, email)
    headers["set-cookie"] = re.sub(r"=[\w-]{43};", "=…;", headers.get("set-cookie", ""))
    after = plain(site.stranger.get(response.headers["location"])) if status == 303 else None
    return status, body, headers, response.headers["x-queries"], after


@pytest.mark.parametrize("path", ["/connexion", "/connexion/courriel"])
def test_asking_is_answered_alike(site: Site, path: str) -> None:
    answers = [asked(site, path, email) for email in ALIKE]
    assert answers[0][0] == 303
    assert answers == answers[:1] * len(ALIKE)


@pytest.mark.parametrize("path", ["/connexion", "/connexion/courriel"])
def test_one_letter_goes_to_each_and_they_say_the_same(site: Site, path: str) -> None:
    for email in ALIKE:
        asked(site, path, email)
    sent = letters(site)
    assert [to(letter) for letter in sent] == list(ALIKE)
    said = {re.sub(r"/connexion/lien/[\w-]{43}", "/connexion/lien/…", text_of(letter)) for letter in sent}
    assert len(said) == 1
    assert len({letter["Subject"] for letter in sent}) == 1


def test_nobody_looks_before_the_link_is_used(site: Site) -> None:
    """The page that a link opens is the same, and cost the same, whosever address it is."""
    seen = []
    for email in ALIKE:
        asked(site, "/connexion/courriel", email)
        (letter,) = letters(site)
        found = re.search(r"http://testserver(/connexion/lien/\S+)", text_of(letter))
        assert found is not None
        page = site.stranger.get(found[1])
        seen.append((*plain(page, email, found[1]), page.headers["x-queries"]))
    assert seen == seen[:1] * len(ALIKE)


def test_a_domain_leads_to_its_organization_whoever_is_there(site: Site) -> None:
    """Where an organization has a provider, everybody of its domain is sent to it: with an account, or without."""

    async def connect(db: Any) -> None:
        organization = await db.connection.fetchval(
            "SELECT organization_id FROM provider WHERE organization_id IS NOT NULL ORDER BY id LIMIT 1"
        )
        others = "UPDATE provider SET enabled = false WHERE organization_id IS DISTINCT FROM $1"
        await db.connection.execute(others, organization)
        await db.connection.execute(
            "INSERT INTO organization_domain (organization_id, domain, proved_at) VALUES ($1, 'egale.example', now())",
            organization,
        )

    site.write(connect)
    answers = [asked(site, "/connexion", email) for email in ALIKE]
    # The provider answers nobody in these tests, and each is told so.
    assert answers[0][0] == 503
    assert answers == answers[:1] * len(ALIKE)
    assert letters(site) == []


def test_too_often_is_too_often_for_everybody(site: Site) -> None:
    limits = []
    for email in ALIKE:
        patient(site)
        statuses = [site.stranger.post("/connexion/courriel", data={"email": email}).status_code for _ in range(7)]
        limits.append(statuses)
    assert limits == [[303] * 7] * len(ALIKE)
