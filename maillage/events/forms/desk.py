"""What organizers write to those who registered."""

from wtforms import HiddenField
from wtforms.validators import DataRequired, Length

from maillage.core.forms import Form, Line, Prose
from maillage.core.languages import _


class LetterForm(Form):
    subject = Line(_("Subject"), limit=160, required=True)
    body = Prose(_("Letter"), limit=5_000, required=True)
    request_key = HiddenField(validators=[DataRequired(), Length(max=64)])
