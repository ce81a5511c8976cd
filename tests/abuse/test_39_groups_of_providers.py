"""Out of a group at the provider takes back what the mapping gave, and nothing else; no provider makes staff."""

from maillage.auth.commands import groups
from maillage.core.db import Db
from tests.auth.members import MRC, run, state
from tests.conftest import Site

# What a hostile provider might call its groups.
_BOLD = [
    "admin",
    "administrator",
    "moderator",
    "organizer",
    "committee",
    "Administration",
    "platform_role:admin",
    "*",
    "%",
    "",
]


def told(site: Site, said: list[str] | None) -> None:
    async def act(db: Db) -> None:
        provider = await db.connection.fetchval(
            "SELECT p.id FROM provider AS p JOIN organization AS o ON o.id = organization_id WHERE slug = $1", MRC
        )
        person = await db.connection.fetchval("SELECT id FROM person WHERE handle = 'felix'")
        await groups.told(db, provider_id=provider, person_id=person, groups=said)

    site.write(act)


def test_a_provider_takes_back_what_it_gave_and_grants_nothing_more(site: Site) -> None:
    run(
        site,
        "INSERT INTO organization_group (organization_id, name, name_key)"
        " SELECT id, n, n FROM organization, unnest(ARRAY['a', 'b']) AS n WHERE slug = $1",
        MRC,
    )
    run(
        site,
        "INSERT INTO provider_group (provider_id, value, group_id) SELECT p.id, 'admin', g.id FROM provider AS p"
        " JOIN organization_group AS g ON g.organization_id = p.organization_id AND g.name = 'a'",
    )
    run(
        site,
        "INSERT INTO group_member (group_id, person_id) SELECT g.id, p.id FROM organization_group AS g, person AS p"
        " WHERE handle = 'felix'",
    )
    before = site.ask("SELECT array_agg(role ORDER BY role, person_id) FROM platform_role")
    told(site, _BOLD)
    given = "SELECT array_agg(g.name ORDER BY g.name) FROM group_member JOIN organization_group AS g ON g.id = group_id"
    assert site.ask(f"{given} WHERE provider_id IS NOT NULL") == ["a"]
    assert site.ask("SELECT array_agg(role ORDER BY role, person_id) FROM platform_role") == before
    assert state(site, "felix") == ("active", "member")
    told(site, [])
    assert site.ask(f"{given} WHERE provider_id IS NOT NULL") is None
    assert site.ask(f"{given} WHERE provider_id IS NULL") == ["a", "b"]
