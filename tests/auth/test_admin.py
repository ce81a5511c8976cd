"""The platform's administration: who may do what on it, who may come in, which organizations take part."""

import re

import pytest
from httpx2 import Response

from tests.auth.members import MRC, at_once, english, letters, run, said, state, text_of, to
from tests.auth.test_departures import signed_in_through
from tests.conftest import Site

ALONE = "cdc-du-grand-detour"


def grant(site: Site, handle: str, role: str, *, who: str = "sofia", sure: str = "y") -> Response:
    return english(site, who).post(f"/admin/personnes/{handle}/roles", data={"role": role, "sure": sure})


def revoke(site: Site, handle: str, role: str, *, who: str = "sofia") -> Response:
    return english(site, who).post(f"/admin/personnes/{handle}/roles/retrait", data={"role": role, "sure": "y"})


def roles(site: Site, handle: str) -> list[str]:
    return list(
        site.ask(
            "SELECT coalesce(array_agg(role ORDER BY role), '{}') FROM platform_role"
            " JOIN person AS p ON p.id = person_id WHERE handle = $1",
            handle,
        )
    )


@pytest.mark.parametrize("handle", ["", "karine", "etienne", "thuy-linh", "maryse"])
def test_it_is_for_administrators_of_the_platform(site: Site, handle: str) -> None:
    browser = site.as_(handle) if handle else site.stranger
    for path in ("/admin", "/admin/personnes/maryse", "/admin/personnes/personne", f"/admin/organisations/{MRC}"):
        assert browser.get(path).status_code == (404 if handle else 303)
    acts = {
        "/admin/personnes/maryse/roles": {"role": "admin", "sure": "y"},
        "/admin/personnes/etienne/roles/retrait": {"role": "moderator", "sure": "y"},
        "/admin/personnes/maryse/suspension": {"reason": "x", "sure": "y"},
        "/admin/personnes/maryse/retablissement": {},
        f"/admin/organisations/{MRC}/nomination": {"handle": "maryse"},
        f"/admin/organisations/{MRC}/fermeture": {"sure": "y"},
        f"/admin/organisations/{MRC}/reouverture": {},
    }
    for path, form in acts.items():
        assert browser.post(path, data=form).status_code == (404 if handle else 403), path
    assert roles(site, "maryse") == []
    assert roles(site, "etienne") == ["moderator"]
    assert site.ask("SELECT count(*) FROM organization WHERE closed_at IS NOT NULL") == 0
    assert "/admin" not in browser.get("/").text


def test_people_and_organizations_are_found(site: Site) -> None:
    sofia = english(site, "sofia")
    assert 'href="/admin"' in sofia.get("/").text
    for typed in ("caron", "Étienne", "@etienne", "etienne c"):
        assert 'href="/admin/personnes/etienne"' in sofia.get("/admin", params={"q": typed}).text
    assert f'href="/admin/organisations/{MRC}"' in sofia.get("/admin?q=hauts").text
    assert "Nobody by that name" in said(sofia.get("/admin?q=%25_"))


def test_no_address_is_shown(site: Site) -> None:
    sofia = site.as_("sofia")
    email = str(site.ask("SELECT email FROM person WHERE handle = 'etienne'"))
    for path in ("/admin?q=etienne", "/admin/personnes/etienne"):
        assert email not in sofia.get(path).text


def test_a_role_is_given_by_somebody_and_says_by_whom(site: Site) -> None:
    maryse = site.as_("maryse")
    assert maryse.get("/moderation").status_code == 404
    response = grant(site, "maryse", "moderator")
    assert response.status_code == 303
    assert roles(site, "maryse") == ["moderator"]
    by = "SELECT b.handle FROM platform_role JOIN person AS b ON b.id = granted_by WHERE role = 'moderator'"
    assert site.ask(by) == "sofia"
    assert maryse.get("/moi").status_code == 303, "her sessions must not grow rights"
    assert site.new_browser("maryse").get("/moderation").status_code == 200


def test_without_the_box_ticked_nothing_happens(site: Site) -> None:
    response = grant(site, "maryse", "admin", sure="")
    assert response.status_code == 422
    assert 'id="grant-sure-error"' in response.text
    assert roles(site, "maryse") == []


def test_roles_that_do_not_exist_are_not_given(site: Site) -> None:
    assert grant(site, "maryse", "god").status_code == 422
    assert grant(site, "personne", "moderator").status_code == 404


def test_no_two_fields_of_the_page_share_an_id(site: Site) -> None:
    ids = re.findall(r' id="([^"]+)"', site.as_("sofia").get("/admin/personnes/etienne").text)
    assert len(ids) == len(set(ids))


def test_a_role_is_taken_away_from_all_sessions_at_once(site: Site) -> None:
    etienne = site.as_("etienne")
    assert etienne.get("/moderation").status_code == 200
    assert revoke(site, "etienne", "moderator").status_code == 303
    assert etienne.get("/moderation").status_code == 303
    assert site.new_browser("etienne").get("/moderation").status_code == 404


def test_the_last_administrator_cannot_take_her_own_role_away(site: Site) -> None:
    sofia = english(site, "sofia")
    page = said(sofia.get("/admin/personnes/sofia"))
    assert "needs an administrator" in page
    assert revoke(site, "sofia", "admin").status_code == 409
    assert "admin" in roles(site, "sofia")


def test_two_administrators_who_give_up_at_once_do_not_both(site: Site) -> None:
    for _ in range(5):
        run(
            site,
            "INSERT INTO platform_role (person_id, role) SELECT id, 'admin' FROM person"
            " WHERE handle IN ('sofia', 'maryse') ON CONFLICT DO NOTHING",
        )
        gone = {"role": "admin", "sure": "y"}
        answers = at_once(
            site, *((handle, f"/admin/personnes/{handle}/roles/retrait", gone) for handle in ("sofia", "maryse"))
        )
        assert sorted(answers) in ([303, 409], [303, 404], [303, 403]), answers
        assert site.ask("SELECT count(*) FROM platform_role WHERE role = 'admin'") == 1


def test_two_administrators_who_suspend_each_other_do_not_both(site: Site) -> None:
    for _ in range(5):
        run(
            site,
            "INSERT INTO platform_role (person_id, role) SELECT id, 'admin' FROM person"
            " WHERE handle IN ('sofia', 'maryse') ON CONFLICT DO NOTHING",
        )
        run(site, "UPDATE person SET suspended_at = NULL")
        why = {"reason": "x", "sure": "y"}
        at_once(
            site,
            ("sofia", "/admin/personnes/maryse/suspension", why),
            ("maryse", "/admin/personnes/sofia/suspension", why),
        )
        assert site.ask("SELECT count(*) FROM person WHERE suspended_at IS NOT NULL") == 1


def suspend(site: Site, handle: str) -> Response:
    form = {"reason": "Publicité répétée.", "sure": "y"}
    return english(site, "sofia").post(f"/admin/personnes/{handle}/suspension", data=form)


def test_suspension_ends_everything_at_once_and_says_why(site: Site) -> None:
    felix, elsewhere = site.as_("felix"), signed_in_through(site, "felix")
    assert suspend(site, "felix").status_code == 303
    for browser in (felix, elsewhere):
        assert browser.get("/moi").status_code == 303
    (letter,) = letters(site)
    assert to(letter) == site.ask("SELECT email FROM person WHERE handle = 'felix'")
    assert "Publicité répétée." in text_of(letter)
    page = said(english(site, "sofia").get("/admin/personnes/felix"))
    assert "Open the account again" in page
    assert english(site, "sofia").post("/admin/personnes/felix/retablissement").status_code == 303
    assert site.new_browser("felix").get("/moi").status_code == 200


def test_nobody_suspends_herself(site: Site) -> None:
    run(site, "INSERT INTO platform_role (person_id, role) SELECT id, 'admin' FROM person WHERE handle = 'maryse'")
    assert suspend(site, "sofia").status_code == 403
    assert "cannot suspend yourself" in said(english(site, "sofia").get("/admin/personnes/sofia"))


def test_a_suspension_needs_a_reason(site: Site) -> None:
    response = english(site, "sofia").post("/admin/personnes/felix/suspension", data={"sure": "y"})
    assert response.status_code == 422
    assert 'id="reason-error"' in response.text
    assert site.ask("SELECT suspended_at FROM person WHERE handle = 'felix'") is None


def test_organizations_without_an_administrator_get_one(site: Site) -> None:
    sofia = english(site, "sofia")
    assert f'href="/admin/organisations/{ALONE}"' in sofia.get("/admin").text
    path = f"/admin/organisations/{ALONE}/nomination"
    assert sofia.post(path, data={"handle": "@Maryse "}).status_code == 303
    assert state(site, "maryse", ALONE) == ("active", "administrator")
    assert site.as_("maryse").get("/moi").status_code == 200
    (letter,) = letters(site)
    assert to(letter) == site.ask("SELECT email FROM person WHERE handle = 'maryse'")
    # Somebody who never belonged to it, too.
    assert sofia.post(path, data={"handle": "rejean"}).status_code == 303
    assert state(site, "rejean", ALONE) == ("active", "administrator")


def test_appointing_ends_the_sessions_of_whoever_is_appointed(site: Site) -> None:
    maryse = site.as_("maryse")
    assert maryse.get("/moi").status_code == 200
    site.as_("sofia").post(f"/admin/organisations/{ALONE}/nomination", data={"handle": "maryse"})
    assert maryse.get("/moi").status_code == 303


@pytest.mark.parametrize(("handle", "why"), [("personne", "Nobody here"), ("karine", "already belong")])
def test_who_cannot_be_appointed(site: Site, handle: str, why: str) -> None:
    response = english(site, "sofia").post(f"/admin/organisations/{MRC}/nomination", data={"handle": handle})
    assert response.status_code == 422
    assert why in said(response)
    assert f'value="{handle}"' in response.text


def test_an_organization_is_closed_and_opened_again(site: Site) -> None:
    sofia, path = english(site, "sofia"), f"/admin/organisations/{MRC}"
    assert sofia.post(f"{path}/fermeture", data={}).status_code == 422
    assert sofia.post(f"{path}/fermeture", data={"sure": "y"}).status_code == 303
    assert site.ask("SELECT closed_at IS NOT NULL FROM organization WHERE slug = $1", MRC)
    assert "Open the organization again" in said(sofia.get(path))
    assert sofia.post(f"{path}/reouverture").status_code == 303
    assert state(site, "karine") == ("active", "administrator"), "with the people it had"
    assert "MRC des Hauts-Méandres" in said(site.as_("karine").get("/"))


def test_the_platform_switches_a_provider_off(site: Site) -> None:
    felix = signed_in_through(site, "felix")
    number = site.ask(
        "SELECT p.id FROM provider AS p JOIN organization AS o ON o.id = organization_id WHERE slug = $1", MRC
    )
    sofia = english(site, "sofia")
    assert sofia.post(f"/admin/organisations/{ALONE}/fournisseurs/{number}/arret").status_code == 303
    assert felix.get("/moi").status_code == 200, "it is another organization's"
    assert sofia.post(f"/admin/organisations/{MRC}/fournisseurs/{number}/arret").status_code == 303
    assert felix.get("/moi").status_code == 303
    assert not site.ask("SELECT enabled FROM provider WHERE id = $1", number)
    back_on = f"/organisations/{MRC}/connexion/{number}/activer"
    karine = english(site, "karine")
    # As after a new trial: the organization cannot undo what the platform did, and reads why.
    site.ask("UPDATE provider SET tried_at = now() WHERE id = $1 RETURNING id", number)
    refused = karine.post(back_on)
    assert refused.status_code == 403
    assert "have switched this account service off" in said(refused)
    for act, form in (("supprimer", {}), ("", {"label": "Autrement"})):
        karine.post(f"/organisations/{MRC}/connexion/{number}/{act}".rstrip("/"), data=form)
    assert site.ask("SELECT stopped_at IS NOT NULL AND NOT enabled FROM provider WHERE id = $1", number)
    assert sofia.post(f"/admin/organisations/{MRC}/fournisseurs/{number}/reprise").status_code == 303
    assert karine.post(back_on).status_code == 303
    assert site.ask("SELECT enabled FROM provider WHERE id = $1", number)
