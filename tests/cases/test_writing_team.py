"""Who takes part in a story: invited with an account or by a private link, changed, taken out."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from maillage.core import clock
from maillage.core.sealing import token_hash
from tests.cases.test_consent import run_jobs
from tests.cases.writing import answers, coauthor, guest, opened, start
from tests.conftest import Site


def member(site: Site, case_id: int, name: str) -> int:
    found: int = site.ask(
        "SELECT case_author.id FROM case_author LEFT JOIN person ON person.id = person_id"
        " WHERE case_id = $1 AND (case_author.name = $2 OR handle = $2)",
        case_id,
        name,
    )
    return found


def test_somebody_with_an_account_is_told_and_writes(site: Site) -> None:
    case_id = start(site)
    assert site.as_("josee").get(f"/recits/{case_id}/ecrire").status_code == 404
    coauthor(site, case_id, "josee")
    assert site.as_("josee").get(f"/recits/{case_id}/ecrire").status_code == 200
    assert "Le potager du presbytère" in site.as_("josee").get("/moi/avis").text
    assert "Le potager du presbytère" in site.as_("josee").get("/moi/recits").text
    assert "Le potager du presbytère" not in site.as_("felix").get("/moi/recits").text


def test_somebody_without_an_account_writes_under_her_name(site: Site) -> None:
    case_id = start(site)
    browser = guest(site, case_id, "Madame B.")
    carried = opened(site, browser, case_id, "lessons")
    answer = browser.post(f"/recits/{case_id}/ecrire/lessons", data=carried | {"lessons": "Semer ensemble."})
    assert answer.status_code == 303
    assert answers(site, case_id)["lessons"] == "Semer ensemble."
    assert "Madame B." in site.as_("maryse").get(f"/recits/{case_id}/historique").text
    # She answers for nothing, and invites nobody.
    assert browser.get(f"/recits/{case_id}/publier").status_code == 303
    assert browser.post(f"/recits/{case_id}/equipe", data={"kind": "reader", "name": "X"}).status_code == 403


def test_opening_the_link_does_nothing_until_the_button_is_pressed(site: Site) -> None:
    case_id = start(site)
    answer = site.as_("maryse").post(f"/recits/{case_id}/equipe", data={"kind": "reader", "name": "Madame B."})
    page = site.as_("maryse").get(answer.headers["location"])
    assert page.headers["cache-control"] == "no-store"
    match = re.search(r"/recits/acces/([\w-]{43})", page.text)
    assert match is not None
    opened_ = site.stranger.get(match[0])
    assert "set-cookie" not in opened_.headers
    assert "Le potager du presbytère" in opened_.text
    assert site.ask("SELECT token_hash FROM case_author WHERE name = 'Madame B.'") == token_hash(match[1])
    cookie = site.stranger.post(match[0]).headers["set-cookie"]
    assert {"HttpOnly", "Path=/recits", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    # It opens this story and nothing else.
    other = start(site, title="Un autre récit")
    assert site.stranger.get(f"/recits/{case_id}/remarques").status_code == 200
    assert site.stranger.get(f"/recits/{other}/remarques").status_code == 404
    site.stranger.cookies.clear()


def test_a_link_ends_when_it_expires_is_renewed_or_she_is_taken_out(site: Site) -> None:
    case_id = start(site)
    browser = guest(site, case_id)
    key = member(site, case_id, "Madame B.")
    assert browser.get(f"/recits/{case_id}/ecrire").status_code == 200
    site.ask("UPDATE case_author SET token_expires_at = $1 WHERE id = $2", clock.now() - timedelta(days=1), key)
    assert browser.get(f"/recits/{case_id}/ecrire").status_code == 404
    site.ask("UPDATE case_author SET token_expires_at = $1 WHERE id = $2", clock.now() + timedelta(days=1), key)
    answer = site.as_("maryse").post(f"/recits/{case_id}/equipe/{key}/lien")
    assert browser.get(f"/recits/{case_id}/ecrire").status_code == 404
    match = re.search(r"/recits/acces/[\w-]{43}", site.as_("maryse").get(answer.headers["location"]).text)
    assert match is not None
    assert browser.post(match[0]).status_code == 303
    assert site.as_("maryse").post(f"/recits/{case_id}/equipe/{key}/retrait").status_code == 303
    assert browser.get(f"/recits/{case_id}/ecrire").status_code == 404
    assert site.stranger.get(match[0]).status_code == 404


def test_a_link_is_handed_over_in_the_browser_that_made_it(site: Site) -> None:
    case_id = start(site)
    guest(site, case_id)
    path = f"/recits/{case_id}/equipe/{member(site, case_id, 'Madame B.')}/lien"
    assert "/recits/acces/" in site.as_("maryse").get(path).text
    assert "/recits/acces/" not in site.new_browser("maryse").get(path).text


def test_a_letter_brings_the_link_and_no_table_holds_it(site: Site) -> None:
    case_id = start(site)
    form = {"kind": "coauthor", "name": "Madame B.", "email": "b@example.org"}
    assert site.as_("maryse").post(f"/recits/{case_id}/equipe", data=form).status_code == 303
    job = site.ask("SELECT convert_from(payload, 'UTF8') FROM pgqueuer WHERE entrypoint = 'story_invitation'")
    assert "b@example.org" in job
    assert "acces" not in job
    assert site.ask("SELECT token_hash FROM case_author WHERE name = 'Madame B.'") is None
    run_jobs(site, "story_invitation")
    letter = next((site.settings.data_dir / "letters").glob("*.eml")).read_bytes()
    words = message_from_bytes(letter, policy=policy.default).get_body(("plain",))
    assert words is not None
    match = re.search(r"http://testserver(/recits/acces/[\w-]{43})", words.get_content())
    assert match is not None
    assert "Le potager du presbytère" in site.stranger.get(match[1]).text


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"kind": "coauthor"}, "name"),
        ({"kind": "coauthor", "handle": "personne-ainsi"}, "handle"),
        ({"kind": "coauthor", "name": "B.", "email": "b à b"}, "email"),
        ({"kind": "author", "name": "B."}, "kind"),
        ({"kind": "reine", "handle": "josee"}, "kind"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_kept(site: Site, form: dict[str, str], wrong: str) -> None:
    case_id = start(site)
    answer = site.as_("maryse").post(f"/recits/{case_id}/equipe", data=form)
    assert answer.status_code == 422
    assert f'id="{wrong}-error"' in answer.text
    assert site.ask("SELECT count(*) FROM case_author WHERE case_id = $1", case_id) == 1


def test_nobody_takes_part_twice(site: Site) -> None:
    case_id = start(site)
    coauthor(site, case_id, "josee")
    answer = site.as_("maryse").post(f"/recits/{case_id}/equipe", data={"kind": "reader", "handle": "@Josee"})
    assert answer.status_code == 409
    assert "Cette personne y prend déjà part" in answer.text


def test_only_whoever_answers_for_a_story_arranges_people(site: Site) -> None:
    case_id = start(site)
    coauthor(site, case_id, "josee")
    form = {"kind": "reader", "handle": "felix"}
    assert site.as_("josee").post(f"/recits/{case_id}/equipe", data=form).status_code == 403
    mine = member(site, case_id, "maryse")
    assert site.as_("josee").post(f"/recits/{case_id}/equipe/{mine}/retrait").status_code == 403
    assert site.as_("felix").get(f"/recits/{case_id}/equipe").status_code == 404


def test_somebody_always_answers_for_a_story(site: Site) -> None:
    case_id = start(site)
    mine = member(site, case_id, "maryse")
    path = f"/recits/{case_id}/equipe"
    assert site.as_("maryse").post(f"{path}/{mine}/retrait").status_code == 409
    assert site.as_("maryse").post(f"{path}/{mine}/part", data={"kind": "coauthor"}).status_code == 409
    coauthor(site, case_id, "josee")
    hers = member(site, case_id, "josee")
    assert site.as_("maryse").post(f"{path}/{hers}/part", data={"kind": "author"}).status_code == 303
    assert site.as_("maryse").post(f"{path}/{mine}/retrait").status_code == 303
    assert site.as_("maryse").get(f"/recits/{case_id}/ecrire").status_code == 404


def test_somebody_who_leaves_while_writing_saves_no_more(site: Site) -> None:
    case_id = start(site)
    coauthor(site, case_id, "josee")
    carried = opened(site, site.as_("josee"), case_id, "lessons")
    site.as_("maryse").post(f"/recits/{case_id}/equipe/{member(site, case_id, 'josee')}/retrait")
    form = carried | {"lessons": "Semer."}
    assert site.as_("josee").post(f"/recits/{case_id}/ecrire/lessons", data=form).status_code == 404
    assert "lessons" not in answers(site, case_id)
