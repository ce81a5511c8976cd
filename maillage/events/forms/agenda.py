"""Asking a question for a gathering, and grouping them into an agenda."""

import re
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData
from wtforms import HiddenField
from wtforms.validators import Length

from maillage.core.db import Row
from maillage.core.forms import Choice, Form, Line, Prose, WholeNumber, carried
from maillage.core.languages import _
from maillage.events.policies.agenda import MOST_QUESTIONS, MOST_TOPICS, Arrangement, Placed, Topic
from maillage.events.queries.agenda import Agenda, Asked

# So many empty lines for topics.
_EMPTY = 3
_MOST_PLACES = 999
# Three fields for a topic, three for a question, and what travels with them.
MOST_FIELDS = 3 * MOST_QUESTIONS + 4 * MOST_TOPICS + 20
_TITLE = re.compile(r"title_([0-9]{1,18})", re.ASCII)


class QuestionForm(Form):
    body = Line(_("Your question"), limit=300, required=True)
    request_key = HiddenField(validators=[Length(max=64)])


class SearchForm(Form):
    mot = Line(_("A word of the question"), limit=100)


class ArrangementForm(Form):
    seen = HiddenField(validators=[Length(max=10)], default="0")
    # Set by `arrangement_form`: the keys of the topics, and the questions.
    keys: Sequence[str]
    known: frozenset[str]
    asked: Sequence[Asked]
    answering: bool

    @property
    def revision(self) -> int:
        seen = self.seen.data or ""
        return int(seen) if seen.isascii() and seen.isdecimal() else -1

    @property
    def arrangement(self) -> Arrangement:
        titled = [key for key in self.keys if self._title(key)]
        # Of those at the same place, the one that stands first.
        ordered = sorted(titled, key=lambda key: self[f"place_{key}"].data or _MOST_PLACES)
        return Arrangement(
            [
                Topic(key, int(key) if key in self.known else None, self._title(key), self[f"minutes_{key}"].data)
                for key in ordered
            ],
            [
                Placed(
                    asked.id,
                    self[f"topic_{asked.id}"].data or "",
                    self[f"rank_{asked.id}"].data or 0,
                    self[f"answer_{asked.id}"].data or "" if self.answering else None,
                )
                for asked in self.asked
            ],
            [int(key) for key in self.keys if key in self.known and not self._title(key)],
        )

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        wanted = {self[f"topic_{asked.id}"].data for asked in self.asked}
        for key in self.keys:
            # Emptied, a topic is taken out; a new one needs a title as soon as something is put under it.
            if key not in self.known and key in wanted and not self._title(key):
                self[f"title_{key}"].errors = [carried(_("Give it a title: questions are put under it."))]
        return not self.errors

    def _title(self, key: str) -> str:
        return str(self[f"title_{key}"].data or "")


def arrangement_form(locale: str, agenda: Agenda, data: FormData | None = None, *, answering: bool) -> ArrangementForm:
    """The agenda as it stands, or as somebody wants it; `answering` once the gathering has begun."""
    known = [str(topic["id"]) for topic in agenda.topics]
    # Of a topic that somebody else took out meanwhile, her words stay.
    gone = [match[1] for name in data or () if (match := _TITLE.fullmatch(name)) and match[1] not in known]
    empty = [f"new{n}" for n in range(1, min(_EMPTY, MOST_TOPICS - len(known)) + 1)]
    keys = [*known, *gone[:MOST_TOPICS], *empty]
    questions = agenda.questions
    fields: dict[str, Any] = {
        "keys": keys,
        "known": frozenset(known),
        "asked": questions,
        "answering": answering,
    }
    given: dict[str, Any] = {"seen": str(agenda.revision)}
    for place, key in enumerate(keys, 1):
        fields |= {
            f"title_{key}": Line(_("Topic"), limit=200),
            f"minutes_{key}": WholeNumber(_("Minutes"), most=1440),
            f"place_{key}": WholeNumber(_("Rank"), most=_MOST_PLACES),
        }
        given[f"place_{key}"] = place
    for topic in agenda.topics:
        given |= {f"title_{topic['id']}": topic["title"], f"minutes_{topic['id']}": topic["minutes"]}
    for asked in questions:
        fields |= {
            f"topic_{asked.id}": Choice(_("Topic"), default=""),
            f"rank_{asked.id}": WholeNumber(_("Rank"), least=0, most=_MOST_PLACES),
        }
        given |= {f"topic_{asked.id}": str(asked.topic_id or ""), f"rank_{asked.id}": asked.position or None}
        if answering:
            fields[f"answer_{asked.id}"] = Prose(_("What was answered"), limit=1_000)
            given[f"answer_{asked.id}"] = asked.answer
    form: ArrangementForm = type("AnArrangementForm", (ArrangementForm,), fields)(
        locale, _completed(data, given) if data is not None else None, **given
    )
    offered = _offered(locale, agenda.topics, keys, data)
    for asked in questions:
        field = form[f"topic_{asked.id}"]
        assert isinstance(field, Choice)  # noqa: S101 — made so above
        field.choices = offered
    return form


def _completed(data: FormData, given: dict[str, Any]) -> FormData:
    """What she sent, and what she could not have sent: what others added since."""
    added = [(name, "" if value is None else str(value)) for name, value in given.items() if name not in data]
    return FormData([*data.multi_items(), *added])


def _offered(locale: str, topics: Sequence[Row], keys: Sequence[str], data: FormData | None) -> list[tuple[str, str]]:
    titles = {str(topic["id"]): topic["title"] for topic in topics}
    offered = [("", _("No topic").in_(locale))]
    for key in keys:
        title = str(data.get(f"title_{key}") or "" if data is not None else "").strip()[:200] or titles.get(key, "")
        nth = key.removeprefix("new")
        offered.append((key, title or _("New topic %(n)s", n=nth).in_(locale)))
    return offered
