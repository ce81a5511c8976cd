"""« Et puis? »: three months after, those who came say what it changed, in its discussion or as a story."""

import re

import pytest

from maillage.core import clock
from tests.conftest import Site
from tests.events.post import messages, post_office, words_of
from tests.events.test_afterwards import night, over

WORDS = "Nous avons déplacé la rencontre du mardi dans une cuisine, et les gens sont revenus."


def opened(site: Site, number: int) -> None:
    """Its discussion, as publishing it opens it."""
    site.ask("UPDATE gathering SET state = 'draft' WHERE id = $1 RETURNING 1", number)
    assert site.as_("thuy-linh").post(f"/rencontres/{number}/publier").status_code == 303


def say(site: Site, number: int, handle: str, way: str, body: str = WORDS, **more: str) -> tuple[int, str]:
    answer = site.as_(handle).post(
        f"/rencontres/{number}/et-puis", data={"way": way, "body": body, "language": ""} | more
    )
    return answer.status_code, str(answer.headers.get("location", answer.text))


def test_the_notice_leads_to_the_question(site: Site) -> None:
    number = over(site, days=-1)
    assert night(site, days=91).followed_up == 1
    path = f"/rencontres/{number}/et-puis"
    assert f'href="{path}"' in site.as_("maryse").get("/moi/avis").text
    assert "Qu’est-ce que ça a changé chez vous?" in site.as_("maryse").get(path).text


def test_a_few_lines_go_into_its_discussion(site: Site) -> None:
    number = over(site)
    opened(site, number)
    thread = site.ask("SELECT thread_id FROM gathering WHERE id = $1", number)
    status, path = say(site, number, "maryse", "discussion", request_key="k" * 43)
    assert (status, path) == (303, f"/discussions/{thread}/m/2")
    assert WORDS in site.stranger.get(path, follow_redirects=True).text
    # The same form again is the same reply.
    assert say(site, number, "maryse", "discussion", request_key="k" * 43) == (303, path)
    assert site.ask("SELECT post_count FROM thread WHERE id = $1", thread) == 2


def test_a_story_begins_with_it_and_the_gathering_names_it_once_it_is_published(site: Site) -> None:
    number = over(site)
    status, path = say(site, number, "maryse", "recit", request_key="k" * 43)
    assert status == 303
    told = int(re.fullmatch(r"/recits/(\d+)/ecrire", path)[1])  # type: ignore[index]
    assert site.ask("SELECT state || depth || visibility FROM practice_case WHERE id = $1", told) == "draftbriefpublic"
    assert site.ask("SELECT field || ': ' || body_md FROM case_text WHERE case_id = $1", told) == (
        f"what_changed: {WORDS}"
    )
    # Its draft says where it came from, to her alone.
    maryse = site.as_("maryse")
    for hers in (path, f"/recits/{told}"):
        assert "Né de la rencontre" in maryse.get(hers, follow_redirects=True).text
    assert "Après la rencontre" in maryse.get(f"/rencontres/{number}/et-puis").text
    for who in (site.stranger, site.as_("thuy-linh"), maryse):
        assert "Après la rencontre" not in who.get(f"/rencontres/{number}", follow_redirects=True).text
    assert "Après la rencontre" not in site.as_("thuy-linh").get(f"/rencontres/{number}/recits").text
    for act in ("choose", "set-aside"):
        answer = site.as_("thuy-linh").post(f"/rencontres/{number}/recits/{told}", data={"act": act})
        assert answer.status_code == 404
    # The same form again is the same story.
    assert say(site, number, "maryse", "recit", request_key="k" * 43) == (303, path)
    assert site.ask("SELECT count(*) FROM practice_case WHERE title LIKE 'Après la rencontre%'") == 1

    publish(site, told)
    for who in (site.stranger, maryse):
        page = who.get(f"/rencontres/{number}", follow_redirects=True).text
        assert "Ce qui en est venu" in page
        assert "Après la rencontre" in page
    assert "Né de la rencontre" in site.stranger.get(f"/recits/{told}", follow_redirects=True).text
    # Whoever organizes it may set it aside, and take that back.
    organizer, decided = site.as_("thuy-linh"), f"/rencontres/{number}/recits/{told}"
    assert organizer.post(decided, data={"act": "set-aside"}).status_code == 303
    assert "Ce qui en est venu" not in site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text
    assert organizer.post(decided, data={"act": "choose"}).status_code == 303
    assert "Ce qui en est venu" in site.stranger.get(f"/rencontres/{number}", follow_redirects=True).text
    assert site.ask("SELECT state FROM gathering_case") == "came-of-it"


def publish(site: Site, told: int) -> None:
    """As publishing does, without all that the template asks."""
    author = site.ask("SELECT min(id) FROM case_author WHERE case_id = $1", told)
    site.ask(
        "UPDATE practice_case SET state = 'published', published_at = $2, stated_at = $2, stated_by_id = $3,"
        " version = version + 1 WHERE id = $1 RETURNING 1",
        told,
        clock.now(),
        author,
    )


def test_what_members_said_among_themselves_begins_a_story_for_members(site: Site) -> None:
    number = over(site, visibility="members")
    status, path = say(site, number, "maryse", "recit")
    assert status == 303
    told = int(path.split("/")[2])
    assert site.ask("SELECT visibility FROM practice_case WHERE id = $1", told) == "members"


def test_only_those_who_came_answer_and_once_it_is_over(site: Site) -> None:
    number, coming = over(site), over(site, days=20)
    for handle in ("rejean", "thuy-linh", "sofia"):
        assert say(site, number, handle, "recit")[0] == 403
        page = site.as_(handle).get(f"/rencontres/{number}/et-puis")
        assert page.status_code == 200
        assert "Seules les personnes qui y étaient" in page.text
        assert "<textarea" not in page.text
    assert say(site, coming, "maryse", "recit")[0] == 403
    assert site.ask("SELECT count(*) FROM gathering_case") == 0
    hidden = over(site, visibility="members")
    assert site.stranger.get(f"/rencontres/{hidden}/et-puis").status_code == 404


def test_whoever_has_no_account_is_told_how_to_have_one(site: Site) -> None:
    number = over(site)
    page = site.stranger.get(f"/rencontres/{number}/et-puis")
    assert page.status_code == 200
    assert f'href="/connexion?suite=/rencontres/{number}/et-puis"' in page.text
    assert "créez un compte avec la même adresse" in page.text
    assert "<textarea" not in page.text
    assert site.stranger.post(f"/rencontres/{number}/et-puis", data={"way": "recit", "body": WORDS}).status_code == 403
    assert site.ask("SELECT count(*) FROM practice_case WHERE title LIKE 'Après la rencontre%'") == 0


def test_whoever_registered_by_address_is_written_to_once(site: Site) -> None:
    number = over(site, days=-1)
    assert night(site, days=91).followed_up == 1
    assert night(site, days=92).followed_up == 0
    assert post_office(site, "and_then_letter") == 1
    [letter] = messages(site)
    assert "Aline Roy" in str(letter["To"])
    assert f"http://testserver/rencontres/{number}/et-puis" in words_of(letter)
    assert "créez un compte avec cette adresse" in words_of(letter)
    guest = site.ask("SELECT id FROM participant WHERE name = 'Aline Roy'")
    assert letter["Message-ID"] == f"<and-then-{number}-{guest}@testserver>"


def test_for_a_gathering_among_members_the_letter_leads_to_signing_in(site: Site) -> None:
    number = over(site, days=-1, visibility="members")
    night(site, days=91)
    post_office(site, "and_then_letter")
    [letter] = messages(site)
    [path] = re.findall(rf"http://testserver(\S+/rencontres/{number}/et-puis)", words_of(letter))
    assert site.stranger.get(path).status_code == 200


@pytest.mark.parametrize(
    "since",
    [
        "UPDATE gathering SET state = 'cancelled' RETURNING 1",
        "UPDATE occurrence SET state = 'cancelled' RETURNING 1",
        "UPDATE registration SET status = 'cancelled', seat_no = NULL WHERE status = 'confirmed' RETURNING 1",
    ],
)
def test_nobody_is_written_to_about_what_no_longer_holds(site: Site, since: str) -> None:
    over(site, days=-1)
    night(site, days=91)
    site.ask(since)
    assert post_office(site, "and_then_letter") == 1
    assert messages(site) == []


@pytest.mark.parametrize("way", ["recit", "discussion"])
@pytest.mark.parametrize("body", ["", "x" * 10_001])
def test_words_are_asked_for_and_kept(site: Site, way: str, body: str) -> None:
    number = over(site)
    opened(site, number)
    answer = say(site, number, "maryse", way, body)
    assert answer[0] == 422
    assert body in answer[1]
    assert say(site, number, "maryse", "chanson")[0] == 400
    assert site.ask("SELECT count(*) FROM gathering_case") == 0


def test_what_is_typed_is_kept_as_a_draft_of_the_discussion_until_it_is_sent(site: Site) -> None:
    number = over(site)
    opened(site, number)
    thread = site.ask("SELECT thread_id FROM gathering WHERE id = $1", number)
    place = f"thread:{thread}"
    maryse, path = site.as_("maryse"), f"/rencontres/{number}/et-puis"
    assert f'data-place="{place}"' in maryse.get(path).text
    kept = maryse.post("/discussions/brouillon", data={"place": place, "sequence": "3", "body": WORDS})
    assert kept.status_code == 204
    assert WORDS in maryse.get(path).text
    assert say(site, number, "maryse", "recit", place=place, sequence="3")[0] == 303
    assert WORDS not in maryse.get(path).text


def test_where_the_discussion_is_closed_a_story_is_left(site: Site) -> None:
    number = over(site)
    opened(site, number)
    thread = site.ask("SELECT thread_id FROM gathering WHERE id = $1", number)
    site.ask("UPDATE thread SET locked_at = now() WHERE id = $1 RETURNING 1", thread)
    page = site.as_("maryse").get(f"/rencontres/{number}/et-puis").text
    assert 'value="discussion"' not in page
    assert 'value="recit"' in page
    status, said = say(site, number, "maryse", "discussion")
    assert status == 409
    assert WORDS in said
    assert say(site, number, "maryse", "recit")[0] == 303


def test_the_page_costs_the_same_whatever_came_of_it(site: Site) -> None:
    number = over(site)
    opened(site, number)

    def cost() -> str:
        return str(site.as_("maryse").get(f"/rencontres/{number}/et-puis").headers["x-queries"])

    cost()
    none = cost()
    for n in range(4):
        say(site, number, "maryse", "recit", request_key=f"{n}" * 43)
    assert cost() == none
