"""What time does to stories, once a night."""

from datetime import timedelta
from email import message_from_bytes, policy

from maillage.cases.commands import nightly
from maillage.cases.commands.nightly import LookedAfter
from maillage.core import clock
from tests.cases.people import in_register
from tests.cases.stories import story
from tests.cases.test_consent import run_jobs
from tests.cases.test_publish import state
from tests.cases.test_states import hand, told, trace
from tests.conftest import Site


def night(site: Site, *, days: float = 0) -> LookedAfter:
    """The night that comes after so many days."""
    portal = site.stranger.portal
    assert portal is not None

    async def work() -> LookedAfter:
        then = timedelta(days=days)
        today = clock.today(site.settings.time_zone) + then
        return await nightly.look_after(site.app.state.database, now=clock.now() + then, today=today)

    return portal.call(work)


def due_in(site: Site, case_id: int, days: int) -> None:
    site.ask("UPDATE practice_case SET revise_at = now() + make_interval(days => $2) WHERE id = $1", case_id, days)


def test_two_years_later_the_authors_are_asked_whether_it_holds(site: Site) -> None:
    night(site)
    due, later = story(site, "maryse"), story(site, "maryse")
    hand(site, due, "felix", "coauthor")
    due_in(site, due, -1)
    due_in(site, later, 1)
    number = site.ask("SELECT browsing FROM practice_case WHERE id = $1", due)
    assert night(site) == LookedAfter(1, 0, 0)
    assert (state(site, due), state(site, later)) == ("to_revise", "published")
    assert told(site, "two-years", due) == {"maryse", "felix"}
    assert trace(site, due) == [("two-years", "to_revise", None)]
    assert site.ask("SELECT browsing FROM practice_case WHERE id = $1", due) > number
    # It stays public meanwhile, and is not asked again the next night.
    assert site.stranger.get(f"/recits/{due}", follow_redirects=True).status_code == 200
    assert night(site) == LookedAfter(0, 0, 0)


def test_a_story_goes_off_line_when_a_consent_is_over(site: Site) -> None:
    night(site)
    today = clock.today(site.settings.time_zone)
    case_id = story(site, "maryse")
    in_register(site, case_id, choice="nom-complet", expires_on=today)
    # Until that day means: that day too.
    assert night(site) == LookedAfter(0, 0, 1)
    assert night(site, days=1) == LookedAfter(0, 1, 0)
    assert state(site, case_id) == "withdrawn"
    assert told(site, "consent-expired") == {"maryse"}
    assert trace(site, case_id) == [("consent-expired", "withdrawn", None)]
    assert site.ask("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'story_off_line'") == 1
    assert site.stranger.get(f"/recits/{case_id}").status_code == 404
    assert night(site, days=2) == LookedAfter(0, 0, 0)


def test_a_consent_that_ends_in_a_draft_takes_nothing_off_line(site: Site) -> None:
    night(site)
    case_id = story(site, "maryse", state="draft")
    in_register(site, case_id, choice="nom-complet", expires_on=clock.today(site.settings.time_zone))
    assert night(site, days=2) == LookedAfter(0, 0, 0)
    assert state(site, case_id) == "draft"


def test_its_authors_are_told_once_that_a_consent_ends_soon(site: Site) -> None:
    night(site)
    today = clock.today(site.settings.time_zone)
    case_id, later = story(site, "maryse"), story(site, "maryse")
    hand(site, case_id, "felix", "coauthor")
    in_register(site, case_id, choice="nom-complet", expires_on=today + timedelta(days=31))
    in_register(site, later, choice="nom-complet", expires_on=today + timedelta(days=90))
    assert night(site) == LookedAfter(0, 0, 0)
    assert night(site, days=1) == LookedAfter(0, 0, 1)
    assert told(site, "consent-ends", case_id) == {"maryse", "felix"}
    assert told(site, "consent-ends", later) == set()
    # A night later nothing more is said; of another end, it is.
    assert night(site, days=2) == LookedAfter(0, 0, 0)
    site.ask("UPDATE case_person SET expires_on = $2 WHERE case_id = $1", case_id, today + timedelta(days=20))
    assert night(site, days=2) == LookedAfter(0, 0, 1)
    assert state(site, case_id) == "published"
    assert "prend bientôt fin" in site.as_("maryse").get(f"/recits/{case_id}/personnes").text
    assert "prend bientôt fin" not in site.as_("maryse").get(f"/recits/{later}/personnes").text


def test_a_letter_says_that_a_consent_ends_soon_and_not_whose(site: Site) -> None:
    night(site)
    case_id = story(site, "maryse", title="Chez les Dubois")
    until = clock.today(site.settings.time_zone) + timedelta(days=9)
    in_register(site, case_id, name="Gisèle Tremblay", choice="nom-complet", expires_on=until)
    night(site)
    run_jobs(site, "consent_ends")
    run_jobs(site, "consent_ends_letter")
    (letter,) = (site.settings.data_dir / "letters").glob("*.eml")
    words = message_from_bytes(letter.read_bytes(), policy=policy.default)
    body = words.get_body(("plain",))
    assert words["to"] is not None
    assert body is not None
    assert f"/recits/{case_id}/personnes" in body.get_content()
    assert "Chez les Dubois" in str(words["subject"])
    assert "Gisèle" not in body.get_content()


def test_a_consent_that_ends_in_a_draft_is_no_reason_to_write(site: Site) -> None:
    night(site)
    case_id = story(site, "maryse", state="draft")
    in_register(site, case_id, choice="nom-complet", expires_on=clock.today(site.settings.time_zone))
    assert night(site) == LookedAfter(0, 0, 0)
