"""The sentences of the notices about stories, and who looks up what they are about."""

from maillage.cases.commands.telling import tell_of_reply
from maillage.cases.policies import CAUSES
from maillage.cases.queries import noticed
from maillage.core.languages import Text, _, counted
from maillage.notices import subjects


def _always(sentence: Text) -> subjects.Words:
    return lambda _n: sentence


# The steps of a story that its people are told of.
for _cause in ("submitted", "published", "revised", "two-years", "withdrawn", "removed", "consent-withdrawn"):
    subjects.say(_cause, _always(CAUSES[_cause]))
subjects.say("consent-ends", _always(_("A consent ends within a month: ask this person again")))
subjects.say("consent-expired", _always(CAUSES["consent-expired"]))
subjects.say("reply", lambda n: counted("%(n)s reply in its discussion", "%(n)s replies in its discussion", n))
subjects.say(
    "consent-given",
    lambda n: counted("%(n)s person in it answered", "%(n)s people in it answered", n),
)
subjects.say(
    "correction-asked", lambda n: counted("%(n)s correction is asked for", "%(n)s corrections are asked for", n)
)
subjects.say("name-taken-out", _always(_("Somebody refused or took back their consent: their name was taken out")))
subjects.say(
    "linked-name-taken-out",
    _always(_("Words were taken out of it: somebody in a story linked to it refused or took back their consent")),
)

subjects.answer_for("case", noticed.stories)
subjects.answer_for("case_talk", noticed.discussions)
subjects.listen(tell_of_reply)
