"""A term is added in both languages, under a permanent name, at the end of its list."""

from typing import Any

import pytest

from tests.auth.members import said as shown
from tests.conftest import Site
from tests.taxonomies.keeping import epoch, in_use, last_change, open_, said, send

WATER = {"fr": "Qualité de l'eau", "en": "Water quality"}


def test_it_can_be_chosen_at_once(site: Site) -> None:
    before = epoch(site)
    response = send(site, "/theme/nouveau", **WATER)
    assert response.status_code == 303
    assert response.headers["location"].endswith("#qualite-de-l-eau")
    assert in_use(site, "theme")[-1] == "qualite-de-l-eau"
    assert said(site, "/theme/qualite-de-l-eau", "fr") == "Qualité de l’eau"
    assert "Water quality" in shown(open_(site, "/theme"))
    assert epoch(site) > before
    assert last_change(site)["before"] is None


def test_its_permanent_name_may_be_chosen(site: Site) -> None:
    send(site, "/theme/nouveau", **WATER, slug="eau")
    assert in_use(site, "theme")[-1] == "eau"


@pytest.mark.parametrize("lacking", ["fr", "en"])
def test_a_term_is_named_in_both_languages(site: Site, lacking: str) -> None:
    response = send(site, "/theme/nouveau", **WATER | {lacking: " "})
    assert response.status_code == 422
    assert "This field is required." in shown(response)
    (other,) = {"fr", "en"} - {lacking}
    assert WATER[other] in shown(response)
    assert "qualite-de-l-eau" not in in_use(site, "theme")


def test_a_description_is_given_in_both_languages_or_in_none(site: Site) -> None:
    response = send(site, "/theme/nouveau", **WATER, description_fr="Ce qui coule du robinet.")
    assert response.status_code == 422
    assert "Say it in both languages, or in neither." in shown(response)
    assert "Ce qui coule du robinet." in shown(response)


@pytest.mark.parametrize("slug", ["Eau", "eau claire", "-eau", "eau--claire", "éau", "../eau"])
def test_a_permanent_name_is_plain(site: Site, slug: str) -> None:
    assert send(site, "/theme/nouveau", **WATER, slug=slug).status_code == 422


def test_a_permanent_name_hides_no_page(site: Site) -> None:
    response = send(site, "/theme/nouveau", fr="Nouveau", en="New")
    assert response.status_code == 422
    assert "This name is taken by a page" in shown(response)


def test_a_permanent_name_is_taken_once_even_by_what_was_set_aside(site: Site) -> None:
    send(site, "/theme/logement/retrait", replacement="")
    response = send(site, "/theme/nouveau", fr="Logement", en="Homes")
    assert response.status_code == 422
    assert "perhaps one that was set aside" in shown(response)
    assert "Homes" in response.text


def test_a_competency_stands_in_a_domain(site: Site) -> None:
    form: dict[str, Any] = {"fr": "Écouter", "en": "Listen", "stages": ["emergence", "mise-en-oeuvre"]}
    assert send(site, "/competency/nouveau", **form).status_code == 422
    assert send(site, "/competency/nouveau", **form, parent="nulle-part").status_code == 422
    assert send(site, "/competency/nouveau", **form, parent="connaitre-le-milieu").status_code == 303
    assert said(site, "/competency/ecouter", "stages") == ["emergence", "mise-en-oeuvre"]
    assert said(site, "/competency/ecouter", "position") == 5


def test_a_component_gathers_nothing(site: Site) -> None:
    form = {"fr": "Audace", "en": "Boldness"}
    assert send(site, "/empowerment/nouveau", **form, parent="individuel-participation").status_code == 422
    assert send(site, "/empowerment/nouveau", **form, parent="individuel").status_code == 303
    assert send(site, "/empowerment/nouveau", fr="Pouvoir d’agir régional", en="Regional", parent="").status_code == 303


def test_a_list_stays_one_to_choose_from(site: Site) -> None:
    site.write(
        lambda db: db.connection.execute(
            "INSERT INTO term (taxonomy, slug, position, fr, en)"
            " SELECT 'theme', 'x' || n, n, 'x', 'x' FROM generate_series(1, 300) AS n"
        )
    )
    assert "at most 300 terms" in shown(send(site, "/theme/nouveau", **WATER))
