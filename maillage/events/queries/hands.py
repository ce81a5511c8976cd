"""Those who look after a gathering."""

from collections.abc import Sequence

from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _

_HANDS = Statement(
    """
    SELECT p.id, p.handle, p.name, h.role FROM gathering_hand h JOIN person p ON p.id = h.person_id
     WHERE h.gathering_id = $1 ORDER BY h.role = 'organizer' DESC, h.role = 'facilitator' DESC, p.name_key, p.id
    """,
    ("gathering_id",),
)
_CALLED = Statement(
    "SELECT id FROM person WHERE handle = $1 AND closed_at IS NULL AND suspended_at IS NULL", ("handle",)
)


async def hands_of(db: Db, gathering_id: int) -> Sequence[Row]:
    """Who organizes it, facilitates it, receives people: a row for each part that somebody takes."""
    return await db.rows(_HANDS, gathering_id=gathering_id)


async def person_called(db: Db, handle: str) -> int:
    """Whose handle this is. Raises `Refused` where it is nobody’s."""
    number: int | None = await db.value(_CALLED, handle=handle)
    if number is None:
        raise Refused(_("Nobody here has the handle “%(handle)s”.", handle=handle))
    return number
