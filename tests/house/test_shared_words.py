"""What the accounts and the forum call regions and capacities is what the reference lists call them."""

import tomllib
from pathlib import Path

import pytest

from maillage.auth.policies import REGIONS, RELATIONS
from maillage.core.forms import said
from maillage.core.languages import ENGLISH, FRENCH
from maillage.forum.policies import CAPACITIES
from maillage.taxonomies import policies

STARTER = tomllib.loads((Path(policies.__file__).parent / "starter.toml").read_text("utf-8"))


@pytest.mark.parametrize(("taxonomy", "ours"), [("region", REGIONS), ("relation", RELATIONS)])
def test_the_same_slugs_and_words_in_the_same_order(taxonomy: str, ours: dict[str, str]) -> None:
    listed = [(term["slug"], term["fr"], term["en"]) for term in STARTER[taxonomy]]
    assert [(slug, said(word, FRENCH), said(word, ENGLISH)) for slug, word in ours.items()] == listed


def test_people_speak_in_capacities_that_are_listed() -> None:
    # Said otherwise here (« à titre de bailleur de fonds »), of the same capacities.
    assert list(CAPACITIES) == [term["slug"] for term in STARTER["relation"]]
