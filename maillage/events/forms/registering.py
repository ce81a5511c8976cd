"""Registering for a date: what everybody says, and what the organizers of this gathering ask."""

from collections.abc import Sequence, Set
from typing import Any, TypeVar

from starlette.datastructures import FormData
from wtforms import BooleanField, HiddenField
from wtforms.validators import Length, ValidationError
from wtforms.widgets import EmailInput

from maillage.auth.forms.arriving import is_address
from maillage.core.forms import Choice, Form, Line, Prose, Several, carried
from maillage.core.languages import _
from maillage.events.policies import WAY_NAMES
from maillage.events.policies.registrations import ACCESS_NEEDS, DIETS, LISTED_NAMES
from maillage.events.policies.zones import span
from maillage.events.queries.registrations import Asked, Offer, Said

F = TypeVar("F", bound="AnswersForm")


class AnswersForm(Form):
    """What the organizers ask, and what somebody needs."""

    access = Several(_("What I need to take part"), choices=list(ACCESS_NEEDS.items()))
    diet = Several(_("What I eat"), choices=list(DIETS.items()))
    needs = Prose(_("Anything else that the organizers should know"), limit=1000)

    questions: Sequence[Asked] = ()

    def chosen(self) -> list[int]:
        """The choices that she made, but for those of questions that are not asked of her."""
        taken: set[int] = set()
        # A question comes after the one that leads to it: what is not asked leads to nothing.
        for asked in self.questions:
            if self.is_asked(asked, taken):
                taken |= {int(value) for value in self._values(asked)}
        return sorted(taken)

    def answers(self) -> dict[int, str]:
        """What she answered in her own words."""
        taken = set(self.chosen())
        return {
            asked.row["id"]: self[asked.name].data
            for asked in self.questions
            if asked.row["kind"] == "text" and self.is_asked(asked, taken) and self[asked.name].data
        }

    def is_asked(self, asked: Asked, taken: set[int]) -> bool:
        when = asked.row["shown_when_id"]
        return when is None or when in taken

    def leads_to(self, asked: Asked) -> str | None:
        """The answer of which this question is asked, in the organizers’ words."""
        choices = (choice for one in self.questions for choice in one.choices)
        return next((choice["label"] for choice in choices if choice["id"] == asked.row["shown_when_id"]), None)

    def _values(self, asked: Asked) -> Sequence[str]:
        field = self[asked.name]
        if isinstance(field, Several):
            return field.chosen
        return [field.data] if isinstance(field, Choice) and field.data else []

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not valid:
            return False
        taken = set(self.chosen())
        for asked in self.questions:
            field = self[asked.name]
            if asked.row["required"] and self.is_asked(asked, taken) and not field.data:
                field.errors = [carried(_("This field is required."))]
                valid = False
        return valid


class RegistrationForm(AnswersForm):
    date = Choice(_("Date"))
    listed = Choice(_("Who may read my name in the list of those who come"), choices=list(LISTED_NAMES.items()))
    agreed = BooleanField(carried(_("I agree to these conditions")))
    request_key = HiddenField(validators=[Length(max=64)])

    offer: Offer

    def line(self, name: str) -> str:
        """What was written in a field that only some of these forms have."""
        return self[name].data or ""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.offer.conditions and not self.agreed.data:
            self.agreed.errors = [carried(_("Agree to the conditions in order to register."))]
            valid = False
        return valid


class AddressForm(RegistrationForm):
    """Registering without an account."""

    name = Line(_("Your name"), limit=120, required=True, render_kw={"autocomplete": "name"})
    email = Line(_("Your e-mail address"), limit=254, required=True, widget=EmailInput())

    def validate_email(self, field: Line) -> None:
        if not is_address(field.words):
            raise ValidationError(carried(_("An address looks like name@example.org.")))


def registration_form(
    locale: str, offer: Offer, *, by_address: bool, data: FormData | None = None, **given: Any
) -> RegistrationForm:
    """The form of this gathering. What is chosen in `date` is a date and a way, `12:online`."""
    kind: type[RegistrationForm] = AddressForm if by_address else RegistrationForm
    open_dates = {date["id"] for date in offer.dates}
    form = _asking(kind, offer.questions, open_dates, locale)(locale, data, **given)
    form.questions, form.offer = offer.questions, offer
    form.date.choices = date_choices(offer, locale)
    if data is None and len(form.date.choices) == 1:
        form.date.data = form.date.choices[0][0]
    return form


def answers_form(
    locale: str, questions: Sequence[Asked], said: Said, *, occurrence_id: int, data: FormData | None = None
) -> AnswersForm:
    """What she said in registering, to be said anew: nothing sent yet, it says what stands."""
    hers = {str(number) for number in said.choices}
    made = _asking(AnswersForm, questions, {occurrence_id}, locale, hers)
    if data is None:
        stands: dict[str, Any] = {asked.name: _stands(asked, said, hers) for asked in questions}
        form = made(locale, access=said.access, diet=said.diet, needs=said.words, **stands)
    else:
        form = made(locale, data)
    form.questions = questions
    return form


def _stands(asked: Asked, said: Said, hers: Set[str]) -> str | list[str]:
    if asked.row["kind"] == "text":
        return said.answers.get(asked.row["id"], "")
    taken = [str(choice["id"]) for choice in asked.choices if str(choice["id"]) in hers]
    return taken if asked.row["kind"] == "several" else "".join(taken[:1])


def _asking(
    kind: type[F],
    questions: Sequence[Asked],
    open_dates: Set[int],
    locale: str,
    hers: Set[str] = frozenset(),
) -> type[F]:
    # Making a class of forms takes a third of the time of registering: only where something is asked.
    if not questions:
        return kind
    fields = {asked.name: _field(asked, open_dates, locale, hers) for asked in questions}
    return type("GatheringForm", (kind,), fields)


class MoveForm(Form):
    """Another date, or another way to take part."""

    date = Choice(_("Date"))
    request_key = HiddenField(validators=[Length(max=64)])


def move_form(
    locale: str, offer: Offer, *, held: Sequence[str], data: FormData | None = None, **given: Any
) -> MoveForm:
    """What she can move to: all that is open but what she holds."""
    form = MoveForm(locale, data, **given)
    form.date.choices = [choice for choice in date_choices(offer, locale) if choice[0] not in held]
    return form


class DeclineForm(Form):
    """A date on which she will not come."""

    occurrence = Choice(_("Date"))


def decline_form(locale: str, offer: Offer, data: FormData | None = None) -> DeclineForm:
    form = DeclineForm(locale, data)
    form.occurrence.choices = [
        (str(date["id"]), " · ".join(filter(None, [date["label"], _when(date, locale)]))) for date in offer.dates
    ]
    return form


def date_choices(offer: Offer, locale: str) -> list[tuple[str, str]]:
    """Each date that one can register for, in each of its ways: `12:online`."""
    return [(f"{date['id']}:{way}", _said(date, way, locale)) for date in offer.dates for way in date["ways"] or ()]


def _said(date: Any, way: str, locale: str) -> str:
    words = [
        date["label"],
        _when(date, locale),
        WAY_NAMES[way].in_(locale),
        date["locality"] if way == "in-person" else "",
    ]
    if way in (date["full_ways"] or ()):
        words.append(_("waiting list").in_(locale))
    return " · ".join(word for word in words if word)


def _when(date: Any, locale: str) -> str:
    return span(date["starts"][0], date["ends"][0], date["zone"]).in_(locale) if date["starts"] else ""


def _field(asked: Asked, open_dates: Set[int], locale: str, hers: Set[str]) -> Any:
    # What the organizers wrote is in one language, and shown as it is.
    label: Any = asked.row["label"]
    offered = [
        # What she has is full for others only.
        (key, choice["label"] if key in hers else _with_room(choice, open_dates, locale))
        for choice in asked.choices
        for key in (str(choice["id"]),)
    ]
    if asked.row["kind"] == "text":
        return Prose(label, limit=2000)
    if asked.row["kind"] == "several":
        return Several(label, choices=offered)
    return Choice(label, choices=[("", _("No choice").in_(locale)), *offered], default="")


def _with_room(choice: Any, open_dates: Set[int], locale: str) -> str:
    """What a choice is called, and that it is full where it is so on every date that one can register for."""
    full = choice["seats"] == 0 or (open_dates and open_dates <= set(choice["full_on"] or ()))
    return _("%(choice)s (full)", choice=choice["label"]).in_(locale) if full else choice["label"]
