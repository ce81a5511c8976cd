"""What administrators write about a term, from the browser's words to values."""

import re
from typing import Any

from starlette.datastructures import FormData
from wtforms import HiddenField
from wtforms.validators import Length, ValidationError

from maillage.core import names
from maillage.core.forms import Choice, Form, Line, Prose, Several, WholeNumber, carried
from maillage.core.languages import FRENCH, _
from maillage.core.typography import french
from maillage.taxonomies.models import MAX_CODE, MAX_DESCRIPTION, MAX_NAME, MAX_QUESTION, MAX_SLUG
from maillage.taxonomies.policies import SCOPES, Taxonomy

_SLUG = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
# The address of the page that adds a term.
TAKEN_SLUGS = ("nouveau",)
_FRENCH, _ENGLISH = {"lang": FRENCH}, {"lang": "en"}
_BOTH = _("Say it in both languages, or in neither.")


class TermForm(Form):
    """A term that exists. What its list does not say is taken out."""

    fr = Line(_("In French"), limit=MAX_NAME, required=True, render_kw=_FRENCH)
    en = Line(_("In English"), limit=MAX_NAME, required=True, render_kw=_ENGLISH)
    description_fr = Prose(_("Description in French"), limit=MAX_DESCRIPTION, render_kw=_FRENCH)
    description_en = Prose(_("Description in English"), limit=MAX_DESCRIPTION, render_kw=_ENGLISH)
    question_fr = Prose(_("Question about power, in French"), limit=MAX_QUESTION, render_kw=_FRENCH)
    question_en = Prose(_("Question about power, in English"), limit=MAX_QUESTION, render_kw=_ENGLISH)
    code = Line(_("Official number"), limit=MAX_CODE)
    scope = Choice(_("Whose it is"), choices=[("", _("Not said")), *SCOPES.items()], default="")
    stages = Several(_("Stages that it serves"))
    # The last change that the page knew of, so that nobody writes over anybody.
    seen = HiddenField(validators=[Length(max=20)], default="0")

    def __init__(
        self,
        locale: str,
        taxonomy: Taxonomy,
        data: FormData | None = None,
        *,
        served: list[tuple[str, str]],
        **given: Any,
    ) -> None:
        super().__init__(locale, data, **given)
        self.stages.choices = served
        if not taxonomy.asks:
            del self.question_fr, self.question_en
        if not taxonomy.coded:
            del self.code
        if not taxonomy.serves:
            del self.scope, self.stages

    @property
    def columns(self) -> dict[str, Any]:
        """What the term says from now on."""
        said: dict[str, Any] = {}
        for field in self:
            if isinstance(field, Line | Prose) and field.name != "slug":
                said[field.name] = french(field.words) if field.name.endswith("fr") else field.words
            elif isinstance(field, Several):
                said[field.name] = field.chosen
        if "code" in said:
            said["code"] = said["code"] or None
        if "scope" in self:
            said["scope"] = self.scope.data or None
        return said

    @property
    def last_seen(self) -> int:
        """The number of the last change that the page knew of."""
        seen = self.seen.data or ""
        return int(seen) if seen.isascii() and seen.isdigit() else 0

    def validate(self, *more: Any, **given: Any) -> bool:
        """What is not required is said in both languages or in neither; what lacks is told beside its field."""
        good: bool = super().validate(*more, **given)
        for name in ("description", "question"):
            pair = [self[field] for field in (f"{name}_fr", f"{name}_en") if field in self]
            empty = [field for field in pair if not field.data]
            if len(empty) == 1:
                empty[0].errors = [carried(_BOTH)]
                good = False
        return good


class NewTermForm(TermForm):
    """A term to add."""

    parent = Choice(_("Belongs under"), default="")
    slug = Line(_("Permanent name"), limit=MAX_SLUG)

    def __init__(
        self,
        locale: str,
        taxonomy: Taxonomy,
        data: FormData | None = None,
        *,
        parents: list[tuple[str, str]],
        **given: Any,
    ) -> None:
        super().__init__(locale, taxonomy, data, **given)
        self.parent.choices = parents
        if not taxonomy.parents:
            del self.parent

    @property
    def wanted_slug(self) -> str:
        """As it was written, else made from the French name."""
        return self.slug.words or names.slug(self.fr.words, MAX_SLUG)

    def validate_slug(self, field: Line) -> None:
        if not _SLUG.fullmatch(field.words):
            raise ValidationError(carried(_("Small letters without accents, digits and hyphens only.")))

    def validate(self, *more: Any, **given: Any) -> bool:
        good = super().validate(*more, **given)
        if self.wanted_slug in TAKEN_SLUGS:
            self.slug.errors = [carried(_("This name is taken by a page: choose another."))]
            good = False
        return good


class PlaceForm(Form):
    """Where a term goes: one step up or down, or to a place by its number."""

    step = HiddenField(validators=[Length(max=10)])
    position = WholeNumber(_("Number"), most=1_000)

    @property
    def steps(self) -> int:
        return {"haut": -1, "bas": 1}.get(self.step.data or "", 0)


class ReplacementForm(Form):
    replacement = Choice(_("What to use instead"), default="")

    def __init__(self, locale: str, data: FormData | None = None, *, offered: list[tuple[str, str]]) -> None:
        super().__init__(locale, data)
        self.replacement.choices = [("", _("Nothing: it is no longer spoken of").in_(locale)), *offered]
