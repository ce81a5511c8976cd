"""The questions of the template as a form, whichever of them a page asks, and the answers that it brings back."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from starlette.datastructures import FormData
from wtforms import StringField, ValidationError
from wtforms.validators import Regexp

from maillage.cases.policies.answers import MOST_ACTORS, NOTHING, Answers, Said
from maillage.cases.policies.reading import DIRECTION_NAMES, PROGRESS_NAMES
from maillage.cases.policies.template import Field
from maillage.core import markdown
from maillage.core.forms import Choice, Form, Line, Prose, Several, carried
from maillage.core.languages import _, counted
from maillage.forum.policies import TOO_COMPLEX
from maillage.taxonomies.queries.vocabulary import Vocabulary, Word

ROLE_LENGTH, LOCALITY_LENGTH = 200, 120
# How many empty lines a page of actors offers.
SPARE_ACTORS = 2
# How many fields a page has at most: each actor with all of its boxes ticked.
MOST_FIELDS = 1000
_NOT_SAID = ("", _("Not said"))
_MONTH = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])", re.ASCII)
_TEXTS = {
    "regions": _("Regions"),
    "scale": _("Scale"),
    "locality": _("Name of the place (optional)"),
    "began": _("From (month)"),
    "ended": _("To (month)"),
    "progress": _("Where it stands"),
    "themes": _("Issues"),
    "dimensions": _("Dimensions of development"),
    "stages": _("Stages of the cycle"),
    "competencies": _("Competencies"),
    "role": _("Role"),
    "family": _("Family of actors"),
    "relation": _("In what capacity"),
    "way": _("Which way it moved"),
}


class AnswersForm(Form):
    """Made by `form_of` with the fields of the questions that a page asks."""

    questions: Sequence[Field]
    words: Vocabulary

    def validate(self, extra_validators: object = None) -> bool:  # noqa: ARG002
        """Each field by itself, then what hangs together."""
        right = bool(super().validate())
        for question in self.questions:
            match question.kind:
                case "period":
                    right &= self._period_makes_sense()
                case "components":
                    right &= self._components_are_whole(question)
                case "actors":
                    right &= self._actors_are_whole()
        return right

    def _period_makes_sense(self) -> bool:
        began, ended = self["began"].data or "", self["ended"].data or ""
        if ended and began > ended:
            return self._wrong("ended", carried(_("It ends before it begins.")))
        if ended and not began:
            return self._wrong("began", carried(_("Say from when, too.")))
        return True

    def _components_are_whole(self, question: Field) -> bool:
        right = True
        for word in parts_of(question, self.words):
            name = f"{question.name}-{word.slug}"
            said, way = self[name].data, self[f"{name}-way"].data
            if said and not way:
                right = self._wrong(f"{name}-way", carried(_("Say which way it moved.")))
            elif way and not said:
                right = self._wrong(name, carried(_("A line is enough: say what you saw.")))
        return right

    def _actors_are_whole(self) -> bool:
        right = True
        for name in self.actor_names:
            if self._fills(name) and not self[f"{name}-family"].data:
                right = self._wrong(f"{name}-family", carried(_("Choose the family that comes nearest.")))
        return right

    def _wrong(self, name: str, error: str) -> bool:
        self[name].errors = [*self[name].errors, error]
        return False

    def _fills(self, name: str) -> bool:
        return any(self[f"{name}-{part}"].data for part in ("role", "relation", "stages"))

    def answered(self, name: str) -> bool:
        """Whether a question has an answer, or something that was meant as one."""
        return any(field.data for field in self if field.name == name or field.name.startswith(f"{name}-"))

    @property
    def actor_names(self) -> list[str]:
        """What the fields of each actor begin with."""
        return [f"actors-{n}" for n in range(MOST_ACTORS) if f"actors-{n}-family" in self]

    @property
    def answers(self) -> Answers:
        """Every question of the page with its answer; those left empty too, so that what was there goes."""
        found: Answers = {}
        for question in self.questions:
            if question.kind in ("changes", "components"):
                for word in parts_of(question, self.words):
                    found[question.name, word.id] = self._part(f"{question.name}-{word.slug}")
            else:
                found[question.name, None] = Said(self._text(question))
        return found

    def _part(self, name: str) -> Said:
        text = self[name].data or ""
        way = self[f"{name}-way"].data if f"{name}-way" in self else None
        return Said(text, way or None) if text else NOTHING

    def _text(self, question: Field) -> str:
        match question.kind:
            case "terms" | "place":
                lines = [
                    f"{taxonomy}/{slug}"
                    for taxonomy, name in boxes_of(question)
                    for slug in self._in_order(taxonomy, self[name].data)
                ]
                if question.kind == "place":
                    lines += [f"{name}/{self[name].data}" for name in ("scale", "locality") if self[name].data]
                return "\n".join(lines)
            case "period":
                began, ended, progress = (self[name].data or "" for name in ("began", "ended", "progress"))
                return f"{began}..{ended} {progress}".strip() if began or progress else ""
            case "actors":
                return "\n".join(
                    " | ".join(
                        (
                            self[f"{name}-role"].data or "",
                            self[f"{name}-family"].data,
                            self[f"{name}-relation"].data or "",
                            ",".join(self._in_order("stage", self[f"{name}-stages"].data)),
                        )
                    )
                    for name in self.actor_names
                    if self[f"{name}-family"].data
                )
        return self[question.name].data or ""

    def _in_order(self, taxonomy: str, slugs: Iterable[str] | None) -> list[str]:
        chosen = set(slugs or ())
        return [word.slug for word in self.words.lists.get(taxonomy, ()) if word.slug in chosen]


def form_of(
    questions: Sequence[Field], words: Vocabulary, locale: str, data: FormData, *, more: dict[str, Any] | None = None
) -> AnswersForm:
    """The form of these questions, filled from what a browser sent or from `items_of` a story."""
    fields: dict[str, Any] = {"questions": questions, "words": words} | (more or {})
    for question in questions:
        fields |= _fields_of(question, words, locale, data)
    made = cast(type[AnswersForm], type("AnswersForm", (AnswersForm,), fields))
    return made(locale, data)


def _fields_of(question: Field, words: Vocabulary, locale: str, data: FormData) -> dict[str, Any]:
    match question.kind:
        case "line":
            return {question.name: Line(question.prompt, limit=question.limit, required=question.needed == "draft")}
        case "prose":
            return {question.name: _prose(question)}
        case "terms" | "place":
            boxes: dict[str, Any] = {
                name: Several(_TEXTS[name], choices=_choices(words, taxonomy, locale, data.getlist(name)))
                for taxonomy, name in boxes_of(question)
            }
            if question.kind == "place":
                scales = _choices(words, "scale", locale, data.getlist("scale"))
                boxes["scale"] = Choice(_TEXTS["scale"], choices=[_NOT_SAID, *scales], default="")
                boxes["locality"] = Line(_TEXTS["locality"], limit=LOCALITY_LENGTH)
            return boxes
        case "period":
            return {
                "began": _month("began"),
                "ended": _month("ended"),
                "progress": Choice(_TEXTS["progress"], choices=[_NOT_SAID, *PROGRESS_NAMES.items()], default=""),
            }
        case "actors":
            return _actors(words, locale, data)
    made: dict[str, Any] = {}
    for word in parts_of(question, words):
        made[f"{question.name}-{word.slug}"] = _prose(question, word.label(locale))
        if question.kind == "components":
            ways = [_NOT_SAID, *DIRECTION_NAMES.items()]
            made[f"{question.name}-{word.slug}-way"] = Choice(_TEXTS["way"], choices=ways, default="")
    return made


def _actors(words: Vocabulary, locale: str, data: FormData) -> dict[str, Any]:
    given = [n for n in range(MOST_ACTORS) if data.get(f"actors-{n}-family") or data.get(f"actors-{n}-role")]
    made: dict[str, Any] = {}
    for n in range(min(MOST_ACTORS, max(given, default=-1) + 1 + SPARE_ACTORS)):
        name = f"actors-{n}"
        for part, taxonomy in (("family", "family"), ("relation", "relation")):
            chosen = _choices(words, taxonomy, locale, data.getlist(f"{name}-{part}"))
            made[f"{name}-{part}"] = Choice(_TEXTS[part], choices=[_NOT_SAID, *chosen], default="")
        made[f"{name}-role"] = Line(_TEXTS["role"], limit=ROLE_LENGTH)
        stages = _choices(words, "stage", locale, data.getlist(f"{name}-stages"))
        made[f"{name}-stages"] = Several(_TEXTS["stages"], choices=stages)
    return made


def _prose(question: Field, label: str | None = None) -> Prose:
    return _Words(cast(Any, label or question.prompt), limit=question.limit)


def _month(name: str) -> StringField:
    wrong = carried(_("Write a year and a month: 2024-03."))
    return Month(carried(_TEXTS[name]), [Regexp(rf"\Z|{_MONTH.pattern}\Z", message=wrong)], filters=[_trimmed])


class Month(StringField):
    """A year and a month."""


class _Words(Prose):
    """Prose in Markdown."""

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002 — WTForms gives it
        if not validation_stopped and self.words:
            _can_be_shown(self.words)


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


def _can_be_shown(text: str) -> None:
    """Images say in words what they show, and nothing is so intricate that it cannot be rendered."""
    try:
        missing = markdown.missing_alt(text)
    except markdown.TooComplex:
        raise ValidationError(carried(TOO_COMPLEX)) from None
    if missing:
        raise ValidationError(
            carried(
                counted(
                    "An image lacks a description: write it between its square brackets.",
                    "%(n)s images lack a description: write it between their square brackets.",
                    missing,
                )
            )
        )


def boxes_of(question: Field) -> list[tuple[str, str]]:
    """The lists that a question chooses from, and the field that holds what is chosen of each."""
    return [(taxonomy, "dimensions" if taxonomy == "dimension" else question.name) for taxonomy in question.taxonomies]


def parts_of(question: Field, words: Vocabulary) -> list[Word]:
    """What a question can be answered about: changes, or components under their types."""
    listed = words.lists.get(question.taxonomies[0], ())
    return [word for word in listed if word.parent_id is not None or question.kind != "components"]


def _choices(words: Vocabulary, taxonomy: str, locale: str, chosen: Sequence[Any]) -> list[tuple[str, str]]:
    """What can be chosen now, and what is chosen already."""
    listed = words.lists.get(taxonomy, ())
    return [(word.slug, word.label(locale)) for word in listed if not word.deprecated or word.slug in chosen]


def items_of(questions: Sequence[Field], answers: Answers, words: Vocabulary) -> list[tuple[str, str]]:
    """What a form of these questions would send if nobody changed it."""
    items: list[tuple[str, str]] = []
    for question in questions:
        if question.kind in ("changes", "components"):
            for word in parts_of(question, words):
                said, name = answers.get((question.name, word.id), NOTHING), f"{question.name}-{word.slug}"
                items.append((name, said.text))
                if said.direction:
                    items.append((f"{name}-way", said.direction))
            continue
        items += _items(question, answers.get((question.name, None), NOTHING).text)
    return items


def _items(question: Field, text: str) -> list[tuple[str, str]]:
    match question.kind:
        case "terms" | "place":
            named = dict(boxes_of(question)) | {
                "scale": "scale",
                "locality": "locality",
            }
            lines = (line.partition("/") for line in text.splitlines())
            return [(named[kind], value) for kind, _slash, value in lines if kind in named]
        case "period":
            months, _space, progress = text.partition(" ")
            began, _dots, ended = months.partition("..")
            return [("began", began), ("ended", ended), ("progress", progress)]
        case "actors":
            items = []
            for n, line in enumerate(text.splitlines()[:MOST_ACTORS]):
                role, family, relation, stages = line.rsplit(" | ", 3)
                items += [(f"actors-{n}-role", role), (f"actors-{n}-family", family)]
                items += [(f"actors-{n}-relation", relation)]
                items += [(f"actors-{n}-stages", slug) for slug in stages.split(",") if slug]
            return items
    return [(question.name, text)]
