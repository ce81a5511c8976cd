"""A consent lasts until the end of its day where people are, not in Greenwich."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from maillage.core import clock, jobs
from maillage.web import worker
from maillage.web.app import create_app
from tests.cases.people import choose, in_register, page_of, write_down
from tests.cases.stories import story
from tests.cases.test_publish import publish, state
from tests.conftest import Site, settings_for

# It is half past eleven in the evening in Montréal, and the next morning in Greenwich.
TONIGHT = datetime.now(UTC).date()
AT = datetime.combine(TONIGHT + timedelta(days=1), time(4, 30), UTC)


@pytest.fixture
def site(world_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(clock, "now", lambda: AT)
    settings = settings_for(world_dsn, tmp_path, time_zone="America/Toronto")
    site = Site(create_app(settings), settings)
    with ExitStack() as stack:
        stack.enter_context(site.stranger)
        yield site


def test_it_is_that_late(site: Site) -> None:
    assert clock.today(site.settings.time_zone) == TONIGHT
    assert AT.date() > TONIGHT


def until(site: Site, state: str, day: date) -> int:
    case_id = story(site, "maryse", state=state)
    in_register(site, case_id, choice="nom-complet", expires_on=day)
    return case_id


def test_a_story_is_published_on_the_last_day_of_a_consent(site: Site) -> None:
    over = until(site, "draft", TONIGHT - timedelta(days=1))
    assert publish(site, over).status_code == 409
    case_id = until(site, "draft", TONIGHT)
    assert "consentement" not in site.as_("maryse").get(f"/recits/{case_id}/publier").text.partition("<h2")[0]
    assert publish(site, case_id).status_code == 303


def test_the_night_waits_for_the_day_to_end(site: Site) -> None:
    case_id, over = until(site, "published", TONIGHT), until(site, "published", TONIGHT - timedelta(days=1))
    tools, portal = jobs.Tools(site.app.state.database, site.settings), site.stranger.portal
    assert portal is not None
    portal.call(worker._look_after_stories, tools, Mock())
    assert state(site, case_id) == "published"
    assert state(site, over) == "withdrawn"


def test_somebody_may_agree_until_tonight_and_not_until_yesterday(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    page = page_of(site, case_id, write_down(site, case_id))
    assert choose(site, page, expires_on=(TONIGHT - timedelta(days=1)).isoformat()).status_code == 422
    assert choose(site, page, expires_on=TONIGHT.isoformat()).status_code == 303
    write_down(site, case_id, name="Roland", choice="nom-complet", expires_on=TONIGHT.isoformat())
