"""Marking as read: in passing, a whole discussion, a whole space."""

import pytest

from tests.conftest import Site
from tests.forum import acts
from tests.forum.test_unread import bar


def read_by(site: Site, who: str, thread_id: int) -> str:
    found: str | None = site.ask(
        "SELECT read::text FROM thread_read JOIN person ON person.id = person_id WHERE handle = $1 AND thread_id = $2",
        who,
        thread_id,
    )
    return found or "{}"


def test_what_a_script_saw_pass_is_added_up(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 1, 1)
    for seqs in ("2", "4-5", "1,2", "5,4,4-4"):
        answer = site.as_("felix").post(
            f"/discussions/{thread_id}/lu", data={"seqs": seqs}, headers={"sec-fetch-mode": "cors"}
        )
        assert (answer.status_code, answer.text) == (204, "")
    assert read_by(site, "felix", thread_id) == "{[1,3),[4,6)}"


def test_the_button_marks_what_its_page_knew_and_nothing_newer(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    page = site.as_("felix").get(acts.path_of(site, thread_id)).text
    seqs = page.partition(f'action="/discussions/{thread_id}/lu"')[2].partition('value="')[2].partition('"')[0]
    acts.reply(site, thread_id)
    address = acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs=seqs))
    assert address == acts.path_of(site, thread_id)
    assert bar(site, thread_id) == "1 non lu #m-4"


def test_without_numbers_all_of_the_discussion_is_marked(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu"))
    assert bar(site, thread_id) == "rien"
    acts.reply(site, thread_id)
    assert bar(site, thread_id) == "1 non lu #m-4"


@pytest.mark.parametrize("seqs", ["0", "5-3", "0-0", "2147483647", "9999999999"])
def test_numbers_that_name_nothing_mark_nothing(site: Site, seqs: str) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs=seqs))
    assert bar(site, thread_id) == "2 non lus dans 2 branches #m-1"


def test_what_is_not_written_yet_cannot_be_read_yet(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-2000000000"))
    assert read_by(site, "felix", thread_id) == "{[1,3)}"


@pytest.mark.parametrize("seqs", ["abc", "1-2-3x,", "-5", ",", "1,,2", "١", "1" * 30, ",".join(["1"] * 501)])
def test_nonsense_is_refused(site: Site, seqs: str) -> None:
    thread_id = acts.conversation(site, 1)
    answer = acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs=seqs)
    assert answer.status_code == 400
    if answer.status_code == 400:
        assert read_by(site, "felix", thread_id) == "{}"


def test_a_space_is_read_whole_and_no_other(site: Site) -> None:
    here, there = acts.conversation(site, 1), acts.conversation(site, 1, space="outils")
    acts.done(acts.press(site, "felix", "/discussions/espaces/pratiques/lu"))
    assert bar(site, here) == "rien"
    assert bar(site, there) != "rien"
    assert "/non-lu" not in site.as_("felix").get("/discussions/espaces/pratiques").text
    acts.reply(site, here)
    assert bar(site, here) == "1 non lu #m-3"


def test_it_is_hers_alone(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu"))
    assert bar(site, thread_id, "josee") == "2 non lus dans 2 branches #m-1"


def test_nobody_marks_what_she_cannot_read(site: Site) -> None:
    thread_id = acts.start(site, "nadege", space="cercle-du-jeudi")
    assert acts.press(site, "marc-antoine", f"/discussions/{thread_id}/lu").status_code == 404
    assert acts.press(site, "marc-antoine", "/discussions/espaces/cercle-du-jeudi/lu").status_code == 404
    assert read_by(site, "marc-antoine", thread_id) == "{}"


def test_a_stranger_has_nothing_to_mark(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    assert site.stranger.post(f"/discussions/{thread_id}/lu").status_code == 403


def test_looking_marks_nothing(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    for address in (acts.path_of(site, thread_id), f"/discussions/{thread_id}/non-lu"):
        site.as_("felix").get(address, follow_redirects=True)
    assert read_by(site, "felix", thread_id) == "{}"
