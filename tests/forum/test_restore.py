"""Putting a message back."""

import pytest

from maillage.core import clock
from maillage.core.errors import Refused
from maillage.forum.commands import removing
from tests.conftest import Site
from tests.forum import acts
from tests.forum.test_remove import WORDS, remove, spoken


def restore(site: Site, thread_id: int, who: str, seq: int = 2) -> int:
    return acts.press(site, who, f"/discussions/{thread_id}/m/{seq}/retablir").status_code


def test_its_author_undoes_her_own_removal(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "ibrahima")
    assert restore(site, thread_id, "ibrahima") == 303
    assert WORDS in site.stranger.get(acts.path_of(site, thread_id)).text


def test_its_author_cannot_undo_what_a_facilitator_removed(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "etienne", reason="Hors sujet")
    assert restore(site, thread_id, "ibrahima") == 403
    assert WORDS not in site.stranger.get(acts.path_of(site, thread_id)).text


def test_nor_when_the_facilitator_acted_between_the_question_and_the_answer(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "etienne", reason="Hors sujet")
    ibrahima = acts.viewer(site, "ibrahima")
    with pytest.raises(Refused):
        site.write(
            lambda db: removing.restore(db, who=ibrahima, thread_id=thread_id, seq=2, moderates=False, now=clock.now())
        )


def test_a_facilitator_puts_it_back_and_the_log_says_so(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "etienne", reason="Hors sujet")
    assert restore(site, thread_id, "etienne") == 303
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert WORDS in page
    assert "Hors sujet" not in page
    actions = acts.column(site, "SELECT action FROM moderation_entry WHERE thread_id = $1 ORDER BY id", thread_id)
    assert actions == ["removed", "restored"]


def test_others_cannot(site: Site) -> None:
    thread_id = spoken(site)
    remove(site, thread_id, "ibrahima")
    assert restore(site, thread_id, "linda") == 403
    assert site.stranger.post(f"/discussions/{thread_id}/m/2/retablir").status_code == 403


def test_what_was_not_removed_is_not_put_back(site: Site) -> None:
    thread_id = spoken(site)
    assert restore(site, thread_id, "ibrahima") == 403


def test_once_back_it_is_as_read_or_unread_as_before(site: Site) -> None:
    thread_id = spoken(site)
    acts.done(acts.press(site, "josee", f"/discussions/{thread_id}/lu", seqs="2"))
    path = acts.path_of(site, thread_id)
    before = {who: site.as_(who).get(path).text.count(' unread"') for who in ("josee", "felix")}
    remove(site, thread_id, "ibrahima")
    assert restore(site, thread_id, "ibrahima") == 303
    assert {who: site.as_(who).get(path).text.count(' unread"') for who in ("josee", "felix")} == before
    assert before == {"josee": 2, "felix": 3}


def test_what_it_had_helped_it_helps_again(site: Site) -> None:
    thread_id = spoken(site)
    acts.done(acts.press(site, "maryse", f"/discussions/{thread_id}/m/2/besoin", value="1"))
    remove(site, thread_id, "ibrahima")
    assert restore(site, thread_id, "ibrahima") == 303
    assert 'class="solved"' in site.stranger.get(acts.path_of(site, thread_id)).text


def test_the_first_message_put_back_is_in_the_list_again(site: Site) -> None:
    thread_id = acts.start(site, body=WORDS)
    acts.reply(site, thread_id)
    remove(site, thread_id, "maryse", seq=1)
    assert restore(site, thread_id, "maryse", seq=1) == 303
    assert WORDS in site.stranger.get("/discussions/espaces/pratiques").text
