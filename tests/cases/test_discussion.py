"""A story's discussion: opened with it, closed while it is away, and its authors told of replies."""

from typing import Any

from tests.cases.stories import TEXTS, story
from tests.cases.test_publish import WHOLE, publish
from tests.cases.test_states import go, hand, told
from tests.conftest import Site


def thread_of(site: Site, case_id: int) -> Any:
    row = site.write(
        lambda db: db.connection.fetchrow(
            """
            SELECT thread.*, space.slug AS space, space.visibility, first.body_md, first.body_html, handle
              FROM practice_case JOIN thread ON thread.id = thread_id JOIN space ON space.id = space_id
              JOIN post AS first ON first.thread_id = thread.id AND first.seq = 1
              JOIN person ON person.id = thread.author_id
             WHERE practice_case.id = $1
            """,
            case_id,
        )
    )
    assert row is not None
    return row


def reply(site: Site, thread_id: int, handle: str) -> Any:
    return site.as_(handle).post(
        f"/discussions/{thread_id}/repondre", data={"body": "Chez nous aussi, un souper.", "parent": "1"}
    )


def published(site: Site, **more: Any) -> int:
    case_id = story(site, "maryse", state="draft", **more)
    assert publish(site, case_id).status_code == 303
    return case_id


def test_the_authors_question_opens_it(site: Site) -> None:
    case_id = published(site, texts=TEXTS | {"open_question": "Comment faites-vous pour **durer**?"})
    thread = thread_of(site, case_id)
    assert (thread["space"], thread["handle"], thread["kind"]) == ("recits", "maryse", "question")
    assert thread["title"] == "La réunion qui est devenue un souper"
    assert thread["body_md"].startswith("Comment faites-vous pour **durer**?")
    assert f"/recits/{case_id}-la-reunion" in thread["body_html"]
    assert site.stranger.get(f"/discussions/{thread['id']}-{thread['slug']}").status_code == 200


def test_without_a_question_a_sentence_opens_it(site: Site) -> None:
    thread = thread_of(site, published(site))
    assert thread["body_md"].startswith("Ce récit vient d’être publié.")
    assert thread["kind"] == "eclair"
    english = thread_of(site, published(site, language="en", title="Two languages, one potluck"))
    assert english["body_md"].startswith("This story is published.")


def test_a_story_for_members_is_discussed_among_members(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    publish(site, case_id, visibility="members")
    thread = thread_of(site, case_id)
    assert (thread["space"], thread["visibility"]) == ("recits-membres", "members")
    assert site.stranger.get(f"/discussions/{thread['id']}").status_code == 404


def test_publishing_again_finds_the_same_discussion(site: Site) -> None:
    case_id = published(site)
    first = thread_of(site, case_id)["id"]
    go(site, case_id, "maryse", "withdrawn", sure="y")
    go(site, case_id, "maryse", "draft")
    publish(site, case_id)
    assert thread_of(site, case_id)["id"] == first
    assert site.ask("SELECT count(*) FROM space WHERE slug = 'recits'") == 1


def test_it_closes_with_the_story_and_opens_with_it(site: Site) -> None:
    case_id = published(site)
    thread_id = thread_of(site, case_id)["id"]
    go(site, case_id, "maryse", "withdrawn", sure="y")
    page = site.stranger.get(f"/discussions/{thread_id}", follow_redirects=True)
    assert page.status_code == 200
    assert "Ce dont on discute ici n’est plus en ligne" in page.text
    assert reply(site, thread_id, "felix").status_code == 403
    go(site, case_id, "maryse", "draft")
    publish(site, case_id)
    assert "la discussion reprend" in site.stranger.get(f"/discussions/{thread_id}", follow_redirects=True).text
    assert reply(site, thread_id, "felix").status_code == 303


def test_what_a_facilitator_locked_stays_locked(site: Site) -> None:
    case_id = published(site)
    thread_id = thread_of(site, case_id)["id"]
    site.as_("etienne").post(f"/discussions/{thread_id}/verrouiller", data={"reason": "Tout est dit."})
    go(site, case_id, "maryse", "withdrawn", sure="y")
    go(site, case_id, "maryse", "draft")
    publish(site, case_id)
    assert thread_of(site, case_id)["locked_at"] is not None


def test_what_was_said_among_members_does_not_become_public(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    publish(site, case_id, visibility="members")
    among_members = thread_of(site, case_id)["id"]
    reply(site, among_members, "felix")
    go(site, case_id, "maryse", "withdrawn", sure="y")
    go(site, case_id, "maryse", "draft")
    publish(site, case_id, visibility="public")
    assert thread_of(site, case_id)["id"] != among_members
    assert site.stranger.get(f"/discussions/{among_members}").status_code == 404


def test_a_story_kept_for_members_takes_its_discussion_along(site: Site) -> None:
    case_id = published(site)
    thread_id = thread_of(site, case_id)["id"]
    reply(site, thread_id, "felix")
    go(site, case_id, "maryse", "withdrawn", sure="y")
    go(site, case_id, "maryse", "draft")
    publish(site, case_id, visibility="members")
    assert thread_of(site, case_id)["id"] == thread_id
    assert site.stranger.get(f"/discussions/{thread_id}").status_code == 404


def test_its_authors_are_told_of_replies(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    hand(site, case_id, "felix", "coauthor")
    hand(site, case_id, "linda", "reader")
    publish(site, case_id)
    thread_id = thread_of(site, case_id)["id"]
    assert told(site, "reply") == set()
    reply(site, thread_id, "josee")
    assert told(site, "reply") == {"maryse", "felix"}
    reply(site, thread_id, "felix")
    page = site.as_("maryse").get("/moi/avis").text
    # Two replies, one line.
    assert "2 réponses dans sa discussion" in page
    assert f'href="/discussions/{thread_id}/non-lu"' in page
    once = "SELECT count FROM notice JOIN person ON person.id = person_id WHERE handle = 'felix' AND subject_id = $1"
    assert site.ask(once, case_id) == 1


def test_who_stops_following_hears_no_more(site: Site) -> None:
    case_id = published(site)
    thread_id = thread_of(site, case_id)["id"]
    assert site.ask("SELECT reason FROM follow WHERE kind = 'thread' AND target_id = $1", thread_id) == "started"
    site.as_("maryse").post(f"/discussions/{thread_id}/suivre", data={"follow": ""})
    reply(site, thread_id, "josee")
    assert told(site, "reply") == set()


def test_a_reply_elsewhere_tells_nobody(site: Site) -> None:
    published(site)
    other = int(site.thread("Garder").rpartition("/")[2].partition("-")[0])
    reply(site, other, "josee")
    assert told(site, "reply") == set()


def test_a_trial_has_no_discussion_of_its_own(site: Site) -> None:
    source = published(site)
    trial = story(
        site,
        "josee",
        state="draft",
        depth="trial",
        source_id=source,
        outcome="same",
        texts={"adapted": "Des crêpes.", "what_happened": "Les gens sont venus."},
        changed={},
    )
    assert site.as_("josee").post(f"/recits/{trial}/publier", data=WHOLE).status_code == 303
    assert site.ask("SELECT thread_id FROM practice_case WHERE id = $1", trial) is None
