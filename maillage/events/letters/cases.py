"""The sentences about stories at gatherings: proposed, chosen."""

from maillage.core.languages import _, counted
from maillage.notices import subjects

subjects.say(
    "story-proposed",
    lambda n: counted("%(n)s story is proposed for its programme", "%(n)s stories are proposed for its programme", n),
)
subjects.say("story-chosen", lambda _n: _("The story that you proposed is on its programme"))
subjects.say("story-on-programme", lambda _n: _("A story of yours is on its programme"))
