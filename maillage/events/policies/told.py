"""What letters say of a change: by its cause and, where it matters, by where the registration stands now."""

from dataclasses import dataclass

from maillage.core.languages import Text, _


@dataclass(frozen=True, slots=True)
class Said:
    """The subject of the letter, which names the gathering, and its first sentence."""

    subject: Text
    sentence: Text


# `%(title)s` is filled by the letter.
_CONFIRMED = Said(_("You are registered: %(title)s"), _("You are registered. We look forward to seeing you."))
_WAITING = Said(
    _("You are on the waiting list: %(title)s"),
    _("There are no seats left at the moment: you are on the waiting list. We write to you as soon as one is free."),
)
_PENDING = Said(
    _("Your request was received: %(title)s"),
    _("Your request to register was received. The organizers read it, and you will have their answer by e-mail."),
)
_OFFERED = Said(
    _("A seat is held for you: %(title)s"),
    _("A seat has become free, and it is held for you. Accept it in time, or it goes to the next person."),
)
BY_CAUSE: dict[str, Said] = {
    "asked": Said(
        _("Confirm your registration: %(title)s"),
        _(
            "Somebody, probably you, gave this address to register. Confirm that it is yours: until then no seat is "
            "held. If it was not you, do nothing."
        ),
    ),
    "rejected": Said(
        _("About your request: %(title)s"), _("The organizers could not accept your request to register this time.")
    ),
    "withdrew": Said(_("You are no longer registered: %(title)s"), _("As you asked, you are no longer registered.")),
    "removed": Said(
        _("You are no longer registered: %(title)s"), _("The organizers have taken you off the list of those who come.")
    ),
    "promoted": Said(
        _("You have a seat: %(title)s"),
        _("A seat has become free and it is yours: you were on the waiting list, and you are now registered."),
    ),
    "offered": _OFFERED,
    "accepted": Said(
        _("You are registered: %(title)s"), _("You have accepted the seat that was held for you: you are registered.")
    ),
    "expired": Said(
        _("The seat is no longer held: %(title)s"),
        _("The time to accept the seat that was held for you is over: it went to the next person."),
    ),
    "unnamed": Said(
        _("Seats went back to the queue: %(title)s"),
        _("Seats that you held for your organization and had named nobody for went to those who wait."),
    ),
    "at-door": Said(
        _("You are registered: %(title)s"),
        _(
            "You were registered at the door, with this address. Your registration is on the page below, where you can "
            "also withdraw, if it was not you for example."
        ),
    ),
    "undone-at-door": Said(
        _("You are no longer registered: %(title)s"),
        _("You had been registered at the door by mistake: you are no longer registered."),
    ),
    "named": Said(_("Somebody registered you: %(title)s"), _("Your organization has registered you for this date.")),
    "given-back": Said(
        _("You are no longer registered: %(title)s"),
        _("Your organization has given back the seat that it held for you: you are no longer registered."),
    ),
    "replaced": Said(
        _("Somebody else comes in your place: %(title)s"),
        _("Somebody else was named in your place: you are no longer registered."),
    ),
    "replaces": Said(
        _("You come in somebody’s place: %(title)s"), _("You were named in the place of somebody who cannot come.")
    ),
    "moved": Said(
        _("You have left one date for another: %(title)s"),
        _("Your place elsewhere is confirmed, and you are no longer registered for this date."),
    ),
    "merged": Said(
        _("Your two registrations are one: %(title)s"),
        _("You had registered twice for this date: the better of the two remains, and this one has ended."),
    ),
    "date-cancelled": Said(_("Cancelled: %(title)s"), _("This date is cancelled.")),
    "date-changed": Said(
        _("New time or place: %(title)s"), _("The time or the place has changed. Here is what holds now.")
    ),
    "postponed": Said(
        _("Postponed: %(title)s"),
        _("This date is postponed. Your registration is kept, and you will be told the new date."),
    ),
}
# Of `registered` and `approved`, what matters is where it led.
BY_STATUS: dict[str, Said] = {
    "confirmed": _CONFIRMED,
    "waiting": _WAITING,
    "pending": _PENDING,
    "offered": _OFFERED,
}
# What whoever answers for an organization is told of the seats that nobody is named for, by where they stand.
_OF_PARTY: dict[str, Said] = {
    "confirmed": Said(
        _("Seats for your organization: %(title)s"),
        _("The seats that you asked for are yours. Say who comes: those without a name go back to those who wait."),
    ),
    "waiting": Said(
        _("Your group is on the waiting list: %(title)s"),
        _(
            "There are not enough seats at the moment: your group waits, all together. We write to you once they "
            "are free."
        ),
    ),
    "offered": Said(
        _("Seats are held for your organization: %(title)s"),
        _("Seats have become free for your whole group. Accept them in time, or they go to others who wait."),
    ),
}
# Who changes how she takes part keeps her date: of where she was before nothing more is said.
_BY_WAY: dict[str, Said] = {
    "in-person": Said(
        _("You now take part in person: %(title)s"),
        _("As you asked, you now take part in person. Your place on this date was kept throughout."),
    ),
    "online": Said(
        _("You now take part online: %(title)s"),
        _("As you asked, you now take part online. Your place on this date was kept throughout."),
    ),
}
_OF_ANY_SEAT = ("registered", "approved", "promoted", "offered", "accepted")


def said(cause: str, status: str, *, of_party: bool = False, changed_way: str | None = None) -> Said | None:
    if changed_way is not None and status == "confirmed":
        return _BY_WAY[changed_way]
    if of_party:
        if cause == "given-back":
            return None
        if cause in _OF_ANY_SEAT and status in _OF_PARTY:
            return _OF_PARTY[status]
    return BY_CAUSE.get(cause) or BY_STATUS.get(status)
