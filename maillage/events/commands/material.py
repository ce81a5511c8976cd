"""What to read before a gathering, and what remains after it: two texts that its organizers write on one page."""

from collections.abc import Mapping
from datetime import datetime

from maillage.core.db import Db
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.events.commands import texts
from maillage.events.commands.holding import hold
from maillage.events.queries.material import FIELDS, material

CHANGED = _("Somebody changed this text while you were writing. What it says now is on the page of the gathering.")


async def save(
    db: Db, *, by: int, gathering_id: int, sources: Mapping[str, str], seen: Mapping[str, int], now: datetime
) -> None:
    """Keep both texts. `seen` are the revisions that the writer read; `Refused` when there is a later one of a text
    that she changed."""
    gathering = await hold(db, gathering_id=gathering_id)
    before = await material(db, gathering_id)
    changed = [field for field in FIELDS if sources[field] != before.sources[field]]
    if any(seen[field] != before.revisions[field] for field in changed):
        raise Refused(CHANGED)
    if changed:
        await texts.write(db, gathering=gathering, sources={field: sources[field] for field in changed}, by=by, now=now)
