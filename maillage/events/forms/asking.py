"""What organizers ask of those who register, as they write it: a question, and the answers to choose from."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.datastructures import FormData
from wtforms import BooleanField

from maillage.auth.forms.people import options
from maillage.core.db import Row
from maillage.core.forms import Choice, Form, Line, Prose, WholeNumber, carried
from maillage.core.languages import Text, _
from maillage.events.policies.asking import KIND_NAMES, MOST_CHOICES, Offered, Wording
from maillage.events.queries.asking import Question

_MOST_SEATS = 20_000


class WithChoices(Form):
    """A form with lines for answers to choose from: those that there are, by their number, and some empty ones."""

    # Set by `choice_fields`.
    rows: Sequence[tuple[str, Row | None]]

    @property
    def offered(self) -> list[Offered]:
        return [
            Offered(
                row["id"] if row else None,
                cast(Line, self[f"choice_{name}"]).words,
                cast(Prose, self[f"details_{name}"]).words,
                self[f"seats_{name}"].data,
            )
            for name, row in self.rows
        ]

    def need_one(self) -> bool:
        """Whether there is something to choose from; says so otherwise."""
        if any(offered.label for offered in self.offered):
            return True
        self[f"choice_{self.rows[0][0]}"].errors = [carried(_("Write at least one answer to choose from."))]
        return False


def choice_fields(choices: Sequence[Row], *, named: Text) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields for these choices and for some more, and what stands in them. A line is known by its number, so that
    what somebody else adds or takes out meanwhile is left alone."""
    empty = min(3 if choices else 4, MOST_CHOICES - len(choices))
    rows: list[tuple[str, Row | None]] = [
        *((str(choice["id"]), choice) for choice in choices),
        *((f"new{n}", None) for n in range(1, empty + 1)),
    ]
    fields: dict[str, Any] = {"rows": rows}
    given: dict[str, Any] = {}
    for name, row in rows:
        fields |= {
            f"choice_{name}": Line(named, limit=200),
            f"details_{name}": Prose(_("Details"), limit=1_000, render_kw={"rows": 2}),
            f"seats_{name}": WholeNumber(_("Places"), least=0, most=_MOST_SEATS),
        }
        if row is not None:
            given |= {f"choice_{name}": row["label"], f"details_{name}": row["details"], f"seats_{name}": row["seats"]}
    return fields, given


class QuestionForm(WithChoices):
    kind = Choice(_("What kind of answer?"), default="text")
    label = Line(_("Question"), limit=300, required=True)
    help = Line(_("A word of explanation"), limit=300)
    required = BooleanField(carried(_("An answer is required")))
    sensitive = BooleanField(carried(_("It is about health, food or needs: erase the answers thirty days after")))
    shown_when = Choice(_("Of whom is it asked?"), default="")

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return (self.kind.data == "text" or self.need_one()) and valid

    @property
    def wording(self) -> Wording:
        """The question. The form is valid."""
        return Wording(
            kind=self.kind.data,
            label=self.label.words,
            help=self.help.words,
            required=self.required.data,
            sensitive=self.sensitive.data,
            shown_when_id=int(self.shown_when.data) if self.shown_when.data else None,
            choices=self.offered if self.kind.data != "text" else (),
        )


def question_form(
    locale: str, asked: Sequence[Question], data: FormData | None = None, *, changed: Question | None = None
) -> QuestionForm:
    """A new question, or one that is changed: its kind stays. `asked` are all that there are."""
    fields, given = choice_fields(changed.choices if changed else (), named=_("Answer to choose"))
    if changed is not None:
        row = changed.row
        given |= {name: row[name] for name in ("kind", "label", "help", "required", "sensitive")}
        given["shown_when"] = str(row["shown_when_id"] or "")
    form: QuestionForm = type("AQuestionForm", (QuestionForm,), fields)(locale, data, **given)
    kinds = options(KIND_NAMES, locale)
    form.kind.choices = kinds if changed is None else [kind for kind in kinds if kind[0] == changed.row["kind"]]
    before = [one for one in asked if changed is None or one.row["position"] < changed.row["position"]]
    form.shown_when.choices = [
        ("", _("Everybody").in_(locale)),
        *(
            (str(choice["id"]), _("Those who answer “%(choice)s”", choice=choice["label"]).in_(locale))
            for one in before
            for choice in one.choices
        ),
    ]
    return form
