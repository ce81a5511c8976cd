"""The same form sent twice is one message."""

from concurrent.futures import ThreadPoolExecutor

from starlette.testclient import TestClient

from tests.conftest import Site
from tests.forum import acts


def count(site: Site, body: str) -> int:
    number: int = site.ask("SELECT count(*) FROM post WHERE body_md = $1", body)
    return number


def at_once(browser: TestClient, path: str, form: dict[str, str], times: int = 10) -> set[tuple[int, str]]:
    with ThreadPoolExecutor(times) as pool:
        answers = list(pool.map(lambda _: browser.post(path, data=form), range(times)))
    return {(answer.status_code, answer.headers.get("location", "")) for answer in answers}


def test_a_reply_sent_twice_is_one_reply(site: Site) -> None:
    path = f"/discussions/{acts.start(site)}/repondre"
    form = {"body": "Une seule fois", "request_key": "k1"}
    first, second = (acts.done(acts.press(site, "linda", path, **form)) for _ in range(2))
    assert first == second
    assert count(site, "Une seule fois") == 1


def test_a_reply_sent_ten_times_at_once_is_one_reply(site: Site) -> None:
    thread_id = acts.start(site)
    form = {"body": "Une seule fois", "request_key": "k2"}
    answers = at_once(site.as_("linda"), f"/discussions/{thread_id}/repondre", form)
    assert answers == {(303, f"/discussions/{thread_id}/m/2")}
    assert count(site, "Une seule fois") == 1


def test_a_discussion_started_twice_is_one_discussion(site: Site) -> None:
    form = {"space": "pratiques", "body": "Un seul fil", "request_key": "k3"}
    first, second = (acts.done(acts.press(site, "linda", "/discussions/nouvelle", **form)) for _ in range(2))
    assert first == second
    assert count(site, "Un seul fil") == 1


def test_a_discussion_started_at_once_in_several_tabs_is_one_discussion(site: Site) -> None:
    form = {"space": "pratiques", "body": "Un seul fil", "request_key": "k4"}
    answers = at_once(site.as_("linda"), "/discussions/nouvelle", form, times=5)
    assert len(answers) == 1
    assert next(iter(answers))[0] == 303
    assert count(site, "Un seul fil") == 1


def test_two_people_with_the_same_key_write_two_messages(site: Site) -> None:
    path = f"/discussions/{acts.start(site)}/repondre"
    form = {"body": "Chacun le sien", "request_key": "k5"}
    acts.done(acts.press(site, "linda", path, **form))
    acts.done(acts.press(site, "josee", path, **form))
    assert count(site, "Chacun le sien") == 2


def test_without_a_key_nothing_is_held_back(site: Site) -> None:
    path = f"/discussions/{acts.start(site)}/repondre"
    for _ in range(2):
        acts.done(acts.press(site, "linda", path, body="Deux fois oui", request_key=""))
    assert count(site, "Deux fois oui") == 2


def test_sent_again_after_the_message_moved_it_leads_to_where_it_is(site: Site) -> None:
    thread_id = acts.start(site)
    path, form = f"/discussions/{thread_id}/repondre", {"body": "Je bouge", "request_key": "k6"}
    acts.done(acts.press(site, "linda", path, **form))
    split = {"title": "Une autre discussion", "kind": "question"}
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/m/2/separer", **split))
    new_id = site.ask("SELECT thread_id FROM post WHERE body_md = 'Je bouge'")
    assert acts.done(acts.press(site, "linda", path, **form)) == f"/discussions/{new_id}/m/1"
    assert count(site, "Je bouge") == 1


def test_every_form_carries_a_key_of_its_own(site: Site) -> None:
    page = site.as_("linda").get(acts.path_of(site, acts.start(site))).text
    again = site.as_("linda").get(acts.path_of(site, site.ask("SELECT max(id) FROM thread"))).text
    marker = 'name="request_key" value="'
    keys = {text.split(marker)[1].split('"')[0] for text in (page, again)}
    assert len(keys) == 2
    assert all(len(key) > 15 for key in keys)
