"""From draft to review and back, off line and up again: each step with its rule, its trace and its notices."""

from typing import Any

import pytest

from tests.cases.stories import story
from tests.cases.test_publish import publish, state
from tests.conftest import Site

SURE = {"to": "withdrawn", "sure": "y"}


def go(site: Site, case_id: int, who: str, to: str, **form: str) -> Any:
    return site.as_(who).post(f"/recits/{case_id}/etat", data={"to": to} | form)


def hand(site: Site, case_id: int, handle: str, kind: str) -> int:
    key: int = site.ask(
        "INSERT INTO case_author (case_id, person_id, kind) SELECT $1, id, $3 FROM person WHERE handle = $2"
        " RETURNING id",
        case_id,
        handle,
        kind,
    )
    return key


def told(site: Site, kind: str, case_id: int | None = None) -> set[str]:
    """Who was told of such a thing, of this story or of the one begun last."""
    found: list[str] = site.ask(
        "SELECT coalesce(array_agg(handle), '{}') FROM notice JOIN person ON person.id = person_id"
        " WHERE kind = $1 AND subject_id = coalesce($2, (SELECT max(id) FROM practice_case))",
        kind,
        case_id,
    )
    return set(found)


def trace(site: Site, case_id: int) -> list[tuple[str, str, str | None]]:
    """From the first step to the last: what happened, to which state, by whom."""

    async def rows(db: Any) -> list[tuple[str, str, str | None]]:
        found = await db.connection.fetch(
            "SELECT cause, to_state, handle FROM case_event LEFT JOIN person ON person.id = person_id"
            " WHERE case_id = $1 ORDER BY case_event.id",
            case_id,
        )
        return [tuple(row) for row in found]

    return site.write(rows)


def test_a_draft_goes_to_review_and_back(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    hand(site, case_id, "felix", "coauthor")
    hand(site, case_id, "linda", "reader")
    assert go(site, case_id, "maryse", "review").status_code == 303
    assert state(site, case_id) == "review"
    assert told(site, "submitted") == {"felix", "linda", "etienne"}
    # Who looks after stories may read it now.
    assert site.as_("etienne").get(f"/recits/{case_id}/etat").status_code == 200
    assert go(site, case_id, "felix", "draft").status_code == 303
    assert state(site, case_id) == "draft"
    assert site.as_("etienne").get(f"/recits/{case_id}/etat").status_code == 404
    assert trace(site, case_id) == [("submitted", "review", "maryse"), ("back-to-draft", "draft", "felix")]


@pytest.mark.parametrize(("now", "to"), [("draft", "draft"), ("review", "review"), ("published", "review")])
def test_a_step_that_makes_no_sense_is_refused(site: Site, now: str, to: str) -> None:
    case_id = story(site, "maryse", state=now)
    assert go(site, case_id, "maryse", to).status_code in (403, 409)
    assert state(site, case_id) == now


def test_a_step_that_does_not_exist_is_nonsense(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    assert go(site, case_id, "maryse", "published").status_code == 400
    assert state(site, case_id) == "draft"


def test_readers_and_validators_change_nothing(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    hand(site, case_id, "linda", "reader")
    hand(site, case_id, "felix", "validator")
    for handle in ("linda", "felix"):
        assert go(site, case_id, handle, "review").status_code == 403
        assert go(site, case_id, handle, "withdrawn", sure="y").status_code == 403
    assert go(site, case_id, "josee", "review").status_code == 404
    assert state(site, case_id) == "draft"


def test_whoever_answers_for_it_takes_it_off_line(site: Site) -> None:
    case_id = story(site, "maryse")
    hand(site, case_id, "felix", "coauthor")
    number = site.ask("SELECT number FROM browsing_version")
    assert go(site, case_id, "felix", "withdrawn", sure="y").status_code == 403
    assert go(site, case_id, "maryse", "withdrawn").status_code == 422
    assert state(site, case_id) == "published"
    assert go(site, case_id, "maryse", "withdrawn", sure="y").status_code == 303
    assert state(site, case_id) == "withdrawn"
    assert told(site, "withdrawn") == {"felix"}
    assert trace(site, case_id) == [("withdrawn", "withdrawn", "maryse")]
    # Lists are told, and nobody else reads it.
    assert site.ask("SELECT browsing FROM practice_case WHERE id = $1", case_id) == number + 1
    for browser in (site.stranger, site.as_("josee")):
        assert browser.get(f"/recits/{case_id}/etat").status_code == 404


def test_a_facilitator_takes_it_off_line_and_says_why(site: Site) -> None:
    case_id = story(site, "maryse")
    answer = go(site, case_id, "etienne", "withdrawn", sure="y")
    assert answer.status_code == 422
    assert "Dites pourquoi" in answer.text
    assert go(site, case_id, "etienne", "withdrawn", sure="y", reason="Une voisine est reconnaissable.").is_redirect
    assert trace(site, case_id) == [("removed", "withdrawn", "etienne")]
    assert "Une voisine est reconnaissable." in site.as_("maryse").get(f"/recits/{case_id}/etat").text
    assert told(site, "removed") == {"maryse"}


def test_a_withdrawn_story_is_taken_up_and_published_again(site: Site) -> None:
    case_id = story(site, "maryse")
    go(site, case_id, "maryse", "withdrawn", sure="y")
    # Not from where it is: it is written anew first, and the statements are ticked again.
    assert publish(site, case_id).status_code == 403
    assert go(site, case_id, "etienne", "draft").status_code == 403
    assert go(site, case_id, "maryse", "draft").status_code == 303
    assert state(site, case_id) == "draft"
    assert site.ask("SELECT stated_at FROM practice_case WHERE id = $1", case_id) is None
    assert publish(site, case_id).status_code == 303
    assert [cause for cause, _to, _who in trace(site, case_id)] == ["withdrawn", "reopened", "published"]


def test_the_page_offers_what_can_be_done(site: Site) -> None:
    case_id = story(site, "maryse", state="draft")
    page = site.as_("maryse").get(f"/recits/{case_id}/etat").text
    assert "Le mettre en relecture" in page
    assert "Le retirer" in page
    hand(site, case_id, "linda", "reader")
    # Nothing is hers to change: the page is not for her.
    assert site.as_("linda").get(f"/recits/{case_id}/etat").status_code == 403
