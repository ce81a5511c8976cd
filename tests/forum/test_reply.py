"""Replying: where a message stands, and what it brings along."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from maillage.core import clock
from maillage.forum.commands import posting
from maillage.forum.models import MAX_DEPTH
from tests.conftest import Site
from tests.forum import acts


def test_a_reply_stands_under_the_message_that_it_answers(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    address = acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", parent=2, body="Sous deux"))
    assert address == f"/discussions/{thread_id}/m/4"
    assert acts.shape(site, thread_id) == [(1, None), (2, 1), (4, 2), (3, 1)]
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert page.index('id="m-2"') < page.index('id="m-4"') < page.index('id="m-3"')


def test_without_a_parent_it_answers_the_first_message(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", body="À tout le monde"))
    assert acts.shape(site, thread_id)[-1] == (3, 1)


def test_it_is_there_at_the_next_look_for_everybody(site: Site) -> None:
    thread_id = acts.start(site)
    path = acts.path_of(site, thread_id)
    for browser in (site.stranger, site.as_("josee")):
        assert "Toute fraîche" not in browser.get(path).text
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", body="Toute fraîche"))
    for browser in (site.stranger, site.as_("josee")):
        assert "Toute fraîche" in browser.get(path).text


def test_the_list_says_who_spoke_last(site: Site) -> None:
    thread_id = acts.start(site, title="Qui parle en dernier")
    acts.reply(site, thread_id, "josee")
    acts.reply(site, thread_id, "linda")
    page = site.stranger.get("/discussions/espaces/pratiques").text
    row = page[page.index("Qui parle en dernier") :].partition("</li>")[0]
    assert site.ask("SELECT name FROM person WHERE handle = 'linda'") in row
    assert ">2</b>" in row


def test_twenty_replies_at_once_get_twenty_numbers(site: Site) -> None:
    thread_id = acts.start(site)
    people = [acts.viewer(site, handle) for handle in ("linda", "josee", "felix", "karine")]

    async def all_of_them() -> list[posting.Posted]:
        async def one(number: int) -> posting.Posted:
            async with site.app.state.database.writing() as db:
                return await posting.reply(
                    db,
                    who=people[number % 4],
                    thread_id=thread_id,
                    parent_seq=1,
                    visibility="public",
                    body=f"Réponse {number}",
                    language="fr-CA",
                    now=clock.now(),
                )

        return await asyncio.gather(*map(one, range(20)))

    assert site.stranger.portal is not None
    posted = site.stranger.portal.call(all_of_them)
    assert sorted(each.seq for each in posted) == list(range(2, 22))
    assert site.ask("SELECT post_count FROM thread WHERE id = $1", thread_id) == 21
    assert site.ask("SELECT count(DISTINCT path) FROM post WHERE thread_id = $1", thread_id) == 21


def test_discussions_that_name_each_other_are_answered_at_once(site: Site) -> None:
    one, two = acts.start(site), acts.start(site, "linda")

    def say(number: int) -> int:
        handle = ("josee", "felix", "karine", "ibrahima")[number % 4]
        here, there = (one, two) if number % 2 else (two, one)
        form = {"body": f"Voir #{there} et #{here}."}
        return site.as_(handle).post(f"/discussions/{here}/repondre", data=form).status_code

    for handle in ("josee", "felix", "karine", "ibrahima"):
        site.as_(handle)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(say, range(32))) == {303}


def test_at_the_deepest_level_replies_stand_beside_what_they_answer(site: Site) -> None:
    thread_id = acts.conversation(site, *range(1, MAX_DEPTH + 1))
    deepest = MAX_DEPTH + 1
    assert site.ask("SELECT max(depth) FROM post WHERE thread_id = $1", thread_id) == MAX_DEPTH
    for _ in range(2):
        acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", parent=deepest, body="Plus bas"))
    rows = acts.column(site, "SELECT depth FROM post WHERE thread_id = $1 AND parent_seq = $2", thread_id, deepest)
    assert rows == [MAX_DEPTH, MAX_DEPTH]
    name = site.ask("SELECT name FROM person WHERE handle = 'ibrahima'")
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    last = page[page.index(f'id="m-{deepest + 2}"') :]
    assert f">{name}</a>" in last.partition("</header>")[0], "its header says whom it answers"


@pytest.mark.parametrize("parent", ["99", "0", "-1", "16777215", "99999999999999999999", "deux"])
def test_a_parent_that_is_not_there_is_no_fault_of_ours(site: Site, parent: str) -> None:
    thread_id = acts.start(site)
    answer = acts.press(site, "linda", f"/discussions/{thread_id}/repondre", parent=parent, body="À qui?")
    assert answer.status_code in {404, 409, 422}
    assert site.ask("SELECT post_count FROM thread WHERE id = $1", thread_id) == 1


def test_nobody_answers_a_line_of_history(site: Site) -> None:
    thread_id = acts.start(site)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="7"))
    assert acts.events(site, thread_id) == ["pinned"]
    answer = acts.press(site, "linda", f"/discussions/{thread_id}/repondre", parent=2, body="À l’épingle")
    assert answer.status_code == 409
    assert "À l’épingle" in answer.text
    assert site.as_("linda").get(f"/discussions/{thread_id}/repondre?parent=2").status_code == 404


def test_whoever_replies_follows_along_and_has_read_her_own(site: Site) -> None:
    thread_id = acts.start(site)
    acts.done(acts.press(site, "linda", f"/discussions/{thread_id}/repondre", body="J’en suis"))
    linda = acts.viewer(site, "linda").id
    assert site.ask("SELECT reason FROM follow WHERE person_id = $1 AND target_id = $2", linda, thread_id) == "replied"
    read = site.ask("SELECT read @> 2 FROM thread_read WHERE person_id = $1 AND thread_id = $2", linda, thread_id)
    assert read is True


def test_the_page_to_reply_on_shows_what_is_answered(site: Site) -> None:
    thread_id = acts.start(site)
    acts.reply(site, thread_id, body="Les mots auxquels on répond")
    page = site.as_("linda").get(f"/discussions/{thread_id}/repondre?parent=2")
    assert page.status_code == 200
    assert "Les mots auxquels on répond" in page.text


def test_a_stranger_who_presses_reply_is_asked_to_sign_in_and_comes_back(site: Site) -> None:
    thread_id = acts.start(site)
    answer = site.stranger.get(f"/discussions/{thread_id}/repondre?parent=1")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion?suite=")


def test_a_session_that_ended_gives_the_text_back(site: Site) -> None:
    thread_id = acts.start(site)
    answer = site.stranger.post(f"/discussions/{thread_id}/repondre", data={"body": "Une heure de travail"})
    assert answer.status_code == 403
    assert "Une heure de travail" in answer.text


def test_a_reply_to_what_was_merged_in_the_meantime_gives_the_text_back(site: Site) -> None:
    thread_id, into = acts.start(site), acts.start(site, "linda")
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/fusionner", into=into))
    answer = acts.press(site, "linda", f"/discussions/{thread_id}/repondre", body="Une heure de travail")
    assert answer.status_code == 409
    assert "Une heure de travail" in answer.text


def test_posting_costs_the_same_however_long_the_discussion(site: Site) -> None:
    thread_id = acts.start(site)

    def queries() -> str:
        form = {"body": "Combien?", "parent": "1", "request_key": site.ask("SELECT gen_random_uuid()::text")}
        answer = site.as_("linda").post(f"/discussions/{thread_id}/repondre", data=form)
        assert answer.status_code == 303
        return answer.headers["x-queries"]

    first = queries()
    for _ in range(40):
        acts.reply(site, thread_id)
    assert queries() == first
    assert int(first) <= 18
