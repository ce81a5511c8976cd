"""What somebody says of a file that she adds."""

from typing import Any

from starlette.datastructures import FormData
from wtforms import FileField, RadioField
from wtforms.validators import DataRequired

from maillage.core.files.checks import ACCEPT
from maillage.core.files.models import MAX_ALT, MAX_CREDIT
from maillage.core.forms import Form, Line, carried
from maillage.core.languages import Text, _

RIGHTS: dict[str, Text] = {
    "mine": _("I made it"),
    "permission": _("Whoever made it lets me use it here"),
    "free-licence": _("It is under a free licence, or free of rights"),
}
NO_FILE = _("Choose a file.")
NO_ALT = _("Say in words what this picture shows, for those who cannot see it.")

NO_CREDIT = _("Name whoever made it, and the licence if there is one.")


class UploadForm(Form):
    """One file, and what has to be known before it is shown to anybody. The file itself is read beside the form."""

    file = FileField(carried(_("File")), render_kw={"accept": ACCEPT, "required": True})
    alt = Line(_("What the picture shows"), limit=MAX_ALT)
    right_of_use = RadioField(
        carried(_("By what right")),
        [DataRequired(carried(_("Say by what right this file may be shown here.")))],
    )
    credit = Line(_("Whom to name"), limit=MAX_CREDIT)

    def __init__(self, locale: str, data: FormData | None = None) -> None:
        super().__init__(locale, data)
        self.right_of_use.choices = [(right, label.in_(locale)) for right, label in RIGHTS.items()]

    @property
    def is_described(self) -> bool:
        """Whether the words about the picture hold any."""
        return any(map(str.isalnum, self.alt.words))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whoever shows the work of others says whose it is."""
        fine = super().validate(extra_validators)
        if self.right_of_use.data in {"permission", "free-licence"} and not self.credit.words:
            self.refuse("credit", NO_CREDIT)
        return fine and not self.errors

    def refuse(self, name: str, why: Text) -> None:
        """Put a sentence beside a field that was found wrong."""
        self[name].errors = [*self[name].errors, carried(why)]
