"""A story's page: summary first, whole, the same for all its readers, and kept by its version."""

import json
import re
from typing import Any

from maillage.core.db import Db
from maillage.core.kept import KeptPages
from tests.cases.stories import story
from tests.conftest import Site


def path_of(site: Site, number: int) -> str:
    slug = site.ask("SELECT slug FROM practice_case WHERE id = $1", number)
    return f"/recits/{number}-{slug}"


def read(site: Site, number: int, who: str = "") -> Any:
    return (site.as_(who) if who else site.stranger).get(path_of(site, number))


def run(site: Site, sql: str, *arguments: Any) -> None:
    site.write(lambda db: db.connection.execute(sql, *arguments))


def test_a_stranger_reads_a_public_story_from_its_summary_to_its_lessons(site: Site) -> None:
    page = read(site, story(site, "maryse", locality="Sainte-Brume"))
    assert page.status_code == 200
    story_itself = page.text[page.text.index("<article") :]
    places = [
        story_itself.index(words)
        for words in (
            "La réunion qui est devenue un souper",
            "Maryse Lacombe-Dubé",
            "Le comité se vidait.",
            "ne comptait plus que des permanents",
            "<strong>sans ordre du jour</strong>",
            "Douze personnes convoquent",
            "Taire les titres.",
            "Pour le citer",
        )
    ]
    assert places == sorted(places)
    assert "Sainte-Brume" in page.text
    assert '<a href="/recits/etapes/mise-en-oeuvre">' in page.text
    assert '<a href="/recits?region=mauricie">' in page.text


def test_the_number_alone_leads_to_the_address_with_words(site: Site) -> None:
    number = story(site, "maryse")
    for path in (f"/recits/{number}", f"/recits/{number}-autre-chose"):
        answer = site.stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (301, path_of(site, number))


def test_what_is_not_public_is_not_there(site: Site) -> None:
    hidden = {
        "draft": story(site, "maryse", state="draft"),
        "review": story(site, "maryse", state="review"),
        "withdrawn": story(site, "maryse", state="withdrawn"),
    }
    for number in hidden.values():
        assert read(site, number).status_code == 404
        assert read(site, number, "felix").status_code == 404
        assert site.stranger.get(f"/recits/{number}").status_code == 404
    # Facilitators look after what is put up for review and what was taken off line, and see no draft.
    assert {state: read(site, number, "etienne").status_code for state, number in hidden.items()} == {
        "draft": 404,
        "review": 200,
        "withdrawn": 200,
    }


def test_a_story_for_members_is_for_whoever_is_signed_in(site: Site) -> None:
    number = story(site, "maryse", visibility="members")
    assert read(site, number).status_code == 404
    page = read(site, number, "felix")
    assert page.status_code == 200
    assert "noindex" in page.text
    assert "application/ld+json" not in page.text


def test_its_authors_see_a_draft_where_it_will_be_read_and_what_they_can_do(site: Site) -> None:
    number = story(site, "maryse", state="draft")
    page = read(site, number, "maryse")
    assert page.status_code == 200
    assert f'href="/recits/{number}/ecrire"' in page.text
    assert "Brouillon" in page.text
    # Nothing of what is hers shows to another reader of the same page.
    run(
        site,
        "INSERT INTO case_author (case_id, person_id, kind) SELECT $1, id, 'reader' FROM person WHERE handle = 'felix'",
        number,
    )
    page = read(site, number, "felix")
    assert page.status_code == 200
    assert f'href="/recits/{number}/ecrire"' not in page.text


def test_a_page_that_is_kept_costs_one_look_and_changes_with_the_story(site: Site) -> None:
    number = story(site, "maryse")
    read(site, number)
    kept = read(site, number)
    assert kept.headers["x-queries"] == "1"
    assert site.stranger.get(path_of(site, number), headers={"if-none-match": kept.headers["etag"]}).status_code == 304
    read(site, number, "felix")
    assert read(site, number, "felix").headers["x-queries"] == "2"
    run(site, "UPDATE practice_case SET locality = 'Rang 4', version = version + 1 WHERE id = $1", number)
    assert "Rang 4" in read(site, number).text


def test_the_title_of_a_trial_that_is_withdrawn_leaves_the_page_of_its_source(site: Site) -> None:
    source = story(site, "maryse")
    texts = {"adapted": "Tout.", "what_happened": "Rien."}
    trial = story(
        site, "josee", depth="trial", title="Essai au Nord", texts=texts, changed={}, source_id=source, outcome="same"
    )
    assert "Essai au Nord" in read(site, source).text
    assert "Essai au Nord" in read(site, source, "felix").text
    run(
        site, "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1", trial
    )
    run(site, "UPDATE browsing_version SET number = number + 1")
    assert "Essai au Nord" not in read(site, source).text
    assert "Essai au Nord" not in read(site, source, "felix").text


def test_texts_of_an_older_rendering_are_rendered_anew(site: Site) -> None:
    number = story(site, "maryse")
    run(site, "UPDATE case_text SET render_version = 0, body_html = '<p>ancien</p>' WHERE case_id = $1", number)
    page = read(site, number)
    assert "ancien" not in page.text
    assert "<strong>sans ordre du jour</strong>" in page.text
    assert site.ask("SELECT count(*) FROM case_text WHERE case_id = $1 AND render_version = 0", number) == 0


def test_each_part_says_its_language(site: Site) -> None:
    number = story(
        site,
        "linda",
        title="Two languages, one potluck",
        language="en",
        texts={"summary": "Three villages.", "summary_other": "Trois villages.", "lessons": "Plan succession."},
    )
    page = read(site, number).text
    assert re.search(r'<h1 lang="en">Two languages, one potluck</h1>', page)
    assert re.search(r'<details class="other-summary" lang="fr-CA">', page)
    assert "Trois villages." in page
    assert '<html lang="fr-CA">' in page


def test_what_it_is_elsewhere(site: Site) -> None:
    page = read(site, story(site, "maryse", title="</script><b>Titre</b>")).text
    assert '<meta property="og:type" content="article">' in page
    assert '<link rel="canonical" href="http://testserver/recits/' in page
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert found
    data = json.loads(found[1])
    assert data["headline"] == "</script><b>Titre</b>"
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert data["author"] == [{"@type": "Person", "name": "Maryse Lacombe-Dubé"}]
    assert "<b>Titre</b>" not in page


def test_it_says_who_wrote_and_whether_the_people_concerned_read_it_over(site: Site) -> None:
    number = story(site, "maryse")
    assert "Aucune personne concernée" in read(site, number).text

    async def add(db: Db) -> None:
        await db.connection.execute(
            "INSERT INTO case_author (case_id, name, kind, concerned) VALUES ($1, 'Mme B.', 'validator', true)", number
        )
        await db.connection.execute("UPDATE practice_case SET version = version + 1 WHERE id = $1", number)

    site.write(add)
    page = read(site, number).text
    assert "Mme B." in page
    assert "une des personnes concernées" in page
    assert "Aucune personne concernée" not in page


def test_it_costs_a_fixed_number_of_questions(site: Site) -> None:
    source = story(site, "maryse", title="La première")
    number = story(site, "maryse", source_id=source, outcome="different")
    read(site, source)
    vocabulary = site.app.state.kept_pages.get("vocabulary", site.ask("SELECT number FROM site_epoch"))
    for who, most in (("", 4), ("felix", 5)):
        site.app.state.kept_pages = KeptPages()
        site.app.state.kept_pages.put("vocabulary", vocabulary)
        assert int(read(site, number, who).headers["x-queries"]) <= most
