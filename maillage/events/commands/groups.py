"""An organization's seats: held, named, given to somebody else, given back."""

from collections.abc import Sequence
from datetime import datetime

from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.events.commands import registering
from maillage.events.policies.groups import TOO_MANY

# A group that is larger than the room would wait for ever, and others behind it.
_FITS = Statement(
    "SELECT NOT limited OR seats >= $3 FROM seat_pool WHERE occurrence_id = $1 AND way = $2",
    ("occurrence_id", "way", "many"),
)
_NAME = Statement("UPDATE registration SET named = $2 WHERE id = $1", ("registration_id", "name"))


async def hold(
    db: Db,
    *,
    occurrence_id: int,
    way: str,
    many: int,
    organization_id: int,
    request_key: str | None,
    now: datetime,
    by: int,
) -> None:
    """So many seats, all of them or none yet, to be named later."""
    if await db.value(_FITS, occurrence_id=occurrence_id, way=way, many=many) is False:
        raise Refused(TOO_MANY)
    await registering.register_party(
        db,
        occurrence_id=occurrence_id,
        way=way,
        members=[None] * many,
        organization_id=organization_id,
        request_key=request_key,
        now=now,
        by=by,
    )


async def name(db: Db, *, registration_id: int, participant_id: int, called: str, now: datetime, by: int) -> None:
    """This person comes on that seat, whoever was to come before."""
    given = await registering.replace(
        db, registration_id=registration_id, participant_id=participant_id, now=now, by=by
    )
    await db.run(_NAME, registration_id=given, name=called)


async def accept(db: Db, *, registration_ids: Sequence[int], now: datetime, by: int) -> None:
    """The seats that are held for the group."""
    for registration_id in registration_ids:
        await registering.accept_offer(db, registration_id=registration_id, now=now, by=by)
