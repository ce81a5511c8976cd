"""What starts a story, and what says how much of it is told and in which language."""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData
from wtforms import HiddenField
from wtforms.validators import Length

from maillage.cases.forms.sections import AnswersForm, form_of, parts_of
from maillage.cases.policies.template import BY_NAME, FIELDS, Field
from maillage.core.forms import Choice, Form
from maillage.core.language_guess import guess
from maillage.core.languages import NAMES, _
from maillage.taxonomies.queries.vocabulary import Vocabulary

DEPTHS = {
    "brief": _("A short story: eight questions, some twenty minutes"),
    "full": _("A full story: all the questions, at your own pace"),
}
WAYS = {
    "step": _("One question at a time"),
    "page": _("All the questions on one page"),
}


def start_form(words: Vocabulary, locale: str, data: FormData) -> AnswersForm:
    """A title is enough; answers to any question of the template may come with it."""
    more: dict[str, Any] = {
        "depth": Choice(_("How much do you want to tell?"), choices=list(DEPTHS.items()), default="brief"),
        "way": Choice(_("How do you want to write?"), choices=list(WAYS.items()), default="step"),
        "language": Choice(
            _("Language of the story"), choices=[("", _("Found by itself")), *NAMES.items()], default=""
        ),
        "message": HiddenField(validators=[Length(max=40)]),
        "request_key": HiddenField(validators=[Length(max=64)]),
    }
    return form_of(FIELDS, words, locale, _spread(data, words), more=more)


def _spread(data: FormData, words: Vocabulary) -> FormData:
    """What changed, said in one piece, is said of the first of the changes; the form has a box for each."""
    asked = BY_NAME["what_changed"]
    first = f"{asked.name}-{parts_of(asked, words)[0].slug}"
    return FormData([(first if name == asked.name else name, value) for name, value in data.multi_items()])


def brought(form: AnswersForm) -> list[Field]:
    """The questions, beside the title, that came with an answer or with an error."""
    given = {key[0] for key, said in form.answers.items() if said.text}
    wrong = {name.partition("-")[0] for name in form.errors}
    return [field for field in FIELDS[1:] if field.name in given | wrong]


def language_of(texts: Sequence[str], given: str) -> str:
    """The language that a person chose, else the one that her words are in."""
    return given if given in NAMES else guess("\n".join(texts))


class ShapeForm(Form):
    """How much of a story is told, and in which language."""

    depth = Choice(_("How much do you want to tell?"), choices=list(DEPTHS.items()))
    language = Choice(_("Language of the story"), choices=list(NAMES.items()))
