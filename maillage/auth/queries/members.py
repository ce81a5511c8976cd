"""How somebody stands in an organization, who asks to belong, who is invited; and to what somebody belongs."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Invitation, Membership, Organization, Person, PlatformRole
from maillage.auth.policies import Standing
from maillage.auth.queries.people import HERE
from maillage.auth.viewer import BELONGS, SPOKEN_FOR, SPOKEN_FOR_FIRST, Viewer
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.core.sealing import token_hash

# Of those who wait, so many are shown at once: the others come up as these are answered.
CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who waits for an answer. `invited_as` is the other address to which her invitation went."""

    id: int
    handle: str
    name: str
    note: str
    since: date
    invited_as: str | None


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    id: int
    email: str
    role: str
    expires_at: datetime
    inviter: str | None


@dataclass(frozen=True, slots=True)
class Belonging:
    """One of somebody's own memberships, past ones included. `speaks` marks the one for which she speaks."""

    id: int
    slug: str
    organization: str
    role: str
    state: str
    since: date
    until: date | None
    closed: bool
    speaks: bool

    @property
    def counts(self) -> bool:
        """She may speak for it."""
        return self.state == "active" and self.until is None and not self.closed


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation says to whoever opens it. `inviter` is absent when she is gone."""

    slug: str
    organization: str
    role: str
    note: str
    inviter: str | None
    expires_at: datetime


_mine = aliased(Membership, name="mine")
# How many people of an organization administer it who can act; a column for queries over `organization`.
ADMINISTRATORS = (
    select(func.count())
    .select_from(Membership)
    .join(Person, Person.id == Membership.person_id)
    .where(
        Membership.organization_id == Organization.id,
        Membership.role == "administrator",
        Membership.state == "active",
        Membership.ended_on.is_(None),
        HERE,
    )
    .correlate(Organization)
    .scalar_subquery()
)
_STANDING = Statement(
    select(
        Organization.id,
        Organization.slug,
        Organization.name,
        Organization.closed_at.is_not(None),
        ADMINISTRATORS.label("administrators"),
        _mine.id.label("membership_id"),
        _mine.role,
        _mine.state,
    )
    .outerjoin(
        _mine,
        and_(
            _mine.organization_id == Organization.id,
            _mine.person_id == bindparam("person_id", type_=Membership.person_id.type),
            _mine.ended_on.is_(None),
        ),
    )
    .where(Organization.slug == bindparam("slug"))
)
_invited_as = (
    select(Invitation.email)
    .where(
        Invitation.organization_id == Membership.organization_id,
        Invitation.accepted_by_id == Membership.person_id,
        Invitation.accepted_at.is_not(None),
        or_(Person.email_proved_at.is_(None), func.lower(Person.email) != func.lower(Invitation.email)),
    )
    .order_by(Invitation.accepted_at.desc())
    .limit(1)
    .scalar_subquery()
)
_CANDIDATES = Statement(
    select(
        Membership.id,
        Person.handle,
        Person.name,
        Membership.note,
        Membership.started_on,
        _invited_as.label("invited_as"),
    )
    .join(Person, Person.id == Membership.person_id)
    .where(
        Membership.organization_id == bindparam("organization_id"),
        Membership.state == "pending",
        Membership.ended_on.is_(None),
        HERE,
    )
    .order_by(Membership.id)
    .limit(CANDIDATES + 1)
)
_still_open = and_(
    Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > bindparam("now")
)
_INVITATIONS = Statement(
    select(Invitation.id, Invitation.email, Invitation.role, Invitation.expires_at, Person.name.label("inviter"))
    .outerjoin(Person, Person.id == Invitation.invited_by_id)
    .where(Invitation.organization_id == bindparam("organization_id"), _still_open)
    .order_by(Invitation.id)
)
_INVITED = Statement(
    select(
        Organization.slug,
        Organization.name,
        Invitation.role,
        Invitation.note,
        Person.name.label("inviter"),
        Invitation.expires_at,
    )
    .join(Organization, Organization.id == Invitation.organization_id)
    .outerjoin(Person, and_(Person.id == Invitation.invited_by_id, HERE))
    .where(Invitation.token_hash == bindparam("token_hash"), _still_open, Organization.closed_at.is_(None))
)
_BELONGINGS = Statement(
    select(
        Membership.id,
        Organization.slug,
        Organization.name,
        Membership.role,
        Membership.state,
        Membership.started_on,
        Membership.ended_on,
        Organization.closed_at.is_not(None),
        and_(SPOKEN_FOR).label("speaks"),
    )
    .join(Organization, Organization.id == Membership.organization_id)
    .join(Person, Person.id == Membership.person_id)
    .where(
        Membership.person_id == bindparam("person_id"),
        # A request that came to nothing is no period of belonging.
        or_(Membership.state == "active", Membership.ended_on.is_(None)),
    )
    .order_by(Membership.ended_on.desc().nulls_first(), and_(BELONGS).desc(), *SPOKEN_FOR_FIRST)
)
_ORGANIZATIONS_OF = Statement(
    select(Organization.slug, Organization.name)
    .join(Membership, Membership.organization_id == Organization.id)
    .join(Person, Person.id == Membership.person_id)
    .where(Person.handle == bindparam("handle"), BELONGS)
    .order_by(*SPOKEN_FOR_FIRST)
)
_TOLD_OF_REQUESTS = Statement(
    select(Person.id)
    .where(
        HERE,
        Person.email.is_not(None),
        or_(
            select(Membership.id)
            .where(
                Membership.person_id == Person.id,
                Membership.organization_id == bindparam("organization_id"),
                Membership.role == "administrator",
                Membership.state == "active",
                Membership.ended_on.is_(None),
            )
            .exists(),
            and_(
                select(PlatformRole.role)
                .where(PlatformRole.person_id == Person.id, PlatformRole.role == "admin")
                .exists(),
                select(ADMINISTRATORS)
                .select_from(Organization)
                .where(Organization.id == bindparam("organization_id"))
                .scalar_subquery()
                == 0,
            ),
        ),
    )
    .order_by(Person.id)
)


async def standing(db: Db, who: Viewer, slug: str) -> Standing:
    """The organization of that address, and how she stands in it; raises `NotHere`."""
    row = await db.row(_STANDING, person_id=who.id, slug=slug)
    if row is None:
        raise NotHere
    return Standing(*row)


async def candidates(db: Db, organization_id: int) -> tuple[list[Candidate], bool]:
    """Who waits for an answer, the longest wait first; and whether more do than are shown."""
    rows = await db.rows(_CANDIDATES, organization_id=organization_id)
    return [Candidate(*row) for row in rows[:CANDIDATES]], len(rows) > CANDIDATES


async def open_invitations(db: Db, organization_id: int, *, now: datetime) -> list[OpenInvitation]:
    """Those that can still be accepted."""
    return [OpenInvitation(*row) for row in await db.rows(_INVITATIONS, organization_id=organization_id, now=now)]


async def invited(db: Db, token: str, *, now: datetime) -> Invited | None:
    """What the invitation says; None when it is unknown, used, withdrawn or too old, which nobody can tell apart."""
    row = await db.row(_INVITED, token_hash=token_hash(token), now=now)
    return None if row is None else Invited(*row)


async def belongings(db: Db, who: Viewer) -> list[Belonging]:
    """To what she belongs, asks to belong and belonged; the one for which she speaks first."""
    found: list[Belonging] = []
    for row in await db.rows(_BELONGINGS, person_id=who.id):
        one = Belonging(*row)
        first = not any(earlier.speaks for earlier in found)
        found.append(replace(one, speaks=one.speaks and first))
    return found


async def organizations_of(db: Db, handle: str) -> list[tuple[str, str]]:
    """Slug and name of the organizations to which somebody belongs; the one for which she speaks first."""
    return [(row["slug"], row["name"]) for row in await db.rows(_ORGANIZATIONS_OF, handle=handle)]


async def told_of_requests(db: Db, organization_id: int) -> list[int]:
    """Who is told when somebody asks to belong: its administrators or, where nobody is, the platform's."""
    return [row["id"] for row in await db.rows(_TOLD_OF_REQUESTS, organization_id=organization_id)]
