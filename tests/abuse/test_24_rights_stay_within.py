"""Whoever manages one organization gives nothing beyond it: no role on the platform, no place in another one."""

import pytest

from tests.auth.members import MRC, at_once, english, letters, link_in, membership, run, state
from tests.conftest import Site

OTHER = "ancrage"
# What a form of an organization might be made to say.
_BEYOND = {
    "role": "admin",
    "roles": "admin",
    "platform_role": "admin",
    "organization_id": "1",
    "organization": OTHER,
    "slug": OTHER,
    "handle": "karine",
    "person_id": "1",
    "state": "active",
    "sure": "y",
}


def trusted(site: Site) -> list[tuple[str, str]]:
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT handle, role FROM platform_role JOIN person ON id = person_id ORDER BY 1, 2"
        )
    )
    return [tuple(row) for row in rows]


def test_no_act_of_an_organization_gives_a_role_on_the_platform(site: Site) -> None:
    before, karine = trusted(site), site.as_("karine")
    page = f"/organisations/{MRC}/membres"
    for path in (
        f"{page}/{membership(site, 'felix')}/role",
        f"{page}/{membership(site, 'karine')}/role",
        f"{page}/inviter",
        f"/organisations/{MRC}/demande",
        f"/moi/organisations/{membership(site, 'karine')}/parole",
    ):
        karine.post(path, data=_BEYOND | {"emails": "a@example.org", "note": ""})
    assert trusted(site) == before
    assert site.ask("SELECT count(*) FROM membership WHERE role NOT IN ('member', 'administrator')") == 0


def test_an_invitation_offers_no_other_role(site: Site) -> None:
    form = {"emails": "a@example.org", "role": "admin", "note": ""}
    assert site.as_("karine").post(f"/organisations/{MRC}/membres/inviter", data=form).status_code == 422
    assert site.ask("SELECT count(*) FROM invitation") == 0


@pytest.mark.parametrize("who", ["karine", "felix"])
def test_nobody_acts_in_an_organization_that_is_not_theirs_to_manage(site: Site, who: str) -> None:
    before = site.write(lambda db: db.connection.fetch("SELECT * FROM membership ORDER BY id"))
    number = site.ask(
        "SELECT m.id FROM membership AS m JOIN organization AS o ON o.id = organization_id WHERE slug = $1 LIMIT 1",
        OTHER,
    )
    theirs = f"/organisations/{OTHER}/membres"
    for act in ("accepter", "refuser", "role", "fin"):
        form = {"role": "administrator"}
        assert site.as_(who).post(f"{theirs}/{number}/{act}", data=form).status_code == 403
        # By way of one's own organization, neither.
        status = site.as_(who).post(f"/organisations/{MRC}/membres/{number}/{act}", data=form).status_code
        assert status == (409 if who == "karine" else 403)
    form = {"emails": "a@example.org", "role": "member"}
    assert site.as_(who).post(f"{theirs}/inviter", data=form).status_code == 403
    after = site.write(lambda db: db.connection.fetch("SELECT * FROM membership ORDER BY id"))
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


def test_an_administrator_of_the_platform_lets_nobody_into_an_organization_that_has_its_own(site: Site) -> None:
    path = f"/organisations/{MRC}/membres/{membership(site, 'samuel')}/accepter"
    assert site.as_("sofia").post(path).status_code == 403
    assert state(site, "samuel") == ("pending", "member")


def test_rights_are_asked_again_when_the_act_comes(site: Site) -> None:
    """Karine's page is open while somebody takes her role away: its buttons do nothing any more."""
    run(site, "UPDATE membership SET role = 'administrator' WHERE id = $1", membership(site, "felix"))
    karine, number = site.as_("karine"), membership(site, "felix")
    assert karine.get(f"/organisations/{MRC}/membres/{number}").status_code == 200
    run(site, "UPDATE membership SET role = 'member' WHERE id = $1", membership(site, "karine"))
    assert karine.post(f"/organisations/{MRC}/membres/{number}/fin").status_code == 403
    assert state(site, "felix") == ("active", "administrator")


def test_an_invitation_is_no_way_around_what_its_sender_has_lost(site: Site) -> None:
    english(site, "karine").post(
        f"/organisations/{MRC}/membres/inviter",
        data={
            "emails": str(site.ask("SELECT email FROM person WHERE handle = 'rejean'")),
            "role": "administrator",
            "note": "",
        },
    )
    (letter,) = letters(site)
    run(site, "UPDATE membership SET role = 'administrator' WHERE id = $1", membership(site, "felix"))
    site.as_("felix").post(f"/organisations/{MRC}/membres/{membership(site, 'karine')}/fin")
    assert at_once(site, ("rejean", link_in(letter), {})) == [303]
    assert state(site, "rejean") == ("pending", "member")
