"""Holding seats for an organization, and saying who comes on one."""

from typing import Any

from starlette.datastructures import FormData
from wtforms import HiddenField
from wtforms.validators import Length
from wtforms.widgets import EmailInput

from maillage.auth.forms.arriving import is_address
from maillage.core.forms import Choice, Form, Line, WholeNumber, carried
from maillage.core.languages import _
from maillage.events.forms.registering import date_choices
from maillage.events.policies.groups import MOST
from maillage.events.queries.registrations import Offer


class SeatsForm(Form):
    date = Choice(_("Date"))
    seats = WholeNumber(_("How many seats"), most=MOST)
    request_key = HiddenField(validators=[Length(max=64)])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.seats.data is None and not self.seats.errors:
            self.seats.errors = [carried(_("This field is required."))]
        return valid and not self.seats.errors


class NameForm(Form):
    """Somebody of the organization, or somebody with an address."""

    person = Choice(_("Somebody of the organization"))
    name = Line(_("Name"), limit=120, render_kw={"autocomplete": "off"})
    email = Line(_("E-mail address"), limit=254, widget=EmailInput(), render_kw={"autocomplete": "off"})

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if valid and not self.person.data:
            if not self.name.words:
                self.name.errors = [carried(_("Choose somebody, or write down a name and an address."))]
            if not is_address(self.email.words):
                self.email.errors = [carried(_("An address looks like name@example.org."))]
        return valid and not self.errors


def seats_form(locale: str, offer: Offer, data: FormData | None = None, **given: Any) -> SeatsForm:
    form = SeatsForm(locale, data, **given)
    form.date.choices = date_choices(offer, locale)
    if data is None and len(form.date.choices) == 1:
        form.date.data = form.date.choices[0][0]
    return form


def name_form(locale: str, people: list[tuple[str, str]], data: FormData | None = None) -> NameForm:
    form = NameForm(locale, data, person="")
    form.person.choices = [("", _("Somebody else (below)").in_(locale)), *people]
    return form
