"""Where somebody waits for a training."""

from starlette.datastructures import FormData

from maillage.core.forms import Choice, Form
from maillage.core.languages import _
from maillage.taxonomies.queries.vocabulary import Vocabulary


class InterestForm(Form):
    """The region in which she wishes it."""

    region = Choice(_("Region"))

    def __init__(self, locale: str, words: Vocabulary, data: FormData | None = None, *, region: str = "") -> None:
        super().__init__(locale, data, region=region)
        offered = [(word.slug, word.label(locale)) for word in words.offered("region") if word.code]
        self.region.choices = [("", _("Choose a region").in_(locale)), *offered]
