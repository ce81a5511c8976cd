"""What pages of stories cost the database: as much at 2,000 stories as at 200."""

from typing import Any

import pytest

from maillage.core.kept import KeptPages
from maillage.web import flood
from maillage.web.flood.cases import flood_cases
from tests.conftest import Site
from tests.forum.test_costs import Recorder, blocks

BROWSED = (
    "/recits",
    "/recits?region=laval",
    "/recits?region=laval&region=estrie&etape=emergence&ecrit-en=fr-CA",
    "/recits?etape=emergence&apres=1700000000000000-1",
    "/recits/etapes/emergence",
    "/recits/flux.atom?region=laval",
)


def fill(site: Site, cases: int, *, first: bool = False) -> None:
    database = site.app.state.database
    assert site.stranger.portal is not None

    async def act() -> None:
        if first:
            await flood.flood(database, threads=40, posts=400, hot=50, say=lambda _said: None)
        await flood_cases(database, cases=cases, say=lambda _said: None)

    site.stranger.portal.call(act)


def cost(site: Site, recorder: Recorder, path: str, who: str | None) -> tuple[int, int]:
    """The questions and the blocks of a page that has to be made, by a process that knows what there is."""
    browser = site.as_(who) if who else site.stranger
    browser.get("/recits/etapes")
    kept = site.app.state.kept_pages
    shelf, words = kept.get("shelf", None), kept.get("vocabulary", site.ask("SELECT number FROM site_epoch"))
    site.app.state.kept_pages = KeptPages()
    site.app.state.kept_pages.put("shelf", shelf)
    site.app.state.kept_pages.put("vocabulary", words)
    recorder.seen.clear()
    answer = browser.get(path)
    assert answer.status_code == 200
    return int(answer.headers["x-queries"]), blocks(site, list(recorder.seen))


def latest(site: Site) -> str:
    row: Any = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT id, slug FROM practice_case WHERE depth = 'full' AND visibility = 'public' ORDER BY id DESC LIMIT 1"
        )
    )
    return f"/recits/{row['id']}-{row['slug']}"


def test_stories_cost_the_same_however_many_there_are(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(monkeypatch)
    fill(site, 200, first=True)
    few = {(path, who): cost(site, recorder, path, who) for path in BROWSED for who in (None, "felix")}
    one_of_few = cost(site, recorder, latest(site), None)
    fill(site, 1_800)
    for (path, who), (questions, looked_at) in few.items():
        now = cost(site, recorder, path, who)
        assert now[0] <= questions <= 6, (path, who)
        assert now[1] <= max(2 * looked_at, 400), (path, who, looked_at, now)
        assert now[1] <= 600, (path, who)
    for who in (None, "felix"):
        questions, looked_at = cost(site, recorder, latest(site), who)
        assert questions <= 5
        assert looked_at <= max(2 * one_of_few[1], 200)


def test_a_change_costs_the_others_one_small_question(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(monkeypatch)
    fill(site, 400, first=True)
    site.stranger.get("/recits")
    site.write(
        lambda db: db.connection.execute(
            "WITH next AS (UPDATE browsing_version SET number = number + 1 RETURNING number)"
            " UPDATE practice_case SET browsing = number FROM next WHERE id = (SELECT min(id) FROM practice_case)"
        )
    )
    recorder.seen.clear()
    site.stranger.get("/recits")
    (asked,) = [one for one in recorder.seen if "listed_terms AS terms" in one[0]]
    assert blocks(site, [asked]) <= 60
    assert len(recorder.seen) == 3
