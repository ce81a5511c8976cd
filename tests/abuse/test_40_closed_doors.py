"""An organization closed, a provider switched off by the platform: sessions end, content stays attributed."""

import pytest

from tests.auth.members import MRC, said
from tests.auth.test_departures import signed_in_through
from tests.conftest import Site


def provider(site: Site, slug: str = MRC) -> int:
    return int(
        site.ask(
            "SELECT p.id FROM provider AS p JOIN organization AS o ON o.id = organization_id WHERE slug = $1", slug
        )
    )


def shut(site: Site, how: str) -> None:
    path = f"/admin/organisations/{MRC}"
    path += "/fermeture" if how == "organization" else f"/fournisseurs/{provider(site)}/arret"
    assert site.as_("sofia").post(path, data={"sure": "y"}).status_code == 303


@pytest.mark.parametrize("how", ["organization", "provider"])
def test_sessions_end_and_nobody_comes_in_again(site: Site, how: str) -> None:
    felix, elsewhere = signed_in_through(site, "felix"), signed_in_through(site, "nadege", "ancrage")
    by_link = site.as_("karine")
    for browser in (felix, elsewhere, by_link):
        assert browser.get("/moi").status_code == 200
    shut(site, how)
    assert felix.get("/moi").status_code == 303
    assert elsewhere.get("/moi").status_code == 200
    assert by_link.get("/moi").status_code == 200
    assert site.stranger.post(f"/connexion/fournisseur/{provider(site)}", data={}).status_code == 404


@pytest.mark.parametrize("how", ["organization", "provider"])
def test_what_its_people_wrote_stays_theirs(site: Site, how: str) -> None:
    form = {"space": "pratiques", "title": "Avant la fin", "body": "Ce qui reste."}
    path = site.as_("felix").post("/discussions/nouvelle", data=form).headers["location"]
    shut(site, how)
    page = said(site.stranger.get(path, follow_redirects=True))
    assert "Ce qui reste." in page
    assert "Félix Arsenault-Gingras" in page
    assert "MRC des Hauts-Méandres" in page


def test_nobody_speaks_for_a_closed_organization(site: Site) -> None:
    shut(site, "organization")
    form = {"space": "pratiques", "title": "Après la fin", "body": "En mon nom."}
    path = site.as_("felix").post("/discussions/nouvelle", data=form).headers["location"]
    assert "MRC des Hauts-Méandres" not in said(site.stranger.get(path, follow_redirects=True))
    for act in ("membres/inviter", "demande"):
        assert site.as_("karine").post(f"/organisations/{MRC}/{act}", data={"emails": "a@b.org"}).status_code == 403
