"""What people are told, on a page of their own."""

from datetime import timedelta

import pytest

from maillage.core import clock
from maillage.web import worker
from tests.cases.stories import story
from tests.cases.test_states import go, hand
from tests.conftest import Site

PAGE = "/moi/avis"


@pytest.fixture(autouse=True)
def nobody_was_told_anything(site: Site) -> None:
    site.ask("DELETE FROM notice")


def test_notices_are_for_who_is_signed_in(site: Site) -> None:
    assert "/connexion" in site.stranger.get(PAGE).headers.get("location", "")
    assert "Rien encore" in site.as_("maryse").get(PAGE).text


def test_reading_them_takes_a_button(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    hand(site, case_id, "felix", "coauthor")
    go(site, case_id, "maryse", "review")
    browser = site.as_("felix")
    for _ in range(2):
        page = browser.get(PAGE).text
        assert "La réunion qui est devenue un souper" in page
        assert "Nouveau" in page
    assert "Vous avez 1 nouvel avis" in browser.get("/").text
    until = clock.now().isoformat()
    assert browser.post(PAGE + "/lu", data={"until": until}).status_code == 303
    page = browser.get(PAGE).text
    assert "La réunion qui est devenue un souper" in page
    assert "Nouveau" not in page
    assert "nouvel avis" not in browser.get("/").text


def test_what_came_since_she_looked_stays_new(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    hand(site, case_id, "felix", "coauthor")
    go(site, case_id, "maryse", "review")
    earlier = (clock.now() - timedelta(minutes=1)).isoformat()
    site.as_("felix").post(PAGE + "/lu", data={"until": earlier})
    assert "Nouveau" in site.as_("felix").get(PAGE).text


def test_nonsense_is_refused(site: Site) -> None:
    for until in ("", "hier", "2026-01-01", "2026-01-01T00:00:00"):
        assert site.as_("felix").post(PAGE + "/lu", data={"until": until}).status_code == 400


def test_a_notice_says_nothing_of_what_its_reader_may_no_longer_see(site: Site) -> None:
    case_id = story(site, "maryse", state="draft", title="Un titre à garder pour soi")
    hand(site, case_id, "felix", "coauthor")
    go(site, case_id, "maryse", "review")
    assert "Un titre à garder pour soi" in site.as_("felix").get(PAGE).text
    site.ask("UPDATE case_author SET left_at = now() WHERE kind = 'coauthor'")
    page = site.as_("felix").get(PAGE)
    assert page.status_code == 200
    assert "Un titre à garder pour soi" not in page.text


def test_what_was_read_a_year_ago_goes_and_what_was_not_waits(site: Site) -> None:
    case_id = story(site, "maryse")
    for kind, told, read in (("published", 400, 366), ("revised", 400, 364), ("two-years", 400, None)):
        site.ask(
            "INSERT INTO notice (person_id, kind, subject_kind, subject_id, at, read_at)"
            " SELECT id, $1, 'case', $2, now() - make_interval(days => $3), now() - make_interval(days => $4)"
            " FROM person WHERE handle = 'maryse'",
            *(kind, case_id, told, read),
        )
    assert site.stranger.portal is not None
    gone = site.stranger.portal.call(worker.purge, site.app.state.database, site.settings)
    assert gone["notices"] == 1
    assert site.ask("SELECT array_agg(kind ORDER BY kind) FROM notice") == ["revised", "two-years"]
