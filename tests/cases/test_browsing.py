"""Looking for stories: counts that stay right under combination, pages by key, and what to do when there is nothing."""

import random
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from maillage.cases.commands.holding import hold, say_to_lists, signed_anew
from maillage.core import clock
from maillage.core.db import Db
from maillage.core.kept import KeptPages
from tests.cases.stories import story
from tests.conftest import Site

pytestmark = pytest.mark.usefixtures("no_stories")

WORDS = {
    "region": ["mauricie", "estrie", "laval"],
    "stage": ["emergence", "mise-en-oeuvre", "perennisation"],
    "theme": ["logement", "jeunesse"],
    "dimension": ["sociale", "politique"],
}
PARAMS = {"region": "region", "stage": "etape", "theme": "enjeu", "dimension": "dimension"}


def titles(page: Any) -> list[str]:
    return [
        unescape(title) for title in re.findall(r"<h3[^>]*><a href=\"/recits/\d+-[^\"]*\">([^<]*)</a></h3>", page.text)
    ]


def total(page: Any) -> int:
    found = re.search(r'<h2 id="found-title">(\d+)', page.text)
    assert found
    return int(found[1])


def counts(page: Any, param: str) -> dict[str, int]:
    """What stands beside each value of a facet."""
    found = re.findall(
        rf'id="{param}-([a-z-]+)"[^>]*><label[^>]*>.*?<span class="count">([\d\u00a0]+)</span>', page.text
    )
    return {slug: int(count.replace("\u00a0", "")) for slug, count in found}


def browse(site: Site, query: str = "", who: str = "") -> Any:
    return (site.as_(who) if who else site.stranger).get(f"/recits{query}")


def change(site: Site, number: int, sql: str) -> None:
    async def act(db: Db) -> None:
        await db.connection.execute(sql, number)
        await say_to_lists(db, case_id=number)

    site.write(act)


def some_stories(site: Site, how_many: int) -> list[dict[str, Any]]:
    rng = random.Random(4)
    told: list[dict[str, Any]] = []
    for number in range(how_many):
        terms = {taxonomy: rng.sample(slugs, rng.randint(0, 2)) for taxonomy, slugs in WORDS.items()}
        told.append(
            {"terms": terms, "visibility": rng.choice(["public", "public", "members"]), "title": f"Récit {number}"}
        )
        story(site, "maryse", days_ago=how_many - number, **told[-1])
    return told


def has(one: dict[str, Any], chosen: dict[str, set[str]]) -> bool:
    return all(slugs & set(one["terms"][taxonomy]) for taxonomy, slugs in chosen.items())


def test_every_count_is_what_choosing_it_gives_whatever_else_is_chosen(site: Site) -> None:
    told = some_stories(site, 24)
    rng = random.Random(5)
    for who in ("", "felix"):
        seen = [one for one in told if who or one["visibility"] == "public"]
        for _ in range(12):
            taxonomies = rng.sample(sorted(WORDS), rng.randint(0, 3))
            chosen = {taxonomy: set(rng.sample(WORDS[taxonomy], rng.randint(1, 2))) for taxonomy in taxonomies}
            query = "&".join(f"{PARAMS[taxonomy]}={slug}" for taxonomy in chosen for slug in chosen[taxonomy])
            page = browse(site, f"?{query}", who)
            assert total(page) == sum(has(one, chosen) for one in seen)
            for taxonomy, slugs in WORDS.items():
                others = {name: values for name, values in chosen.items() if name != taxonomy}
                shown = counts(page, PARAMS[taxonomy])
                for slug in slugs:
                    assert shown.get(slug, 0) == sum(has(one, others | {taxonomy: {slug}}) for one in seen), (
                        query,
                        slug,
                    )


def test_what_is_published_changed_or_withdrawn_shows_at_once_in_every_process(site: Site) -> None:
    browse(site)
    first = story(site, "maryse", title="Premier", days_ago=2)
    second = story(site, "maryse", title="Deuxième", days_ago=1)
    assert titles(browse(site)) == ["Deuxième", "Premier"]
    # One that was published between others.
    story(site, "maryse", title="Entre les deux", days_ago=1, terms={"region": ["laval"]})
    change(site, second, "UPDATE practice_case SET published_at = now() - interval '1 hour' WHERE id = $1")
    assert titles(browse(site)) == ["Deuxième", "Entre les deux", "Premier"]
    change(site, first, "DELETE FROM case_term WHERE case_id = $1")
    assert counts(browse(site), "region") == {"mauricie": 1, "laval": 1}
    change(
        site,
        second,
        "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1",
    )
    assert titles(browse(site)) == ["Entre les deux", "Premier"]
    assert counts(browse(site), "region") == {"laval": 1}
    change(site, first, "UPDATE practice_case SET visibility = 'members' WHERE id = $1")
    assert titles(browse(site)) == ["Entre les deux"]
    assert titles(browse(site, who="felix")) == ["Entre les deux", "Premier"]
    # One whose place is below what the process knows already.
    story(site, "maryse", title="Plus ancien", days_ago=9, terms={"region": ["laval"]})
    assert titles(browse(site)) == ["Entre les deux", "Plus ancien"]
    assert titles(browse(site, "?region=laval")) == ["Entre les deux", "Plus ancien"]
    assert titles(browse(site, who="felix")) == ["Entre les deux", "Premier", "Plus ancien"]
    # A process that begins now finds the same.
    site.app.state.kept_pages = KeptPages()
    assert titles(browse(site)) == ["Entre les deux", "Plus ancien"]
    assert titles(browse(site, who="felix")) == ["Entre les deux", "Premier", "Plus ancien"]


def test_a_shelf_of_a_moment_ago_names_nothing_that_was_withdrawn(site: Site) -> None:
    number = story(site, "maryse", title="Retiré à l’instant")
    assert titles(browse(site)) == ["Retiré à l’instant"]
    # As though the lists had not been told yet.
    site.write(
        lambda db: db.connection.execute(
            "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1", number
        )
    )
    assert "Retiré" not in browse(site, "?region=mauricie&etape=mise-en-oeuvre").text


def test_drafts_are_counted_nowhere(site: Site) -> None:
    story(site, "maryse", state="draft")
    story(site, "maryse", state="review")
    for who in ("", "maryse", "etienne"):
        assert total(browse(site, who=who)) == 0


def test_pages_go_on_from_a_story_and_back(site: Site) -> None:
    for number in range(45):
        story(site, "maryse", title=f"Récit {number:02}", days_ago=100 - number, terms={"region": ["laval"]})
    expected = [f"Récit {number:02}" for number in reversed(range(45))]
    path, seen = "/recits?region=laval", []
    pages = []
    while path:
        page = site.stranger.get(path)
        pages.append(path)
        seen += titles(page)
        older = re.search(r'<a href="([^"]+)" rel="next">', page.text)
        path = unescape(older[1]) if older else ""
    assert seen == expected
    assert len(pages) == 3
    page = site.stranger.get(pages[-1])
    for earlier in reversed(pages[:-1]):
        newer = re.search(r'<a href="([^"]+)" rel="prev">', page.text)
        assert newer
        page = site.stranger.get(unescape(newer[1]))
        assert titles(page) == titles(site.stranger.get(earlier))
    assert 'rel="prev"' not in page.text
    # The page begins where it began, even when the story that it begins after is there no more.
    number = site.ask("SELECT id FROM practice_case WHERE title = 'Récit 25'")
    change(
        site,
        number,
        "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1",
    )
    assert titles(site.stranger.get(pages[1]))[0] == "Récit 24"


def test_one_search_has_one_address_and_nonsense_is_left_out(site: Site) -> None:
    story(site, "maryse", terms={"region": ["laval", "estrie"], "stage": ["emergence"]})
    one = browse(site, "?region=laval&region=estrie&etape=emergence&region=laval&region=atlantide&apres=x&apres=1-")
    other = browse(site, "?etape=emergence&region=estrie&region=laval")
    assert titles(one) == titles(other) == ["La réunion qui est devenue un souper"]
    feeds = {
        re.search(r'type="application/atom\+xml" href="([^"]+)"', page.text)[1]  # type: ignore[index]
        for page in (one, other)
    }
    assert len(feeds) == 1
    for nonsense in ("?region=%F0%9F%8C%8A", "?etape=", "?apres=9999999999999999999999-1", "?apres=-", "?ecrit-en=xx"):
        assert browse(site, nonsense).status_code == 200


def test_a_word_that_was_set_aside_goes_on_finding_its_stories(site: Site) -> None:
    story(site, "maryse", terms={"theme": ["logement"]})
    story(site, "maryse", title="Autre", terms={"theme": ["jeunesse"]})
    site.write(
        lambda db: db.connection.execute(
            """
            UPDATE term SET deprecated_at = now(), replaced_by_id =
                   (SELECT id FROM term WHERE taxonomy = 'theme' AND slug = 'jeunesse')
             WHERE taxonomy = 'theme' AND slug = 'logement'
            """
        )
    )
    site.write(lambda db: db.connection.execute("UPDATE site_epoch SET number = number + 1"))
    assert total(browse(site, "?enjeu=logement")) == 2
    assert counts(browse(site), "enjeu") == {"jeunesse": 2}


def test_components_are_found_by_their_type_too(site: Site) -> None:
    number = story(site, "maryse")
    change(
        site,
        number,
        """
        INSERT INTO case_text (case_id, field, term_id, body_md, body_html, render_version, direction, updated_by_id)
        SELECT $1, 'empowerment', term.id, 'Oui.', '<p>Oui.</p>', 1, 'up', case_author.id
          FROM term, case_author WHERE term.slug = 'individuel-participation' AND case_author.case_id = $1
        """,
    )
    page = browse(site, "?composante=individuel")
    assert total(page) == 1
    assert counts(page, "composante") == {"individuel": 1, "individuel-participation": 1}
    assert total(browse(site, "?composante=communautaire")) == 0


def test_when_there_is_nothing_the_nearest_are_proposed_and_the_question_can_be_asked(site: Site) -> None:
    for number in range(3):
        story(site, "maryse", title=f"À Laval {number}", terms={"region": ["laval"], "stage": ["emergence"]})
    story(
        site,
        "maryse",
        title="En Estrie",
        terms={"region": ["estrie"], "stage": ["perennisation"], "theme": ["logement"]},
    )
    page = browse(site, "?region=laval&etape=perennisation&enjeu=logement")
    assert total(page) == 0
    # Giving up the region finds the one in Estrie; giving up nothing else finds anything.
    near = [unescape(path) for path in re.findall(r'<li><a href="(/recits\?[^"]+)">\d+\srécit', page.text)]
    assert [set(parse_qsl(urlsplit(path).query)) for path in near] == [
        {("etape", "perennisation"), ("enjeu", "logement")}
    ]
    page = browse(site, "?region=laval&etape=mise-en-oeuvre&enjeu=jeunesse")
    near = [unescape(path) for path in re.findall(r'<li><a href="(/recits\?[^"]+)">\d+\srécits?', page.text)]
    assert near == ["/recits?region=laval"]
    asked = re.search(r'href="(/discussions/nouvelle\?[^"]+)"', page.text)
    assert asked
    form = site.as_("felix").get(unescape(asked[1]))
    assert form.status_code == 200
    assert "Laval" in re.search(r'id="title"[^>]*value="([^"]*)"', form.text)[1]  # type: ignore[index]


def test_any_combination_costs_at_most_six_questions(site: Site) -> None:
    some_stories(site, 24)
    for who in ("", "felix"):
        for query in (
            "",
            "?region=laval",
            "?region=laval&region=estrie&etape=emergence&enjeu=logement&dimension=sociale",
        ):
            browse(site, query, who)
            for _ in range(2):
                assert int(browse(site, query, who).headers["x-queries"]) <= 3
            site.app.state.kept_pages = KeptPages()
            # Who she is, the numbers, the stories, the words, and the page.
            assert int(browse(site, query, who).headers["x-queries"]) <= 5


def test_a_page_that_is_kept_is_validated_by_one_question(site: Site) -> None:
    story(site, "maryse")
    first = browse(site, "?region=mauricie")
    again = browse(site, "?region=mauricie")
    assert again.headers["x-queries"] == "1"
    assert (
        site.stranger.get("/recits?region=mauricie", headers={"if-none-match": first.headers["etag"]}).status_code
        == 304
    )


def test_whoever_signs_now_is_named_in_the_lists_at_once(site: Site) -> None:
    number = story(site, "maryse")
    assert "Félix Arsenault-Gingras" not in browse(site).text

    async def sign(db: Db) -> None:
        await hold(db, number)
        await db.connection.execute(
            "INSERT INTO case_author (case_id, person_id, kind, position)"
            " SELECT $1, id, 'coauthor', 1 FROM person WHERE handle = 'felix'",
            number,
        )
        await signed_anew(db, case_id=number, now=clock.now())

    site.write(sign)
    assert "Maryse Lacombe-Dubé, Félix Arsenault-Gingras" in browse(site).text
