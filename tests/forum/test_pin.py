"""Keeping a discussion on top of its space until a date."""

from datetime import timedelta

import pytest

from maillage.core import clock
from tests.conftest import Site
from tests.forum import acts

SPACE = "/discussions/espaces/outils"


def pinned(site: Site) -> int:
    thread_id = acts.start(site, space="outils", title="À garder en haut")
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="7"))
    return thread_id


def row(page: str) -> str:
    return page[: page.index("À garder en haut")].rpartition("<li>")[2]


def test_it_stands_on_top_whatever_is_said_elsewhere(site: Site) -> None:
    pinned(site)
    acts.start(site, space="outils", title="Plus récent", now=clock.now())
    page = site.stranger.get(SPACE).text
    assert page.index("À garder en haut") < page.index("Plus récent")
    assert page.count(">À garder en haut</a>") == 1
    assert "Épinglé" in row(page)


def test_the_pin_runs_out_by_time_alone(site: Site) -> None:
    thread_id = pinned(site)
    acts.start(site, space="outils", title="Plus récent", now=clock.now())
    path = acts.path_of(site, thread_id)
    for address in (SPACE, path, "/"):
        assert "Épinglé" in site.stranger.get(address).text
    versions = "SELECT (SELECT sum(version) FROM thread), (SELECT sum(version) FROM space)"
    before = site.write(lambda db: db.connection.fetchrow(versions))
    site.ask("UPDATE thread SET pinned_until = now() - interval '1 second'")
    page = site.stranger.get(SPACE).text
    assert page.index("Plus récent") < page.index("À garder en haut")
    for address in (SPACE, path, "/"):
        assert "Épinglé" not in site.stranger.get(address).text
        assert "Épinglé" not in site.as_("maryse").get(address).text
    assert site.write(lambda db: db.connection.fetchrow(versions)) == before, "nothing but time has passed"


def test_a_browser_that_kept_the_page_is_told_when_the_pin_has_run_out(site: Site) -> None:
    thread_id = pinned(site)
    for address in (SPACE, acts.path_of(site, thread_id), "/"):
        site.ask("UPDATE thread SET pinned_until = now() + interval '1 day' WHERE id = $1", thread_id)
        tag = site.stranger.get(address).headers["etag"]
        assert site.stranger.get(address, headers={"if-none-match": tag}).status_code == 304
        site.ask("UPDATE thread SET pinned_until = now() - interval '1 second'")
        assert site.stranger.get(address, headers={"if-none-match": tag}).status_code == 200, address


def test_for_how_many_days_is_hers_to_say(site: Site) -> None:
    thread_id = acts.start(site)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="3"))
    left = site.ask("SELECT pinned_until - now() FROM thread WHERE id = $1", thread_id)
    assert timedelta(days=2, hours=23) < left <= timedelta(days=3)


@pytest.mark.parametrize("days", ["0", "-1", "366", "toujours", "99999999999999999999"])
def test_a_length_that_makes_no_sense_is_refused(site: Site, days: str) -> None:
    thread_id = acts.start(site)
    assert acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days=days).status_code == 422
    assert site.ask("SELECT pinned_until FROM thread WHERE id = $1", thread_id) is None


def test_unpinned_it_goes_back_to_its_place(site: Site) -> None:
    thread_id = pinned(site)
    acts.start(site, space="outils", title="Plus récent", now=clock.now())
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/desepingler"))
    page = site.stranger.get(SPACE).text
    assert page.index("Plus récent") < page.index("À garder en haut")
    assert acts.events(site, thread_id) == ["pinned", "unpinned"]
    assert acts.press(site, "etienne", f"/discussions/{thread_id}/desepingler").status_code == 409


def test_facilitators_alone_pin(site: Site) -> None:
    thread_id = acts.start(site)
    assert acts.press(site, "maryse", f"/discussions/{thread_id}/epingler", days="3").status_code == 403
