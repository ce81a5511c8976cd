"""A letter to the authors of a story."""

from maillage.auth.forms.arriving import Agreement
from maillage.core.forms import Form, Prose
from maillage.core.languages import _

MOST = 3_000


class ContactForm(Form):
    body = Prose(_("Your message"), limit=MOST, required=True)
    address_shown = Agreement(
        _("They will see my name and my e-mail address, so that they can answer me."),
        otherwise=_("Without an address, they could not answer you."),
    )
