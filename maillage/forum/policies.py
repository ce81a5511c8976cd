"""Who may do what in the forum. Each rule is written once: it guards the act, draws its button and says why not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select

from maillage.auth.viewer import Viewer, Who
from maillage.core.answers import YES, Answer, NotAllowed, no
from maillage.core.languages import Text, _
from maillage.forum.models import Space, SpaceMember

SIGN_IN = _("Sign in to take part.")
TOO_COMPLEX = _("This message is too intricate to be shown: please simplify its layout.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act would happen: the space, and what this viewer is in it ("member", "facilitator" or None)."""

    space_id: int
    visibility: str
    role: str | None


@dataclass(frozen=True, slots=True)
class ThreadState:
    """What the rules need to know of a thread."""

    id: int
    kind: str
    author_id: int
    locked: bool
    merged: bool


@dataclass(frozen=True, slots=True)
class PostState:
    """What the rules need to know of a post."""

    seq: int
    author_id: int
    created_at: datetime
    removed: bool
    removed_by_id: int | None
    is_event: bool
    revisions: int
    # An edit made after its author's own window is told to everybody.
    edit_told: bool


def signed_in(who: Who) -> Viewer:
    """The person signed in; raises `NotAllowed` for a stranger, who is asked to sign in."""
    if who is None:
        raise NotAllowed(no(SIGN_IN, sign_in=True))
    return who


def readable(who_id: int | ColumnElement[int] | None) -> ColumnElement[bool]:
    """The spaces that this person may read, as a WHERE clause over `space`; None is a stranger."""
    if who_id is None:
        return Space.visibility == "public"
    mine = exists(select(literal(1)).where(SpaceMember.space_id == Space.id, SpaceMember.person_id == who_id))
    return or_(Space.visibility != "closed", mine)


def may_read(who: Who, place: Place) -> bool:
    """The same rule for one space. Those who may not read are told that it is not there."""
    if place.visibility == "public":
        return True
    return who is not None and (place.visibility == "members" or place.role is not None)


def may_moderate(who: Who, place: Place) -> Answer:
    """Facilitators look after the open spaces; a closed group is looked after by its own facilitator alone."""
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if place.role == "facilitator" or (who.moderates and place.visibility != "closed"):
        return YES
    return no(_("Only a facilitator of this space can do this."))


def tended(who_id: ColumnElement[int], moderates: ColumnElement[bool]) -> ColumnElement[bool]:
    """`may_moderate` as a WHERE clause over `space`."""
    facilitates = exists(
        select(literal(1)).where(
            SpaceMember.space_id == Space.id,
            SpaceMember.person_id == who_id,
            SpaceMember.role == "facilitator",
        )
    )
    return or_(facilitates, and_(moderates, Space.visibility != "closed"))


def may_start(who: Who) -> Answer:
    """Start a thread in a space that she may read."""
    return YES if who is not None else no(SIGN_IN, sign_in=True)


def may_announce(who: Who, place: Place) -> Answer:
    return may_moderate(who, place)


def may_reply(who: Who, place: Place, thread: ThreadState) -> Answer:
    if who is None:
        return no(_("Sign in to reply."), sign_in=True)
    if thread.merged:
        return no(_("This discussion is no longer open."))
    if thread.locked and not may_moderate(who, place):
        return no(_("This discussion is locked: it can be read, but nobody can add to it."))
    return YES


def may_edit(who: Who, place: Place, thread: ThreadState, post: PostState) -> Answer:
    """Its author, always: after her own window the edit shows. Nobody puts words in somebody else's mouth."""
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if post.is_event or post.removed:
        return no(_("There is nothing here to edit."))
    if post.author_id != who.id:
        return no(_("Only its author can edit a message."))
    if thread.locked and not may_moderate(who, place):
        return no(_("This discussion is locked: it can be read, but nobody can add to it."))
    return YES


def edit_shows(post: PostState, now: datetime, window: timedelta) -> bool:
    """Past the author's own window, an edit is said beside the message."""
    return now - post.created_at > window


def may_retitle(who: Who, place: Place, thread: ThreadState) -> Answer:
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if who.id == thread.author_id and not thread.locked:
        return YES
    return may_moderate(who, place)


def may_promote(who: Who, place: Place, post: PostState) -> Answer:
    """Make a practice story of a message: its author, or a facilitator, who then writes it with her."""
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if post.is_event or post.removed:
        return no(_("There is nothing here to tell more of."))
    if post.author_id == who.id:
        return YES
    return may_moderate(who, place)


def may_remove(who: Who, place: Place, post: PostState) -> Answer:
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if post.is_event or post.removed:
        return no(_("This message is already removed."))
    if post.author_id == who.id or may_moderate(who, place):
        return YES
    return no(_("Only its author or a facilitator can remove a message."))


def may_restore(who: Who, place: Place, post: PostState) -> Answer:
    """Undo: the author takes back her own removal, a facilitator any."""
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if not post.removed:
        return no(_("This message is not removed."))
    if may_moderate(who, place) or (post.author_id == who.id and post.removed_by_id == who.id):
        return YES
    return no(_("A facilitator removed this message: only a facilitator can put it back."))


def may_reparent(who: Who, place: Place, thread: ThreadState, post: PostState) -> Answer:
    """Put a misplaced reply under the message that it answers."""
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if post.seq == 1 or post.is_event:
        return no(_("The first message has no other place."))
    if may_moderate(who, place) or (post.author_id == who.id and not thread.locked):
        return YES
    return no(_("Only its author or a facilitator can move a message."))


def may_mark_helpful(who: Who, place: Place, thread: ThreadState, post: PostState) -> Answer:
    """« A répondu à mon besoin » : the person who asked says so; a facilitator may on her behalf."""
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if thread.kind != "question":
        return no(_("Only a question can be answered."))
    if post.seq == 1 or post.is_event or post.removed:
        return no(_("Choose one of the replies."))
    if who.id == thread.author_id or may_moderate(who, place):
        return YES
    return no(_("Only the person who asked can say what met their need."))


def may_report(who: Who, post: PostState) -> Answer:
    if who is None:
        return no(SIGN_IN, sign_in=True)
    if post.author_id == who.id:
        return no(_("This message is yours: you can edit or remove it."))
    if post.removed or post.is_event:
        return no(_("This message is already removed."))
    return YES


def may_see_history(who: Who, place: Place, post: PostState) -> Answer:
    """Whoever may read the message now may read what it said before; of a removed one, facilitators only.

    A change within its author's own window is hers and the facilitators' alone, until another is told.
    """
    if post.removed and not may_moderate(who, place):
        return no(_("This message has been removed."))
    hers = who is not None and (who.id == post.author_id or bool(may_moderate(who, place)))
    if post.revisions == 0 or not (hers or post.edit_told):
        return no(_("This message has never been changed."))
    return YES


def capacity(relation: str | None) -> Text | None:
    """« À titre de … »: the words for a relation slug; None when there are none to say."""
    return CAPACITIES.get(relation or "")


# The four ways of being engaged that the field names; the slugs are those of the taxonomy `actor_relations`.
CAPACITIES = {
    "acteur-terrain": _("as an actor in the field"),
    "partenaire-terrain": _("as a partner"),
    "bailleur-de-fonds": _("as a funder"),
    "ressource-de-soutien": _("as a support resource"),
}
KINDS = {
    "question": _("Question"),
    "eclair": _("Short story"),
    "vive": _("Open debate"),
    "annonce": _("Announcement"),
}
