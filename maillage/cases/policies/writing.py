"""Which questions a story asks of those who write it, and who may say what of it."""

from maillage.cases.policies.rules import Standing
from maillage.cases.policies.template import BY_NAME, TRIAL, Field, asked
from maillage.core.answers import YES, Answer, no
from maillage.core.languages import _

# Too many boxes to stand with all the others on one page: each has a page of its own.
APART = ("themes", "actors", "empowerment", "competencies")


def questions_of(depth: str) -> tuple[Field, ...]:
    """What a story of this depth asks, in its order."""
    return (BY_NAME["title"], BY_NAME["regions"], *TRIAL) if depth == "trial" else asked(depth)


def may_remark(standing: Standing) -> Answer:
    """Say something of a story to its authors: whoever takes part in it."""
    if standing.hand is None:
        return no(_("Only those who take part in a story leave remarks."))
    return YES


def may_see_team(standing: Standing) -> Answer:
    """See who takes part: whoever does."""
    if standing.hand is None:
        return no(_("Only those who take part in a story see who does."))
    return YES


def may_settle(standing: Standing) -> Answer:
    """Say that a remark was seen to."""
    if standing.hand is None or not standing.hand.writes:
        return no(_("Only the authors of a story can do this."))
    return YES
