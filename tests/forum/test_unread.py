"""What is left to read: how much, in how many branches, and where it begins."""

import re
from datetime import timedelta

from maillage.core import clock
from tests.conftest import Site
from tests.forum import acts
from tests.forum.test_remove import remove


def bar(site: Site, thread_id: int, who: str = "felix", query: str = "") -> str:
    """What the page of a discussion tells this person of what is left, as text and address."""
    page = site.as_(who).get(acts.path_of(site, thread_id) + query).text
    if "bar-read" in page:
        return "rien"
    piece = page.partition('class="bar-unread"')[2].partition("</div>")[0]
    said = " ".join(re.sub("<.*?>", "", piece.partition("<p>")[2].partition("</p>")[0]).split())
    address = piece.partition('<a href="')[2].partition('"')[0]
    return f"{said} {address}".replace("\u00a0", " ")


def branches(site: Site) -> int:
    """A first message and three branches of four."""
    return acts.conversation(site, 1, 1, 1, 2, 2, 5, 3, 3, 8, 4, 4, 11)


def test_twelve_unread_in_three_branches(site: Site) -> None:
    thread_id = branches(site)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1"))
    assert bar(site, thread_id) == "12 non lus dans 3 branches #m-2"


def test_the_first_unread_is_the_first_in_the_conversation_not_in_time(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1, 3, 2)
    # In the conversation: 1, 2, 5, 3, 4.
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-3"))
    assert bar(site, thread_id) == "2 non lus dans 2 branches #m-5"
    answer = site.as_("felix").get(f"/discussions/{thread_id}/non-lu")
    assert answer.headers["location"] == f"{acts.path_of(site, thread_id)}#m-5"


def test_a_single_branch_is_not_counted_aloud(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 2)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-2"))
    assert bar(site, thread_id) == "1 non lu #m-3"


def test_the_messages_themselves_are_marked(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1,3"))
    page = site.as_("felix").get(acts.path_of(site, thread_id)).text
    marked = [piece.partition('id="')[2].partition('"')[0] for piece in page.split(' unread"')[1:]]
    assert marked == ["m-2"]


def test_the_jump_leads_to_the_page_where_it_is(site: Site) -> None:
    thread_id = acts.conversation(site, *[1] * 60)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-55"))
    path = acts.path_of(site, thread_id)
    assert bar(site, thread_id) == f"6 non lus dans 6 branches {path}?page=2#m-56"
    assert bar(site, thread_id, query="?page=2").endswith(" #m-56")
    assert site.as_("felix").get(f"/discussions/{thread_id}/non-lu").headers["location"] == f"{path}?page=2#m-56"


def test_with_nothing_left_the_jump_leads_to_the_discussion(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu"))
    assert site.as_("felix").get(f"/discussions/{thread_id}/non-lu").headers["location"] == (
        acts.path_of(site, thread_id)
    )


def test_a_stranger_is_led_to_the_discussion(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    answer = site.stranger.get(f"/discussions/{thread_id}/non-lu")
    assert (answer.status_code, answer.headers["location"]) == (302, acts.path_of(site, thread_id))


def test_removed_messages_and_lines_of_history_leave_no_ghosts(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 2, 1)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-2"))
    assert bar(site, thread_id) == "2 non lus dans 2 branches #m-3"
    remove(site, thread_id, "ibrahima", seq=3)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="3"))
    assert bar(site, thread_id) == "1 non lu #m-4"
    remove(site, thread_id, "ibrahima", seq=4)
    assert bar(site, thread_id) == "rien"
    assert f"/discussions/{thread_id}/non-lu" not in site.as_("felix").get("/discussions/espaces/pratiques").text


def test_ones_own_messages_are_read(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    for who, left in (("maryse", "2 non lus dans 2 branches #m-2"), ("ibrahima", "1 non lu #m-1")):
        assert bar(site, thread_id, who) == left


def test_the_list_counts_as_the_page_does(site: Site) -> None:
    thread_id = branches(site)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1,5-7,200-900"))
    remove(site, thread_id, "ibrahima", seq=9)
    assert bar(site, thread_id).startswith("8 non lus")
    page = site.as_("felix").get("/discussions/espaces/pratiques").text
    badge = page.partition(f'href="/discussions/{thread_id}/non-lu"')[2].partition("</a>")[0]
    assert "8" in badge


def test_discussions_quiet_before_she_came_and_never_opened_are_not_unread(site: Site) -> None:
    long_ago = clock.now() - timedelta(days=30)
    thread_id = acts.start(site, title="Avant son temps", now=long_ago)
    acts.reply(site, thread_id, now=long_ago)
    site.ask("UPDATE person SET reading_since = now() - interval '1 day' WHERE handle = 'felix'")
    badge = f'href="/discussions/{thread_id}/non-lu"'
    assert bar(site, thread_id) == "rien"
    assert badge not in site.as_("felix").get("/discussions/espaces/pratiques").text
    acts.reply(site, thread_id)
    assert bar(site, thread_id) == "3 non lus dans 3 branches #m-1"
    assert badge in site.as_("felix").get("/discussions/espaces/pratiques").text


def test_what_she_began_to_read_is_remembered_however_old(site: Site) -> None:
    long_ago = clock.now() - timedelta(days=30)
    thread_id = acts.start(site, now=long_ago)
    acts.reply(site, thread_id, now=long_ago)
    site.ask("UPDATE person SET reading_since = now() - interval '1 day' WHERE handle = 'felix'")
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1"))
    assert bar(site, thread_id) == "1 non lu #m-2"


def test_what_happens_in_a_closed_group_moves_no_count_outside(site: Site) -> None:
    addresses = ("/", "/discussions", "/discussions/espaces/pratiques")

    def seen() -> list[str]:
        return [site.as_("marc-antoine").get(address).text for address in addresses]

    before = seen()
    thread_id = acts.start(site, "nadege", space="cercle-du-jeudi")
    acts.reply(site, thread_id, "josee")
    after = seen()
    for one, other in zip(before, after, strict=True):
        assert without_keys(one) == without_keys(other)


def without_keys(page: str) -> str:
    """The page without what is new in every form."""
    pieces = page.split('name="request_key" value="')
    return "".join([pieces[0], *(piece.partition('"')[2] for piece in pieces[1:])])


def test_it_is_the_same_in_both_orders(site: Site) -> None:
    thread_id = branches(site)
    acts.done(acts.press(site, "felix", f"/discussions/{thread_id}/lu", seqs="1-4"))
    path = acts.path_of(site, thread_id)
    pages = [site.as_("felix").get(f"{path}{query}").text for query in ("", "?ordre=date")]
    assert [page.count(' unread"') for page in pages] == [9, 9]
    assert bar(site, thread_id, query="?ordre=date").startswith("9 non lus dans 3 branches")
