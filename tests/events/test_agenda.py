"""The agenda of a gathering: asked for, supported, grouped, published."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from maillage.core.db import Db
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering

FIRST = "Qui garde les clés quand le concierge est en vacances?"
SECOND = "Comment dire à un bailleur que l’on s’est trompé?"


def published(site: Site, **given: str) -> int:
    """A gathering with its discussion, as its organizer publishes it; returns its number."""

    async def write(db: Db) -> int:
        number = await make_gathering(db, state="draft", **given)  # type: ignore[arg-type]
        await make_date(db, number)
        await db.connection.execute(
            "INSERT INTO gathering_hand SELECT $1, id, 'facilitator' FROM person WHERE handle = 'etienne'", number
        )
        return number

    number = site.write(write)
    assert site.as_("thuy-linh").post(f"/rencontres/{number}/publier").status_code == 303
    return number


def ask(site: Site, number: int, handle: str, body: str = FIRST, key: str = "") -> int:
    sent = {"body": body, "request_key": key}
    return int(site.as_(handle).post(f"/rencontres/{number}/ordre-du-jour", data=sent).status_code)


def asked(site: Site, number: int, handle: str = "maryse", body: str = FIRST) -> int:
    """A question that was asked; returns its number."""
    assert ask(site, number, handle, body) == 303
    return int(site.ask("SELECT max(id) FROM agenda_question WHERE gathering_id = $1", number))


def act(site: Site, number: int, question: int, what: str, handle: str = "thuy-linh") -> int:
    path = f"/rencontres/{number}/ordre-du-jour/{question}"
    return int(site.as_(handle).post(path, data={"act": what}).status_code)


def arrange(site: Site, number: int, fields: Mapping[str, object], what: str = "save", handle: str = "etienne") -> int:
    """The form, saved as it stands now with these fields in it."""
    seen = site.ask("SELECT agenda_revision FROM gathering WHERE id = $1", number)
    sent = {name: str(value) for name, value in ({"seen": seen} | dict(fields) | {"act": what}).items()}
    path = f"/rencontres/{number}/ordre-du-jour/organiser"
    return int(site.as_(handle).post(path, data=sent).status_code)


def begin(site: Site, number: int) -> None:
    """It took place yesterday."""
    starts = in_days(-1)
    site.ask(
        "UPDATE event_session SET local_start = $2, local_end = $3 WHERE occurrence_id IN"
        " (SELECT id FROM occurrence WHERE gathering_id = $1) RETURNING 1",
        number,
        starts,
        starts + timedelta(hours=3),
    )


def page(site: Site, number: int, handle: str | None = None, room: str = "/ordre-du-jour") -> str:
    browser = site.as_(handle) if handle else site.stranger
    return str(browser.get(f"/rencontres/{number}{room}", follow_redirects=True).text)


def discussion(site: Site, number: int) -> str:
    thread = site.ask("SELECT thread_id FROM gathering WHERE id = $1", number)
    return str(site.stranger.get(f"/discussions/{thread}", follow_redirects=True).text)


def test_a_question_is_asked_on_its_page_and_in_the_discussion(site: Site) -> None:
    number = published(site)
    assert ask(site, number, "maryse") == 303
    shown = page(site, number)
    assert FIRST in shown
    assert "Maryse" in shown
    assert FIRST in discussion(site, number)
    post = site.ask("SELECT seq FROM post WHERE body_md = $1", FIRST)
    thread = site.ask("SELECT thread_id FROM gathering WHERE id = $1", number)
    assert f'href="/discussions/{thread}/m/{post}"' in shown
    # A stranger reads, and is told to sign in.
    assert "Connectez-vous" in shown
    assert 'name="body"' not in shown
    assert site.stranger.post(f"/rencontres/{number}/ordre-du-jour", data={"body": SECOND}).status_code == 403


def test_the_same_form_twice_asks_once(site: Site) -> None:
    number = published(site)
    assert [ask(site, number, "maryse", key="k" * 43) for _time in range(2)] == [303, 303]
    assert site.ask("SELECT count(*) FROM agenda_question") == 1
    assert site.ask("SELECT count(*) FROM post WHERE body_md = $1", FIRST) == 1


@pytest.mark.parametrize("body", ["", "   ", "x" * 301])
def test_what_is_no_question_comes_back_with_its_words(site: Site, body: str) -> None:
    number = published(site)
    answer = site.as_("maryse").post(f"/rencontres/{number}/ordre-du-jour", data={"body": body})
    assert answer.status_code == 422
    assert body.strip() in answer.text
    assert site.ask("SELECT count(*) FROM agenda_question") == 0
    assert site.ask("SELECT post_count FROM thread WHERE id = (SELECT thread_id FROM gathering)") == 1


def test_interest_orders_the_list_and_can_be_taken_back(site: Site) -> None:
    number = published(site)
    first, second = asked(site, number), asked(site, number, "josee", SECOND)
    assert page(site, number).index(FIRST) < page(site, number).index(SECOND)
    assert act(site, number, second, "support", "felix") == 303
    # Said twice, it counts once.
    assert act(site, number, second, "support", "felix") == 303
    assert site.ask("SELECT count(*) FROM agenda_vote") == 1
    assert page(site, number).index(SECOND) < page(site, number).index(FIRST)
    assert 'aria-pressed="true"' in page(site, number, "felix")
    assert 'aria-pressed="true"' not in page(site, number, "karine")
    # One's own question is for others to be interested in.
    assert act(site, number, first, "support", "maryse") == 409
    assert act(site, number, second, "unsupport", "felix") == 303
    assert page(site, number).index(FIRST) < page(site, number).index(SECOND)
    assert act(site, number, second + 99, "support", "felix") == 404
    assert act(site, number, second, "nonsense", "felix") == 400


def test_who_asked_takes_it_back_while_it_is_hers_alone(site: Site) -> None:
    number = published(site)
    first = asked(site, number)
    assert act(site, number, first, "take-back", "josee") == 409
    act(site, number, first, "support", "felix")
    assert "Retirer ma question" not in page(site, number, "maryse")
    assert act(site, number, first, "take-back", "maryse") == 409
    act(site, number, first, "unsupport", "felix")
    assert "Retirer ma question" in page(site, number, "maryse")
    assert act(site, number, first, "take-back", "maryse") == 303
    assert FIRST not in page(site, number)
    # What was said in the discussion is hers to remove there.
    assert FIRST in discussion(site, number)


def test_organizers_set_a_question_aside_and_bring_it_back(site: Site) -> None:
    number = published(site)
    first = asked(site, number)
    for handle in ("maryse", "etienne", "annie-claude"):
        assert act(site, number, first, "set-aside", handle) == 403
    assert act(site, number, first, "set-aside") == 303
    assert FIRST not in page(site, number)
    for handle in ("maryse", "etienne"):
        assert FIRST not in page(site, number, handle)
    assert FIRST in page(site, number, "thuy-linh")
    assert act(site, number, first, "support", "felix") == 409
    assert act(site, number, first, "bring-back") == 303
    assert FIRST in page(site, number)


def test_a_question_whose_message_was_removed_is_not_shown(site: Site) -> None:
    number = published(site)
    first = asked(site, number)
    arrange(site, number, {"title_new1": "Les clés", f"topic_{first}": "new1"}, "publish")
    assert FIRST in page(site, number, room="")
    thread, seq = site.ask("SELECT thread_id FROM post WHERE body_md = $1", FIRST), 2
    removed = site.as_("etienne").post(f"/discussions/{thread}/m/{seq}/retirer", data={"reason": "Un nom."})
    assert removed.status_code == 303
    readers: list[str | None] = [None, "maryse", "thuy-linh"]
    for room in ("", "/ordre-du-jour"):
        for handle in readers:
            assert FIRST not in page(site, number, handle, room)
    assert "question n’est pas affichée" in page(site, number, "thuy-linh").replace("\u202f", " ")
    assert "question n’est pas affichée" not in page(site, number, "maryse")


def test_nobody_asks_once_it_has_begun_or_is_cancelled(site: Site) -> None:
    over, off = published(site), published(site)
    first = asked(site, over)
    begin(site, over)
    site.as_("thuy-linh").post(f"/rencontres/{off}/annuler", data={"reason": "La tempête."})
    for number in (over, off):
        assert ask(site, number, "maryse", SECOND) == 403
        assert 'name="body"' not in page(site, number, "maryse")
    assert act(site, over, first, "support", "felix") == 409
    assert act(site, over, first, "take-back", "maryse") == 409
    assert "commencée" in page(site, over, "maryse")
    assert "annulée" in page(site, off, "maryse")


def test_before_it_is_published_there_is_nothing_for_others(site: Site) -> None:
    async def write(db: Db) -> int:
        number = await make_gathering(db, state="draft")
        await make_date(db, number)
        return number

    number = site.write(write)
    assert site.as_("thuy-linh").get(f"/rencontres/{number}/ordre-du-jour").status_code == 200
    for handle in ("maryse", "etienne", "sofia"):
        for room in ("", "/organiser", "/choisir"):
            assert site.as_(handle).get(f"/rencontres/{number}/ordre-du-jour{room}").status_code == 404
    assert ask(site, number, "thuy-linh") == 403


def test_a_gathering_of_members_keeps_its_questions_among_them(site: Site) -> None:
    number = published(site, visibility="members")
    assert ask(site, number, "maryse") == 303
    assert FIRST in page(site, number, "felix")
    assert site.stranger.get(f"/rencontres/{number}/ordre-du-jour").status_code == 404


def test_a_closed_discussion_takes_no_question(site: Site) -> None:
    number = published(site)
    site.ask("UPDATE thread SET locked_at = now() WHERE id = (SELECT thread_id FROM gathering) RETURNING 1")
    assert "est fermée" in page(site, number, "maryse")
    answer = site.as_("maryse").post(f"/rencontres/{number}/ordre-du-jour", data={"body": FIRST})
    assert answer.status_code == 409
    assert site.ask("SELECT count(*) FROM agenda_question") == 0
