"""Who a registration is for: an account, or an address of somebody who has none."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Statement
from maillage.events.models import Participant, Registration

_ACCOUNT = Statement(
    insert(Participant)
    .values(person_id=bindparam("person_id"), locale=bindparam("locale"))
    .on_conflict_do_nothing(index_elements=[Participant.person_id])
)
_OF_ACCOUNT = Statement(select(Participant.id).where(Participant.person_id == bindparam("person_id")))
_address = insert(Participant).values(email=bindparam("email"), name=bindparam("name"), locale=bindparam("locale"))
_ADDRESS = Statement(
    _address.on_conflict_do_update(
        index_elements=[Participant.email],
        index_where=Participant.email.is_not(None),
        set_={"name": _address.excluded.name},
        where=~select(Registration.id).where(Registration.participant_id == Participant.id).exists(),
    )
)
_OF_ADDRESS = Statement(select(Participant.id).where(Participant.email == bindparam("email")))
# Somebody who is gone answers for no address.
_WITH_ADDRESS = Statement(
    """
    SELECT id FROM person WHERE lower(email) = $1 AND email_proved_at IS NOT NULL
       AND closed_at IS NULL AND suspended_at IS NULL
    """,
    ("email",),
)


async def of_account(db: Db, *, person_id: int, locale: str) -> int:
    """The participant of an account, made the first time."""
    known: int | None = await db.value(_OF_ACCOUNT, person_id=person_id)
    if known is not None:
        return known
    await db.run(_ACCOUNT, person_id=person_id, locale=locale)
    made: int = await db.value(_OF_ACCOUNT, person_id=person_id)
    return made


async def of_address(db: Db, *, email: str, name: str, locale: str) -> int:
    """The participant of an address. Whoever registered with it first keeps the name that she gave."""
    address = email.lower()
    await db.run(_ADDRESS, email=address, name=name, locale=locale)
    participant_id: int = await db.value(_OF_ADDRESS, email=address)
    return participant_id


async def of_mailbox(db: Db, *, email: str, name: str, locale: str) -> int:
    """The participant of whoever reads that mailbox: the account that has proved it, or the address."""
    person_id: int | None = await db.value(_WITH_ADDRESS, email=email.lower())
    if person_id is not None:
        return await of_account(db, person_id=person_id, locale=locale)
    return await of_address(db, email=email, name=name, locale=locale)
