"""A person's own ways in: the accounts that she signs in with, and her address."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from maillage.auth import policies
from maillage.auth.commands import groups
from maillage.auth.commands.arrivals import forget_claims
from maillage.auth.commands.sessions import close_all_sessions
from maillage.auth.commands.sign_in import hold, known_person, person_at
from maillage.auth.models import Person, Provider, ProviderIdentity
from maillage.auth.queries.ways_in import USABLE
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _

# To whoever has just shown that the account, or the address, is hers; of whom else it concerns, nothing.
_NOT_TO_ADD = _("This account is already used to sign in here otherwise, so it cannot be added to yours.")
_ADDRESS_TAKEN = _("This address already serves another account here, so it cannot become yours.")


async def add_identity(db: Db, *, person_id: int, issuer: str, subject: str, now: datetime) -> bool:
    """Let this person sign in as (issuer, subject) too; False when she could already."""
    await hold(db, f"identity {issuer} {subject}")
    known = await known_person(db, issuer=issuer, subject=subject, now=now)
    if known is not None:
        if known != person_id:
            raise Refused(_NOT_TO_ADD)
        return False
    await db.run(
        insert(ProviderIdentity).values(
            issuer=issuer, subject=subject, person_id=person_id, created_at=now, last_used_at=now
        )
    )
    return True


async def remove_identity(db: Db, *, person_id: int, identity_id: int, session_id: int) -> None:
    """She signs in with this account no more; her other sessions end. Never the last way in."""
    # In the order in which a sign-in locks the two.
    identity = await db.row(_IDENTITY, identity_id=identity_id, person_id=person_id)
    person = await db.row(_PERSON, person_id=person_id)
    if person is None or identity is None:
        raise NotHere
    others = await db.value(_OTHER_WAYS, person_id=person_id, identity_id=identity_id)
    if not others and not person["proved"]:
        raise Refused(policies.LAST_WAY_IN)
    await db.run(delete(ProviderIdentity).where(ProviderIdentity.id == identity_id))
    # What the account service gave goes with it.
    for row in await db.rows(_PROVIDERS, issuer=identity["issuer"]):
        await groups.told(db, provider_id=row["id"], person_id=person_id, groups=())
    await close_all_sessions(db, person_id=person_id, except_id=session_id)


# Locked, so that two last ways in cannot be removed at the same time.
_PERSON = Statement(
    select(Person.email_proved_at.is_not(None).label("proved"), Person.email)
    .where(Person.id == bindparam("person_id"))
    .with_for_update()
)
_IDENTITY = Statement(
    select(ProviderIdentity.issuer)
    .where(ProviderIdentity.id == bindparam("identity_id"), ProviderIdentity.person_id == bindparam("person_id"))
    .with_for_update()
)
_OTHER_WAYS = Statement(
    select(func.count())
    .select_from(ProviderIdentity)
    .where(
        ProviderIdentity.person_id == bindparam("person_id"), ProviderIdentity.id != bindparam("identity_id"), USABLE
    )
)
_PROVIDERS = Statement(select(Provider.id).where(Provider.issuer == bindparam("issuer")))


async def change_address(db: Db, *, person_id: int, email: str, session_id: int, now: datetime) -> str | None:
    """Make `email` her address: its letters are hers to read. Her other sessions end; returns the one before."""
    owner = await person_at(db, email=email)
    if owner not in {None, person_id}:
        raise Refused(_ADDRESS_TAKEN)
    person = await db.row(_PERSON, person_id=person_id)
    if person is None:
        raise NotHere
    await db.run(_ADDRESS, person_id_is=person_id, email_is=email, now=now)
    await forget_claims(db, email=email, person_id=person_id)
    await close_all_sessions(db, person_id=person_id, except_id=session_id)
    before: str | None = person["email"]
    return before if before and before.lower() != email.lower() else None


_ADDRESS = Statement(
    update(Person)
    .where(Person.id == bindparam("person_id_is"))
    .values(email=bindparam("email_is"), email_proved_at=bindparam("now"))
)


async def vouch_for_address(db: Db, *, person_id: int, email: str, now: datetime) -> None:
    """An organization says of an address in its own domain that it is hers: proved, where she has no other one."""
    if await person_at(db, email=email) is None and await db.run(
        _VOUCHED, person_id_is=person_id, email_is=email, address=email.lower(), now=now
    ):
        await forget_claims(db, email=email, person_id=person_id)


_VOUCHED = Statement(
    update(Person)
    .where(
        Person.id == bindparam("person_id_is"),
        Person.email_proved_at.is_(None),
        func.coalesce(func.lower(Person.email), bindparam("address")) == bindparam("address"),
    )
    .values(email=bindparam("email_is"), email_proved_at=bindparam("now"))
)
