"""Putting a misplaced reply under the message that it answers."""

import pytest

from maillage.forum.models import MAX_DEPTH
from tests.conftest import Site
from tests.forum import acts


def put(site: Site, thread_id: int, seq: int, under: int | str, who: str = "ibrahima") -> int:
    return acts.press(site, who, f"/discussions/{thread_id}/m/{seq}/deplacer", parent=under).status_code


def test_a_branch_goes_whole_and_keeps_its_numbers(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 3, 4)
    assert acts.shape(site, thread_id) == [(1, None), (2, 1), (3, 1), (4, 3), (5, 4)]
    assert put(site, thread_id, 3, 2) == 303
    assert acts.shape(site, thread_id) == [(1, None), (2, 1), (3, 2), (4, 3), (5, 4)]
    assert site.stranger.get(f"/discussions/{thread_id}/m/5").headers["location"].endswith("#m-5")


def test_an_older_message_can_go_under_a_newer_one(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    assert put(site, thread_id, 2, 3) == 303
    assert acts.shape(site, thread_id) == [(1, None), (3, 1), (2, 3)]


def test_a_line_under_the_message_says_so(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    put(site, thread_id, 3, 2)
    assert acts.events(site, thread_id) == ["reparented"]
    assert "a placé ce message sous celui auquel il répond" in site.stranger.get(acts.path_of(site, thread_id)).text


@pytest.mark.parametrize("under", [3, 4, 5])
def test_nothing_goes_under_itself_or_its_own_replies(site: Site, under: int) -> None:
    thread_id = acts.conversation(site, 1, 1, 3, 4)
    assert put(site, thread_id, 3, under) == 409
    assert acts.shape(site, thread_id) == [(1, None), (2, 1), (3, 1), (4, 3), (5, 4)]


def test_at_the_deepest_level_too_nothing_goes_under_its_own_replies(site: Site) -> None:
    thread_id = acts.conversation(site, *range(1, MAX_DEPTH + 2))
    deepest = MAX_DEPTH + 1
    assert put(site, thread_id, deepest, deepest + 1) == 409


def test_replies_at_the_deepest_level_follow_what_they_answer(site: Site) -> None:
    thread_id = acts.conversation(site, *range(1, MAX_DEPTH + 3))
    deepest = MAX_DEPTH + 1
    assert put(site, thread_id, deepest, 1) == 303
    assert acts.shape(site, thread_id)[-3:] == [(deepest, 1), (deepest + 1, deepest), (deepest + 2, deepest + 1)]


def test_what_goes_too_deep_stands_at_the_deepest_level(site: Site) -> None:
    thread_id = acts.conversation(site, *range(1, MAX_DEPTH + 1), 1, MAX_DEPTH + 2)
    assert put(site, thread_id, MAX_DEPTH + 2, MAX_DEPTH) == 303
    depths = acts.column(
        site, "SELECT depth FROM post WHERE thread_id = $1 AND seq > $2 AND event IS NULL", thread_id, MAX_DEPTH + 1
    )
    assert depths == [MAX_DEPTH, MAX_DEPTH]


@pytest.mark.parametrize("under", ["77", "0", "x", "", "-3", "99999999999999"])
def test_a_place_that_is_not_there_is_refused(site: Site, under: str) -> None:
    thread_id = acts.conversation(site, 1)
    assert put(site, thread_id, 2, under) in {409, 422}
    assert acts.shape(site, thread_id) == [(1, None), (2, 1)]


def test_the_first_message_has_no_other_place(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    assert put(site, thread_id, 1, 2, who="etienne") == 403


def test_its_author_and_facilitators_alone_may(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    assert put(site, thread_id, 3, 2, who="maryse") == 403
    assert put(site, thread_id, 3, 2, who="etienne") == 303


def test_in_a_locked_discussion_facilitators_alone_may(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/verrouiller", reason="Fin"))
    assert put(site, thread_id, 3, 2) == 403
    assert put(site, thread_id, 3, 2, who="etienne") == 303


def test_what_she_had_read_stays_read(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 3)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-3"))
    put(site, thread_id, 3, 2)
    page = site.as_("felix").get(acts.path_of(site, thread_id)).text
    assert "1 non lu" in page
    assert 'href="#m-4"' in page


def test_where_it_already_stands_nothing_is_written(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    assert put(site, thread_id, 2, 1) == 303
    assert acts.events(site, thread_id) == []
