"""Arriving: whoever has shown who she is waits at the door until she agrees to the terms; then there is an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.commands import groups, joining
from maillage.auth.commands.sign_in import (
    RESERVED_HANDLES,
    handle_base,
    hold,
    known_person,
    name_key,
    person_at,
)
from maillage.auth.forms.people import clean_name
from maillage.auth.models import (
    Arrival,
    Membership,
    Organization,
    OrganizationDomain,
    Person,
    Provider,
    ProviderIdentity,
)
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash

ARRIVAL_LASTS = timedelta(hours=1)
# The version of the terms that people agree to now: the day since when they stand so.
TERMS = date(2026, 11, 23)
# What somebody is called who does not say.
_NAMELESS = "Membre"
# A form sent twice, or from two tabs, comes back within moments and finds the account that the first one made.
_ONCE_MORE = timedelta(minutes=1)
_ARRIVAL_OVER = _("Too much time has passed since you showed who you are. Please sign in again.")


async def begin_arrival(
    db: Db,
    *,
    provider_id: int | None = None,
    issuer: str | None = None,
    subject: str | None = None,
    provider_session: str | None = None,
    groups: Sequence[str] | None = None,
    name: str = "",
    email: str | None,
    email_proved: bool,
    next_path: str,
    now: datetime,
) -> str:
    """Remember somebody who has no account yet: by what a provider says, or by an address whose letters she reads.

    Returns the token of the browser that she came with. `name` is a proposal.
    """
    token = new_token()
    await db.run(
        insert(Arrival).values(
            token_hash=token_hash(token),
            provider_id=provider_id,
            issuer=issuer,
            subject=subject,
            provider_session=provider_session,
            groups=None if groups is None else list(groups),
            name=clean_name(name),
            email=email,
            email_proved=email_proved,
            next_path=next_path,
            expires_at=now + ARRIVAL_LASTS,
        )
    )
    return token


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Who is in, and what her session needs to know of how she came."""

    person_id: int
    provider_id: int | None
    provider_session: str | None
    organization_id: int | None
    next_path: str


async def welcome(
    db: Db, *, token: str, name: str, region: str | None, relation: str | None, locale: str, now: datetime, today: date
) -> Welcomed:
    """Make the account of whoever arrives: she is 14 or older, and has agreed to the terms.

    The same again, from another tab or another browser, makes nothing more: it finds the account.
    """
    row = await db.row(_ARRIVAL, token_hash=token_hash(token), now=now)
    if row is None:
        raise Refused(_ARRIVAL_OVER)
    issuer, subject, email = row["issuer"], row["subject"], row["email"]
    if issuer is None:
        person_id = await person_at(db, email=email)
    else:
        await hold(db, f"identity {issuer} {subject}")
        person_id = await known_person(db, issuer=issuer, subject=subject, now=now)
    if person_id is None:
        # An address that nobody has shown to be hers is not kept: letters would go to whomever a provider names, and
        # whether it stays would tell who is here. Somebody else's is hers alone in any case.
        if email is not None and (not row["email_proved"] or await person_at(db, email=email) is not None):
            email = None
        person_id = await _new_person(
            db,
            name=clean_name(name) or _NAMELESS,
            email=email,
            email_proved_at=now if email else None,
            region=region,
            locale=locale,
            now=now,
        )
        if email:
            await forget_claims(db, email=email, person_id=person_id)
        if issuer is not None:
            await db.run(
                insert(ProviderIdentity).values(
                    issuer=issuer, subject=subject, person_id=person_id, created_at=now, last_used_at=now
                )
            )
    organization_id = row["organization_id"] if row["provider_id"] else await _organization_at(db, row["email"])
    await joining.joined(db, person_id=person_id, organization_id=organization_id, email=row["email"], today=today)
    if relation and organization_id is not None:
        await db.run(_CAPACITY, organization_id_is=organization_id, person_id_is=person_id, capacity=relation)
    if row["provider_id"] is not None:
        await groups.told(db, provider_id=row["provider_id"], person_id=person_id, groups=row["groups"])
    await db.run(_USED, hash_is=token_hash(token), until=now + _ONCE_MORE)
    return Welcomed(person_id, row["provider_id"], row["provider_session"], organization_id, row["next_path"])


# While her provider may still be used; locked, so that the same form sent twice waits for itself.
_ARRIVAL = Statement(
    select(
        Arrival.issuer,
        Arrival.subject,
        Arrival.provider_id,
        Arrival.provider_session,
        Arrival.groups,
        Arrival.email,
        Arrival.email_proved,
        Arrival.next_path,
        Provider.organization_id,
    )
    .outerjoin(Provider, Provider.id == Arrival.provider_id)
    .outerjoin(Organization, Organization.id == Provider.organization_id)
    .where(
        Arrival.token_hash == bindparam("token_hash"),
        Arrival.expires_at > bindparam("now"),
        or_(Arrival.provider_id.is_(None), Provider.enabled),
        Organization.closed_at.is_(None),
    )
    .with_for_update(of=Arrival)
)
_USED = Statement(
    update(Arrival)
    .where(Arrival.token_hash == bindparam("hash_is"))
    .values(expires_at=func.least(Arrival.expires_at, bindparam("until")))
)
_CAPACITY = Statement(
    update(Membership)
    .where(
        Membership.organization_id == bindparam("organization_id_is"),
        Membership.person_id == bindparam("person_id_is"),
        Membership.ended_on.is_(None),
        Membership.relation.is_(None),
    )
    .values(relation=bindparam("capacity"))
)


async def _organization_at(db: Db, email: str) -> int | None:
    """The organization whose own domain this address is in."""
    organization_id: int | None = await db.value(_ORGANIZATION_AT, domain=joining.domain_of(email))
    return organization_id


_ORGANIZATION_AT = Statement(
    select(OrganizationDomain.organization_id)
    .join(Organization, Organization.id == OrganizationDomain.organization_id)
    .where(
        OrganizationDomain.domain == bindparam("domain"),
        OrganizationDomain.proved_at.is_not(None),
        Organization.closed_at.is_(None),
    )
)


async def forget_claims(db: Db, *, email: str, person_id: int) -> None:
    """An address has been proved: whoever else was said to have it, without proof, has it no more."""
    await db.run(_FORGET, address=email.lower(), owner_id=person_id)


_FORGET = Statement(
    update(Person)
    .where(
        func.lower(Person.email) == bindparam("address"),
        Person.email_proved_at.is_(None),
        Person.id != bindparam("owner_id"),
    )
    .values(email=None)
)


async def is_own_address(db: Db, *, organization_id: int | None, email: str | None) -> bool:
    """Whether this address is in a domain that the organization has proved: its provider's word is then enough."""
    if organization_id is None or email is None:
        return False
    return await _organization_at(db, email) == organization_id


async def _new_person(
    db: Db,
    *,
    name: str,
    email: str | None,
    email_proved_at: datetime | None,
    region: str | None,
    locale: str,
    now: datetime,
) -> int:
    base = handle_base(name)
    number = 1
    while True:
        handle = base if number == 1 else f"{base}-{number}"
        if handle not in RESERVED_HANDLES:
            made = await db.value(
                insert_or(Person)
                .values(
                    handle=handle,
                    name=name,
                    name_key=name_key(name),
                    email=email,
                    email_proved_at=email_proved_at,
                    region=region,
                    locale=locale,
                    created_at=now,
                    reading_since=now,
                    agreed_at=now,
                    agreed_to=TERMS.isoformat(),
                )
                .on_conflict_do_nothing(index_elements=[Person.handle])
                .returning(Person.id)
            )
            if made is not None:
                return int(made)
        # After a few, jump: a hundred people of one name should not cost a hundred tries each.
        number = number + 1 if number < 5 else number * 2
