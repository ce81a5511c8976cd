"""Footnotes of different parts of a story never share an address, however often they are rendered."""

import re

from tests.cases.stories import story
from tests.conftest import Site

NOTED = "Douze personnes[^1] convoquent la rencontre.\n\n[^1]: Comptées à la porte."


def test_each_part_has_footnotes_of_its_own_also_when_rendered_anew(site: Site) -> None:
    number = story(
        site,
        "maryse",
        changed={"capacites-communaute": NOTED, "capacites-personnes": NOTED, "conditions-de-vie": NOTED},
    )
    for _ in range(2):
        page = site.stranger.get(f"/recits/{number}", follow_redirects=True).text
        ids = re.findall(r' id="([^"]+)"', page)
        assert sum("what-changed" in id_ for id_ in ids) >= 6
        assert len(ids) == len(set(ids))
        site.ask("UPDATE case_text SET render_version = 0 WHERE case_id = $1 RETURNING id", number)
        site.ask("UPDATE practice_case SET version = version + 1 WHERE id = $1 RETURNING id", number)
