"""What a provider says of somebody's groups gives what is mapped, takes back what it gave, and touches nothing else."""

from collections.abc import Sequence

import pytest

from maillage.auth.commands import groups
from maillage.core.db import Db
from tests.auth.members import MRC, membership, run
from tests.conftest import Site

OTHER = "ancrage"


@pytest.fixture(autouse=True)
def _mapped(site: Site) -> None:
    """Three groups; the MRC's provider stands for two of them; another organization has one of its own."""
    for slug, name in ((MRC, "équipe"), (MRC, "bureau"), (MRC, "à la main"), (OTHER, "ailleurs")):
        run(
            site,
            "INSERT INTO organization_group (organization_id, name, name_key)"
            " SELECT id, $1, $1 FROM organization WHERE slug = $2",
            name,
            slug,
        )
    for value, name in (("eq", "équipe"), ("bur", "bureau"), ("tous", "équipe"), ("tous", "bureau"), ("x", "ailleurs")):
        run(
            site,
            "INSERT INTO provider_group (provider_id, value, group_id)"
            " SELECT p.id, $1, g.id FROM provider AS p JOIN organization AS o ON o.id = p.organization_id,"
            " organization_group AS g WHERE o.slug = $2 AND g.name = $3",
            value,
            MRC,
            name,
        )


def told(site: Site, said: Sequence[str] | None, handle: str = "felix") -> set[tuple[str, bool]]:
    """Have the provider say so; her groups, and whether by hand."""

    async def act(db: Db) -> set[tuple[str, bool]]:
        person = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle)
        provider_id = await db.connection.fetchval(
            "SELECT p.id FROM provider AS p JOIN organization AS o ON o.id = organization_id WHERE slug = $1", MRC
        )
        await groups.told(db, provider_id=provider_id, person_id=person, groups=said)
        rows = await db.connection.fetch(
            "SELECT name, provider_id IS NULL AS by_hand FROM group_member JOIN organization_group AS g"
            " ON g.id = group_id WHERE person_id = $1",
            person,
        )
        return {(row["name"], row["by_hand"]) for row in rows}

    return site.write(act)


def by_hand(site: Site, name: str) -> None:
    run(
        site,
        "INSERT INTO group_member (group_id, person_id)"
        " SELECT g.id, p.id FROM organization_group AS g, person AS p WHERE g.name = $1 AND handle = 'felix'",
        name,
    )


def test_mapped_groups_become_exactly_those_said(site: Site) -> None:
    assert told(site, ["eq", "inconnu"]) == {("équipe", False)}
    assert told(site, ["bur"]) == {("bureau", False)}
    assert told(site, ["tous", "eq", "eq"]) == {("équipe", False), ("bureau", False)}
    assert told(site, []) == set()


def test_saying_nothing_changes_nothing(site: Site) -> None:
    told(site, ["eq"])
    assert told(site, None) == {("équipe", False)}


def test_what_was_given_by_hand_stays(site: Site) -> None:
    by_hand(site, "à la main")
    by_hand(site, "équipe")
    assert told(site, ["eq"]) == {("à la main", True), ("équipe", True), ("équipe", False)}
    assert told(site, []) == {("à la main", True), ("équipe", True)}


def test_what_another_provider_gave_stays(site: Site) -> None:
    run(
        site,
        "INSERT INTO provider (organization_id, label, issuer, client_id)"
        " SELECT id, 'Second', 'https://second.example', 'x' FROM organization WHERE slug = $1",
        MRC,
    )
    run(
        site,
        "INSERT INTO group_member (group_id, person_id, provider_id) SELECT g.id, p.id, v.id FROM organization_group"
        " AS g, person AS p, provider AS v WHERE g.name = 'bureau' AND handle = 'felix' AND label = 'Second'",
    )
    assert told(site, []) == {("bureau", False)}


def test_other_people_keep_theirs(site: Site) -> None:
    told(site, ["eq"], "karine")
    told(site, [])
    assert told(site, None, "karine") == {("équipe", False)}


def test_a_provider_gives_nothing_of_another_organization(site: Site) -> None:
    assert told(site, ["x"]) == set()


def test_it_gives_nothing_to_somebody_who_does_not_belong(site: Site) -> None:
    assert told(site, ["eq"], "maryse") == set()
    run(site, "UPDATE membership SET state = 'pending' WHERE id = $1", membership(site, "felix"))
    assert told(site, ["eq"]) == set()
    run(site, "UPDATE membership SET state = 'active', ended_on = started_on WHERE id = $1", membership(site, "felix"))
    assert told(site, ["eq"]) == set()


def test_values_are_compared_as_they_are(site: Site) -> None:
    assert told(site, ["EQ", "eq ", "e%", "admin", "administrator"]) == set()
