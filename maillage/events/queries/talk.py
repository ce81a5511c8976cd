"""The discussion of a gathering, for somebody who would write in it."""

from maillage.auth.viewer import Who
from maillage.core.db import Db
from maillage.core.errors import Gone, NotHere
from maillage.forum.policies import may_reply
from maillage.forum.queries import door


async def open_to(db: Db, who: Who, thread_id: int | None) -> door.Look | None:
    """This discussion, where she may write in it; `thread_id` is None of a gathering that has none yet."""
    if who is None or thread_id is None:
        return None
    try:
        talk = await door.look(db, who, thread_id)
    except (NotHere, Gone):
        return None
    return talk if may_reply(who, talk.place, talk.state) else None
