"""« On l’a essayé aussi »: somebody else's story, tried again, told in a few lines."""

from starlette.datastructures import FormData
from wtforms import HiddenField
from wtforms.validators import Length

from maillage.auth.forms.arriving import Agreement
from maillage.cases.models import OUTCOMES
from maillage.cases.policies import OUTCOME_NAMES
from maillage.cases.policies.gate import STATEMENTS
from maillage.cases.policies.template import WORDS
from maillage.core.forms import Choice, Form, Line, Prose, carried
from maillage.core.languages import _
from maillage.taxonomies.queries.vocabulary import Vocabulary

_UNTICKED = _("Tick this once it is so, or keep a draft meanwhile.")
_ADAPTED, _HAPPENED = WORDS["adapted"], WORDS["what_happened"]


class TrialForm(Form):
    """What was adapted, what happened, where; and the three statements, unless it is kept as a draft."""

    outcome = Choice(_("What came of it"), validate_choice=False)
    region = Choice(_("Where"), validate_choice=False)
    adapted = Prose(_ADAPTED.label, limit=_ADAPTED.limit)
    what_happened = Prose(_HAPPENED.label, limit=_HAPPENED.limit)
    title = Line(_("Title"), limit=200)
    nobody_else = Agreement(STATEMENTS["nobody_else"], otherwise=_UNTICKED)
    could_read = Agreement(STATEMENTS["could_read"], otherwise=_UNTICKED)
    no_file = Agreement(STATEMENTS["no_file"], otherwise=_UNTICKED)
    request_key = HiddenField(validators=[Length(max=64)])

    def __init__(self, reader: str, data: FormData | None = None, *, known: Vocabulary, **given: object) -> None:
        super().__init__(reader, data, **given)
        choose = [("", _("Choose").in_(reader))]
        self.outcome.choices = choose + [(name, OUTCOME_NAMES[name].in_(reader)) for name in OUTCOMES]
        self.region.choices = choose + [(word.slug, word.label(reader)) for word in known.offered("region")]
        self._regions = {word.slug for word in known.offered("region")}
        self._is_draft = data is not None and "draft" in data

    @property
    def is_draft(self) -> bool:
        """She keeps it for later: what came of it is enough."""
        return self._is_draft

    @property
    def stated(self) -> set[str]:
        """The statements that are ticked."""
        return {name for name in STATEMENTS if self[name].data}

    def validate(self, extra_validators: object = None) -> bool:  # noqa: ARG002
        super().validate()
        if self.outcome.data not in OUTCOMES:
            self.outcome.errors = [carried(_("Say what came of it, even if it is too early to tell."))]
        if self.is_draft:
            for name in STATEMENTS:
                self[name].errors = []
        else:
            if self.region.data not in self._regions:
                self.region.errors = [carried(_("Say in which region this was."))]
            for field in (self.adapted, self.what_happened):
                if not field.errors and not field.words:
                    field.errors = [carried(_("A few words are enough, but not none."))]
        return not self.errors
