"""What is said of registrations: where one stands, what became of it, and why one cannot register."""

from maillage.core.languages import Text, _

STATUS_NAMES: dict[str, Text] = {
    "unconfirmed": _("Waiting for the address to answer"),
    "pending": _("Request received"),
    "waiting": _("Waiting list"),
    "offered": _("A seat is held for you"),
    "confirmed": _("Registration confirmed"),
    "cancelled": _("Registration cancelled"),
    "rejected": _("Request declined"),
    "expired": _("Offer expired"),
    "declined": _("Will not come"),
}
# What `event_register` and its kin answer when they do not.
REFUSALS: dict[str, Text] = {
    "absent": _("This registration is no longer there."),
    "cancelled": _("This gathering is cancelled."),
    "not-open": _("Registration for this gathering is not open."),
    "no-such-way": _("One cannot take part in this gathering in that way."),
    "postponed": _("This gathering is postponed: registration opens again once it has a new date."),
    "over": _("This gathering has begun already: registration is closed."),
    "begun": _("It has begun: what you answered stays as it is."),
    "past": _("This date is over."),
    "not-yet": _("Registration for this gathering is not open yet."),
    "closed": _("Registration for this gathering is closed."),
    "by-invitation": _("This gathering is by invitation."),
    "nothing-to-leave": _("The registration that you wish to move is no longer yours to move."),
    "moving-already": _("You wait for another date or another way already: withdraw from that one first."),
    "somebody-elses-form": _("This form has been sent already. Open the page again and fill it in anew."),
    "one-is-in-already": _("One of these people is registered already."),
    "in-already": _("You are registered for this date: withdraw from it instead."),
    "ended": _("This registration has ended."),
    "expired": _("The time to accept this seat is over: it went to the next person."),
    "full-choice": _("Somebody took the last place in one of your choices. Choose another one."),
    "gone-choice": _("One of your choices is no longer offered. Open the page again to see what is."),
}
STALE = _("This registration has changed in the meantime. Here is where it stands now.")
CHANGED_MEANWHILE = _(
    "Somebody else changed this gathering meanwhile. What you wrote is below: look at the page, then save again."
)
