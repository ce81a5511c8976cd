"""Files of a story: as visible as it is, so that they come and go with it."""

from maillage.auth.viewer import Who
from maillage.cases.queries import door
from maillage.core.db import Db
from maillage.core.errors import NotHere
from maillage.core.files import subjects

CASE = "case"


async def may_see(db: Db, who: Who, case_id: int) -> bool:
    """Whoever may read a story may see its files."""
    try:
        await door.look(db, who, None, case_id)
    except NotHere:
        return False
    return True


subjects.register(CASE, may_see)
