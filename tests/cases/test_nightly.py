"""What time does to stories, once a night."""

from datetime import timedelta

from maillage.cases.commands import nightly
from maillage.cases.commands.nightly import LookedAfter
from maillage.core import clock
from tests.cases.people import in_register
from tests.cases.stories import story
from tests.cases.test_publish import state
from tests.cases.test_states import hand, told, trace
from tests.conftest import Site


def night(site: Site, *, days: float = 0) -> LookedAfter:
    """The night that comes after so many days."""
    portal = site.stranger.portal
    assert portal is not None

    async def work() -> LookedAfter:
        return await nightly.look_after(site.app.state.database, now=clock.now() + timedelta(days=days))

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
    assert night(site) == LookedAfter(1, 0)
    assert (state(site, due), state(site, later)) == ("to_revise", "published")
    assert told(site, "two-years", due) == {"maryse", "felix"}
    assert trace(site, due) == [("two-years", "to_revise", None)]
    assert site.ask("SELECT browsing FROM practice_case WHERE id = $1", due) > number
    # It stays public meanwhile, and is not asked again the next night.
    assert site.stranger.get(f"/recits/{due}", follow_redirects=True).status_code == 200
    assert night(site) == LookedAfter(0, 0)


def test_a_story_goes_off_line_when_a_consent_is_over(site: Site) -> None:
    night(site)
    today = clock.now().date()
    case_id = story(site, "maryse")
    in_register(site, case_id, choice="nom-complet", expires_on=today)
    # Until that day means: that day too.
    assert night(site) == LookedAfter(0, 0)
    assert night(site, days=1) == LookedAfter(0, 1)
    assert state(site, case_id) == "withdrawn"
    assert told(site, "consent-expired") == {"maryse"}
    assert trace(site, case_id) == [("consent-expired", "withdrawn", None)]
    assert site.ask("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'story_off_line'") == 1
    assert site.stranger.get(f"/recits/{case_id}").status_code == 404
    assert night(site, days=2) == LookedAfter(0, 0)


def test_a_consent_that_ends_in_a_draft_takes_nothing_off_line(site: Site) -> None:
    night(site)
    case_id = story(site, "maryse", state="draft")
    in_register(site, case_id, choice="nom-complet", expires_on=clock.now().date())
    assert night(site, days=2) == LookedAfter(0, 0)
    assert state(site, case_id) == "draft"
