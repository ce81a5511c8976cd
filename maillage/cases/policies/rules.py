"""The rules themselves: who reads, writes, publishes, looks into the register."""

from dataclasses import dataclass

from sqlalchemy import ARRAY, ColumnElement, String, and_, func, literal

from maillage.auth.viewer import Viewer, Who
from maillage.cases.models import Case
from maillage.core.answers import YES, Answer, NotAllowed, no
from maillage.core.languages import Text, _

SIGN_IN = _("Sign in to take part.")
# What everybody may read, if its authors did not keep it for members.
PUBLISHED = ("published", "to_revise")

STATE_NAMES: dict[str, Text] = {
    "draft": _("Draft"),
    "review": _("In review"),
    "published": _("Published"),
    "to_revise": _("To be revised"),
    "withdrawn": _("Withdrawn"),
}
LICENCE_NAMES: dict[str, Text] = {
    "cc-by": _("CC BY 4.0: share and adapt it, naming its authors"),
    "cc-by-nc-sa": _("CC BY-NC-SA 4.0: the same, not for profit and under the same terms"),
    "all-rights-reserved": _("All rights reserved"),
}
OUTCOME_NAMES: dict[str, Text] = {
    "same": _("The same effect"),
    "different": _("Another effect"),
    "did-not-work": _("It did not work"),
    "too-early": _("Too early to say"),
}
# Why a story went from one state to another.
CAUSES: dict[str, Text] = {
    "started": _("Started"),
    "promoted": _("Grown from a message of the forum"),
    "submitted": _("Put up for review"),
    "back-to-draft": _("Back to draft"),
    "published": _("Published"),
    "revised": _("Revised: it still holds"),
    "two-years": _("Two years have passed: does it still hold?"),
    "withdrawn": _("Withdrawn by its authors"),
    "removed": _("Withdrawn by a facilitator"),
    "consent-withdrawn": _("Taken off line: somebody took back their consent"),
    "consent-expired": _("Taken off line: a consent has expired"),
    "reopened": _("Taken up again"),
}


@dataclass(frozen=True, slots=True)
class Hand:
    """The part that whoever is looking takes in a story: a row of `case_author`, with or without an account."""

    author_id: int
    kind: str
    name: str

    @property
    def writes(self) -> bool:
        return self.kind in ("author", "coauthor")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of a story, and of her who looks at it."""

    case_id: int
    state: str
    visibility: str
    depth: str
    hand: Hand | None

    @property
    def is_published(self) -> bool:
        return self.state in PUBLISHED


def signed_in(who: Who) -> Viewer:
    """The person signed in; raises `NotAllowed` for a stranger, who is asked to sign in."""
    if who is None:
        raise NotAllowed(no(SIGN_IN, sign_in=True))
    return who


def publicly_readable(who: Who) -> ColumnElement[bool]:
    """The stories that lists may show to this person, as a WHERE clause over `practice_case`."""
    published = Case.state == func.any(literal(list(PUBLISHED), ARRAY(String)))
    return published if who is not None else and_(published, Case.visibility == "public")


def may_read(who: Who, standing: Standing) -> bool:
    """Those who may not read are told that it is not there."""
    if standing.hand is not None:
        return True
    if standing.is_published:
        return standing.visibility == "public" or who is not None
    # Facilitators read over what is put up for review, and what they or a consent took off line.
    return who is not None and who.moderates and standing.state in ("review", "withdrawn")


def may_start(who: Who) -> Answer:
    return YES if who is not None else no(_("Sign in to tell your story."), sign_in=True)


def may_edit(standing: Standing) -> Answer:
    """Write in it: its authors, with or without an account, whatever its state but withdrawn."""
    if standing.hand is None or not standing.hand.writes:
        return no(_("Only the authors of a story can write in it."))
    if standing.state == "withdrawn":
        return no(_("This story is withdrawn: take it up again first."))
    return YES


def may_arrange_people(standing: Standing) -> Answer:
    """Invite and take out co-authors, readers and those who validate."""
    if standing.hand is None or standing.hand.kind != "author":
        return no(_("Only whoever answers for a story can do this."))
    return YES


def may_see_history(standing: Standing) -> Answer:
    """Earlier versions may say what somebody asked to have taken out: they are the authors' own."""
    if standing.hand is None or not standing.hand.writes:
        return no(_("Only the authors of a story see its earlier versions."))
    return YES


def may_see_register(who: Who, standing: Standing) -> Answer:
    """The register of people: the authors and the facilitators, and every look is written down."""
    if standing.hand is not None and standing.hand.writes:
        return YES
    if who is not None and who.moderates and standing.state != "draft":
        return YES
    return no(_("Only the authors of a story and the facilitators see who is in it."))


def may_submit(standing: Standing) -> Answer:
    """Put it up for review, or take it back to draft."""
    if standing.state not in ("draft", "review"):
        return no(_("This story is not a draft."))
    return may_edit(standing)


def may_state(who: Who, standing: Standing) -> Answer:
    """Tick the three statements and publish: an author with an account, since somebody must answer for it.

    Published already, they are ticked anew to say that it still holds, or to share it on other terms.
    """
    if who is None:
        return no(_("Only an author with an account can publish: ask the person who invited you."), sign_in=True)
    return may_edit(standing)


def may_withdraw(who: Who, standing: Standing) -> Answer:
    """Take it off line: whoever answers for it, or a facilitator with a reason."""
    if standing.state == "withdrawn":
        return no(_("This story is already withdrawn."))
    if standing.hand is not None and standing.hand.kind == "author":
        return YES
    if who is not None and who.moderates and standing.state != "draft":
        return YES
    return no(_("Only whoever answers for a story or a facilitator can withdraw it."))


def may_reopen(standing: Standing) -> Answer:
    """Take a withdrawn story up again, as a draft."""
    if standing.state != "withdrawn":
        return no(_("This story is not withdrawn."))
    if standing.hand is None or not standing.hand.writes:
        return no(_("Only the authors of a story can write in it."))
    return YES


def may_answer_trial(who: Who, standing: Standing) -> Answer:
    """« On l’a essayé aussi »."""
    if who is None:
        return no(_("Sign in to tell how it went where you are."), sign_in=True)
    if not standing.is_published:
        return no(_("This story is not published."))
    return YES
