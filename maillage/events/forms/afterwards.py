"""What organizers write once people have met, and what those who came say of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from starlette.datastructures import FormData
from wtforms import HiddenField
from wtforms.validators import Length

from maillage.auth.forms.people import options
from maillage.core.forms import Choice, Form, Line, Prose
from maillage.core.languages import _
from maillage.events.forms.days import Day
from maillage.events.policies.afterwards import OUTCOME_NAMES, USEFUL, Written
from maillage.events.queries.afterwards import OutcomeRow, Report

# So many empty lines for what came of it, and so many in all.
_EMPTY, MOST = 3, 15


class _ReportForm(Form):
    notes = Prose(_("What was said and done"), limit=50_000)
    changes = Prose(_("What we will do otherwise, after what people told us"), limit=5_000)
    seen = HiddenField(validators=[Length(max=10)], default="0")
    # Set by `report_form`.
    rows: Sequence[OutcomeRow | None]

    @property
    def revision(self) -> int:
        seen = self.seen.data or ""
        return int(seen) if seen.isdecimal() else 0

    @property
    def lines(self) -> list[tuple[int, OutcomeRow | None]]:
        """The number of each line of what came of it, with what it holds already."""
        return list(enumerate(self.rows))

    @property
    def outcomes(self) -> list[Written]:
        return [
            Written(
                row.id if row else None,
                self[f"kind_{n}"].data,
                cast(Line, self[f"body_{n}"]).words,
                cast(Line, self[f"owner_{n}"]).words,
                self[f"due_{n}"].data,
            )
            for n, row in self.lines
        ]


def report_form(locale: str, report: Report, data: FormData | None = None) -> _ReportForm:
    """The report, with one line for each thing that came of it and a few empty ones."""
    empty = min(_EMPTY, MOST - len(report.outcomes))
    rows: list[OutcomeRow | None] = [*report.outcomes, *([None] * max(empty, 0))]
    fields: dict[str, Any] = {"rows": rows}
    given: dict[str, str | date | None] = {
        "notes": report.notes_md,
        "changes": report.changes_md,
        "seen": str(report.revision),
    }
    for n, row in enumerate(rows):
        fields |= {
            f"kind_{n}": Choice(_("What it is"), default="decision"),
            f"body_{n}": Line(_("In one sentence"), limit=500),
            f"owner_{n}": Line(_("Who sees to it"), limit=160),
            f"due_{n}": Day(_("By when")),
        }
        if row is not None:
            given |= {f"kind_{n}": row.kind, f"body_{n}": row.body, f"owner_{n}": row.owner, f"due_{n}": row.due_on}
    form: _ReportForm = type("ReportForm", (_ReportForm,), fields)(locale, data, **given)
    for n in range(len(rows)):
        cast(Choice, form[f"kind_{n}"]).choices = options(OUTCOME_NAMES, locale)
    return form


class EvaluationForm(Form):
    """Three questions."""

    useful = Choice(_("Was this gathering of use to you?"))
    learned = Prose(_("What do you take away from it?"), limit=1_000)
    change = Prose(_("What should we do otherwise?"), limit=1_000)

    def __init__(self, locale: str, data: FormData | None = None) -> None:
        super().__init__(locale, data)
        self.useful.choices = list(reversed(options(USEFUL, locale)))
