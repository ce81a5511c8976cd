"""The people of an organization: what whoever looks sees of them, and what its administrators may change."""

import pytest

from maillage.auth.viewer import session_cookie
from tests.auth.members import MRC, at_once, english, letters, membership, run, said, state, text_of, to
from tests.conftest import Site

PAGE = f"/organisations/{MRC}/membres"
SAMUEL, FELIX, KARINE = "Samuel Desrosiers-Houle", "Félix Arsenault-Gingras", "Karine Ouellet-Simard"


def test_strangers_are_asked_to_sign_in_whatever_the_organization(site: Site) -> None:
    for slug in (MRC, "aucune"):
        path = f"/organisations/{slug}/membres"
        assert site.stranger.get(path).headers["location"] == f"/connexion?suite={path}"


def test_a_member_sees_in_what_role_and_since_when(site: Site) -> None:
    page = said(english(site, "felix").get(PAGE))
    assert KARINE in page
    assert "Administrator" in page
    assert "Since:" in page


def test_others_see_names_only(site: Site) -> None:
    page = said(english(site, "maryse").get(PAGE))
    assert KARINE in page
    assert FELIX in page
    assert "Administrator" not in page
    assert "Since:" not in page


@pytest.mark.parametrize("handle", ["felix", "maryse", "samuel", "sofia"])
def test_the_queue_is_for_administrators(site: Site, handle: str) -> None:
    run(site, "UPDATE membership SET note = 'Vu au forum' WHERE state = 'pending'")
    page = said(english(site, handle).get(PAGE))
    assert "Vu au forum" not in page
    assert "Waiting for an answer" not in page
    number = membership(site, "samuel")
    assert site.as_(handle).post(f"{PAGE}/{number}/accepter").status_code == 403
    assert state(site, "samuel") == ("pending", "member")


def test_an_administrator_reads_the_note_and_lets_somebody_in(site: Site) -> None:
    run(site, "UPDATE membership SET note = 'Vu au forum' WHERE state = 'pending'")
    karine = english(site, "karine")
    page = said(karine.get(PAGE))
    assert SAMUEL in page
    assert "Vu au forum" in page
    response = karine.post(f"{PAGE}/{membership(site, 'samuel')}/accepter")
    assert response.status_code == 303
    assert "The request is accepted" in said(karine.get(response.headers["location"]))
    assert state(site, "samuel") == ("active", "member")
    (letter,) = letters(site)
    assert to(letter) == site.ask("SELECT email FROM person WHERE handle = 'samuel'")
    assert "MRC des Hauts-Méandres" in text_of(letter)


def test_whoever_is_let_in_belongs_from_that_day(site: Site) -> None:
    run(site, "UPDATE membership SET started_on = '2020-01-01' WHERE state = 'pending'")
    number = membership(site, "samuel")
    site.as_("karine").post(f"{PAGE}/{number}/accepter")
    assert site.ask("SELECT started_on > '2020-01-01' FROM membership WHERE id = $1", number)


def test_no_session_grows_rights_by_being_let_in(site: Site) -> None:
    samuel = site.as_("samuel")
    assert samuel.get("/moi").status_code == 200
    site.as_("karine").post(f"{PAGE}/{membership(site, 'samuel')}/accepter")
    assert samuel.get("/moi").status_code == 303


def test_an_administrator_turns_somebody_down(site: Site) -> None:
    number = membership(site, "samuel")
    assert site.as_("karine").post(f"{PAGE}/{number}/refuser").status_code == 303
    assert state(site, "samuel") is None
    (letter,) = letters(site)
    assert to(letter) == site.ask("SELECT email FROM person WHERE handle = 'samuel'")
    # What came to nothing is no period of belonging.
    assert "MRC des Hauts" not in said(site.as_("samuel").get("/moi"))


def test_the_second_answer_to_a_request_is_told_so(site: Site) -> None:
    number = membership(site, "samuel")
    site.as_("karine").post(f"{PAGE}/{number}/refuser")
    response = english(site, "karine").post(f"{PAGE}/{number}/accepter")
    assert response.status_code == 409
    assert "has answered this request already" in said(response)
    assert state(site, "samuel") is None


def test_an_administrator_names_another(site: Site) -> None:
    felix = site.as_("felix")
    felix.get("/moi")
    path = f"{PAGE}/{membership(site, 'felix')}"
    assert "Make an administrator" in said(english(site, "karine").get(path))
    assert site.as_("karine").post(f"{path}/role", data={"role": "administrator"}).status_code == 303
    assert state(site, "felix") == ("active", "administrator")
    assert felix.get("/moi").status_code == 303, "her session must not grow rights"
    assert len(letters(site)) == 1


def test_whoever_steps_down_stays_signed_in_under_a_new_token(site: Site) -> None:
    run(site, "UPDATE membership SET role = 'administrator' WHERE id = $1", membership(site, "felix"))
    name = session_cookie(site.settings)
    old = site.open_session("karine")
    site.stranger.cookies.set(name, old)
    response = site.stranger.post(f"{PAGE}/{membership(site, 'karine')}/role", data={"role": "member"})
    assert response.status_code == 303
    assert state(site, "karine") == ("active", "member")
    new = response.cookies[name]
    for token, status in ((new, 200), (old, 303)):
        site.stranger.cookies.clear()
        site.stranger.cookies.set(name, token)
        assert site.stranger.get("/moi").status_code == status


def test_the_last_administrator_cannot_step_down(site: Site) -> None:
    path = f"{PAGE}/{membership(site, 'karine')}"
    page = said(english(site, "karine").get(path))
    assert "name another administrator" in page
    assert "Make a member" not in page
    assert site.as_("karine").post(f"{path}/role", data={"role": "member"}).status_code == 409
    assert state(site, "karine") == ("active", "administrator")


def test_a_suspended_administrator_does_not_count_as_another(site: Site) -> None:
    run(site, "UPDATE membership SET role = 'administrator' WHERE id = $1", membership(site, "felix"))
    run(site, "UPDATE person SET suspended_at = now() WHERE handle = 'felix'")
    path = f"{PAGE}/{membership(site, 'karine')}/role"
    assert site.as_("karine").post(path, data={"role": "member"}).status_code == 409


def test_two_administrators_who_step_down_at_once_do_not_both(site: Site) -> None:
    run(site, "UPDATE membership SET role = 'administrator' WHERE id = $1", membership(site, "felix"))
    for _ in range(5):
        answers = at_once(
            site,
            *(
                (handle, f"{PAGE}/{membership(site, handle)}/role", {"role": "member"})
                for handle in ("karine", "felix")
            ),
        )
        assert sorted(answers) in ([303, 409], [303, 403]), answers
        left = site.ask(
            "SELECT count(*) FROM membership WHERE role = 'administrator' AND ended_on IS NULL"
            " AND organization_id = (SELECT id FROM organization WHERE slug = $1)",
            MRC,
        )
        assert left == 1
        run(
            site,
            "UPDATE membership SET role = 'administrator' WHERE id = ANY($1)",
            [membership(site, "karine"), membership(site, "felix")],
        )


@pytest.mark.parametrize("handle", ["felix", "maryse", "samuel", "sofia"])
@pytest.mark.parametrize("act", ["role", "fin"])
def test_only_administrators_change_memberships(site: Site, handle: str, act: str) -> None:
    path = f"{PAGE}/{membership(site, 'felix')}"
    assert site.as_(handle).get(path).status_code == 403
    assert site.as_(handle).post(f"{path}/{act}", data={"role": "administrator"}).status_code == 403
    assert state(site, "felix") == ("active", "member")


def test_an_administrator_reaches_into_no_other_organization(site: Site) -> None:
    number = membership(site, "maryse", "cdc-du-grand-detour")
    karine = site.as_("karine")
    assert karine.get(f"{PAGE}/{number}").status_code == 404
    for act in ("role", "fin", "accepter", "refuser"):
        assert karine.post(f"{PAGE}/{number}/{act}", data={"role": "administrator"}).status_code == 409
    assert karine.post(f"/organisations/cdc-du-grand-detour/membres/{number}/fin").status_code == 403
    assert state(site, "maryse", "cdc-du-grand-detour") is not None


def test_notes_are_shown_never_run(site: Site) -> None:
    run(site, "UPDATE membership SET note = '<img src=x onerror=alert(1)>' WHERE state = 'pending'")
    page = site.as_("karine").get(PAGE).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
