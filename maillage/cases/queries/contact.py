"""Whether the authors of a story can be written to, and from which address."""

from sqlalchemy import bindparam, select

from maillage.auth.models import Person
from maillage.cases.models import Case
from maillage.core.db import Db, Statement

_OPEN = Statement(select(Case.contact).where(Case.id == bindparam("case_id")))
_ADDRESS = Statement(
    select(Person.email).where(Person.id == bindparam("person_id"), Person.email_proved_at.is_not(None))
)


async def is_open(db: Db, case_id: int) -> bool:
    return bool(await db.value(_OPEN, case_id=case_id))


async def own_address(db: Db, person_id: int) -> str | None:
    """Where the authors can answer her; None as long as it is not proved to be hers."""
    address: str | None = await db.value(_ADDRESS, person_id=person_id)
    return address
