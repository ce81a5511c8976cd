"""Pouring one discussion into another."""

from datetime import timedelta

import pytest

from maillage.core import clock
from maillage.forum.models import MAX_DEPTH
from tests.conftest import Site
from tests.forum import acts


def merge(site: Site, thread_id: int, into: int, who: str = "etienne") -> str:
    return acts.done(acts.press(site, who, f"/discussions/{thread_id}/fusionner", into=into))


def test_its_messages_follow_under_the_first_of_the_other(site: Site) -> None:
    thread_id, into = acts.conversation(site, 1, 2), acts.conversation(site, 1)
    merge(site, thread_id, into)
    assert acts.shape(site, thread_id) == []
    assert acts.shape(site, into) == [(1, None), (2, 1), (3, 1), (4, 3), (5, 4)]


def test_the_old_address_leads_to_the_new_place(site: Site) -> None:
    thread_id, into = acts.conversation(site, 1), acts.start(site, "linda")
    old = acts.path_of(site, thread_id)
    merge(site, thread_id, into)
    for browser in (site.stranger, site.as_("linda")):
        answer = browser.get(old)
        assert (answer.status_code, answer.headers["location"]) == (301, f"{acts.path_of(site, into)}?de={thread_id}")


def test_after_two_mergers_the_oldest_address_still_says_which_it_was(site: Site) -> None:
    # A message number in the fragment of an old address is the number that it had in that thread.
    oldest, middle, last = acts.start(site), acts.start(site), acts.start(site)
    old = acts.path_of(site, oldest)
    merge(site, oldest, middle)
    merge(site, middle, last)
    assert site.stranger.get(old).headers["location"] == f"{acts.path_of(site, last)}?de={oldest}"


def test_a_line_says_so_and_the_list_has_one_discussion_less(site: Site) -> None:
    thread_id, into = acts.start(site, title="Le petit fil"), acts.start(site, "linda", title="Le grand fil")
    merge(site, thread_id, into)
    page = site.stranger.get(acts.path_of(site, into)).text
    assert "Le petit fil" in page
    listed = site.stranger.get("/discussions/espaces/pratiques").text
    assert "Le grand fil" in listed
    assert ">Le petit fil</a>" not in listed


def test_readers_and_followers_come_along(site: Site) -> None:
    thread_id, into = acts.conversation(site, 1, 1), acts.start(site, "josee")
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-2"))
    acts.done(acts.press(site, "felix", f"/discussions/{into}/lu"))
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/suivre", follow="1"))
    merge(site, thread_id, into)
    page = site.as_("felix").get(acts.path_of(site, into)).text
    assert "1 non lu" in page
    assert 'href="#m-4"' in page
    assert site.ask(
        "SELECT NOT muted FROM follow WHERE kind = 'thread' AND target_id = $1 AND person_id = $2",
        into,
        acts.viewer(site, "felix").id,
    )


def test_the_last_word_is_the_one_said_last_whatever_its_number(site: Site) -> None:
    week = timedelta(days=7)
    thread_id = acts.start(site, "felix", now=clock.now() - 3 * week)
    acts.reply(site, thread_id, "felix", now=clock.now() - 2 * week)
    into = acts.start(site, "linda", title="Le fil vivant", now=clock.now() - week)
    acts.reply(site, into, "josee")
    merge(site, thread_id, into)
    page = site.stranger.get("/discussions/espaces/pratiques").text
    row = page[page.index("Le fil vivant") :].partition("</li>")[0]
    assert site.ask("SELECT name FROM person WHERE handle = 'josee'") in row


def test_whoever_linked_to_it_links_to_what_it_became(site: Site) -> None:
    thread_id, into = acts.start(site, title="Le petit fil"), acts.start(site, "linda", title="Le grand fil")
    naming = acts.start(site, "josee", body=f"Voir #{thread_id}.")
    merge(site, thread_id, into)
    page = site.stranger.get(acts.path_of(site, naming)).text
    assert f'<a class="thread-link" href="{acts.path_of(site, into)}">#{thread_id} Le grand fil</a>' in page
    also = acts.start(site, "felix", body=f"Voir aussi #{thread_id}.")
    assert "Le grand fil" in site.stranger.get(acts.path_of(site, also)).text
    # And hears of its changes from now on.
    acts.done(acts.press(site, "linda", f"/discussions/{into}/titre", title="Le très grand fil"))
    for number in (naming, also):
        assert "Le très grand fil" in site.stranger.get(acts.path_of(site, number)).text


def test_a_discussion_as_deep_as_can_be_is_merged_as_well(site: Site) -> None:
    thread_id, into = acts.conversation(site, *range(1, MAX_DEPTH + 1)), acts.start(site)
    merge(site, thread_id, into)
    assert site.ask("SELECT max(depth) FROM post WHERE thread_id = $1", into) == MAX_DEPTH
    assert len(acts.shape(site, into)) == MAX_DEPTH + 2


def test_a_discussion_is_not_merged_into_itself(site: Site) -> None:
    thread_id = acts.start(site)
    assert acts.press(site, "etienne", f"/discussions/{thread_id}/fusionner", into=thread_id).status_code == 409


@pytest.mark.parametrize("into", ["", "x", "0", "999999", "9223372036854775807", "99999999999999999999999"])
def test_into_what_is_not_there_is_refused(site: Site, into: str) -> None:
    thread_id = acts.start(site)
    answer = acts.press(site, "etienne", f"/discussions/{thread_id}/fusionner", into=into)
    assert answer.status_code in {409, 422}
    assert acts.shape(site, thread_id) == [(1, None)]


def test_not_into_a_group_that_is_not_his_which_is_as_good_as_absent(site: Site) -> None:
    thread_id = acts.start(site)
    hidden = acts.start(site, "nadege", space="cercle-du-jeudi")
    absent = acts.press(site, "etienne", f"/discussions/{thread_id}/fusionner", into=999_999)
    answer = acts.press(site, "etienne", f"/discussions/{thread_id}/fusionner", into=hidden)
    assert (answer.status_code, absent.status_code) == (409, 409)
    why = "Il n’y a pas ici de discussion de ce numéro"
    assert (why in answer.text) == (why in absent.text)


def test_facilitators_alone_merge(site: Site) -> None:
    thread_id, into = acts.start(site), acts.start(site)
    assert acts.press(site, "maryse", f"/discussions/{thread_id}/fusionner", into=into).status_code == 403


def test_two_discussions_merged_into_each_other_at_once_end_as_one(site: Site) -> None:
    one, two = acts.conversation(site, 1), acts.conversation(site, 1)
    merge(site, one, two)
    answer = acts.press(site, "etienne", f"/discussions/{two}/fusionner", into=one)
    assert answer.status_code == 409
    assert len(acts.shape(site, two)) == 4
