"""Making an agenda of questions: topics, two at once, its page, picking in the forum, and the answers afterwards."""

import asyncpg
import pytest

from tests.conftest import Site
from tests.events.test_agenda import (
    FIRST,
    SECOND,
    act,
    arrange,
    ask,
    asked,
    begin,
    discussion,
    page,
    published,
)


def waiting(site: Site, title: str = "Qui paie le café?", visibility: str = "public") -> int:
    """A question of the forum that nobody answered; returns the number of its thread."""
    space = site.ask(
        "SELECT slug FROM space WHERE visibility = $1 AND slug NOT LIKE 'rencontres%' ORDER BY id", visibility
    )
    sent = {"body": f"{title} Personne ne le sait.", "title": title, "space": space, "kind": "question"}
    assert site.as_("josee").post("/discussions/nouvelle", data=sent).status_code == 303
    return int(site.ask("SELECT max(id) FROM thread"))


def move(site: Site, thread: int, visibility: str) -> None:
    """To the first space that these people may read."""
    space = site.ask("SELECT min(id) FROM space WHERE visibility = $1", visibility)
    site.ask("UPDATE thread SET space_id = $2 WHERE id = $1 RETURNING 1", thread, space)


def pick(site: Site, number: int, thread: int, handle: str = "etienne") -> int:
    path = f"/rencontres/{number}/ordre-du-jour/choisir"
    return int(site.as_(handle).post(path, data={"thread": str(thread)}).status_code)


def test_questions_are_grouped_and_the_agenda_is_published(site: Site) -> None:
    number = published(site)
    first, second = asked(site, number), asked(site, number, "josee", SECOND)
    fields = {"title_new1": "Les clés", "minutes_new1": 20, "place_new1": 2, "title_new2": "Les bailleurs"}
    fields |= {"place_new2": 1, f"topic_{first}": "new1", f"topic_{second}": "new2"}
    assert arrange(site, number, fields) == 303
    for handle in (None, "maryse"):
        assert "Les clés" not in page(site, number, handle, "")
        assert "Les clés" not in page(site, number, handle)
    assert "Poser une question pour cette rencontre" in page(site, number, room="")
    clés, bailleurs = [
        site.ask("SELECT id FROM agenda_topic WHERE title = $1", title) for title in ("Les clés", "Les bailleurs")
    ]
    kept = {f"title_{clés}": "Les clés", f"minutes_{clés}": 20, f"place_{clés}": 2, f"topic_{first}": clés}
    kept |= {f"title_{bailleurs}": "Les bailleurs", f"place_{bailleurs}": 1, f"topic_{second}": bailleurs}
    assert arrange(site, number, kept, "publish") == 303
    shown = page(site, number, room="")
    order = [shown.index(words) for words in ("Les bailleurs", SECOND, "Les clés", FIRST)]
    assert order == sorted(order)
    assert "20 minutes" in shown
    assert "autre personne" not in shown
    # Put elsewhere, and left out.
    assert arrange(site, number, kept | {f"topic_{first}": bailleurs, f"topic_{second}": ""}) == 303
    shown = page(site, number, room="")
    assert shown.index("Les bailleurs") < shown.index(FIRST) < shown.index("Les clés")
    assert SECOND not in shown
    # A topic without its title goes, its questions stay.
    emptied = kept | {f"title_{bailleurs}": "", f"topic_{first}": "", f"topic_{second}": ""}
    assert arrange(site, number, emptied) == 303
    assert "Les bailleurs" not in page(site, number, room="")
    assert FIRST in page(site, number)
    assert arrange(site, number, {f"title_{clés}": "Les clés"}, "take-back") == 303
    assert "Les clés" not in page(site, number, room="")


def test_setting_aside_shows_on_the_page_of_the_gathering(site: Site) -> None:
    number = published(site)
    first = asked(site, number)
    arrange(site, number, {"title_new1": "Les clés", f"topic_{first}": "new1"}, "publish")
    assert FIRST in page(site, number, room="")
    act(site, number, first, "set-aside")
    assert FIRST not in page(site, number, room="")
    act(site, number, first, "bring-back")
    assert FIRST in page(site, number, room="")


def test_the_second_of_two_facilitators_is_told(site: Site) -> None:
    number = published(site)
    first = asked(site, number)
    path = f"/rencontres/{number}/ordre-du-jour/organiser"
    seen = {"seen": "0", "act": "save"}
    won = site.as_("etienne").post(path, data=seen | {"title_new1": "Les clés", f"topic_{first}": "new1"})
    lost = site.as_("thuy-linh").post(path, data=seen | {"title_new1": "Le trousseau", f"topic_{first}": "new1"})
    assert [won.status_code, lost.status_code] == [303, 409]
    # Her words are there, and his: saved again, both are kept.
    for words in (
        "Quelqu’un d’autre",
        'value="Le trousseau"',
        'value="Les clés"',
        'name="seen" type="hidden" value="1"',
    ):
        assert words in lost.text
    assert site.ask("SELECT string_agg(title, ', ') FROM agenda_topic") == "Les clés"
    again = site.as_("thuy-linh").post(
        path, data={"seen": "1", "act": "save", "title_new1": "Le trousseau", f"topic_{first}": "new1"}
    )
    assert again.status_code == 303
    assert site.ask("SELECT string_agg(title, ', ' ORDER BY id) FROM agenda_topic") == "Les clés, Le trousseau"


def test_only_its_hands_make_its_agenda(site: Site) -> None:
    number, other = published(site), published(site)
    first = asked(site, other)
    fields = {"title_new1": "Les clés", f"topic_{first}": "new1"}
    for handle in ("maryse", "sofia", "annie-claude"):
        assert arrange(site, number, fields, handle=handle) == 403
        assert pick(site, number, waiting(site), handle) == 403
    answer = site.stranger.get(f"/rencontres/{number}/ordre-du-jour/organiser")
    assert answer.headers["location"].startswith("/connexion")
    # A question of another gathering is none of this one.
    assert arrange(site, number, fields) == 303
    assert site.ask("SELECT topic_id FROM agenda_question WHERE id = $1", first) is None
    assert act(site, number, first, "set-aside") == 404


@pytest.mark.parametrize(
    "wrong", [{"minutes_new1": "-3"}, {"minutes_new1": "longtemps"}, {"title_new1": ""}, {"topic": "999"}]
)
def test_what_makes_no_agenda_comes_back_with_its_words(site: Site, wrong: dict[str, str]) -> None:
    number = published(site)
    first = asked(site, number)
    wrong = {name.replace("topic", f"topic_{first}"): value for name, value in wrong.items()}
    sent = {"seen": "0", "act": "save", "title_new1": "Les clés", "title_new2": "Le reste", f"topic_{first}": "new1"}
    answer = site.as_("etienne").post(f"/rencontres/{number}/ordre-du-jour/organiser", data=sent | wrong)
    assert answer.status_code == 422
    assert 'value="Le reste"' in answer.text
    assert site.ask("SELECT count(*) FROM agenda_topic") == 0


def test_the_database_keeps_one_vote_a_person_and_topics_in_their_gathering(site: Site) -> None:
    number, other = published(site), published(site)
    first = asked(site, number)
    act(site, number, first, "support", "felix")
    with pytest.raises(asyncpg.UniqueViolationError):
        site.ask("INSERT INTO agenda_vote SELECT * FROM agenda_vote RETURNING 1")
    topic = site.ask(
        "INSERT INTO agenda_topic (gathering_id, position, title) VALUES ($1, 1, 'Ailleurs') RETURNING id", other
    )
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        site.ask("UPDATE agenda_question SET topic_id = $1 RETURNING 1", topic)


def test_an_unanswered_question_of_the_forum_is_picked_once(site: Site) -> None:
    number, thread = published(site), waiting(site)
    path = f"/rencontres/{number}/ordre-du-jour/choisir"
    found = site.as_("etienne").get(f"{path}?mot=CAFÉ")
    assert "Qui paie le café?" in found.text.replace("\u202f", "")
    assert "Qui paie le café?" not in site.as_("etienne").get(f"{path}?mot=%25").text.replace("\u202f", "")
    assert [pick(site, number, thread) for _time in range(2)] == [303, 303]
    assert site.ask("SELECT count(*) FROM agenda_question") == 1
    assert site.ask("SELECT post_count FROM thread WHERE id = $1", thread) == 2
    told = site.stranger.get(f"/discussions/{thread}", follow_redirects=True).text
    assert "On parlera de cette question" in told
    assert f"/rencontres/{number}-" in told
    assert f"/discussions/{thread}/m/1" in page(site, number)
    # Somebody has said something there: it does not wait for a first answer any more.
    assert pick(site, published(site), thread) == 409


def test_only_questions_that_all_readers_may_read_are_picked(site: Site) -> None:
    public, members = published(site), published(site, visibility="members")
    among, closed = waiting(site, visibility="members"), waiting(site, "Qui a la clé?", visibility="members")
    move(site, closed, "closed")
    own = site.ask("SELECT thread_id FROM gathering WHERE id = $1", public)
    for number, thread, answer in (
        (public, among, 409),
        (members, closed, 409),
        (public, own, 409),
        (members, among, 303),
    ):
        shown = f'value="{thread}"' in site.as_("etienne").get(f"/rencontres/{number}/ordre-du-jour/choisir").text
        assert shown == (answer == 303)
        assert pick(site, number, thread) == answer
    assert pick(site, public, 10**30) == 404


def test_a_picked_question_that_moves_among_members_leaves_the_page(site: Site) -> None:
    number, thread = published(site), waiting(site)
    pick(site, number, thread)
    question = site.ask("SELECT id FROM agenda_question")
    arrange(site, number, {"title_new1": "Le café", f"topic_{question}": "new1"}, "publish")
    title = site.ask("SELECT body FROM agenda_question")
    assert title in page(site, number, room="")
    move(site, thread, "members")
    assert title not in page(site, number, room="")
    assert title not in page(site, number)
    assert title in page(site, number, "felix")


def test_picking_goes_page_by_page(site: Site) -> None:
    number = published(site)
    site.ask(
        "INSERT INTO thread (space_id, kind, title, slug, language, author_id, post_count, excerpt)"
        " SELECT (SELECT min(id) FROM space WHERE visibility = 'public'), 'question', 'Attente ' || n, 'attente',"
        " 'fr-CA', (SELECT min(id) FROM person), 1, 'Attente' FROM generate_series(1, 45) n RETURNING 1"
    )
    site.ask(
        "INSERT INTO post (thread_id, seq, depth, path, author_id, language, body_md, body_html, render_version)"
        " SELECT id, 1, 0, '\\x000001', author_id, 'fr-CA', 'a', 'a', 1 FROM thread WHERE slug = 'attente' RETURNING 1"
    )
    path, seen = f"/rencontres/{number}/ordre-du-jour/choisir?mot=attente", 0
    costs = set()
    after = ""
    for _page in range(3):
        answer = site.as_("etienne").get(path + after)
        costs.add(answer.headers["x-queries"])
        seen += answer.text.count('name="thread"')
        last = site.ask("SELECT id FROM thread WHERE slug = 'attente' ORDER BY id OFFSET $1 LIMIT 1", min(seen, 45) - 1)
        after = f"&apres={last}"
        assert (f"apres={last}" in answer.text) == (seen < 45)
    assert seen == 45
    assert len(costs) == 1


def test_an_answer_is_said_once_in_the_forum_and_found_from_the_agenda(site: Site) -> None:
    number = published(site)
    first, second = asked(site, number), asked(site, number, "josee", SECOND)
    topic = {"title_new1": "Les clés", f"topic_{first}": "new1"}
    assert arrange(site, number, topic | {f"answer_{first}": "Trop tôt."}, "publish") == 303
    assert site.ask("SELECT count(*) FROM agenda_question WHERE answer <> ''") == 0
    begin(site, number)
    key = site.ask("SELECT id FROM agenda_topic")
    topic = {f"title_{key}": "Les clés", f"topic_{first}": key}
    assert arrange(site, number, topic | {f"answer_{first}": "Trois personnes, à tour de rôle."}) == 303
    told = site.ask("SELECT parent_seq FROM post WHERE body_md = 'Trois personnes, à tour de rôle.'")
    assert told == site.ask("SELECT seq FROM post WHERE body_md = $1", FIRST)
    shown = page(site, number)
    assert "Trois personnes, à tour de rôle." in shown
    reply = site.ask("SELECT seq FROM post WHERE body_md = 'Trois personnes, à tour de rôle.'")
    assert f'/m/{reply}"' in shown
    assert f"/rencontres/{number}/ordre-du-jour#q-{first}" in page(site, number, room="")
    assert f"/ordre-du-jour#q-{second}" not in page(site, number, room="")
    # Changed, it is changed here alone.
    assert arrange(site, number, topic | {f"answer_{first}": "Deux personnes."}) == 303
    assert "Deux personnes." in page(site, number)
    assert "Deux personnes." not in discussion(site, number)
    thread = site.ask("SELECT thread_id FROM gathering WHERE id = $1", number)
    assert site.ask("SELECT count(*) FROM post WHERE thread_id = $1 AND parent_seq = $2", thread, told) == 1


def test_an_answer_in_a_closed_discussion_is_on_the_agenda_alone(site: Site) -> None:
    number = published(site)
    first = asked(site, number)
    begin(site, number)
    site.ask("UPDATE thread SET locked_at = now() WHERE id = (SELECT thread_id FROM gathering) RETURNING 1")
    assert arrange(site, number, {f"answer_{first}": "Personne."}) == 303
    assert "Personne." in page(site, number)
    assert site.ask("SELECT answer_post_id FROM agenda_question") is None


def test_a_copy_carries_no_question(site: Site) -> None:
    number = published(site)
    first = asked(site, number)
    arrange(site, number, {"title_new1": "Les clés", f"topic_{first}": "new1"}, "publish")
    site.as_("thuy-linh").post(f"/rencontres/{number}/dupliquer", data={"title": "Encore", "what": "texts"})
    copy = site.ask("SELECT max(id) FROM gathering")
    assert copy != number
    assert site.ask("SELECT agenda_at FROM gathering WHERE id = $1", copy) is None
    assert FIRST not in page(site, copy, "thuy-linh")


def test_the_pages_cost_the_same_for_one_question_and_for_many(site: Site) -> None:
    number = published(site)

    def costs() -> list[int]:
        path = site.stranger.get(f"/rencontres/{number}").headers["location"]
        site.ask("UPDATE gathering SET version = version + 1 WHERE id = $1 RETURNING 1", number)
        site.ask("UPDATE person SET name = name WHERE handle = 'felix' RETURNING 1")
        rooms = [site.as_("etienne").get(f"/rencontres/{number}/ordre-du-jour{room}") for room in ("", "/organiser")]
        shown = [*rooms, site.stranger.get(path), site.stranger.get(path)]
        return [int(answer.headers["x-queries"]) for answer in shown]

    first = asked(site, number)
    arrange(site, number, {"title_new1": "Les clés", f"topic_{first}": "new1"}, "publish")
    costs()
    one = costs()
    key = site.ask("SELECT id FROM agenda_topic")
    more = [asked(site, number, handle, f"Question {handle}?") for handle in ("josee", "felix", "karine", "linda")]
    arrange(site, number, {f"title_{key}": "Les clés"} | {f"topic_{each}": key for each in more})
    assert costs() == one
    # Kept, the page of the gathering costs what it cost without an agenda.
    assert one[-1] == 1


def test_a_gathering_holds_so_many_questions(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maillage.events.commands.agenda.MOST_QUESTIONS", 1)
    number = published(site)
    asked(site, number)
    assert ask(site, number, "josee", SECOND) == 409
