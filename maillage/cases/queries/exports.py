"""A story as data and as Markdown, for those who take it along."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from maillage.cases.policies import OUTCOME_NAMES
from maillage.cases.policies.reading import DIRECTION_NAMES, LICENCE_ADDRESSES, LICENCE_SHORT, PROGRESS_NAMES
from maillage.cases.policies.template import FIELDS, TRIAL
from maillage.cases.queries.citing import citation
from maillage.cases.queries.told import Actor, Other, Part, Section, StoryPage, words_of
from maillage.core import times
from maillage.core.files.shown import SCHEME, ShownFile
from maillage.core.languages import FRENCH, NAMES, Text, _
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word

_LISTS = {
    "regions": ("region",),
    "stages": ("stage",),
    "themes": ("theme",),
    "dimensions": ("dimension",),
    "competencies": ("competency",),
}
_IN_PROSE = tuple(field.name for field in (*FIELDS, *TRIAL) if field.kind == "prose")


def as_data(story: StoryPage, known: Vocabulary, site: str, base_url: str) -> dict[str, Any]:
    """The whole story under the names of the template, its texts in Markdown."""
    terms = words_of(story.term_ids, known)
    cited = citation(story, site, base_url, _locale(story))
    return {
        "id": story.id,
        "url": f"{base_url}{story.path}",
        "title": story.title,
        "language": story.language,
        "depth": story.depth,
        "published": story.published_at.isoformat() if story.published_at else None,
        "changed": story.changed_at.isoformat(),
        "licence": story.licence,
        "licence_url": LICENCE_ADDRESSES.get(story.licence),
        "authors": [{"name": hand.name, "organization": hand.organization} for hand in story.authors],
        "validators": [{"name": hand.name, "concerned": hand.concerned} for hand in story.validators],
        **{name: [_word(word) for list_ in lists for word in terms[list_]] for name, lists in _LISTS.items()},
        "scale": _word(known.by_id[story.scale_id]) if story.scale_id else None,
        "locality": story.locality or None,
        "period": {
            "began": f"{story.began_on:%Y-%m}" if story.began_on else None,
            "ended": f"{story.ended_on:%Y-%m}" if story.ended_on else None,
            "progress": story.progress,
        },
        **{name: story.source(name) or None for name in _IN_PROSE if name in story.texts},
        **{section.name: [_part(part, known) for part in section.parts] for section in story.sections if section.parts},
        "actors": [_actor(actor, known) for section in story.sections for actor in section.actors],
        "outcome": story.outcome,
        "source": _other(story.chain[0], base_url) if story.chain else None,
        "trials": [_other(trial, base_url) for trial in story.trials],
        "citation": cited.text,
    }


# What a text calls a file by, where it links to it or shows it.
_NAMED = re.compile(r"(?<=\]\()\s*<?fichier:([0-9a-f]{32})>?")


def shows_files(story: StoryPage) -> bool:
    return any(SCHEME in part.source for part in _parts(story))


def _parts(story: StoryPage) -> Iterator[Part]:
    yield from story.texts.values()
    for section in story.sections:
        yield from section.parts


def with_addresses(story: StoryPage, files: Mapping[str, ShownFile], base_url: str) -> StoryPage:
    """The same story with the addresses of its files in its Markdown, for those who read it elsewhere."""
    if not shows_files(story):
        return story

    def address(match: re.Match[str]) -> str:
        file = files.get(match[1])
        return f"{base_url}{file.path}" if file else match[0]

    def told(part: Part) -> Part:
        return replace(part, source=_NAMED.sub(address, part.source))

    return replace(
        story,
        texts={name: told(part) for name, part in story.texts.items()},
        sections=tuple(
            replace(section, source=_NAMED.sub(address, section.source), parts=tuple(map(told, section.parts)))
            for section in story.sections
        ),
    )


def _word(word: Word) -> dict[str, str]:
    return {"slug": word.slug, "fr": word.fr, "en": word.en}


def _part(part: Part, known: Vocabulary) -> dict[str, Any]:
    data: dict[str, Any] = {"term": _word(known.by_id[part.term_id]), "text": part.source}
    return data if part.direction is None else data | {"direction": part.direction}


def _actor(actor: Actor, known: Vocabulary) -> dict[str, Any]:
    return {
        "family": _word(known.by_id[actor.family_id]),
        "role": actor.role or None,
        "relation": _word(known.by_id[actor.relation_id]) if actor.relation_id else None,
        "stages": [_word(known.by_id[stage_id]) for stage_id in actor.stage_ids],
    }


def _other(other: Other, base_url: str) -> dict[str, Any]:
    return {"url": f"{base_url}{other.path}", "title": other.title, "outcome": other.outcome}


def as_markdown(story: StoryPage, known: Vocabulary, site: str, base_url: str) -> str:
    """The whole story in its own language, to be read and to be pasted."""
    return "\n\n".join(_paragraphs(story, known, site, base_url)) + "\n"


def _paragraphs(story: StoryPage, known: Vocabulary, site: str, base_url: str) -> Iterator[str]:
    locale = _locale(story)

    def said(text: Text) -> str:
        return text.in_(locale)

    yield f"# {story.title}"
    authors = ", ".join(signed(hand.name, hand.organization) for hand in story.authors)
    lines = [(_("Told by"), authors), *facts(story, known, locale)]
    yield "\n".join(f"- {said(label)}{_colon(locale)} {value}" for label, value in lines if value)
    if story.source("summary"):
        yield story.source("summary")
    if story.chain:
        outcome = said(OUTCOME_NAMES[story.outcome or ""])
        yield f"{outcome}{_colon(locale)} [{story.chain[0].title}]({base_url}{story.chain[0].path})"
    for section in story.sections:
        yield f"## {said(section.label)}"
        yield from _section(section, known, locale)
    if story.source("open_question"):
        yield f"## {said(_('A question for those who read this'))}"
        yield story.source("open_question")
    yield "---"
    yield citation(story, site, base_url, locale).text


def facts(story: StoryPage, known: Vocabulary, locale: str) -> list[tuple[Text, str]]:
    """What a story is about, one line each: where, when, at which stages."""
    terms = words_of(story.term_ids, known)
    labels = {name: ", ".join(word.label(locale) for word in words) for name, words in terms.items()}
    scale = known.label(story.scale_id, locale) if story.scale_id else ""
    place = ", ".join(filter(None, (labels.get("region", ""), story.locality, scale)))
    validators = ", ".join(hand.name for hand in story.validators)
    lines = [
        (_("Who read it over"), validators),
        (_("Where"), place),
        (_("When"), _when(story, locale)),
        (_("Stages"), labels.get("stage", "")),
        (_("Issues"), labels.get("theme", "")),
        (_("Dimensions"), labels.get("dimension", "")),
        (_("Competencies that came into play"), labels.get("competency", "")),
        (_("Licence"), LICENCE_SHORT[story.licence].in_(locale)),
    ]
    return [(label, value) for label, value in lines if value]


def signed(name: str, organization: str | None) -> str:
    return f"{name} ({organization})" if organization else name


def _when(story: StoryPage, locale: str) -> str:
    progress = PROGRESS_NAMES[story.progress].in_(locale).lower() if story.progress else ""
    if story.began_on and story.ended_on:
        begin, end = times.month(story.began_on, locale), times.month(story.ended_on, locale)
        return ", ".join(filter(None, (_("From %(begin)s to %(end)s", begin=begin, end=end).in_(locale), progress)))
    if story.began_on:
        begin = times.month(story.began_on, locale)
        return ", ".join(filter(None, (_("Since %(begin)s", begin=begin).in_(locale), progress)))
    return progress


def _section(section: Section, known: Vocabulary, locale: str) -> Iterator[str]:
    if section.source:
        yield section.source
    for part in section.parts:
        way = f" ({DIRECTION_NAMES[part.direction].in_(locale)})" if part.direction else ""
        yield f"### {known.label(part.term_id, locale)}{way}"
        yield part.source
    if section.actors:
        yield "\n".join(f"- {actor_line(actor, known, locale)}" for actor in section.actors)


def actor_line(actor: Actor, known: Vocabulary, locale: str) -> str:
    """« Fondation : accepte le rapport commun (bailleur de fonds; planification) »."""
    more = [known.label(actor.relation_id, locale)] if actor.relation_id else []
    stages = ", ".join(known.label(stage_id, locale) for stage_id in actor.stage_ids)
    aside = "; ".join([*more, *([stages] if stages else [])])
    family = known.label(actor.family_id, locale)
    line = f"{family}{_colon(locale)} {actor.role}" if actor.role else family
    return f"{line} ({aside})" if aside else line


def _colon(locale: str) -> str:
    return "\u00a0:" if locale == FRENCH else ":"


def _locale(story: StoryPage) -> str:
    return story.language if story.language in NAMES else FRENCH
