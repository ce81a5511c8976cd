"""Seats that an organization holds, and who may hold them or answer for them."""

from maillage.auth.viewer import Who
from maillage.core.answers import YES, Answer, no
from maillage.core.languages import Text, _
from maillage.events.policies.rules import Standing
from maillage.events.policies.words import REFUSALS

# In one go: what an organization asks for beyond is for the organizers to see.
MOST = 20
TOO_MANY = _("There are not that many seats in all for this way to take part.")
# What becomes of a seat that its organization no longer needs.
GIVEN_BACK: dict[str, Text] = {
    "done": _("The seats went back to those who wait. Thank you."),
    "none": _("None of these seats was still yours to give back."),
}


def may_hold_seats(who: Who, standing: Standing) -> Answer:
    """Register several people of the organization for which she speaks, whose names may come later."""
    if who is None:
        return no(_("Sign in to hold seats for your organization."), sign_in=True)
    if who.organization_id is None:
        return no(_("Seats are held by an organization: only those who speak for one can ask for some."))
    if standing.state != "published" or standing.registration == "none":
        return no(REFUSALS["not-open"])
    if standing.registration == "invitation":
        return no(_("This gathering is by invitation: its organizers invite each person."))
    return YES


def may_be_named(status: str) -> Answer:
    """Somebody comes on this seat, or in the place of whoever was to."""
    return YES if status in ("pending", "waiting", "offered", "confirmed") else no(REFUSALS["ended"])
