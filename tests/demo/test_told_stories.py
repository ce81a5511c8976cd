"""The stories of the demonstration keep their own promises: what they refer to exists, and nobody is named unasked."""

import re
import tomllib
from pathlib import Path

import pytest

from maillage.cases.policies.template import WORDS
from maillage.taxonomies import policies as taxonomies
from maillage.web.demo import world
from maillage.web.demo.world import Story

STARTER = tomllib.loads((Path(taxonomies.__file__).parent / "starter.toml").read_text("utf-8"))
SLUGS = {name: {term["slug"] for term in terms} for name, terms in STARTER.items()}
STORIES = {story.key: story for story in world.read().stories}
# Words of four letters or more: « Mme » and « les » name nobody.
_NAME = re.compile(r"[^\W\d_][\w’]{3,}")


def words(story: Story) -> str:
    """All that readers see of it, on one line."""
    said = [story.title, story.summary_fr, *story.texts.values(), *story.changed.values()]
    said += [component.line for component in story.empowerment] + [actor.role for actor in story.actors]
    said += [reply.body for reply in story.thread.replies]
    return " ".join(" ".join(said).split())


def test_there_are_six_one_of_them_in_review() -> None:
    assert sorted(story.state for story in STORIES.values()) == ["published"] * 5 + ["review"]


@pytest.mark.parametrize("key", STORIES)
def test_what_it_refers_to_exists(key: str) -> None:
    story = STORIES[key]
    assert set(story.texts) <= WORDS.keys()
    assert set(story.regions) <= SLUGS["region"]
    assert story.scale in SLUGS["scale"]
    assert set(story.themes) <= SLUGS["theme"]
    assert set(story.dimensions) <= SLUGS["dimension"]
    assert set(story.competencies) <= SLUGS["competency"]
    assert set(story.changed) <= SLUGS["change_field"]
    assert {component.component for component in story.empowerment} <= SLUGS["empowerment"]
    assert {actor.family for actor in story.actors} <= SLUGS["family"]
    assert {actor.relation for actor in story.actors} <= SLUGS["relation"]
    assert set(story.stages).union(*(actor.stages for actor in story.actors)) <= SLUGS["stage"]
    assert {trial.region for trial in story.trials} <= SLUGS["region"]


@pytest.mark.parametrize("key", STORIES)
def test_its_texts_are_no_longer_than_the_template_allows(key: str) -> None:
    for field, text in STORIES[key].texts.items():
        assert len(text) <= WORDS[field].limit, field


@pytest.mark.parametrize("key", STORIES)
def test_quotes_stand_in_the_text_as_the_register_has_them(key: str) -> None:
    said = words(STORIES[key])
    for person in STORIES[key].people:
        for quote in person.quotes:
            assert quote in said


@pytest.mark.parametrize("key", STORIES)
def test_nobody_is_named_who_did_not_agree_to_it(key: str) -> None:
    story = STORIES[key]
    said = words(story)
    for person in story.people:
        if person.choice != "nom-complet":
            names = {name for form in (person.who, *person.other_names) for name in _NAME.findall(form)}
            named = {name for name in names if name[0].isupper() and re.search(rf"\b{name}\b", said)}
            assert named == set(), person.who


@pytest.mark.parametrize("key", STORIES)
def test_what_is_published_has_everybodys_answer(key: str) -> None:
    story = STORIES[key]
    waiting = [person.who for person in story.people if not person.choice]
    assert len(waiting) == (1 if story.state == "review" else 0)


@pytest.mark.parametrize("key", STORIES)
def test_its_words_are_never_said_to_be_anonymous(key: str) -> None:
    assert "anonym" not in words(STORIES[key]).lower()
