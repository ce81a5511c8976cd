"""Closing a discussion to new messages."""

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import Site
from tests.forum import acts


def lock(site: Site, thread_id: int, reason: str = "On tourne en rond") -> None:
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/verrouiller", reason=reason))


def test_a_locked_discussion_refuses_replies_and_gives_the_words_back(site: Site) -> None:
    thread_id = acts.start(site)
    lock(site, thread_id)
    answer = acts.press(site, "maryse", f"/discussions/{thread_id}/repondre", body="Encore un mot")
    assert answer.status_code == 403
    assert "Encore un mot" in answer.text
    assert len(acts.shape(site, thread_id)) == 1


def test_a_facilitator_still_adds_to_it(site: Site) -> None:
    thread_id = acts.start(site)
    lock(site, thread_id)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/repondre", body="Pour conclure"))


def test_readers_see_that_it_is_locked_and_why(site: Site) -> None:
    thread_id = acts.start(site)
    lock(site, thread_id, "Assez <dit>")
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert "Assez &lt;dit&gt;" in page
    assert "lecture seule" in page.lower()
    assert "Assez &lt;dit&gt;" in site.stranger.get("/moderation/journal").text


def test_without_a_reason_nothing_is_locked(site: Site) -> None:
    thread_id = acts.start(site)
    assert acts.press(site, "etienne", f"/discussions/{thread_id}/verrouiller", reason=" ").status_code == 422
    assert acts.events(site, thread_id) == []


def test_reopened_it_takes_replies_again(site: Site) -> None:
    thread_id = acts.start(site)
    lock(site, thread_id)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/rouvrir"))
    acts.done(acts.press(site, "maryse", f"/discussions/{thread_id}/repondre", body="Merci"))
    assert acts.events(site, thread_id) == ["locked", "unlocked"]


def test_it_is_locked_once_and_reopened_once(site: Site) -> None:
    thread_id = acts.start(site)
    assert acts.press(site, "etienne", f"/discussions/{thread_id}/rouvrir").status_code == 409
    lock(site, thread_id)
    again = acts.press(site, "etienne", f"/discussions/{thread_id}/verrouiller", reason="Encore")
    assert again.status_code == 409


def test_facilitators_alone_lock(site: Site) -> None:
    thread_id = acts.start(site)
    answer = acts.press(site, "maryse", f"/discussions/{thread_id}/verrouiller", reason="À moi")
    assert answer.status_code == 403


def test_after_the_lock_no_reply_slips_in(site: Site) -> None:
    thread_id = acts.start(site)
    people = ["linda", "josee", "felix", "karine", "ibrahima"]
    for handle in (*people, "etienne"):
        site.as_(handle)

    def say(handle: str) -> int:
        return site.as_(handle).post(f"/discussions/{thread_id}/repondre", data={"body": "Vite"}).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(say, handle) for handle in people[:2]]
        locked = pool.submit(lock, site, thread_id)
        answers += [pool.submit(say, handle) for handle in people[2:]]
        locked.result()
        assert {answer.result() for answer in answers} <= {303, 403, 409}
    line = site.ask("SELECT seq FROM post WHERE thread_id = $1 AND event = 'locked'", thread_id)
    assert site.ask("SELECT max(seq) FROM post WHERE thread_id = $1", thread_id) == line
