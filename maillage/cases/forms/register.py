"""What authors write in the register, and what somebody in the story says on her own page."""

from datetime import date
from typing import Any

from starlette.datastructures import FormData
from wtforms import BooleanField, DateField
from wtforms.validators import Optional, ValidationError

from maillage.auth.forms.arriving import Agreement, is_address
from maillage.auth.forms.people import options
from maillage.cases.policies.gate import CHOICES
from maillage.cases.policies.register import CHILDREN, Agreed, Described
from maillage.core.forms import Choice, Form, Line, Prose, carried
from maillage.core.languages import Text, _

QUOTES, QUOTE_LENGTH, OTHER_NAMES_LENGTH = 20, 2000, 500
HOW: dict[str, Text] = {
    "written": _("In writing"),
    "verbal": _("By word of mouth"),
}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class DescriptionForm(Form):
    """Who she is, for the authors alone, and what of hers is quoted."""

    name = Line(_("Name, or description"), limit=200, required=True)
    other_names = Prose(_("Other names that the story gives this person, one on each line"), limit=OTHER_NAMES_LENGTH)
    relation = Line(_("How they are linked to the story"), limit=200)
    shown_as = Line(_("What readers see instead of the name"), limit=200)
    under_14 = BooleanField(carried(_("Under 14 years of age")))
    quotes = Prose(_("Their words, as they are quoted, an empty line between two quotations"), limit=20_000)

    @property
    def described(self) -> Described:
        return Described(
            self.name.words,
            "\n".join(_lines(self.other_names.words)),
            self.relation.words,
            self.shown_as.words,
            bool(self.under_14.data),
            self.quoted,
        )

    @property
    def quoted(self) -> list[str]:
        return [quote.strip() for quote in self.quotes.words.split("\n\n") if quote.strip()]

    def validate_quotes(self, field: Prose) -> None:  # noqa: ARG002
        if len(self.quoted) > QUOTES:
            raise ValidationError(carried(_("At most %(most)s quotations.", most=QUOTES)))
        if any(len(quote) > QUOTE_LENGTH for quote in self.quoted):
            raise ValidationError(carried(_("A quotation has at most %(most)s characters.", most=QUOTE_LENGTH)))


class Until(DateField):
    """A day to come, or none."""

    # Set by the form: the day that it is where people are.
    today: date

    def __init__(self, label: Text, **more: Any) -> None:
        super().__init__(carried(label), [Optional()], **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(carried(_("A date looks like 2027-03-31."))) from None

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data is not None and not self.today <= self.data <= date(2200, 1, 1):
            raise ValidationError(carried(_("Choose a day to come.")))


class AgreementForm(Form):
    """What she agreed to elsewhere than on her page. `choice` is left alone where she is still to be asked."""

    choice = Choice(_("What this person agreed to"), default="")
    how = Choice(_("How they said so"), default="written")
    expires_on = Until(_("Until"))

    def __init__(
        self, reader: str, data: FormData | None = None, *, today: date, needed: bool, under_14: bool = False
    ) -> None:
        super().__init__(reader, data)
        self.expires_on.today = today
        self._needed, self._under_14 = needed, under_14
        nothing = [] if needed else [("", _("Still to be asked").in_(reader))]
        self.choice.choices = [*nothing, *options(CHOICES, reader)]
        self.how.choices = options(HOW, reader)

    def validate_choice(self, field: Choice) -> None:
        if self._under_14 and field.data not in ("", "aucune-mention"):
            raise ValidationError(carried(CHILDREN))

    @property
    def agreed(self) -> Agreed | None:
        return Agreed(self.choice.data, self.how.data, self.expires_on.data) if self.choice.data else None


class LetterForm(Form):
    email = Line(_("The person’s e-mail address"), limit=254, required=True)

    def validate_email(self, field: Line) -> None:
        if not is_address(field.words):
            raise ValidationError(carried(_("An address looks like name@example.org.")))


class DecisionForm(Form):
    """Her own choice, on her own page."""

    choice = Choice(_("How may the story speak of you?"))
    expires_on = Until(_("Until"))

    def __init__(self, reader: str, data: FormData | None = None, *, today: date, under_14: bool, **given: Any) -> None:
        super().__init__(reader, data, **given)
        self.expires_on.today = today
        self.choice.choices = options({"aucune-mention": CHOICES["aucune-mention"]} if under_14 else CHOICES, reader)


class CorrectionForm(Form):
    correction = Prose(_("What should be corrected"), limit=2000, required=True)


class DepartureForm(Form):
    """A refusal, or the end of a consent."""

    more = Prose(_("Other names or words by which people would recognize you in it, one on each line"), limit=1000)
    leave = Agreement(
        _("I no longer want to be in this story."), otherwise=_("Tick the box to say that this is what you want.")
    )

    @property
    def names(self) -> list[str]:
        return _lines(self.more.words)[:20]


class ReportedDepartureForm(DepartureForm):
    """The same, written down by an author or a facilitator."""

    more = Prose(_("Other names or words by which people would recognize this person, one on each line"), limit=1000)
    leave = Agreement(
        _("This person told me so."), otherwise=_("Tick the box to say that this is what the person wants.")
    )
