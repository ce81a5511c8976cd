"""What a page of questions is made from: the story for one who writes in it, her drafts, who else is here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request

from maillage.cases import policies
from maillage.cases.forms.sections import AnswersForm, form_of, items_of
from maillage.cases.policies import Hand
from maillage.cases.policies.answers import Seen
from maillage.cases.policies.template import Field
from maillage.cases.policies.writing import questions_of
from maillage.cases.queries import desk
from maillage.cases.queries.desk import Draft, Told
from maillage.cases.queries.door import Look
from maillage.cases.routes.entering import enter
from maillage.core import clock
from maillage.core.db import Db
from maillage.core.errors import NotHere
from maillage.core.pages import locale_of
from maillage.taxonomies.queries.vocabulary import Vocabulary, vocabulary


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of questions is made from."""

    look: Look
    words: Vocabulary
    told: Told
    questions: Sequence[Field]
    drafts: dict[str, Draft]
    others: list[desk.Here]

    @property
    def drafted(self) -> dict[str, Draft]:
        """The sections whose draft is not saved yet."""
        return {name: draft for name, draft in self.drafts.items() if draft.fields}


async def about_of(request: Request, db: Db, section: str | None = None) -> Page:
    """The story of this address for somebody who writes in it, and the questions of a page."""
    look = await enter(request, db)
    policies.may_edit(look.standing).or_refuse()
    words = await vocabulary(request, db, look.version[1])
    told = await desk.told(db, look.case_id, words)
    questions = questions_of(told.depth)
    if section is not None:
        questions = tuple(question for question in questions if question.name == section)
        if not questions:
            raise NotHere
    hand = hand_of(look)
    kept = await desk.drafts(db, look.case_id, hand.author_id)
    others = await desk.others_here(db, look.case_id, hand.author_id, clock.now())
    return Page(look, words, told, questions, kept, others)


def hand_of(look: Look) -> Hand:
    hand = look.standing.hand
    assert hand is not None  # noqa: S101 — no rule about writing says yes without one
    return hand


def filled(request: Request, about: Page) -> AnswersForm:
    """The form as it stands: her drafts where there are some, else what is saved."""
    items: list[tuple[str, Any]] = []
    for question in about.questions:
        draft = about.drafted.get(question.name)
        if draft is None:
            items += items_of([question], about.told.answers, about.words)
        else:
            items += [(name, value) for name, values in draft.fields.items() for value in values]
    return form_of(about.questions, about.words, locale_of(request), FormData(items))


def whole(request: Request, about: Page, data: FormData) -> AnswersForm:
    """The form again with what she sent, checked, and for what she did not send, what is saved."""
    sent = sent_of(about, data)
    left = [question for question in about.questions if question not in sent]
    items = [*data.multi_items(), *items_of(left, about.told.answers, about.words)]
    form = form_of(about.questions, about.words, locale_of(request), FormData(items))
    form.validate()
    return form


def sent_of(about: Page, data: FormData) -> list[Field]:
    """The questions that a form brings: each says what it has seen, or names a field of its own."""
    sent = []
    for question in about.questions:
        empty = form_of([question], about.words, "en", FormData())
        names = [f"seen-{question.name}", *(field.name for field in empty)]
        if any(name in data for name in names):
            sent.append(question)
    return sent


def _seen(about: Page, name: str) -> Seen:
    """How far the story had come when what stands in the form was taken from it."""
    draft = about.drafted.get(name)
    if draft is None:
        return about.told.seen
    # Names that somebody took back were taken out of every draft with the rest.
    return Seen(Seen.read(draft.fields.get("seen", [""])[0]).revision, about.told.seen.withdrawals)


def fields_of(form: AnswersForm, question: Field, data: FormData) -> dict[str, list[str]]:
    """What a section's form sends, and what it had seen."""
    found = {field.name: [str(value) for value in data.getlist(field.name)] for field in form if field.name in data}
    return found | {"seen": [str(data.get(f"seen-{question.name}") or "")]}


def number_of(given: Any) -> int:
    """The number of a draft; nonsense is none."""
    text = str(given or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def shown(about: Page, form: AnswersForm) -> dict[str, Any]:
    return {
        "look": about.look,
        "form": form,
        "words": about.words,
        "told": about.told,
        "questions": about.questions,
        "others": about.others,
        "drafts": about.drafts,
        "drafted": about.drafted,
        "seen": {question.name: _seen(about, question.name) for question in about.questions},
    }
