"""Departures: whoever leaves is out wherever the organization had let her in, and what she wrote stays its own."""

from datetime import timedelta

from starlette.testclient import TestClient

from maillage.auth import commands
from maillage.auth.viewer import session_cookie
from maillage.core import clock
from maillage.core.db import Db
from tests.auth.members import MRC, at_once, english, letters, membership, run, said, state, text_of, to
from tests.conftest import Site

PAGE = f"/organisations/{MRC}/membres"
DEPART = f"/organisations/{MRC}/depart"


def signed_in_through(site: Site, handle: str, slug: str = MRC) -> TestClient:
    """A browser where somebody came in through that organization's provider."""

    async def act(db: Db) -> str:
        person_id = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle)
        provider_id = await db.connection.fetchval(
            "SELECT p.id FROM provider AS p JOIN organization AS o ON o.id = organization_id WHERE slug = $1", slug
        )
        assert provider_id is not None
        return await commands.open_session(
            db,
            person_id=person_id,
            provider_id=provider_id,
            device="",
            now=clock.now(),
            lifetime=timedelta(days=1),
        )

    browser = TestClient(site.app, base_url="http://testserver", follow_redirects=False)
    browser.portal = site.stranger.portal
    browser.cookies.set(session_cookie(site.settings), site.write(act))
    browser.cookies.set("langue", "en")
    return browser


def test_karine_removes_somebody_and_sees_her_out(site: Site) -> None:
    felix = signed_in_through(site, "felix")
    assert felix.get("/moi").status_code == 200
    karine = english(site, "karine")
    number = membership(site, "felix")
    assert "signed out" in said(karine.get(f"{PAGE}/{number}"))
    response = karine.post(f"{PAGE}/{number}/fin")
    assert response.status_code == 303
    assert "The membership has ended" in said(karine.get(response.headers["location"]))
    # The very next thing that he asks for is a stranger's.
    assert felix.get("/moi").headers["location"] == "/connexion?suite=/moi"
    assert felix.post("/discussions/nouvelle", data={"space": "pratiques", "body": "x"}).status_code == 403
    assert state(site, "felix") is None
    assert "Félix" not in said(karine.get(PAGE))
    (letter,) = letters(site)
    assert to(letter) == site.ask("SELECT email FROM person WHERE handle = 'felix'")
    assert "Hauts-Méandres" in text_of(letter)


def test_other_ways_in_stay_open(site: Site) -> None:
    through, by_link, elsewhere = (
        signed_in_through(site, "felix"),
        site.as_("felix"),
        signed_in_through(site, "felix", "ancrage"),
    )
    site.as_("karine").post(f"{PAGE}/{membership(site, 'felix')}/fin")
    assert through.get("/moi").status_code == 303
    assert by_link.get("/moi").status_code == 200
    assert elsewhere.get("/moi").status_code == 200


def test_nobody_else_is_signed_out(site: Site) -> None:
    karine = signed_in_through(site, "karine")
    karine.post(f"{PAGE}/{membership(site, 'felix')}/fin")
    assert karine.get("/moi").status_code == 200


def test_what_she_wrote_stays_with_the_organizations_name(site: Site) -> None:
    felix = site.as_("felix")
    sent = felix.post(
        "/discussions/nouvelle", data={"space": "pratiques", "title": "Avant de partir", "body": "Mot d’adieu."}
    )
    path = sent.headers["location"]
    assert "MRC des Hauts-Méandres" in said(site.stranger.get(path, follow_redirects=True))
    site.as_("karine").post(f"{PAGE}/{membership(site, 'felix')}/fin")
    assert "MRC des Hauts-Méandres" in said(site.stranger.get(path, follow_redirects=True))
    sent = felix.post("/discussions/nouvelle", data={"space": "pratiques", "title": "Après", "body": "Pour moi."})
    page = said(site.stranger.get(sent.headers["location"], follow_redirects=True))
    assert "Pour moi." in page
    assert "MRC des Hauts-Méandres" not in page


def test_she_leaves_the_groups_of_that_organization_only(site: Site) -> None:
    for slug in (MRC, "ancrage"):
        run(
            site,
            "INSERT INTO organization_group (organization_id, name, name_key)"
            " SELECT id, 'Équipe', 'equipe' FROM organization WHERE slug = $1",
            slug,
        )
    run(
        site,
        "INSERT INTO group_member (group_id, person_id)"
        " SELECT g.id, p.id FROM organization_group AS g, person AS p WHERE p.handle IN ('felix', 'karine')",
    )
    site.as_("karine").post(f"{PAGE}/{membership(site, 'felix')}/fin")
    left = site.write(
        lambda db: db.connection.fetch(
            "SELECT handle, slug FROM group_member JOIN person AS p ON p.id = person_id"
            " JOIN organization_group AS g ON g.id = group_id JOIN organization AS o ON o.id = organization_id"
            " ORDER BY 1, 2"
        )
    )
    assert [tuple(row) for row in left] == [("felix", "ancrage"), ("karine", "ancrage"), ("karine", MRC)]


def test_she_leaves_by_herself(site: Site) -> None:
    felix = english(site, "felix")
    assert "What you wrote stays" in said(felix.get(DEPART))
    assert state(site, "felix") == ("active", "member"), "looking must not end anything"
    assert felix.post(DEPART).status_code == 303
    assert state(site, "felix") is None
    assert letters(site) == [], "she knows"
    page = said(felix.get("/moi"))
    assert "MRC des Hauts-Méandres" in page, "a period that is over is still hers"
    assert "Until:" in page


def test_the_last_administrator_cannot_leave(site: Site) -> None:
    karine = english(site, "karine")
    page = said(karine.get(DEPART))
    assert "name another administrator" in page
    assert "<button" not in page.partition("<main")[2].partition("</main>")[0]
    assert karine.post(DEPART).status_code == 403
    assert state(site, "karine") == ("active", "administrator")


def test_once_another_is_named_she_can(site: Site) -> None:
    karine = site.as_("karine")
    karine.post(f"{PAGE}/{membership(site, 'felix')}/role", data={"role": "administrator"})
    assert karine.post(DEPART).status_code == 303
    assert state(site, "karine") is None
    assert karine.get("/moi").status_code == 303, "an administrator who leaves loses rights: every session ends"


def test_two_administrators_who_leave_at_once_do_not_both(site: Site) -> None:
    both = ("karine", "felix")
    for _ in range(5):
        run(
            site,
            "UPDATE membership SET role = 'administrator', ended_on = NULL WHERE state = 'active' AND organization_id ="
            " (SELECT id FROM organization WHERE slug = $1)",
            MRC,
        )
        answers = at_once(site, *((handle, DEPART, {}) for handle in both))
        assert sorted(answers) in ([303, 409], [303, 403]), answers
        assert [state(site, handle) for handle in both].count(None) == 1


def test_whoever_left_may_come_back_and_both_periods_are_kept(site: Site) -> None:
    felix = site.as_("felix")
    felix.post(DEPART)
    felix.post(f"/organisations/{MRC}/demande", data={"note": "Je reviens."})
    site.as_("karine").post(f"{PAGE}/{membership(site, 'felix')}/accepter")
    assert state(site, "felix") == ("active", "member")
    assert site.ask("SELECT count(*) FROM membership JOIN person AS p ON p.id = person_id WHERE handle = 'felix'") == 2


def test_she_who_does_not_belong_has_nothing_to_leave(site: Site) -> None:
    maryse = english(site, "maryse")
    assert "You do not belong" in said(maryse.get(DEPART))
    assert maryse.post(DEPART).status_code == 403
