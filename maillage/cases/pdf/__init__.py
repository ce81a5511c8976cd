"""A story on paper: tagged, in the typography of its language. Its words reach the page as data, never as markup."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maillage.cases.pdf.tree import tree
from maillage.cases.policies import OUTCOME_NAMES
from maillage.cases.policies.reading import DEPTH_NAMES, DIRECTION_NAMES
from maillage.cases.queries.citing import citation
from maillage.cases.queries.exports import actor_line, facts, signed
from maillage.cases.queries.told import Section, StoryPage
from maillage.core import times, typesetting
from maillage.core.languages import FRENCH, NAMES, _
from maillage.taxonomies.queries.vocabulary import Vocabulary

_TEMPLATE = Path(__file__).parent / "story.typ"


async def as_pdf(story: StoryPage, known: Vocabulary, site: str, base_url: str, pictures: Mapping[str, bytes]) -> bytes:
    """`pictures` are those of the story, by key; of one that is not among them, its words are set."""
    files = {f"{key}.webp": content for key, content in pictures.items()}
    return await typesetting.as_pdf(_TEMPLATE, _data(story, known, site, base_url, pictures), files)


def _data(
    story: StoryPage, known: Vocabulary, site: str, base_url: str, pictures: Mapping[str, bytes]
) -> dict[str, Any]:
    locale = story.language if story.language in NAMES else FRENCH
    return {
        "lang": locale.partition("-")[0],
        "title": story.title,
        "kind": DEPTH_NAMES[story.depth].in_(locale),
        "date": times.date(story.published_at.date(), locale) if story.published_at else "",
        "authors": [hand.name for hand in story.authors],
        "byline": ", ".join(signed(hand.name, hand.organization) for hand in story.authors),
        "facts": [[label.in_(locale), value] for label, value in facts(story, known, locale)],
        "summary": tree(story.html("summary") or "", pictures),
        "source": _source(story, locale),
        "sections": [_section(section, known, locale, pictures) for section in story.sections],
        "question_label": _("A question for those who read this").in_(locale),
        "question": tree(story.html("open_question") or "", pictures),
        "about": _("About this story").in_(locale),
        "cite_label": _("How to cite it").in_(locale),
        "cite": citation(story, site, base_url, locale).text,
        "site": site,
        "address": f"{base_url}/recits/{story.id}",
    }


def _source(story: StoryPage, locale: str) -> str:
    if not story.chain:
        return ""
    outcome = OUTCOME_NAMES[story.outcome or ""].in_(locale)
    return f"{outcome}. {_('Tried here, after reading %(story)s', story=story.chain[0].title).in_(locale)}"


def _section(section: Section, known: Vocabulary, locale: str, pictures: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "name": section.name,
        "label": section.label.in_(locale),
        "words": tree(section.html or "", pictures),
        "parts": [
            {
                "label": known.label(part.term_id, locale),
                "way": DIRECTION_NAMES[part.direction].in_(locale) if part.direction else "",
                "words": tree(part.html, pictures),
            }
            for part in section.parts
        ],
        "actors": [actor_line(actor, known, locale) for actor in section.actors],
    }
