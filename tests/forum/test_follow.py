"""Who follows what: rows that later decide who is written to."""

from tests.conftest import Site
from tests.forum import acts


def follows(site: Site, handle: str, kind: str, target_id: int) -> bool | None:
    """True, False (said no), or None (never)."""
    muted = site.ask(
        "SELECT muted FROM follow JOIN person ON person.id = person_id "
        "WHERE handle = $1 AND kind = $2 AND target_id = $3",
        handle,
        kind,
        target_id,
    )
    return None if muted is None else not muted


def test_a_discussion_is_followed_and_left_with_one_button(site: Site) -> None:
    thread_id = acts.start(site)
    path = f"/discussions/{thread_id}/suivre"
    assert follows(site, "josee", "thread", thread_id) is None
    acts.done(acts.press(site, "josee", path, follow="1"))
    assert follows(site, "josee", "thread", thread_id) is True
    acts.done(acts.press(site, "josee", path, follow=""))
    assert follows(site, "josee", "thread", thread_id) is False


def test_the_page_says_which(site: Site) -> None:
    thread_id = acts.start(site)
    before = site.as_("josee").get(acts.path_of(site, thread_id)).text
    acts.done(acts.press(site, "josee", f"/discussions/{thread_id}/suivre", follow="1"))
    after = site.as_("josee").get(acts.path_of(site, thread_id)).text
    assert (
        before.partition(f"/discussions/{thread_id}/suivre")[2][:300]
        != (after.partition(f"/discussions/{thread_id}/suivre")[2][:300])
    )


def test_a_no_outlives_later_replies(site: Site) -> None:
    thread_id = acts.start(site)
    acts.done(acts.press(site, "josee", f"/discussions/{thread_id}/suivre", follow=""))
    acts.done(acts.press(site, "josee", f"/discussions/{thread_id}/repondre", body="Un mot quand même"))
    assert follows(site, "josee", "thread", thread_id) is False
    acts.done(acts.press(site, "josee", f"/discussions/{thread_id}/suivre", follow="1"))
    assert follows(site, "josee", "thread", thread_id) is True


def test_a_space_is_followed_too(site: Site) -> None:
    space_id = site.ask("SELECT id FROM space WHERE slug = 'outils'")
    path = "/discussions/espaces/outils/suivre"
    acts.done(acts.press(site, "josee", path, follow="1"))
    assert follows(site, "josee", "space", space_id) is True
    acts.done(acts.press(site, "josee", path, follow=""))
    assert follows(site, "josee", "space", space_id) is False


def test_nobody_follows_what_she_cannot_read(site: Site) -> None:
    thread_id = acts.start(site, "nadege", space="cercle-du-jeudi")
    assert acts.press(site, "marc-antoine", f"/discussions/{thread_id}/suivre", follow="1").status_code == 404
    path = "/discussions/espaces/cercle-du-jeudi/suivre"
    assert acts.press(site, "marc-antoine", path, follow="1").status_code == 404
    assert follows(site, "marc-antoine", "thread", thread_id) is None


def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    thread_id = acts.start(site)
    assert site.stranger.post(f"/discussions/{thread_id}/suivre", data={"follow": "1"}).status_code == 403
