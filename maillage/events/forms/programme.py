"""A line of the programme, and the workshops that it may hold."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from starlette.datastructures import FormData
from wtforms import BooleanField, ValidationError

from maillage.core.db import Row
from maillage.core.forms import Choice, Line, Prose, carried
from maillage.core.languages import _
from maillage.events.forms.asking import WithChoices, choice_fields
from maillage.events.forms.planning import Hour
from maillage.events.policies.asking import Wording
from maillage.events.policies.programme import Item
from maillage.events.policies.zones import span
from maillage.events.queries.asking import Question

_DAY = timedelta(days=1)


class ItemForm(WithChoices):
    """What happens, from when to when."""

    session = Choice(_("Session"), default="1")
    begins = Hour(_("Begins at"), render_kw={"type": "time"})
    ends = Hour(_("Ends at"), render_kw={"type": "time"})
    title = Line(_("Title"), limit=200, required=True)
    details = Prose(_("Details"), limit=1_000, render_kw={"rows": 3})
    required = BooleanField(carried(_("Whoever registers has to choose one")))

    # Set by `item_form`: the sessions whose hours are meant, their zone, and whether it holds workshops.
    spans: Sequence[tuple[datetime, datetime]]
    zone: str
    has_workshops: bool

    def validate_begins(self, field: Hour) -> None:
        if field.at is not None and not 0 <= self._after(field.at) < self._length:
            raise ValidationError(carried(_("It takes place during the session.")))

    def validate_ends(self, field: Hour) -> None:
        if field.at is None or self.begins.at is None:
            return
        if self._after(field.at) <= self._after(self.begins.at):
            raise ValidationError(carried(_("It ends after it begins.")))
        if self._after(field.at) > self._length:
            raise ValidationError(carried(_("It takes place during the session.")))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return (not self.has_workshops or self.need_one()) and valid

    @property
    def item(self) -> Item:
        """The line. The form is valid."""
        assert self.begins.at is not None and self.ends.at is not None  # noqa: S101, PT018
        begins = self._after(self.begins.at)
        return Item(
            session=self._session,
            begins=begins,
            minutes=self._after(self.ends.at) - begins,
            title=self.title.words,
            details=self.details.words,
        )

    @property
    def workshops(self) -> Wording | None:
        if not self.has_workshops:
            return None
        return Wording("workshop", self.title.words, required=self.required.data, choices=self.offered)

    @property
    def _session(self) -> int:
        numbers = [str(number) for number in range(1, len(self.spans) + 1)]
        return numbers.index(self.session.data) + 1 if self.session.data in numbers else 1

    @property
    def _length(self) -> int:
        starts, ends = self.spans[self._session - 1]
        return int((ends - starts) / timedelta(minutes=1))

    def _after(self, at: time) -> int:
        """So many minutes after the session began; of one that goes on after midnight, on the day after."""
        starts, ends = self.spans[self._session - 1]
        moment = datetime.combine(starts.date(), at)
        if moment < starts and ends.date() > starts.date():
            moment += _DAY
        return int((moment - starts) / timedelta(minutes=1))


def item_form(
    locale: str,
    date: Row,
    data: FormData | None = None,
    *,
    workshops: bool,
    item: Row | None = None,
    asked: Question | None = None,
) -> ItemForm:
    """A new line, or `item` changed, with the hours of this date. `asked` is the question of its workshops."""
    spans = list(zip(date["starts"], date["ends"], strict=True))
    fields, given = choice_fields(asked.choices if asked else (), named=_("Workshop"))
    fields |= {"spans": spans, "zone": date["zone"], "has_workshops": workshops}
    if item is not None:
        at = spans[min(item["session"], len(spans)) - 1][0] + timedelta(minutes=item["begins"])
        given |= {
            "session": str(item["session"]),
            "begins": f"{at:%H:%M}",
            "ends": f"{at + timedelta(minutes=item['minutes']):%H:%M}",
            "title": item["title"],
            "details": item["details"],
            "required": bool(item["required"]),
        }
    form: ItemForm = type("AnItemForm", (ItemForm,), fields)(locale, data, **given)
    form.session.choices = [
        (str(number), span(*both, date["zone"]).in_(locale)) for number, both in enumerate(spans, 1)
    ]
    return form
