"""Who asks, and how an act or a question is written down in the tables beside."""

from dataclasses import dataclass, field

# Nobody of these is in the closed circle, whatever else they may do on the platform.
STRANGER, MEMBER, ADMIN, MODERATOR, WAITING = "", "karine", "sofia", "etienne", "samuel"
OUTSIDERS = (STRANGER, MEMBER, ADMIN, MODERATOR, WAITING)
# In the closed circle: its facilitator, and a member.
FACILITATOR, INSIDER = "nadege", "maryse"
# A closed organization is there for its own people and for those who administer the platform.
CLOSED = (STRANGER, MEMBER, MODERATOR, WAITING)


@dataclass(frozen=True, slots=True)
class Act:
    """How to do what a route does: who may, where, and with what form. No form: the route reads none.

    `{…}` are filled with what `places` of its floor knows.
    """

    who: str
    path: str
    form: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """How to ask a route about one thing. `{…}` in the query and the form are filled like the path.

    `same_for`: who asks; by default everybody outside the circle.
    """

    query: str = ""
    form: dict[str, str] = field(default_factory=dict)
    same_for: tuple[str, ...] = OUTSIDERS


@dataclass(frozen=True, slots=True)
class Open:
    """A route with nothing to hide, and why."""

    because: str


ONES_OWN = Open("shows and changes what is this person's own, and names nothing else")
