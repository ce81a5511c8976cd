"""Files of a gathering: as visible as it is, so that they come and go with it."""

from maillage.auth.viewer import Who
from maillage.core.db import Db
from maillage.core.errors import NotHere
from maillage.events.queries import door


async def may_see(db: Db, who: Who, gathering_id: int) -> bool:
    """Whoever may read a gathering may see its files."""
    try:
        await door.look(db, who, gathering_id)
    except NotHere:
        return False
    return True
