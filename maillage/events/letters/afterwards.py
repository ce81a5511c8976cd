"""The sentences of what comes after a gathering: a report that is missing, and what became of it."""

from maillage.core.languages import Text, _
from maillage.notices import subjects


def _always(sentence: Text) -> subjects.Words:
    return lambda _n: sentence


subjects.say("report-missing", _always(_("It is over: write down what came of it, while it is fresh")))
subjects.say("report-published", _always(_("What came of it is written down")))
subjects.say("and-then", _always(_("Three months ago you were there: what came of it where you are?")))
