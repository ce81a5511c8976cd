"""What the list of gatherings costs the database: as much after years of gatherings as in the first week."""

import pytest

from tests.conftest import Site
from tests.forum.test_costs import Recorder, blocks

LISTS = ("/rencontres", "/rencontres?mode=online", "/rencontres?passees=1")
# One a day, so many days back and so many ahead.
YEARS = """
    WITH made AS (
        INSERT INTO gathering (title, slug, language, state, created_by_id, published_at)
        SELECT 'Rencontre ' || day, 'rencontre', 'fr-CA', 'published', (SELECT min(id) FROM person), now()
          FROM generate_series($1::int, $2::int) day RETURNING id, title),
    dated AS (
        INSERT INTO occurrence (gathering_id, mode, zone) SELECT id, 'hybrid', 'America/Toronto' FROM made
        RETURNING id, gathering_id)
    INSERT INTO event_session (occurrence_id, zone, local_start, local_end)
    SELECT d.id, 'America/Toronto', at, at + interval '3 hours'
      FROM dated d JOIN made m ON m.id = d.gathering_id
      CROSS JOIN LATERAL (SELECT now()::timestamp + make_interval(days => substr(title, 11)::int) AS at) its
"""


def looked_at(site: Site, recorder: Recorder, path: str) -> int:
    """The blocks that a list looks at to find its dates, once its page is kept."""
    site.stranger.get(path)
    recorder.seen.clear()
    assert site.stranger.get(path).headers["x-queries"] == "2"
    return blocks(site, list(recorder.seen))


def test_a_list_looks_at_no_more_after_years_of_gatherings(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.ask(YEARS, -8_000, 2_000)
    site.ask("ANALYZE gathering, occurrence, event_session")
    recorder = Recorder(monkeypatch)
    looked = {path: looked_at(site, recorder, path) for path in LISTS}
    # Twenty-one dates with their gatherings, three or four blocks each, and the way there.
    assert max(looked.values()) <= 200, looked
