"""Two orders, fifty messages a page."""

import re

import pytest

from tests.conftest import Site
from tests.forum import acts


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="m-(\d+)"', page)]


def test_in_conversation_order_answers_follow_what_they_answer(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 2, 3, 2, 4)
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert numbers(page) == [1, 2, 4, 7, 6, 3, 5]


def test_in_order_of_arrival_numbers_follow_each_other(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 2, 3, 2, 4)
    page = site.stranger.get(f"{acts.path_of(site, thread_id)}?ordre=date").text
    assert numbers(page) == [1, 2, 3, 4, 5, 6, 7]


def test_an_order_that_nobody_offers_is_the_usual_one(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 2)
    page = site.stranger.get(f"{acts.path_of(site, thread_id)}?ordre=hasard").text
    assert numbers(page) == [1, 2, 4, 3]


@pytest.mark.parametrize("order", ["", "ordre=date&"])
def test_pages_follow_each_other_without_gap_or_repetition(site: Site, order: str) -> None:
    # 101 messages, some deep: two whole pages and one message.
    thread_id = acts.conversation(site, *(max(1, number // 2) for number in range(1, 101)))
    path = acts.path_of(site, thread_id)
    pages = [numbers(site.stranger.get(f"{path}?{order}page={number}").text) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 1]
    whole = [number for page in pages for number in page]
    assert sorted(whole) == list(range(1, 102))
    key = "seq" if order else "path"
    right = acts.column(site, f"SELECT seq FROM post WHERE thread_id = $1 ORDER BY {key}", thread_id)  # noqa: S608
    assert whole == right
    assert site.stranger.get(f"{path}?{order}page=4").status_code == 404


def test_exactly_fifty_are_one_page(site: Site) -> None:
    thread_id = acts.conversation(site, *[1] * 49)
    path = acts.path_of(site, thread_id)
    assert len(numbers(site.stranger.get(path).text)) == 50
    assert site.stranger.get(f"{path}?page=2").status_code == 404
    acts.reply(site, thread_id)
    assert numbers(site.stranger.get(f"{path}?page=2").text) == [51]


@pytest.mark.parametrize("page", ["0", "-1", "2", "1000000000", "abc", "1.5", "", "１", "%20", "1e3", "9" * 40])
def test_a_page_that_is_not_there_is_not_there(site: Site, page: str) -> None:
    path = acts.path_of(site, acts.start(site))
    for browser in (site.stranger, site.as_("felix")):
        assert browser.get(f"{path}?page={page}").status_code == 404


def test_a_message_deep_down_says_whom_it_answers(site: Site) -> None:
    # 8 answers 2 from below a long branch, and stands too deep for the eye to tell.
    thread_id = acts.conversation(site, 1, 2, 3, 4, 5, 6, 6)
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    last = page[page.index('id="m-8"') :].partition("</header>")[0]
    assert 'class="answers"' in last
    assert 'href="#m-6"' in last


def test_the_order_stays_from_page_to_page(site: Site) -> None:
    thread_id = acts.conversation(site, *[1] * 60)
    page = site.stranger.get(f"{acts.path_of(site, thread_id)}?ordre=date").text
    assert "?page=2&amp;ordre=date" in page


def test_the_list_of_a_space_is_paged_by_a_key(site: Site) -> None:
    for number in range(35):
        acts.start(site, space="suites-de-rencontres", title=f"Suite {number:02}")
    first = site.stranger.get("/discussions/espaces/suites-de-rencontres").text
    address = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = site.stranger.get(address).text
    titles = [re.findall(r"Suite \d\d(?=</a>)", page) for page in (first, second)]
    assert [len(found) for found in titles] == [30, 5]
    assert [*titles[0], *titles[1]] == [f"Suite {number:02}" for number in range(34, -1, -1)]


@pytest.mark.parametrize(
    "key",
    [
        "x",
        "1",
        "1-",
        "-1",
        "1-2-3",
        "01-5",
        "1-05",
        "1_0-5",
        "１-5",
        "%0A1-5",
        "1-5%0D%0A%0D%0A",
        "1-5%20",
        "9" * 30 + "-1",
    ],
)
def test_a_key_that_we_never_gave_is_not_there(site: Site, key: str) -> None:
    answer = site.stranger.get(f"/discussions/espaces/pratiques?apres={key}")
    assert answer.status_code == 404
