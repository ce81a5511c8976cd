"""The stages of the cycle: a drawing that is also a list, and a page for each."""

import re

import pytest

from tests.cases.stories import story
from tests.cases.test_story_page import path_of, run
from tests.conftest import Site

pytestmark = pytest.mark.usefixtures("no_stories")


def listed(text: str) -> list[tuple[str, str]]:
    """The stages of the list beside the drawing, with what stands after each."""
    part = text[text.index('<ol class="stages">') : text.index("</ol>")]
    return re.findall(r'<a href="/recits/etapes/([a-z-]+)".*?<span class="fine soft">(\d+)', part, re.S)


def test_the_cycle_is_a_list_for_whoever_does_not_see_it(site: Site) -> None:
    story(site, "maryse", terms={"stage": ["emergence"]})
    for path in ("/recits", "/recits/etapes"):
        page = site.stranger.get(path).text
        stages = listed(page)
        assert [slug for slug, _count in stages] == [
            "emergence",
            "lecture-du-milieu",
            "vision-et-priorites",
            "planification-et-gouvernance",
            "mise-en-oeuvre",
            "evaluation-et-apprentissages",
            "perennisation",
        ]
        assert dict(stages)["emergence"] == "1"
        assert dict(stages)["perennisation"] == "0"
        drawing = page[page.index('<svg class="ring"') : page.index("</svg>", page.index('<svg class="ring"'))]
        # It says nothing that the list does not, and the keyboard passes it by.
        assert 'aria-hidden="true"' in drawing
        assert drawing.count("<a ") == drawing.count('tabindex="-1"') == 7


def test_a_stage_asks_about_power_and_shows_what_there_is(site: Site) -> None:
    number = story(site, "maryse", title="Une table de cuisine", terms={"stage": ["emergence"]})
    thread = site.ask(
        "SELECT thread.id FROM thread JOIN space ON space.id = space_id"
        " WHERE visibility = 'public' AND merged_into_id IS NULL LIMIT 1"
    )
    run(site, "UPDATE practice_case SET thread_id = $2 WHERE id = $1", number, thread)
    page = site.stranger.get("/recits/etapes/emergence").text
    assert "Qui a décidé qu’il y avait un problème ou un projet?" in page
    assert path_of(site, number) in page
    assert f"/discussions/{thread}-" in page
    assert "Rejoindre les personnes concernées" in page
    assert 'href="/recits/etapes/perennisation" rel="prev"' in page
    assert "Une table de cuisine" not in site.stranger.get("/recits/etapes/perennisation").text
    english = site.stranger.get("/recits/etapes/emergence", headers={"cookie": "langue=en"}).text
    assert "Who decided there was a problem or a project?" in english


def test_it_shows_and_counts_only_what_the_reader_may_read(site: Site) -> None:
    number = story(site, "maryse", title="Entre nous", visibility="members", terms={"stage": ["emergence"]})
    thread = site.ask(
        "SELECT thread.id FROM thread JOIN space ON space.id = space_id WHERE visibility = 'closed' LIMIT 1"
    )
    run(site, "UPDATE practice_case SET thread_id = $2 WHERE id = $1", number, thread)
    story(site, "maryse", title="Brouillon", state="draft", terms={"stage": ["emergence"]})
    page = site.stranger.get("/recits/etapes/emergence").text
    assert "Entre nous" not in page
    assert dict(listed(page))["emergence"] == "0"
    assert f"/discussions/{thread}-" not in page
    page = site.as_("karine").get("/recits/etapes/emergence").text
    assert "Entre nous" in page
    assert "Brouillon" not in page
    assert dict(listed(page))["emergence"] == "1"
    assert f"/discussions/{thread}-" not in page


def test_a_stage_that_was_set_aside_leads_to_what_stands_for_it(site: Site) -> None:
    run(
        site,
        """
        UPDATE term SET deprecated_at = now(), replaced_by_id =
               (SELECT id FROM term WHERE taxonomy = 'stage' AND slug = 'perennisation')
         WHERE taxonomy = 'stage' AND slug = 'emergence'
        """,
    )
    run(site, "UPDATE site_epoch SET number = number + 1")
    answer = site.stranger.get("/recits/etapes/emergence")
    assert (answer.status_code, answer.headers["location"]) == (301, "/recits/etapes/perennisation")
    assert site.stranger.get("/recits/etapes/nulle-part").status_code == 404
    assert len(listed(site.stranger.get("/recits/etapes").text)) == 6


def test_a_stage_costs_a_fixed_number_of_questions(site: Site) -> None:
    for number in range(12):
        story(site, "maryse", title=f"Récit {number}", terms={"stage": ["emergence"]})
    site.stranger.get("/recits/etapes/emergence")
    assert int(site.stranger.get("/recits/etapes/emergence").headers["x-queries"]) == 3
    site.as_("felix").get("/recits/etapes/emergence")
    assert int(site.as_("felix").get("/recits/etapes/emergence").headers["x-queries"]) == 4
