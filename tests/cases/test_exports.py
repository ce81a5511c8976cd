"""Stories as data: one or all of them, citations, feeds; nothing of what is not public."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from maillage.cases.commands.holding import say_to_lists
from maillage.core.db import Db
from tests.cases.stories import CHANGED, TEXTS, story
from tests.cases.test_story_page import run
from tests.conftest import Site

pytestmark = pytest.mark.usefixtures("no_stories")

ATOM = "{http://www.w3.org/2005/Atom}"
ENDINGS = ("pdf", "json", "md", "bib")


def test_a_story_as_data_has_its_texts_word_for_word(site: Site) -> None:
    number = story(site, "maryse", locality="Sainte-Brume")
    answer = site.stranger.get(f"/recits/{number}.json")
    assert answer.headers["content-type"] == "application/json"
    data = answer.json()
    for field, words in TEXTS.items():
        assert data[field] == words
    assert data["what_changed"][0]["text"] == next(iter(CHANGED.values()))
    assert data["regions"] == [{"slug": "mauricie", "fr": "Mauricie", "en": "Mauricie"}]
    assert data["locality"] == "Sainte-Brume"
    assert data["authors"][0]["name"] == "Maryse Lacombe-Dubé"
    assert "email" not in answer.text


def test_a_story_as_markdown_and_as_a_citation(site: Site) -> None:
    number = story(site, "maryse", title="50 % de moins & {mieux}")
    text = site.stranger.get(f"/recits/{number}.md").text
    assert text.startswith("# 50 % de moins & {mieux}\n")
    assert all(words in text for words in TEXTS.values())
    assert "Raconté par\u00a0: Maryse Lacombe-Dubé" in text
    cited = site.stranger.get(f"/recits/{number}.bib").text
    assert r"title = {{50 \% de moins \& \{mieux\}}}" in cited
    assert "author = {{Maryse Lacombe-Dubé}}" in cited


def test_what_is_not_hers_to_read_is_in_no_form_there(site: Site) -> None:
    hidden = [
        story(site, "maryse", state="draft"),
        story(site, "maryse", state="review"),
        story(site, "maryse", state="withdrawn"),
        story(site, "maryse", visibility="members"),
    ]
    for number in hidden:
        for ending in ENDINGS:
            assert site.stranger.get(f"/recits/{number}.{ending}").status_code == 404
    for ending in ENDINGS:
        answer = site.as_("felix").get(f"/recits/{hidden[-1]}.{ending}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"


def test_all_stories_are_those_that_everybody_may_read(site: Site) -> None:
    assert site.stranger.get("/recits/export.json").json() == []
    public = [story(site, "maryse", title=f"Public {number}") for number in range(3)]
    story(site, "maryse", title="Caché", state="draft")
    story(site, "maryse", title="Caché aussi", visibility="members")
    for who in (None, "maryse"):
        browser = site.as_(who) if who else site.stranger
        data = browser.get("/recits/export.json").json()
        assert [one["id"] for one in data] == public
        text = browser.get("/recits/export.md").text
        assert [line for line in text.splitlines() if line.startswith("# ")] == [f"# Public {n}" for n in range(3)]
        assert "Caché" not in text + json.dumps(data, ensure_ascii=False)


def test_a_story_that_is_withdrawn_leaves_the_exports_before_the_lists_are_told(site: Site) -> None:
    number = story(site, "maryse", title="Retiré")
    assert "Retiré" in site.stranger.get("/recits/export.md").text
    run(
        site,
        "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1",
        number,
    )
    assert "Retiré" not in site.stranger.get("/recits/export.md").text
    assert site.stranger.get("/recits/export.json").json() == []


def entries(answer: Any) -> list[str]:
    root = ET.fromstring(answer.content)  # noqa: S314 — our own
    return [entry.findtext(f"{ATOM}title") or "" for entry in root.findall(f"{ATOM}entry")]


def test_a_feed_has_what_its_filters_ask_for_and_is_public(site: Site) -> None:
    story(site, "maryse", title="À Laval <vite>", terms={"region": ["laval"], "stage": ["emergence"]}, days_ago=2)
    story(site, "maryse", title="En Estrie", terms={"region": ["estrie"]}, days_ago=1)
    story(site, "maryse", title="Entre nous", terms={"region": ["laval"]}, visibility="members")
    story(site, "maryse", title="Brouillon", terms={"region": ["laval"]}, state="draft")
    everything = site.as_("maryse").get("/recits/flux.atom")
    assert everything.headers["content-type"].startswith("application/atom+xml")
    assert entries(everything) == ["En Estrie", "À Laval <vite>"]
    assert entries(site.stranger.get("/recits/flux.atom?region=laval&etape=emergence")) == ["À Laval <vite>"]
    assert entries(site.stranger.get("/recits/flux.atom?region=laval&etape=perennisation")) == []
    root = ET.fromstring(everything.content)  # noqa: S314
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert (entry.findtext(f"{ATOM}id") or "").startswith("http://testserver/recits/")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Maryse Lacombe-Dubé"
    assert entry.findtext(f"{ATOM}summary") == TEXTS["summary"]


def test_a_feed_that_has_not_changed_says_so_and_one_that_has_tells(site: Site) -> None:
    number = story(site, "maryse", title="Premier")
    known = site.stranger.get("/recits/flux.atom").headers["etag"]
    assert site.stranger.get("/recits/flux.atom", headers={"if-none-match": known}).status_code == 304

    async def withdraw(db: Db) -> None:
        await db.connection.execute(
            "UPDATE practice_case SET state = 'withdrawn', stated_at = NULL, stated_by_id = NULL WHERE id = $1", number
        )
        await say_to_lists(db, case_id=number)

    site.write(withdraw)
    answer = site.stranger.get("/recits/flux.atom", headers={"if-none-match": known})
    assert answer.status_code == 200
    assert entries(answer) == []
