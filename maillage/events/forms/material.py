"""What to read before a gathering, and what remains after it, as its organizers write it."""

from starlette.datastructures import FormData
from wtforms import HiddenField
from wtforms.validators import Length

from maillage.core.forms import Form, Prose
from maillage.core.languages import _
from maillage.events.queries.material import FIELDS, Material

_LIMIT = 50_000


class MaterialForm(Form):
    before = Prose(_("To read and prepare before"), limit=_LIMIT, render_kw={"rows": 10})
    after = Prose(_("What remains after"), limit=_LIMIT, render_kw={"rows": 10})
    seen_before = HiddenField(validators=[Length(max=10)], default="0")
    seen_after = HiddenField(validators=[Length(max=10)], default="0")

    def __init__(self, locale: str, written: Material, data: FormData | None = None) -> None:
        seen = {f"seen_{field}": str(written.revisions[field]) for field in FIELDS}
        super().__init__(locale, data, **written.sources, **seen)

    @property
    def sources(self) -> dict[str, str]:
        return {"before": self.before.words, "after": self.after.words}

    @property
    def seen(self) -> dict[str, int]:
        """The revisions that the writer read. The form is valid."""
        return {field: _number(self[f"seen_{field}"].data) for field in FIELDS}


def _number(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdecimal() else 0
