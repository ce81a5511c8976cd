"""What somebody writes on the way in: her address, and what she says of herself the first time."""

import re
from typing import Any

from starlette.datastructures import FormData
from wtforms import BooleanField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import EmailInput

from maillage.auth.forms.people import NAME_LENGTH, check_name, options
from maillage.auth.policies import REGIONS, RELATIONS
from maillage.core.forms import Choice, Form, Line, carried
from maillage.core.languages import Text, _

# What letters can be sent to: the form that browsers accept, with a dot in the domain.
_WORD = r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}$)(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@{_LABEL}(?:\.{_LABEL})+")


def is_address(email: str) -> bool:
    """Whether a letter could be sent there."""
    return _ADDRESS.fullmatch(email) is not None


class AddressForm(Form):
    """An e-mail address, to sign in with or to make one's own."""

    email = Line(_("Your e-mail address"), limit=254, required=True, widget=EmailInput())

    def validate_email(self, field: Line) -> None:
        if not is_address(field.words):
            raise ValidationError(carried(_("An address looks like name@example.org.")))


class Agreement(BooleanField):
    """A box that must be ticked, and never is beforehand."""

    def __init__(self, label: Text, *, otherwise: Text, **more: Any) -> None:
        super().__init__(carried(label), [InputRequired(carried(otherwise))], **more)
        # The browser's own refusal would come before our reasons, one box at a time, in a language of its own.
        self.flags.required = False
        # It is drawn like any other box.
        self.type = "BooleanField"


class WelcomeForm(Form):
    """Three questions that may be left alone, and two things to agree to."""

    name = Line(_("Name, as others see it"), limit=NAME_LENGTH)
    region = Choice(_("Region"))
    relation = Choice(_("In what capacity you take part"))
    of_age = Agreement(_("I am 14 years old or older"), otherwise=_("You must be 14 to take part."))
    terms = Agreement(
        _("I have read the terms of use, and I agree to them"),
        otherwise=_("Taking part goes with agreeing to the terms of use."),
    )

    def __init__(self, reader: str, data: FormData | None = None, *, usual: str | None, **given: Any) -> None:
        """`usual`: the capacity of her organization, hers when she says none."""
        # A question that was not sent is one that she left alone.
        super().__init__(reader, data, **{"region": "", "relation": ""} | given)
        nothing = _("Not said")
        if usual in RELATIONS:
            nothing = _("As my organization: %(capacity)s", capacity=RELATIONS[usual])
        self.region.choices = [("", _("Not said").in_(reader)), *options(REGIONS, reader)]
        self.relation.choices = [("", nothing.in_(reader)), *options(RELATIONS, reader)]

    def validate_name(self, field: Line) -> None:
        if field.words:
            check_name(field.words)
