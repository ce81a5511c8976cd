"""Each says in what capacity and for whom she signs; whoever answers for a story says in what order."""

from tests.cases.stories import story
from tests.cases.test_states import hand
from tests.cases.test_writing_team import member
from tests.cases.writing import guest, start
from tests.conftest import Site

BELONGS = """
    SELECT organization.name FROM membership JOIN organization ON organization.id = organization_id
      JOIN person ON person.id = person_id
     WHERE handle = $1 AND state = 'active' AND ended_on IS NULL ORDER BY organization.id LIMIT 1
"""


def number(site: Site, name: str) -> str:
    return str(site.ask("SELECT id FROM organization WHERE name = $1", name))


def sign(site: Site, case_id: int, handle: str = "josee", relation: str = "", organization: str = "") -> int:
    form = {"relation": relation, "organization": organization}
    return site.as_(handle).post(f"/recits/{case_id}/equipe/signature", data=form).status_code


def byline(site: Site, case_id: int) -> list[str]:
    """Who signs, in their order, as the export has it."""
    authors = site.stranger.get(f"/recits/{case_id}.json").json()["authors"]
    return [f"{one['name']} ({one['organization']})" if one["organization"] else one["name"] for one in authors]


def test_she_signs_for_her_organization_or_for_herself(site: Site) -> None:
    name = site.ask(BELONGS, "josee")
    case_id = story(site, "josee")
    path = f"/recits/{case_id}"
    assert name not in site.stranger.get(path, follow_redirects=True).text
    assert sign(site, case_id, relation="partenaire-terrain", organization=number(site, name)) == 303
    page = site.stranger.get(path, follow_redirects=True).text
    assert name in page
    assert byline(site, case_id)[0].endswith(f"({name})")
    assert f"({name})" in site.stranger.get(f"{path}.md").text
    assert name in site.as_("josee").get(f"{path}/equipe").text
    assert sign(site, case_id) == 303
    assert name not in site.stranger.get(path, follow_redirects=True).text
    assert site.ask("SELECT relation FROM case_author WHERE case_id = $1", case_id) is None


def test_she_signs_only_for_where_she_belongs(site: Site) -> None:
    case_id = story(site, "josee")
    foreign = site.ask(
        "SELECT id FROM organization WHERE id NOT IN (SELECT organization_id FROM membership JOIN person"
        " ON person.id = person_id WHERE handle = 'josee') ORDER BY id LIMIT 1"
    )
    assert sign(site, case_id, organization=str(foreign)) == 422
    assert sign(site, case_id, organization="x") == 422
    assert sign(site, case_id, relation="reine") == 422
    assert site.ask("SELECT organization_id FROM case_author WHERE case_id = $1", case_id) is None
    # For where she belonged when she signed, she may go on.
    site.ask("UPDATE case_author SET organization_id = $2 WHERE case_id = $1", case_id, foreign)
    assert sign(site, case_id, relation="partenaire-terrain", organization=str(foreign)) == 303


def test_nobody_signs_for_another(site: Site) -> None:
    case_id = story(site, "josee")
    assert sign(site, case_id, "felix") == 403
    assert site.as_("felix").get(f"/recits/{case_id}/equipe").status_code == 403
    draft = start(site)
    browser = guest(site, draft, "Madame B.")
    path = f"/recits/{draft}/equipe"
    assert browser.get(path).text.count(f'action="{path}/signature"') == 1
    asked = "SELECT array_agg(relation ORDER BY id) FROM case_author WHERE case_id = $1"
    before = site.ask(asked, draft)[0]
    form = {"relation": "acteur-terrain", "organization": ""}
    assert browser.post(f"{path}/signature", data=form).status_code == 303
    hers, theirs = site.ask(asked, draft)
    assert theirs == "acteur-terrain"
    assert hers == before


def test_whoever_answers_for_it_says_in_what_order(site: Site) -> None:
    case_id = story(site, "maryse")
    for handle in ("felix", "josee"):
        hand(site, case_id, handle, "coauthor")
    first, second, third = byline(site, case_id)
    path = f"/recits/{case_id}/equipe"

    def step(handle: str, way: str, by: str = "maryse") -> int:
        return site.as_(by).post(f"{path}/{member(site, case_id, handle)}/place", data={"step": way}).status_code

    tag = site.stranger.get(f"/recits/{case_id}", follow_redirects=True).headers["etag"]
    assert step("josee", "haut") == 303
    assert byline(site, case_id) == [first, third, second]
    assert step("maryse", "bas") == 303
    assert byline(site, case_id) == [third, first, second]
    # Past the end, one stays there.
    assert step("felix", "bas") == 303
    assert byline(site, case_id) == [third, first, second]
    assert step("josee", "haut", by="felix") == 403
    assert step("josee", "dehors") == 400
    page = site.stranger.get(f"/recits/{case_id}", follow_redirects=True)
    assert page.headers["etag"] != tag
    assert page.text.index(third) < page.text.index(first)
    cited = site.stranger.get(f"/recits/{case_id}.bib").text
    assert cited.index(third) < cited.index(first) < cited.index(second)
