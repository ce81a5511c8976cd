"""What an administrator sees of how her organization's people sign in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Boolean, Select, String, and_, any_, bindparam, func, not_, or_, select
from sqlalchemy.orm import aliased

from maillage.auth.models import (
    Group,
    GroupMember,
    Membership,
    OrganizationDomain,
    Person,
    Provider,
    ProviderGroup,
    ProviderIdentity,
    Session,
    SignInEvent,
)
from maillage.auth.queries.people import HERE
from maillage.core.db import Db, Statement

JOURNAL_PAGE = 50
# Lines of the journal that tell of no trouble.
WENT_WELL = (
    "signed-in",
    "signed-out",
    "added",
    "trial",
    "connected",
    "changed",
    "switched-on",
    "switched-off",
    "removed",
    "domain-proved",
    "domain-removed",
    "joining-changed",
    "described",
)


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """One way in. `people` of its organization have used it; `only` of them would have no other."""

    id: int
    kind: str
    label: str
    enabled: bool
    tried_at: datetime | None
    has_secret: bool
    sessions: int
    people: int
    only: int

    @property
    def state(self) -> str:
        if self.enabled:
            return "on"
        if self.tried_at is None:
            return "preparing"
        return "off" if self.people else "tried"


@dataclass(frozen=True, slots=True)
class DomainLine:
    domain: str
    proved_at: datetime | None
    # Until when the link that was sent serves; None when there is none.
    waits_until: datetime | None


@dataclass(frozen=True, slots=True)
class GroupLine:
    id: int
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class GroupPerson:
    """Somebody in a group; `by_hand` when an administrator put her there."""

    group_id: int
    handle: str
    name: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class MappingLine:
    """A value of a provider's group claim, and the group that it stands for."""

    provider_id: int
    value: str
    group_id: int
    group: str


@dataclass(frozen=True, slots=True)
class EventLine:
    id: int
    at: datetime
    outcome: str
    reference: str
    provider: str | None
    person: str | None
    handle: str | None


_current = and_(Membership.state == "active", Membership.ended_on.is_(None), HERE)
_other = aliased(Provider, name="other")
_other_identity = aliased(ProviderIdentity, name="other_identity")
# Another account of hers, at a provider that is on and is not this one.
_comes_otherwise = (
    select(_other.id)
    .join(_other_identity, _other_identity.issuer == _other.issuer)
    .where(_other_identity.person_id == Person.id, _other.enabled, _other.id != Provider.id)
    .correlate(Person, Provider)
    .exists()
)
_known = (
    select(ProviderIdentity.id)
    .where(ProviderIdentity.person_id == Person.id, ProviderIdentity.issuer == Provider.issuer)
    .correlate(Person, Provider)
    .exists()
)


def _count(*conditions: object) -> Select[int]:
    return (
        select(func.count())
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organization_id == Provider.organization_id, _current, *conditions)  # type: ignore[arg-type]
        .correlate(Provider)
    )


_sessions = select(func.count()).where(Session.provider_id == Provider.id).correlate(Provider).scalar_subquery()
_PROVIDERS = Statement(
    select(
        Provider.id,
        Provider.kind,
        Provider.label,
        Provider.enabled,
        Provider.tried_at,
        Provider.client_secret.is_not(None),
        _sessions,
        _count(_known).scalar_subquery(),
        _count(_known, Person.email_proved_at.is_(None), not_(_comes_otherwise)).scalar_subquery(),
    )
    .where(Provider.organization_id == bindparam("organization_id"))
    .order_by(Provider.created_at, Provider.id)
)
_BY_LETTER = Statement(
    select(func.count(), func.count(Person.email_proved_at))
    .select_from(Membership)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.organization_id == bindparam("organization_id"), _current)
)
_DOMAINS = Statement(
    select(
        OrganizationDomain.domain,
        OrganizationDomain.proved_at,
        func.nullif(func.greatest(OrganizationDomain.proof_expires_at, bindparam("now")), bindparam("now")),
    )
    .where(OrganizationDomain.organization_id == bindparam("organization_id"))
    .order_by(OrganizationDomain.domain)
)
_GROUPS = Statement(
    select(Group.id, Group.name, func.count(GroupMember.person_id.distinct()))
    .outerjoin(GroupMember, GroupMember.group_id == Group.id)
    .where(Group.organization_id == bindparam("organization_id"))
    .group_by(Group.id)
    .order_by(Group.name_key.collate("C"))
)
_GROUP_PEOPLE = Statement(
    select(GroupMember.group_id, Person.handle, Person.name, func.bool_or(GroupMember.provider_id.is_(None)))
    .join(Group, Group.id == GroupMember.group_id)
    .join(Person, Person.id == GroupMember.person_id)
    .where(Group.organization_id == bindparam("organization_id"))
    .group_by(GroupMember.group_id, Person.id)
    .order_by(Person.name_key.collate("C"), Person.id)
)
_MAPPINGS = Statement(
    select(ProviderGroup.provider_id, ProviderGroup.value, Group.id, Group.name)
    .join(Group, Group.id == ProviderGroup.group_id)
    .join(Provider, Provider.id == ProviderGroup.provider_id)
    .where(Provider.organization_id == bindparam("organization_id"))
    .order_by(ProviderGroup.value, Group.name_key.collate("C"))
)
_EVENTS = Statement(
    select(
        SignInEvent.id,
        SignInEvent.at,
        SignInEvent.outcome,
        SignInEvent.reference,
        Provider.label,
        Person.name,
        Person.handle,
    )
    .outerjoin(Provider, Provider.id == SignInEvent.provider_id)
    .outerjoin(Person, Person.id == SignInEvent.person_id)
    .where(
        SignInEvent.organization_id == bindparam("organization_id"),
        SignInEvent.id < bindparam("before"),
        SignInEvent.at > bindparam("since"),
        or_(
            not_(bindparam("failures", type_=Boolean())),
            not_(SignInEvent.outcome == any_(bindparam("well", type_=ARRAY(String)))),
        ),
        or_(
            bindparam("reference", type_=String()) == "",
            SignInEvent.reference == bindparam("reference", type_=String()),
        ),
    )
    .order_by(SignInEvent.id.desc())
    .limit(JOURNAL_PAGE + 1)
)


async def providers(db: Db, organization_id: int) -> list[ProviderLine]:
    return [ProviderLine(*row) for row in await db.rows(_PROVIDERS, organization_id=organization_id)]


async def by_letter(db: Db, organization_id: int) -> tuple[int, int]:
    """How many people belong, and how many of them can get in with a link sent to their address."""
    row = await db.row(_BY_LETTER, organization_id=organization_id)
    return (0, 0) if row is None else (row[0], row[1])


async def domains(db: Db, organization_id: int, now: datetime) -> list[DomainLine]:
    return [DomainLine(*row) for row in await db.rows(_DOMAINS, organization_id=organization_id, now=now)]


async def groups(db: Db, organization_id: int) -> list[GroupLine]:
    return [GroupLine(*row) for row in await db.rows(_GROUPS, organization_id=organization_id)]


async def group_people(db: Db, organization_id: int) -> list[GroupPerson]:
    return [GroupPerson(*row) for row in await db.rows(_GROUP_PEOPLE, organization_id=organization_id)]


async def mappings(db: Db, organization_id: int) -> list[MappingLine]:
    return [MappingLine(*row) for row in await db.rows(_MAPPINGS, organization_id=organization_id)]


async def events(
    db: Db, organization_id: int, *, before: int, since: datetime, failures: bool, reference: str
) -> tuple[list[EventLine], int | None]:
    """Lines of the journal, newest first; and before which one the next page begins."""
    rows = await db.rows(
        _EVENTS,
        organization_id=organization_id,
        before=before,
        since=since,
        failures=failures,
        reference=reference,
        well=list(WENT_WELL),
    )
    lines = [EventLine(*row) for row in rows[:JOURNAL_PAGE]]
    return lines, lines[-1].id if len(rows) > JOURNAL_PAGE else None
