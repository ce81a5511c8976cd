"""Asking to belong: by oneself, or by signing in through the organization's provider."""

from typing import Any

import pytest

from maillage.auth.commands import joining
from maillage.core import clock
from maillage.core.db import Db
from tests.auth.members import MRC, at_once, english, letters, membership, run, said, state, text_of, to
from tests.conftest import Site

PATH = f"/organisations/{MRC}/demande"


def ask(site: Site, handle: str, note: str = "Bonjour", slug: str = MRC) -> int:
    response = site.as_(handle).post(f"/organisations/{slug}/demande", data={"note": note})
    return int(response.status_code)


def test_a_person_asks_and_the_administrators_are_told(site: Site) -> None:
    assert ask(site, "rejean", "Nous nous sommes vus à la table de quartier.") == 303
    assert state(site, "rejean") == ("pending", "member")
    (letter,) = letters(site)
    assert to(letter) == site.ask("SELECT email FROM person WHERE handle = 'karine'")
    assert "Réjean Vaillancourt" in text_of(letter)
    assert "table de quartier" in text_of(letter)
    assert str(site.ask("SELECT email FROM person WHERE handle = 'rejean'")) not in bytes(letter).decode()
    assert f"/organisations/{MRC}/membres" in text_of(letter)


def test_her_page_says_that_she_waits(site: Site) -> None:
    rejean = english(site, "rejean")
    assert "Send the request" in said(rejean.get(PATH))
    ask(site, "rejean")
    page = said(rejean.get(PATH))
    assert "Your request is waiting" in page
    assert "Send the request" not in page
    assert "waiting for an answer" in said(rejean.get("/moi"))


def test_one_request_at_a_time(site: Site) -> None:
    assert ask(site, "rejean") == 303
    assert ask(site, "rejean") == 403
    assert sorted(at_once(site, *[("maryse", PATH, {"note": "x"})] * 3)) in (
        [303, 403, 403],
        [303, 403, 409],
        [303, 409, 409],
    )
    assert site.ask("SELECT count(*) FROM membership WHERE note = 'x'") == 1


def test_whoever_belongs_need_not_ask(site: Site) -> None:
    assert "You already belong" in said(english(site, "felix").get(PATH))
    assert ask(site, "felix") == 403


def test_a_note_that_is_too_long_comes_back(site: Site) -> None:
    response = english(site, "rejean").post(PATH, data={"note": "mots à garder " * 50})
    assert response.status_code == 422
    assert "mots à garder" in said(response)
    assert 'id="note-error"' in response.text
    assert state(site, "rejean") is None


def test_a_request_can_be_withdrawn_and_made_again(site: Site) -> None:
    ask(site, "rejean")
    assert site.as_("rejean").post(f"{PATH}/retrait").status_code == 303
    assert state(site, "rejean") is None
    assert letters(site) == [], "nobody is told of what is over"
    assert ask(site, "rejean") == 303


def test_withdrawing_ends_no_membership(site: Site) -> None:
    assert site.as_("felix").post(f"{PATH}/retrait").status_code == 303
    assert state(site, "felix") == ("active", "member")


def test_no_letter_goes_to_somebody_who_administers_no_longer(site: Site) -> None:
    ask(site, "rejean")
    run(site, "UPDATE membership SET role = 'administrator' WHERE id = $1", membership(site, "felix"))
    run(site, "UPDATE membership SET role = 'member' WHERE id = $1", membership(site, "karine"))
    assert [to(letter) for letter in letters(site)] == [site.ask("SELECT email FROM person WHERE handle = 'felix'")]


def test_nor_to_one_who_loses_the_right_while_it_is_on_its_way(site: Site) -> None:
    ask(site, "rejean")
    run(
        site,
        "UPDATE pgqueuer SET entrypoint = 'membership_request', payload = convert_to(json_build_object("
        "'membership_id', $1::int, 'person_id', (SELECT id FROM person WHERE handle = 'karine'))::text, 'UTF8')",
        membership(site, "rejean"),
    )
    run(site, "UPDATE membership SET role = 'member' WHERE id = $1", membership(site, "karine"))
    assert letters(site) == []


def test_where_nobody_administers_the_platform_answers(site: Site) -> None:
    ask(site, "rejean", slug="cdc-du-grand-detour")
    (letter,) = letters(site)
    assert to(letter) == site.ask("SELECT email FROM person WHERE handle = 'sofia'")
    sofia = english(site, "sofia")
    assert "Réjean Vaillancourt" in said(sofia.get("/organisations/cdc-du-grand-detour/membres"))
    number = membership(site, "rejean", "cdc-du-grand-detour")
    assert sofia.post(f"/organisations/cdc-du-grand-detour/membres/{number}/accepter").status_code == 303
    assert state(site, "rejean", "cdc-du-grand-detour") == ("active", "member")


def test_nobody_asks_to_belong_to_what_is_closed(site: Site) -> None:
    run(site, "UPDATE organization SET closed_at = now() WHERE slug = $1", MRC)
    assert ask(site, "rejean") == 404
    assert state(site, "rejean") is None


def test_asking_again_and_again_is_limited(site: Site) -> None:
    answers = []
    for _ in range(8):
        answers.append(ask(site, "rejean"))
        site.as_("rejean").post(f"{PATH}/retrait")
    assert 429 in answers


async def _provider(db: Db, *, domains: tuple[str, ...] = (), rule: str = "approval") -> int:
    organization = int(await db.connection.fetchval("SELECT id FROM organization WHERE slug = $1", MRC))
    await db.connection.execute("UPDATE organization SET joining = $1 WHERE id = $2", rule, organization)
    await db.connection.execute("DELETE FROM organization_domain WHERE organization_id = $1", organization)
    for domain in domains:
        await db.connection.execute(
            "INSERT INTO organization_domain (organization_id, domain, proved_at) VALUES ($1, $2, now())",
            organization,
            domain,
        )
    return organization


@pytest.mark.parametrize(
    ("domains", "email", "unverified", "expected"),
    [
        ((), "a@ailleurs.example", False, None),
        ((), None, True, None),
        (("mrc.example",), "a@mrc.example", False, None),
        (("mrc.example",), "a@MRC.example", False, None),
        (("mrc.example",), "a@ailleurs.example", False, "unknown-domain"),
        (("mrc.example",), "a@pas-mrc.example", False, "unknown-domain"),
        (("mrc.example",), "a@x.mrc.example", False, "unknown-domain"),
        (("mrc.example",), "a@mrc.example.ailleurs.example", False, "unknown-domain"),
        (("mrc.example",), None, True, "unverified-address"),
        (("mrc.example",), None, False, "unverified-address"),
    ],
)
def test_who_may_come_in_through_a_provider(
    site: Site, domains: tuple[str, ...], email: str | None, unverified: bool, expected: str | None
) -> None:
    async def act(db: Db) -> Any:
        organization = await _provider(db, domains=domains)
        return await joining.refusal(db, organization_id=organization, email=email, unverified=unverified)

    assert site.write(act) == expected


def test_a_domain_that_is_only_claimed_decides_nothing(site: Site) -> None:
    async def act(db: Db) -> Any:
        organization = await _provider(db, domains=("mrc.example",))
        await db.connection.execute("UPDATE organization_domain SET proved_at = NULL")
        return await joining.refusal(db, organization_id=organization, email="a@ailleurs.example", unverified=False)

    assert site.write(act) is None


def joined(site: Site, handle: str, email: str | None, **how: Any) -> tuple[str, str] | None:
    async def act(db: Db) -> None:
        organization = await _provider(db, **how)
        person = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle)
        await joining.joined(db, person_id=person, organization_id=organization, email=email, today=clock.now().date())

    site.write(act)
    return state(site, handle)


@pytest.mark.parametrize(
    ("rule", "domains", "email", "expected"),
    [
        ("at_once", ("mrc.example",), "a@mrc.example", "active"),
        ("approval", ("mrc.example",), "a@mrc.example", "pending"),
        ("at_once", (), "a@mrc.example", "pending"),
        ("at_once", ("mrc.example",), "a@ailleurs.example", "pending"),
        ("at_once", ("mrc.example",), None, "pending"),
    ],
)
def test_in_what_state_a_sign_in_brings_somebody(
    site: Site, rule: str, domains: tuple[str, ...], email: str | None, expected: str
) -> None:
    assert joined(site, "rejean", email, rule=rule, domains=domains) == (expected, "member")
    # Whoever is in tells nobody; whoever waits is told of.
    assert len(letters(site)) == (expected == "pending")


def test_signing_in_changes_no_membership_that_is_there(site: Site) -> None:
    assert joined(site, "karine", "k@ailleurs.example") == ("active", "administrator")
    assert joined(site, "samuel", "s@mrc.example", rule="at_once", domains=("mrc.example",)) == ("pending", "member")


@pytest.mark.parametrize("how", ["fin", "refuser"])
def test_whoever_was_let_go_or_turned_down_does_not_come_back_by_signing_in(site: Site, how: str) -> None:
    handle = "felix" if how == "fin" else "samuel"
    site.as_("karine").post(f"/organisations/{MRC}/membres/{membership(site, handle)}/{how}")
    assert joined(site, handle, "x@mrc.example", rule="at_once", domains=("mrc.example",)) is None
    # By asking, yes.
    run(site, "DELETE FROM rate_limit")
    assert ask(site, handle) == 303
    site.write(lambda db: db.connection.execute("DELETE FROM session"))
    assert site.new_browser(handle).post(PATH, data={"note": ""}).status_code == 403
    assert state(site, handle) == ("pending", "member")
