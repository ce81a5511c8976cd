"""No name passes for that of somebody who looks after the platform, whatever the case, the accents or the letters."""

import pytest

from maillage.auth.forms.people import mixes_scripts
from maillage.auth.queries.people import name_taken_by_staff
from tests.auth.members import english, said
from tests.conftest import Site

FORM = {"title": "mots à garder", "region": "", "relation": "", "locale": "fr-CA"}
# Étienne Caron-Lavigne moderates.
_PASS_FOR = [
    "Étienne Caron-Lavigne",
    "etienne caron lavigne",
    "ÉTIENNE  CARON–LAVIGNE",
    "EtienneCaronLavigne",
    "Étienne Caron-Iavigne",
    "Étienne Caron-1avigne",
    "Ét1enne Car0n-Lavigne",
    "Étienne Caron-Lavi\u200bgne",
    "Étienne Carοn-Lavigne".replace("o", "\u03bf"),
    "\uff25\uff54\uff49\uff45\uff4e\uff4e\uff45 Caron Lavigne",
]
_MIXED = ["Étienne C\u0430ron", "S\u043efia Benali", "\u0405ofia", "M\u0430ryse", "\u0391lice"]


@pytest.mark.parametrize("name", _PASS_FOR)
def test_a_name_that_passes_for_one_of_them_is_refused(site: Site, name: str) -> None:
    response = english(site, "maryse").post("/moi", data=FORM | {"name": name})
    assert response.status_code == 422
    assert 'id="name-error"' in response.text
    assert "mots à garder" in said(response)
    assert site.ask("SELECT name FROM person WHERE handle = 'maryse'") == "Maryse Lacombe-Dubé"


@pytest.mark.parametrize("name", _MIXED)
def test_letters_that_only_look_latin_do_not_stand_among_latin_ones(site: Site, name: str) -> None:
    response = english(site, "maryse").post("/moi", data=FORM | {"name": name})
    assert response.status_code == 422
    assert "only look like Latin ones" in said(response)


@pytest.mark.parametrize(
    "name", ["Étienne Caron", "Иван Петров", "Νίκος Παπάς", "Sofia Benaissa", "李 Wei", "Thuy-Linh Trần"]
)
def test_other_names_are_welcome(site: Site, name: str) -> None:
    assert not mixes_scripts(name)
    assert english(site, "maryse").post("/moi", data=FORM | {"name": name}).status_code == 303


def test_her_own_name_stays_hers(site: Site) -> None:
    assert english(site, "etienne").post("/moi", data=FORM | {"name": "Etienne Caron-Lavigne"}).status_code == 303


def test_a_name_wholly_in_letters_that_look_latin_is_seen_through(site: Site) -> None:
    site.write(lambda db: db.connection.execute("UPDATE person SET name = 'Maya Kopp' WHERE handle = 'etienne'"))
    twin = "\u041c\u0430\u0443\u0430 \u041a\u043e\u0440\u0440"
    assert not mixes_scripts(twin)
    assert english(site, "maryse").post("/moi", data=FORM | {"name": twin}).status_code == 422


def test_what_a_provider_says_is_held_to_the_same(site: Site) -> None:
    """The page of first arrivals asks this before it makes anybody."""
    assert site.write(lambda db: name_taken_by_staff(db, "SOFIA BENALl", except_id=None))
    assert not site.write(lambda db: name_taken_by_staff(db, "Sofia Benaissa", except_id=None))
