"""What readers are told of a story, in words: how deep it goes, whether it goes on, which way things moved."""

from maillage.auth.viewer import Who
from maillage.cases.policies.rules import Standing
from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _

DEPTH_NAMES: dict[str, Text] = {
    "brief": _("Short story"),
    "full": _("Full story"),
    "trial": _("Tried here too"),
}
PROGRESS_NAMES: dict[str, Text] = {
    "ongoing": _("Still going on"),
    "ended": _("Over"),
    "stopped": _("Interrupted"),
}
DIRECTION_NAMES: dict[str, Text] = {
    "up": _("grew"),
    "down": _("shrank"),
    "mixed": _("grew and shrank"),
}
# Where others may find what a licence says in full.
LICENCE_ADDRESSES: dict[str, str] = {
    "cc-by": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-nc-sa": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
}
LICENCE_SHORT: dict[str, Text] = {
    "cc-by": _("CC BY 4.0"),
    "cc-by-nc-sa": _("CC BY-NC-SA 4.0"),
    "all-rights-reserved": _("All rights reserved"),
}
# The outcomes that count as an effect, whatever effect it was.
EFFECTS = ("same", "different")


def may_write_to_authors(who: Who, standing: Standing, *, open_to_it: bool) -> Answer:
    """Through the platform, without anybody's address showing."""
    if who is None:
        return no(_("Sign in to write to the authors."), sign_in=True)
    if not standing.is_published or not open_to_it:
        return no(_("The authors of this story prefer that its discussion be used."))
    return YES
