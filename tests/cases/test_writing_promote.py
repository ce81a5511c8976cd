"""A message of the forum becomes a draft, without losing its author, its place or its replies."""

from typing import Any

from tests.abuse.conftest import circle_of
from tests.conftest import Site


def message_of(site: Site, handle: str, visibility: str = "public") -> Any:
    row = site.write(
        lambda db: db.connection.fetchrow(
            "SELECT post.id, thread_id, seq, body_md, thread.title FROM post JOIN thread ON thread.id = thread_id"
            " JOIN person ON person.id = post.author_id JOIN space ON space.id = space_id"
            " WHERE handle = $1 AND visibility = $2 AND event IS NULL AND removed_at IS NULL AND merged_into_id IS NULL"
            " ORDER BY post.id LIMIT 1",
            handle,
            visibility,
        )
    )
    assert row is not None
    return row


def test_its_author_begins_with_her_own_words(site: Site) -> None:
    post = message_of(site, "maryse")
    where = f"{post['thread_id']}-{post['seq']}"
    acts = site.as_("maryse").get(f"/discussions/{post['thread_id']}/m/{post['seq']}/actions").text
    assert f"/recits/nouveau?message={where}" in acts
    page = site.as_("maryse").get(f"/recits/nouveau?message={where}").text
    assert post["body_md"].splitlines()[0][:30].replace("'", "&#39;") in page
    replies = site.ask("SELECT post_count FROM thread WHERE id = $1", post["thread_id"])
    form = {"message": where, "title": post["title"], "what_we_did": post["body_md"]}
    answer = site.as_("maryse").post("/recits/nouveau", data=form)
    assert answer.status_code == 303
    case_id = int(answer.headers["location"].split("/")[2])
    assert site.ask("SELECT born_of_id FROM practice_case WHERE id = $1", case_id) == post["id"]
    assert site.ask("SELECT cause FROM case_event WHERE case_id = $1", case_id) == "promoted"
    assert site.ask("SELECT body_md FROM post WHERE id = $1", post["id"]) == post["body_md"]
    assert site.ask("SELECT post_count FROM thread WHERE id = $1", post["thread_id"]) == replies


def test_a_facilitator_leaves_it_to_its_author(site: Site) -> None:
    post = message_of(site, "maryse")
    form = {"message": f"{post['thread_id']}-{post['seq']}", "title": "Un titre"}
    answer = site.as_("etienne").post("/recits/nouveau", data=form)
    case_id = int(answer.headers["location"].split("/")[2])
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT handle, kind FROM case_author JOIN person ON person.id = person_id WHERE case_id = $1"
            " ORDER BY position",
            case_id,
        )
    )
    assert [tuple(row) for row in rows] == [("maryse", "author"), ("etienne", "coauthor")]


def test_nobody_else_makes_a_story_of_it(site: Site) -> None:
    post = message_of(site, "maryse")
    where = f"{post['thread_id']}-{post['seq']}"
    assert site.as_("felix").get(f"/recits/nouveau?message={where}").status_code == 403
    form = {"message": where, "title": "Un titre"}
    assert site.as_("felix").post("/recits/nouveau", data=form).status_code == 403


def test_a_message_that_she_may_not_read_is_not_there(site: Site) -> None:
    circle = circle_of(site)
    for where in (f"{circle.thread}-2", "999999-1", "n’importe quoi"):
        assert site.as_("etienne").get("/recits/nouveau", params={"message": where}).status_code == 404
        form = {"message": where, "title": "Un titre"}
        assert site.as_("etienne").post("/recits/nouveau", data=form).status_code == 404


def test_what_was_said_among_few_is_not_offered_to_everybody(site: Site) -> None:
    post = message_of(site, "maryse", "closed")
    form = {"message": f"{post['thread_id']}-{post['seq']}", "title": "Un titre"}
    answer = site.as_("maryse").post("/recits/nouveau", data=form)
    case_id = int(answer.headers["location"].split("/")[2])
    assert site.ask("SELECT visibility FROM practice_case WHERE id = $1", case_id) == "members"
