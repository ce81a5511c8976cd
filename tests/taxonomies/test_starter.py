"""A new installation begins with the lists of starter.toml, whole and in both languages."""

import tomllib
from pathlib import Path

import asyncpg
import pytest

from maillage.taxonomies import policies
from tests.conftest import Site

STARTER = tomllib.loads((Path(policies.__file__).parent / "starter.toml").read_text("utf-8"))


def test_every_list_is_there_and_no_other() -> None:
    assert STARTER.keys() == policies.TAXONOMIES.keys()


def test_an_installation_has_them_in_order(site: Site) -> None:
    for name, terms in STARTER.items():
        found = site.ask(
            "SELECT array_agg(ARRAY[t.slug, t.fr, t.en, parent.slug, t.code, t.official::text] ORDER BY t.id)"
            " FROM term AS t LEFT JOIN term AS parent ON parent.id = t.parent_id WHERE t.taxonomy = $1",
            name,
        )
        assert [tuple(row) for row in found or ()] == [
            (
                one["slug"],
                one["fr"],
                one["en"],
                one.get("parent"),
                one.get("code"),
                str(one.get("official", False)).lower(),
            )
            for one in terms
        ]


@pytest.mark.parametrize("name", STARTER)
def test_what_is_said_is_said_in_both_languages(name: str) -> None:
    for term in STARTER[name]:
        assert term["fr"].strip()
        assert term["en"].strip()
        for said in ("description", "question"):
            assert (f"{said}_fr" in term) == (f"{said}_en" in term), term["slug"]


def test_what_is_referred_to_exists() -> None:
    slugs = {name: [term["slug"] for term in terms] for name, terms in STARTER.items()}
    for name, terms in STARTER.items():
        assert len(slugs[name]) == len(set(slugs[name]))
        for term in terms:
            if "parent" in term:
                assert term["parent"] in slugs[policies.TAXONOMIES[name].parents]
            assert set(term.get("stages", [])) <= set(slugs["stage"])
            assert term.get("scope", "collective") in policies.SCOPES


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE term SET slug = 'autre' WHERE slug = 'estrie'",
        "UPDATE term SET taxonomy = 'theme' WHERE slug = 'estrie'",
        "UPDATE term SET en = '  ' WHERE slug = 'estrie'",
        # Another list's.
        (
            "UPDATE term SET deprecated_at = now(), replaced_by_id = aines.id FROM term AS aines"
            " WHERE term.slug = 'estrie' AND aines.slug = 'aines'"
        ),
        # Still offered.
        "UPDATE term SET replaced_by_id = (SELECT id FROM term WHERE slug = 'laval') WHERE slug = 'estrie'",
    ],
)
def test_the_database_itself_refuses(site: Site, act: str) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        site.write(lambda db: db.connection.execute(act))
