"""The address of a message means that message for ever."""

import pytest

from tests.conftest import Site
from tests.forum import acts
from tests.forum.test_merge import merge
from tests.forum.test_move import move
from tests.forum.test_reparent import put
from tests.forum.test_split import split


def found(site: Site, thread_id: int, seq: int) -> tuple[int, int]:
    """Status of the answer, and the key of the message that the address leads to."""
    answer = site.stranger.get(f"/discussions/{thread_id}/m/{seq}")
    assert answer.status_code in {301, 302}, answer.status_code
    page, _, fragment = answer.headers["location"].partition("#")
    text = site.stranger.get(page).text
    assert f'id="{fragment}"' in text
    number = int(page.removeprefix("/discussions/").partition("-")[0])
    key: int = site.ask(
        "SELECT id FROM post WHERE thread_id = $1 AND seq = $2", number, int(fragment.removeprefix("m-"))
    )
    return answer.status_code, key


def key(site: Site, thread_id: int, seq: int) -> int:
    number: int = site.ask("SELECT id FROM post WHERE thread_id = $1 AND seq = $2", thread_id, seq)
    return number


def test_it_leads_to_the_page_where_the_message_is(site: Site) -> None:
    thread_id = acts.conversation(site, *[1] * 55)
    path = acts.path_of(site, thread_id)
    for seq, address in ((1, f"{path}#m-1"), (50, f"{path}#m-50"), (51, f"{path}?page=2#m-51")):
        answer = site.stranger.get(f"/discussions/{thread_id}/m/{seq}")
        assert (answer.status_code, answer.headers["location"]) == (302, address)


def test_it_survives_a_new_parent(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    message = key(site, thread_id, 3)
    put(site, thread_id, 3, 2)
    assert found(site, thread_id, 3) == (302, message)


def test_it_survives_a_split(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 2, 1)
    keys = {seq: key(site, thread_id, seq) for seq in range(1, 5)}
    split(site, thread_id, 2)
    assert {seq: found(site, thread_id, seq) for seq in keys} == {
        1: (302, keys[1]),
        2: (301, keys[2]),
        3: (301, keys[3]),
        4: (302, keys[4]),
    }


def test_it_survives_a_merger(site: Site) -> None:
    thread_id, into = acts.conversation(site, 1), acts.conversation(site, 1)
    keys = {seq: key(site, thread_id, seq) for seq in (1, 2)}
    merge(site, thread_id, into)
    assert {seq: found(site, thread_id, seq) for seq in keys} == {seq: (301, keys[seq]) for seq in keys}


def test_it_survives_a_split_of_what_is_then_merged_and_split_and_moved_again(site: Site) -> None:
    a, c = acts.conversation(site, 1, 2, 3), acts.conversation(site, 1, 1)
    keys = {seq: key(site, a, seq) for seq in range(1, 5)}
    b = split(site, a, 2, title="B")
    merge(site, b, c)
    d = split(site, c, site.ask("SELECT seq FROM post WHERE id = $1", keys[3]), title="D")
    move(site, d, "outils")
    merge(site, a, d)
    for seq, message in keys.items():
        assert found(site, a, seq) == (301, message)
    for old, seq, message in ((b, 1, 2), (b, 2, 3), (b, 3, 4)):
        assert found(site, old, seq) == (301, keys[message])


def test_a_removed_message_keeps_its_address(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    message = key(site, thread_id, 2)
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/2/retirer"))
    assert found(site, thread_id, 2) == (302, message)


@pytest.mark.parametrize("seq", ["0", "2", "16777216", "99999999999999999999"])
def test_a_number_never_given_out_is_not_there(site: Site, seq: str) -> None:
    thread_id = acts.start(site)
    assert site.stranger.get(f"/discussions/{thread_id}/m/{seq}").status_code == 404


def test_an_old_address_says_nothing_of_where_it_leads_to_those_who_cannot_read_there(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    new_id = split(site, thread_id, 2)
    move(site, new_id, "coulisses")
    hidden = site.stranger.get(f"/discussions/{thread_id}/m/2")
    absent = site.stranger.get(f"/discussions/{thread_id}/m/77")
    assert hidden.status_code == absent.status_code == 404
    assert "location" not in hidden.headers
    assert site.as_("felix").get(f"/discussions/{thread_id}/m/2").status_code == 301


def test_the_line_about_a_split_leads_somewhere(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    new_id = split(site, thread_id, 2)
    assert site.stranger.get(f"/discussions/{new_id}", follow_redirects=True).status_code == 200


def test_the_message_answered_is_linked_even_from_another_page(site: Site) -> None:
    thread_id = acts.conversation(site, 1, *[2] * 60)
    page = site.stranger.get(f"{acts.path_of(site, thread_id)}?page=2&ordre=date").text
    assert f'href="/discussions/{thread_id}/m/2"' in page
    assert site.stranger.get(f"/discussions/{thread_id}/m/2").headers["location"].endswith("#m-2")


def test_a_number_without_words_leads_to_the_address_with_them(site: Site) -> None:
    thread_id = acts.start(site)
    for address in (f"/discussions/{thread_id}", f"/discussions/{thread_id}-autre-chose"):
        answer = site.stranger.get(address)
        assert (answer.status_code, answer.headers["location"]) == (301, acts.path_of(site, thread_id))
