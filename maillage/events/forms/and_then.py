"""« Et puis? »: one question, three months after a gathering, and the story that an answer can begin."""

from maillage.cases.forms.sections import parts_of
from maillage.cases.policies.answers import Answers, Said
from maillage.cases.policies.template import BY_NAME
from maillage.core.forms import Prose
from maillage.core.languages import ENGLISH, FRENCH, _
from maillage.forum.forms import ReplyForm
from maillage.taxonomies.queries.vocabulary import Vocabulary

_ASKED = BY_NAME["what_changed"]
_TITLE = BY_NAME["title"].limit


class AndThenForm(ReplyForm):
    body = Prose(_("What did it change where you are?"), limit=_ASKED.limit, required=True)


def answers(body: str, words: Vocabulary) -> Answers:
    """What changed, said in one piece, is said of the first of the changes."""
    return {(_ASKED.name, parts_of(_ASKED, words)[0].id): Said(body)}


def title_of(gathering: str, language: str) -> str:
    """What a story is called until its author finds better."""
    return _("After the gathering: %(title)s", title=gathering).in_(ENGLISH if language == ENGLISH else FRENCH)[:_TITLE]
