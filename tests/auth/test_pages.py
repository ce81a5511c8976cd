"""Long lists come in pages that begin after somebody, not after a number: nobody is missed, nobody comes twice."""

import re
from itertools import pairwise

import pytest

from maillage.auth.queries import admin, members, organizations, roster
from tests.auth.members import MRC, english, run, said
from tests.conftest import Site

ITS = f"/organisations/{MRC}/membres"
_PEOPLE = (
    "INSERT INTO person (handle, name, name_key)"
    " SELECT 'p' || n, 'Personne ' || n, 'personne ' || lpad((n / 3)::text, 4, '0') FROM generate_series(1, $1) AS n"
)
_ALL_JOIN = (
    "INSERT INTO membership (person_id, organization_id, role) SELECT person.id, organization.id,"
    " CASE WHEN handle IN ('p7', 'p90') THEN 'administrator' ELSE 'member' END"
    " FROM person, organization WHERE handle ~ '^p[0-9]+$' AND slug = $1"
)


def walked(site: Site, path: str, handle: str, lines: str) -> list[list[str]]:
    """What the list holds, page by page, following its own links."""
    pages, there = [], path
    while there:
        page = said(english(site, handle).get(there)).partition("<main")[2]
        pages.append(re.findall(lines, page))
        more = re.search(r'href="([^"]+)" rel="next"', page)
        there = more[1].partition("#")[0] if more else ""
        assert len(pages) < 10
    return pages


@pytest.fixture
def crowd(site: Site) -> int:
    run(site, _PEOPLE, 230)
    run(site, _ALL_JOIN, MRC)
    count = "SELECT count(*) FROM membership JOIN organization AS o ON o.id = organization_id"
    return int(site.ask(f"{count} WHERE slug = $1 AND state = 'active' AND ended_on IS NULL", MRC))


def test_every_member_is_on_one_page(site: Site, crowd: int) -> None:
    pages = walked(site, ITS, "felix", r'<h3><a href="/personnes/([^"]+)"')
    assert [len(page) for page in pages] == [roster.PAGE, roster.PAGE, crowd - 2 * roster.PAGE]
    everybody = [handle for page in pages for handle in page]
    assert len(set(everybody)) == crowd
    # Administrators first, then by name.
    assert set(everybody[:3]) == {"karine", "p7", "p90"}
    keys = {
        row["handle"]: (row["name_key"], row["id"]) for row in rows(site, "SELECT id, handle, name_key FROM person")
    }
    assert all(keys[one] < keys[other] for one, other in pairwise(everybody[3:]))
    assert f"{crowd} people" in said(english(site, "felix").get(ITS))


def rows(site: Site, sql: str) -> list[dict[str, object]]:
    return [dict(row) for row in site.write(lambda db: db.connection.fetch(sql))]


def handles(site: Site, path: str) -> list[str]:
    return re.findall(r'<h3><a href="/personnes/([^"]+)"', said(english(site, "felix").get(path)))


def test_whoever_left_in_the_meantime_leaves_no_gap(site: Site, crowd: int) -> None:
    after = re.search(r"apres=(\d+)", said(english(site, "felix").get(ITS)))
    assert after is not None
    second = handles(site, f"{ITS}?apres={after[1]}")
    run(site, "UPDATE membership SET ended_on = started_on WHERE id = $1", int(after[1]))
    assert handles(site, f"{ITS}?apres={after[1]}") == second
    assert len(second) == roster.PAGE < crowd


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "0", "²"])
def test_what_names_nobody_begins_at_the_beginning(site: Site, after: str) -> None:
    answer = english(site, "felix").get(f"{ITS}?apres={after}")
    assert answer.status_code == 200
    assert "Karine" in answer.text


def test_a_membership_of_another_organization_is_no_place_in_this_one(site: Site) -> None:
    other = site.ask(
        "SELECT m.id FROM membership AS m JOIN organization AS o ON o.id = organization_id"
        " JOIN person AS p ON p.id = person_id WHERE slug <> $1 ORDER BY p.name_key DESC LIMIT 1",
        MRC,
    )
    assert "Karine" in english(site, "felix").get(f"{ITS}?apres={other}").text


def test_who_waits_stands_on_the_first_page_and_not_too_many_at_once(site: Site, crowd: int) -> None:
    run(
        site,
        "UPDATE membership SET state = 'pending' FROM person WHERE person.id = person_id AND handle ~ '^p.*[13579]$'",
    )
    page = said(english(site, "karine").get(ITS))
    assert page.count('id="demande-') == members.CANDIDATES
    assert "More people wait" in page
    assert "Samuel" in page
    after = re.search(r"apres=(\d+)", page)
    assert after is not None
    assert 'id="demande-' not in said(english(site, "karine").get(f"{ITS}?apres={after[1]}"))
    assert crowd > members.CANDIDATES


def test_every_organization_is_on_one_page(site: Site) -> None:
    run(
        site,
        "INSERT INTO organization (slug, name, name_key)"
        " SELECT 'o' || n, 'Organisme ' || n, 'organisme ' || lpad((n / 3)::text, 4, '0')"
        " FROM generate_series(1, 210) AS n",
    )
    count = site.ask("SELECT count(*) FROM organization WHERE closed_at IS NULL")
    pages = walked(site, "/organisations", "felix", r'<a href="/organisations/([^"/]+)">')
    assert [len(page) for page in pages] == [organizations.PAGE, organizations.PAGE, count - 2 * organizations.PAGE]
    assert len({slug for page in pages for slug in page}) == count


def test_everybody_who_is_trusted_is_on_one_page_of_the_administration(site: Site) -> None:
    run(site, _PEOPLE, 120)
    run(
        site,
        "INSERT INTO platform_role (person_id, role) SELECT id, 'organizer' FROM person WHERE handle ~ '^p[0-9]+$'",
    )
    count = site.ask("SELECT count(DISTINCT person_id) FROM platform_role")
    pages = walked(site, "/admin", "sofia", r'<h3><a href="/admin/personnes/([^"]+)"')
    assert [len(page) for page in pages] == [admin.AT_MOST, admin.AT_MOST, count - 2 * admin.AT_MOST]
    assert len({handle for page in pages for handle in page}) == count


def test_a_list_of_the_administration_that_is_cut_off_says_so(site: Site) -> None:
    run(site, _PEOPLE, 60)
    run(
        site,
        "INSERT INTO organization (slug, name, name_key, closed_at)"
        " SELECT 'o' || n, 'Organisme ' || n, 'organisme ' || n, CASE WHEN n > 60 THEN now() END"
        " FROM generate_series(1, 120) AS n",
    )
    page = said(english(site, "sofia").get("/admin?q=personne"))
    # People found, organizations that nobody administers, closed ones.
    assert page.count("There are more than these 50") == 3
    assert len(re.findall(r'href="/admin/personnes/p\d', page)) == admin.AT_MOST
