"""« A répondu à mon besoin. »"""

from tests.conftest import Site
from tests.forum import acts


def mark(site: Site, thread_id: int, seq: int, who: str = "maryse", value: str = "1") -> int:
    return acts.press(site, who, f"/discussions/{thread_id}/m/{seq}/besoin", value=value).status_code


def test_the_person_who_asked_says_so_and_everybody_sees_it(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    assert mark(site, thread_id, 3) == 303
    page = site.stranger.get(acts.path_of(site, thread_id)).text
    assert f'href="/discussions/{thread_id}/m/3">message 3</a>' in page.partition('class="solved"')[2][:400]
    assert page.count('class="helped-mark"') == 1
    assert "A répondu au besoin" in page or "Besoin comblé" in page or 'class="solved"' in page
    assert acts.events(site, thread_id) == ["helped"]


def test_the_list_shows_that_the_need_is_met(site: Site) -> None:
    thread_id = acts.start(site, title="Un besoin bien précis")
    acts.reply(site, thread_id)

    def row() -> str:
        page = site.stranger.get("/discussions/espaces/pratiques").text
        return page[: page.index("Un besoin bien précis")].rpartition("<li>")[2]

    assert "tag-good" not in row()
    mark(site, thread_id, 2)
    assert "tag-good" in row()


def test_taken_back_it_is_said_no_more(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    mark(site, thread_id, 2)
    assert mark(site, thread_id, 2, value="") == 303
    assert 'class="solved"' not in site.stranger.get(acts.path_of(site, thread_id)).text
    assert site.ask("SELECT helped_at FROM thread WHERE id = $1", thread_id) is None


def test_several_replies_can_have_met_it(site: Site) -> None:
    thread_id = acts.conversation(site, 1, 1)
    mark(site, thread_id, 2)
    mark(site, thread_id, 3)
    mark(site, thread_id, 2, value="")
    assert site.ask("SELECT helped_at IS NOT NULL FROM thread WHERE id = $1", thread_id) is True


def test_nobody_else_says_so_but_a_facilitator(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    assert mark(site, thread_id, 2, "ibrahima") == 403
    assert mark(site, thread_id, 2, "etienne") == 303


def test_neither_the_question_nor_a_line_of_history_nor_a_removed_reply_meets_a_need(site: Site) -> None:
    thread_id = acts.conversation(site, 1)
    acts.done(acts.press(site, "etienne", f"/discussions/{thread_id}/epingler", days="3"))
    acts.done(acts.press(site, "ibrahima", f"/discussions/{thread_id}/m/2/retirer"))
    assert [mark(site, thread_id, seq) for seq in (1, 2, 3, 9)] == [403, 403, 403, 404]


def test_only_questions_are_answered(site: Site) -> None:
    thread_id = acts.start(site, kind="eclair")
    acts.reply(site, thread_id)
    assert mark(site, thread_id, 2) == 403
