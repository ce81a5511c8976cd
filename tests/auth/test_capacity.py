"""A person in several organizations speaks for the one that she chose, else for the one that she joined last."""

import pytest

from tests.auth.members import MRC, english, membership, run, said, state
from tests.conftest import Site

OTHER = "cdc-du-grand-detour"
NAMES = {MRC: "MRC des Hauts-Méandres", OTHER: "CDC du Grand Détour"}


@pytest.fixture(autouse=True)
def _in_two(site: Site) -> None:
    """Félix joined the other one last."""
    run(
        site,
        "INSERT INTO membership (person_id, organization_id, started_on) SELECT p.id, o.id, current_date + 1"
        " FROM person AS p, organization AS o WHERE handle = 'felix' AND slug = $1",
        OTHER,
    )


def speaks_for(site: Site) -> set[str]:
    """Everywhere that says for whom Félix speaks: his menu, his profile's head, suggestions, what he writes."""
    felix = site.as_("felix")
    found = set()
    menu = said(felix.get("/")).partition('class="menu"')[2].partition("</details>")[0]
    profile = said(site.as_("maryse").get("/personnes/felix")).partition('class="organization">')[2].partition("<")[0]
    (suggested,) = site.as_("maryse").get("/personnes/suggestions?q=felix").json()
    form = {"space": "pratiques", "title": "Qui parle", "body": "Une phrase."}
    sent = felix.post("/discussions/nouvelle", data=form).headers["location"]
    written = site.ask(
        "SELECT o.slug FROM post JOIN organization AS o ON o.id = organization_id ORDER BY post.id DESC LIMIT 1"
    )
    assert sent
    for slug, name in NAMES.items():
        if name in menu or name in profile or name == suggested["organization"] or slug == written:
            found.add(slug)
    return found


def test_without_a_choice_the_one_joined_last(site: Site) -> None:
    assert speaks_for(site) == {OTHER}


def test_she_chooses(site: Site) -> None:
    felix = english(site, "felix")
    assert "Speak for this one" in said(felix.get("/moi"))
    assert felix.post(f"/moi/organisations/{membership(site, 'felix')}/parole").status_code == 303
    assert speaks_for(site) == {MRC}
    felix.post(f"/moi/organisations/{membership(site, 'felix', OTHER)}/parole")
    run(site, "DELETE FROM rate_limit")
    assert speaks_for(site) == {OTHER}


def test_her_capacity_is_kept_for_each(site: Site) -> None:
    felix = english(site, "felix")
    felix.post(f"/moi/organisations/{membership(site, 'felix')}/parole")
    form = {"name": "Félix Arsenault-Gingras", "title": "", "region": "", "locale": "fr-CA"}
    assert felix.post("/moi", data=form | {"relation": "bailleur-de-fonds"}).status_code == 303
    kept = "SELECT relation FROM membership WHERE id = $1"
    assert site.ask(kept, membership(site, "felix")) == "bailleur-de-fonds"
    assert site.ask(kept, membership(site, "felix", OTHER)) is None


@pytest.mark.parametrize(
    "over",
    [
        "UPDATE membership SET ended_on = started_on WHERE id = $1",
        "UPDATE membership SET state = 'pending' WHERE id = $1",
        "UPDATE organization SET closed_at = now() WHERE id = (SELECT organization_id FROM membership WHERE id = $1)",
    ],
)
def test_nobody_speaks_for_what_is_over(site: Site, over: str) -> None:
    number = membership(site, "felix")
    site.as_("felix").post(f"/moi/organisations/{number}/parole")
    run(site, over, number)
    assert speaks_for(site) == {OTHER}


def test_nobody_chooses_with_somebody_elses_membership(site: Site) -> None:
    assert site.as_("maryse").post(f"/moi/organisations/{membership(site, 'felix')}/parole").status_code == 409
    assert site.ask("SELECT chosen_at FROM membership WHERE id = $1", membership(site, "felix")) is None


def test_a_profile_lists_every_organization(site: Site) -> None:
    page = said(site.as_("maryse").get("/personnes/felix"))
    for slug in NAMES:
        assert f'href="/organisations/{slug}"' in page


def test_somebody_in_two_organizations_is_one_newcomer(site: Site) -> None:
    run(site, "UPDATE person SET created_at = now() WHERE handle = 'samuel'")
    run(
        site,
        "INSERT INTO membership (person_id, organization_id) SELECT p.id, o.id"
        " FROM person AS p, organization AS o WHERE handle = 'samuel' AND slug = $1",
        OTHER,
    )
    page = english(site, "etienne").get("/moderation").text
    assert page.count('href="/personnes/samuel"') == 1
    assert "Membership to confirm" in page


def test_she_may_speak_on_her_own_behalf_and_choose_again(site: Site) -> None:
    felix = english(site, "felix")
    page = said(felix.get("/moi"))
    assert "Speak on your own behalf" in page
    assert "you speak so" not in page
    assert felix.post("/moi/organisations/aucune/parole").status_code == 303
    assert speaks_for(site) == set()
    page = said(felix.get("/moi"))
    assert "you speak so" in page
    assert "you speak for it" not in page
    assert 'name="relation"' not in page
    assert page.count("Speak for this one") == 2
    # She belongs to both as before, and whoever reads her profile sees so.
    assert state(site, "felix") == state(site, "felix", OTHER) == ("active", "member")
    assert all(f'href="/organisations/{slug}"' in said(site.as_("maryse").get("/personnes/felix")) for slug in NAMES)
    felix.post(f"/moi/organisations/{membership(site, 'felix', OTHER)}/parole")
    run(site, "DELETE FROM rate_limit")
    assert speaks_for(site) == {OTHER}


def test_her_capacity_at_her_organizations_waits_while_she_speaks_for_herself(site: Site) -> None:
    felix = english(site, "felix")
    felix.post("/moi/organisations/aucune/parole")
    form = {"name": "Félix Arsenault-Gingras", "title": "", "region": "", "locale": "fr-CA"}
    before = "SELECT string_agg(coalesce(relation, '-'), ' ' ORDER BY id) FROM membership"
    kept = site.ask(before)
    assert felix.post("/moi", data=form | {"relation": "bailleur-de-fonds"}).status_code == 303
    assert site.ask(before) == kept


def test_joining_another_organization_does_not_change_her_choice(site: Site) -> None:
    site.as_("felix").post("/moi/organisations/aucune/parole")
    run(
        site,
        "INSERT INTO membership (person_id, organization_id, started_on) SELECT p.id, o.id, current_date + 2"
        " FROM person AS p, organization AS o WHERE handle = 'felix' AND slug NOT IN ($1, $2)",
        MRC,
        OTHER,
    )
    assert speaks_for(site) == set()


def test_whoever_belongs_nowhere_is_not_asked(site: Site) -> None:
    run(site, "DELETE FROM membership USING person AS p WHERE p.id = person_id AND handle = 'felix'")
    page = said(english(site, "felix").get("/moi"))
    assert "Speak on your own behalf" not in page
    assert "You write on your own behalf" in page
