"""The public log of moderation."""

import asyncpg
import pytest

from tests.conftest import Site
from tests.forum import acts
from tests.forum.test_lock import lock
from tests.forum.test_merge import merge
from tests.forum.test_move import move
from tests.forum.test_remove import remove

JOURNAL = "/moderation/journal"


def test_every_act_of_a_facilitator_is_in_it_with_its_reason(site: Site) -> None:
    thread_id, into = acts.conversation(site, 1, 1), acts.start(site)
    remove(site, thread_id, "etienne", reason="Une raison de retirer")
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/retablir"))
    lock(site, thread_id, "Une raison de verrouiller")
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/rouvrir"))
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="2"))
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/desepingler"))
    split_form = {"title": "Une branche", "kind": "question"}
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/m/3/separer", **split_form))
    move(site, thread_id, "outils")
    merge(site, thread_id, into)
    logged = acts.column(site, "SELECT action FROM moderation_entry WHERE thread_id = $1 ORDER BY id", thread_id)
    assert logged == [
        "removed",
        "restored",
        "locked",
        "unlocked",
        "pinned",
        "unpinned",
        "split",
        "moved",
        "merged",
    ]
    page = site.stranger.get(JOURNAL)
    assert page.status_code == 200
    assert "Une raison de retirer" in page.text
    assert "Une raison de verrouiller" in page.text


def test_strangers_learn_the_role_and_members_the_name(site: Site) -> None:
    thread_id = acts.start(site)
    lock(site, thread_id, "Pour essayer")
    name = site.ask("SELECT name FROM person WHERE handle = 'etienne'")
    assert name not in site.stranger.get(JOURNAL).text
    assert name in site.as_("felix").get(JOURNAL).text


def test_what_happened_in_a_closed_group_stays_there(site: Site) -> None:
    thread_id = acts.start(site, "josee", space="cercle-du-jeudi", title="Un titre du cercle")
    acts.done(acts.press(site, "nadege", f"/discussions/{thread_id}/verrouiller", reason="Une raison du cercle"))
    for browser in (site.stranger, site.as_("marc-antoine"), site.as_("etienne")):
        page = browser.get(JOURNAL).text
        assert "Un titre du cercle" not in page
        assert "Une raison du cercle" not in page
    assert "Une raison du cercle" in site.as_("maryse").get(JOURNAL).text


def test_a_discussion_merged_into_a_closed_one_is_named_no_more(site: Site) -> None:
    thread_id = acts.start(site, title="Autrefois public")
    lock(site, thread_id, "Une vieille raison")
    into = acts.start(site, "felix", space="coulisses")
    assert "Autrefois public" in site.stranger.get(JOURNAL).text
    merge(site, thread_id, into)
    assert "Autrefois public" not in site.stranger.get(JOURNAL).text
    assert "Autrefois public" in site.as_("felix").get(JOURNAL).text


def test_its_pages_follow_each_other(site: Site) -> None:
    thread_id = acts.start(site)
    site.ask(
        "INSERT INTO moderation_entry (actor_id, action, reason, space_id, thread_id) "
        "SELECT $1, 'pinned', 'Raison ' || n, space_id, thread.id FROM thread, generate_series(100, 219) AS n "
        "WHERE thread.id = $2",
        acts.viewer(site, "etienne").id,
        thread_id,
    )
    address, seen = JOURNAL, ""
    for _ in range(5):
        page = site.stranger.get(address).text
        seen += page
        if f"{JOURNAL}?avant=" not in page:
            break
        address = f"{JOURNAL}?avant=" + page.partition(f"{JOURNAL}?avant=")[2].partition('"')[0]
    assert all(f"Raison {number}" in seen for number in range(100, 220))


@pytest.mark.parametrize("before", ["x", "-1", "٣", "9" * 40, ""])
def test_a_key_that_makes_no_sense_begins_at_the_beginning(site: Site, before: str) -> None:
    assert site.stranger.get(f"{JOURNAL}?avant={before}").status_code == 200


@pytest.mark.parametrize("change", ["UPDATE moderation_entry SET reason = ''", "DELETE FROM moderation_entry"])
def test_what_is_written_stays_written(site: Site, change: str) -> None:
    lock(site, acts.start(site))
    with pytest.raises(asyncpg.RestrictViolationError):
        site.ask(change)
