"""A term goes up or down among its like, or to a place by its number."""

import pytest

from tests.conftest import Site
from tests.taxonomies.keeping import changes, epoch, in_use, last_change, send

SCALES = [
    "quartier-village",
    "municipalite",
    "mrc",
    "region",
    "interregional",
    "national",
    "communaute-non-territoriale",
]


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({"step": "haut"}, 1),
        ({"step": "bas"}, 3),
        ({"position": "1"}, 0),
        ({"position": "5"}, 4),
        ({"position": "900"}, 6),
    ],
)
def test_it_goes_there(site: Site, form: dict[str, str], place: int) -> None:
    assert in_use(site, "scale") == SCALES
    before = epoch(site)
    assert send(site, "/scale/mrc/place", **form).status_code == 303
    expected = [slug for slug in SCALES if slug != "mrc"]
    expected.insert(place, "mrc")
    assert in_use(site, "scale") == expected
    assert last_change(site)["before"] == {"position": 3}
    assert last_change(site)["after"] == {"position": place + 1}
    assert epoch(site) > before


@pytest.mark.parametrize(("slug", "step"), [(SCALES[0], "haut"), (SCALES[-1], "bas")])
def test_beyond_the_end_nothing_moves(site: Site, slug: str, step: str) -> None:
    send(site, f"/scale/{slug}/place", step=step)
    assert in_use(site, "scale") == SCALES
    assert changes(site) == 0


@pytest.mark.parametrize("position", ["0", "-1", "x", "1001"])
def test_a_place_is_a_number(site: Site, position: str) -> None:
    assert send(site, "/scale/mrc/place", position=position).status_code == 422
    assert in_use(site, "scale") == SCALES


def test_what_was_set_aside_counts_for_no_step(site: Site) -> None:
    send(site, "/scale/municipalite/retrait", replacement="")
    send(site, "/scale/mrc/place", step="haut")
    assert in_use(site, "scale")[:2] == ["mrc", "quartier-village"]
    assert send(site, "/scale/municipalite/place", step="haut").status_code == 409


def test_a_component_moves_among_those_of_its_type(site: Site) -> None:
    send(site, "/empowerment/communautaire-capital/place", position="1")
    assert last_change(site)["before"] == {"position": 4}
    mine = [slug for slug in in_use(site, "empowerment") if slug.startswith("communautaire-")]
    assert mine[0] == "communautaire-capital"
    others = [slug for slug in in_use(site, "empowerment") if slug.startswith("individuel-")]
    assert others[0] == "individuel-participation"
