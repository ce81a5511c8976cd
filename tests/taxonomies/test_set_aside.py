"""A term is set aside, never deleted: no longer offered, replaced by another, and brought back when need be."""

import pytest

from tests.auth.members import said as shown
from tests.conftest import Site
from tests.taxonomies.keeping import epoch, in_use, last_change, open_, said, send

HOUSING = "/theme/logement"


def aside(site: Site, path: str = HOUSING, replacement: str = "") -> int:
    return int(send(site, f"{path}/retrait", replacement=replacement).status_code)


def test_it_is_no_longer_offered(site: Site) -> None:
    before = epoch(site)
    assert aside(site, replacement="revitalisation-quartier") == 303
    assert "logement" not in in_use(site, "theme")
    assert epoch(site) > before
    assert last_change(site)["after"] == {"deprecated": True, "replaced_by": "revitalisation-quartier"}
    page = shown(open_(site, "/theme"))
    assert "Terms set aside" in page
    assert "Used instead: Neighbourhood revitalization" in page
    assert "Used instead: Neighbourhood revitalization" in shown(open_(site, HOUSING))


def test_it_needs_no_replacement(site: Site) -> None:
    assert aside(site) == 303
    assert said(site, HOUSING, "replaced_by_id") is None


@pytest.mark.parametrize("replacement", ["logement", "estrie", "nulle-part", "9"])
def test_what_replaces_it_is_another_of_its_list(site: Site, replacement: str) -> None:
    assert aside(site, replacement=replacement) == 422
    assert "logement" in in_use(site, "theme")


def test_what_replaces_it_is_in_use(site: Site) -> None:
    aside(site, "/theme/aines")
    assert aside(site, replacement="aines") == 422


def test_what_replaces_a_component_is_one(site: Site) -> None:
    assert aside(site, "/empowerment/individuel-competence", "communautaire") == 422
    assert aside(site, "/empowerment/individuel-competence", "individuel-participation") == 303


def test_it_is_done_once(site: Site) -> None:
    assert aside(site) == 303
    assert aside(site, replacement="aines") == 409
    assert said(site, HOUSING, "replaced_by_id") is None


def test_what_it_gathers_is_set_aside_first(site: Site) -> None:
    assert "Set aside the terms that it gathers first" in shown(open_(site, "/competency_domain/connaitre-le-milieu"))
    assert aside(site, "/competency_domain/connaitre-le-milieu") == 409
    children = ["portrait-participatif", "cartographier-acteurs", "croiser-les-savoirs", "lire-politiques-programmes"]
    for slug in children:
        aside(site, f"/competency/{slug}")
    assert aside(site, "/competency_domain/connaitre-le-milieu") == 303
    # Nor does one of them come back alone, or a new one come to stand under it.
    assert send(site, f"/competency/{children[0]}/retablissement").status_code == 409
    form = {"fr": "Écouter", "en": "Listen", "parent": "connaitre-le-milieu"}
    assert send(site, "/competency/nouveau", **form).status_code == 422
    assert send(site, "/competency_domain/connaitre-le-milieu/retablissement").status_code == 303
    assert send(site, f"/competency/{children[0]}/retablissement").status_code == 303


def test_it_comes_back(site: Site) -> None:
    aside(site, replacement="aines")
    before = epoch(site)
    assert send(site, f"{HOUSING}/retablissement").status_code == 303
    assert "logement" in in_use(site, "theme")
    assert said(site, HOUSING, "replaced_by_id") is None
    assert last_change(site)["before"] == {"deprecated": True, "replaced_by": "aines"}
    assert epoch(site) > before
    assert send(site, f"{HOUSING}/retablissement").status_code == 409
