"""Who a registration is for: an account, or an address of somebody who has none."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from maillage.core.db import Db, Statement
from maillage.events.models import Participant

_ACCOUNT = Statement(
    insert(Participant)
    .values(person_id=bindparam("person_id"), locale=bindparam("locale"))
    .on_conflict_do_nothing(index_elements=[Participant.person_id])
)
_OF_ACCOUNT = Statement(select(Participant.id).where(Participant.person_id == bindparam("person_id")))
_ADDRESS = Statement(
    insert(Participant)
    .values(email=bindparam("email"), name=bindparam("name"), locale=bindparam("locale"))
    .on_conflict_do_nothing(index_elements=[Participant.email], index_where=Participant.email.is_not(None))
)
_OF_ADDRESS = Statement(select(Participant.id).where(Participant.email == bindparam("email")))


async def of_account(db: Db, *, person_id: int, locale: str) -> int:
    """The participant of an account, made the first time."""
    known: int | None = await db.value(_OF_ACCOUNT, person_id=person_id)
    if known is not None:
        return known
    await db.run(_ACCOUNT, person_id=person_id, locale=locale)
    made: int = await db.value(_OF_ACCOUNT, person_id=person_id)
    return made


async def of_address(db: Db, *, email: str, name: str, locale: str) -> int:
    """The participant of an address. Whoever came with it first keeps the name that she gave."""
    address = email.lower()
    await db.run(_ADDRESS, email=address, name=name, locale=locale)
    participant_id: int = await db.value(_OF_ADDRESS, email=address)
    return participant_id
