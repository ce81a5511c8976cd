"""Writing to the authors through the platform: nobody's address shows on a page."""

from typing import Any

from maillage.cases.letters.contact import letter_to_author
from maillage.core import jobs
from tests.cases.stories import story
from tests.cases.test_story_page import run
from tests.conftest import Site

FORM = {"body": "Bonjour,\n\nAvez-vous gardé la **nappe**?", "address_shown": "y", "number": "un"}


def open_story(site: Site, **more: Any) -> int:
    number = story(site, "maryse", **more)
    run(site, "UPDATE practice_case SET contact = true, version = version + 1 WHERE id = $1", number)
    run(
        site,
        "UPDATE person SET email = handle || '@example.org', email_proved_at = now()"
        " WHERE handle IN ('maryse', 'felix')",
    )
    return number


def write(site: Site, number: int, who: str = "felix", **changed: str) -> Any:
    return site.as_(who).post(f"/recits/{number}/ecrire-aux-auteurs", data=FORM | changed)


def waiting(site: Site) -> list[Any]:
    return list(
        site.write(
            lambda db: db.connection.fetch(
                "SELECT convert_from(payload, 'UTF8')::jsonb AS given FROM pgqueuer"
                " WHERE entrypoint = 'letter_to_author'"
            )
        )
    )


def send(site: Site, payload: dict[str, Any]) -> list[str]:
    """Send the letter of a job, and return the letters that there are."""
    assert site.stranger.portal is not None
    tools = jobs.Tools(settings=site.settings, database=site.app.state.database)
    site.stranger.portal.call(letter_to_author, tools, payload)
    return [path.read_text() for path in (site.settings.data_dir / "letters").glob("*.eml")]


def test_a_letter_goes_to_each_author_and_is_answered_to_the_reader(site: Site) -> None:
    number = open_story(site)
    run(
        site,
        "INSERT INTO case_author (case_id, person_id, kind) SELECT $1, id, 'reader' FROM person WHERE handle = 'josee'",
        number,
    )
    form = site.as_("felix").get(f"/recits/{number}/ecrire-aux-auteurs")
    assert "maryse@example.org" not in form.text
    answer = write(site, number)
    assert answer.status_code == 303
    assert "en route" in site.as_("felix").get(answer.headers["location"]).text
    jobs_ = waiting(site)
    assert len(jobs_) == 1
    letters = send(site, jobs_[0]["given"])
    assert len(letters) == 1
    assert "To: " in letters[0]
    assert "maryse@example.org" in letters[0]
    assert "Reply-To: felix@example.org" in letters[0]
    assert "la **nappe**" in letters[0]
    # Sent twice, the form is one letter.
    write(site, number)
    assert len(waiting(site)) == 1


def test_what_is_missing_is_said_and_nothing_is_lost(site: Site) -> None:
    number = open_story(site)
    answer = write(site, number, address_shown="")
    assert answer.status_code == 422
    assert "la **nappe**" in answer.text
    assert write(site, number, body=" ").status_code == 422
    assert write(site, number, body="x" * 3_001).status_code == 422
    run(site, "UPDATE person SET email_proved_at = NULL WHERE handle = 'felix'")
    assert write(site, number).status_code == 422
    assert waiting(site) == []


def test_only_where_the_authors_are_open_to_it(site: Site) -> None:
    number = open_story(site)
    assert site.stranger.get(f"/recits/{number}/ecrire-aux-auteurs").status_code == 303
    closed = story(site, "maryse", title="Fermé")
    assert write(site, closed).status_code == 403
    draft = open_story(site, state="draft", title="Brouillon")
    assert write(site, draft).status_code == 404
    assert waiting(site) == []


def test_a_letter_whose_story_was_withdrawn_meanwhile_does_not_leave(site: Site) -> None:
    number = open_story(site)
    write(site, number)
    (job,) = waiting(site)
    run(
        site,
        "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1",
        number,
    )
    assert send(site, job["given"]) == []
    run(site, "UPDATE practice_case SET state = 'draft', contact = false WHERE id = $1", number)
    assert send(site, job["given"]) == []
