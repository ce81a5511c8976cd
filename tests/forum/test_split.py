"""Giving a branch a discussion of its own."""

import pytest

from maillage.forum.models import MAX_DEPTH
from tests.conftest import Site
from tests.forum import acts

TITLE = "Une autre conversation"


def split(site: Site, thread_id: int, seq: int, *, title: str = TITLE, who: str = "etienne") -> int:
    address = acts.done(
        acts.press(site, who, f"/discussions/{thread_id}/m/{seq}/separer", title=title, kind="question")
    )
    return int(address.rpartition("/")[2])


def test_the_branch_leaves_whole_and_is_numbered_from_one(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 2, 3, 4)
    new_id = split(site, thread_id, 2)
    assert acts.shape(site, thread_id) == [(1, None), (3, 1), (5, 3)]
    assert acts.shape(site, new_id) == [(1, None), (2, 1), (3, 2)]
    assert f"{TITLE}</h1>" in site.stranger.get(acts.path_of(site, new_id)).text


def test_both_discussions_say_what_happened(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    new_id = split(site, thread_id, 2)
    assert acts.events(site, thread_id) == ["split_to"]
    assert acts.events(site, new_id) == ["split_from"]
    assert f"#{new_id}" in site.stranger.get(acts.path_of(site, thread_id)).text
    assert f"#{thread_id}" in site.stranger.get(acts.path_of(site, new_id)).text


def test_the_new_discussion_is_in_the_list_with_its_first_words(site: Site) -> None:
    thread_id = acts.start(site)
    acts.reply(site, thread_id, body="Les premiers mots de la branche")
    split(site, thread_id, 2)
    page = site.stranger.get("/discussions/espaces/pratiques").text
    assert TITLE in page
    assert "Les premiers mots de la branche" in page


def test_whoever_had_read_the_branch_has_read_it_there_and_follows_it(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 2, 2)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-3"))
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/suivre", follow="1"))
    new_id = split(site, thread_id, 2)
    assert "bar-read" in site.as_("felix").get(acts.path_of(site, thread_id)).text
    page = site.as_("felix").get(acts.path_of(site, new_id)).text
    assert "1 non lu" in page
    assert 'href="#m-3"' in page
    kept = site.ask(
        "SELECT count(*) FROM follow WHERE kind = 'thread' AND target_id = $1 AND person_id = $2 AND NOT muted",
        new_id,
        acts.viewer(site, "felix").id,
    )
    assert kept == 1


def test_whoever_said_no_to_the_old_one_is_not_made_to_follow_the_new_one(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/suivre", follow=""))
    new_id = split(site, thread_id, 2)
    muted = site.ask(
        "SELECT muted FROM follow WHERE kind = 'thread' AND target_id = $1 AND person_id = $2",
        new_id,
        acts.viewer(site, "ibrahima").id,
    )
    assert muted is True


def test_from_the_deepest_level_the_replies_beside_come_along(site: Site) -> None:
    thread_id = acts.conversation(site, *range(1, MAX_DEPTH + 3))
    new_id = split(site, thread_id, MAX_DEPTH + 1)
    assert acts.shape(site, new_id) == [(1, None), (2, 1), (3, 2)]
    assert len(acts.shape(site, thread_id)) == MAX_DEPTH


def test_a_reply_that_had_met_the_need_opens_the_new_discussion_as_any_other(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "maryse", f"/discussions/{thread_id}/m/2/besoin", value="1"))
    new_id = split(site, thread_id, 2)
    for number in (thread_id, new_id):
        assert 'class="solved"' not in site.stranger.get(acts.path_of(site, number)).text


@pytest.mark.parametrize("seq", [1, 3])
def test_neither_the_first_message_nor_a_line_of_history_is_split_off(site: Site, seq: int) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="7"))
    path = f"/discussions/{thread_id}/m/{seq}/separer"
    answer = acts.press(site, "etienne", path, title=TITLE, kind="question")
    assert answer.status_code in {403, 404, 409}


def test_a_removed_message_is_not_split_off(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/2/retirer"))
    answer = acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/separer", title=TITLE, kind="question")
    assert answer.status_code == 409


def test_facilitators_alone_split(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    for who in ("maryse", "ibrahima", "nadege"):
        answer = acts.press(site, who, f"/discussions/{thread_id}/m/2/separer", title=TITLE, kind="question")
        assert answer.status_code == 403


def test_it_is_in_the_log(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    split(site, thread_id, 2)
    logged = acts.column(site, "SELECT action FROM moderation_entry WHERE thread_id = $1", thread_id)
    assert logged == ["split"]


def test_without_a_title_the_form_comes_back(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    answer = acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/separer", title="", kind="question")
    assert answer.status_code == 422


def test_notes_of_a_moved_message_still_lead_to_its_own(site: Site) -> None:
    thread_id = acts.start(site)
    acts.reply(site, thread_id, body="Une affirmation[^1].\n\n[^1]: Sa source.")
    new_id = split(site, thread_id, 2)
    page = site.stranger.get(acts.path_of(site, new_id)).text
    assert 'href="#m-1-fn-1"' in page
    assert 'id="m-1-fn-1"' in page
