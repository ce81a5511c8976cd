"""What a person's pages about how she signs in ask the database: her ways in, and her open sessions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select, true

from maillage.auth.models import Membership, Organization, Person, Provider, ProviderIdentity, Session
from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere

# An account that leads in: its service may be used now.
USABLE = exists(
    select(Provider.id)
    .outerjoin(Organization, Organization.id == Provider.organization_id)
    .where(Provider.issuer == ProviderIdentity.issuer, Provider.enabled, Organization.closed_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class WayIn:
    """An account that she signs in with; `label` and `organization` are its service's, if it is still known here."""

    id: int
    label: str | None
    organization: str | None
    created_at: datetime
    last_used_at: datetime | None
    usable: bool


@dataclass(frozen=True, slots=True)
class WaysIn:
    """`signed_in_at`: when this session began."""

    email: str | None
    email_proved: bool
    signed_in_at: datetime
    accounts: list[WayIn]

    def others(self, way: WayIn) -> int:
        """How many accounts would still lead in without this one."""
        return sum(1 for one in self.accounts if one.usable and one.id != way.id)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`label` and `organization`: the account service that opened it; a link did when there is none."""

    id: int
    device: str
    country: str | None
    label: str | None
    organization: str | None
    created_at: datetime
    last_seen_at: datetime
    current: bool


_ADDRESS = Statement(
    select(Person.email, Person.email_proved_at.is_not(None).label("proved"), Session.created_at)
    .join(Session, Session.person_id == Person.id)
    .where(Person.id == bindparam("person_id"), Session.id == bindparam("session_id"))
)
# Of several that share an issuer, the one of an organization that is hers.
_service = (
    select(Provider.label, Organization.name.label("organization"))
    .outerjoin(Organization, Organization.id == Provider.organization_id)
    .outerjoin(
        Membership,
        (Membership.organization_id == Organization.id)
        & (Membership.person_id == ProviderIdentity.person_id)
        & Membership.ended_on.is_(None),
    )
    .where(Provider.issuer == ProviderIdentity.issuer)
    .order_by(Membership.id.is_(None), Provider.enabled.desc(), Provider.id)
    .limit(1)
    .lateral("service")
)
_ACCOUNTS = Statement(
    select(
        ProviderIdentity.id,
        _service.c.label,
        _service.c.organization,
        ProviderIdentity.created_at,
        ProviderIdentity.last_used_at,
        USABLE.label("usable"),
    )
    .outerjoin(_service, true())
    .where(ProviderIdentity.person_id == bindparam("person_id"))
    .order_by(ProviderIdentity.created_at, ProviderIdentity.id)
)
_SESSIONS = Statement(
    select(
        Session.id,
        Session.device,
        Session.country,
        Provider.label,
        Organization.name.label("organization"),
        Session.created_at,
        Session.last_seen_at,
    )
    .outerjoin(Provider, Provider.id == Session.provider_id)
    .outerjoin(Organization, Organization.id == Provider.organization_id)
    .where(
        Session.person_id == bindparam("person_id"),
        Session.expires_at > bindparam("now"),
        Session.last_seen_at > bindparam("seen_after"),
    )
    .order_by(Session.last_seen_at.desc(), Session.id.desc())
)


async def ways_in(db: Db, who: Viewer) -> WaysIn:
    """Her address and the accounts that she signs in with, the oldest first."""
    row = await db.row(_ADDRESS, person_id=who.id, session_id=who.session_id)
    if row is None:
        raise NotHere
    email, proved, signed_in_at = row
    accounts = [WayIn(*account) for account in await db.rows(_ACCOUNTS, person_id=who.id)]
    return WaysIn(email, proved, signed_in_at, accounts)


async def open_sessions(db: Db, who: Viewer, *, now: datetime, seen_after: datetime) -> list[OpenSession]:
    """The browsers in which she is signed in, the last used first."""
    rows = await db.rows(_SESSIONS, person_id=who.id, now=now, seen_after=seen_after)
    return [
        OpenSession(id_, device, country, label, organization, created_at, last_seen_at, id_ == who.session_id)
        for id_, device, country, label, organization, created_at, last_seen_at in rows
    ]
