"""Two authors change who acted: different lines are put together, the same one is shown to whoever comes second."""

from typing import Any

from tests.cases.test_writing_a_lot import ACTORS, kept
from tests.cases.test_writing_a_lot import actors as whole
from tests.cases.test_writing_together import save
from tests.cases.writing import coauthor, opened, start
from tests.conftest import Site


def both_open(site: Site, count: int) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """A story with so many actors, whose page Maryse and Josée have both open."""
    case_id = start(site, depth="full")
    coauthor(site, case_id, "josee")
    begun = opened(site, site.as_("maryse"), case_id, "actors")
    assert save(site, "maryse", case_id, "actors", whole(site, count), begun).status_code == 303
    hers = opened(site, site.as_("maryse"), case_id, "actors")
    return case_id, hers, opened(site, site.as_("josee"), case_id, "actors")


def test_different_lines_are_put_together(site: Site) -> None:
    case_id, first, second = both_open(site, 4)
    one = whole(site, 4) | {"actors-0-role": "La mairie"}
    other = whole(site, 5) | {"actors-2-role": "Le marché", "actors-4-role": "La radio"}
    assert save(site, "maryse", case_id, "actors", one, first).status_code == 303
    assert save(site, "josee", case_id, "actors", other, second).status_code == 303
    assert kept(site, case_id) == ["La mairie", "Actrice 1", "Le marché", "Actrice 3", "La radio"]


def test_the_same_line_is_shown_to_whoever_comes_second(site: Site) -> None:
    case_id, first, second = both_open(site, 3)
    one, other = whole(site, 3) | {"actors-1-role": "La mairie"}, whole(site, 3) | {"actors-1-role": "Le marché"}
    assert save(site, "maryse", case_id, "actors", one, first).status_code == 303
    answer = save(site, "josee", case_id, "actors", other, second)
    assert answer.status_code == 409
    assert 'value="Le marché"' in answer.text
    assert kept(site, case_id)[1] == "La mairie"


def test_no_more_come_together_than_a_story_holds(site: Site) -> None:
    case_id, first, second = both_open(site, ACTORS - 1)
    at_the_end = whole(site, ACTORS) | {f"actors-{ACTORS - 1}-role": "La mairie"}
    between = whole(site, ACTORS) | {f"actors-{n}-role": f"Actrice {n - 1}" for n in range(1, ACTORS)}
    assert save(site, "maryse", case_id, "actors", at_the_end, first).status_code == 303
    between["actors-0-role"] = "Le marché"
    between["actors-1-role"] = "Actrice 0"
    assert save(site, "josee", case_id, "actors", between, second).status_code == 409
    assert len(kept(site, case_id)) == ACTORS
