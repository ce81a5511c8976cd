"""Files in messages: which a text names, and who may see them."""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, select

from maillage.auth.models import Person
from maillage.auth.viewer import Viewer, Who
from maillage.core import markdown
from maillage.core.db import Db, Statement
from maillage.core.files.queries import own_named
from maillage.core.files.shown import SCHEME, ShownFile
from maillage.forum.models import Post, Space, SpaceMember, Thread
from maillage.forum.policies import Place, may_moderate, may_read

_me = bindparam("person_id", type_=Person.id.type)
_PLACE = Statement(
    select(Post.removed_at, Thread.space_id, Space.visibility, SpaceMember.role)
    .select_from(Post)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Space, Space.id == Thread.space_id)
    .outerjoin(SpaceMember, and_(SpaceMember.space_id == Space.id, SpaceMember.person_id == _me))
    .where(Post.id == bindparam("post_id"))
)


async def may_see(db: Db, who: Who, post_id: int) -> bool:
    """Whoever may read a message may see its files; of a removed one, those who may read what it said."""
    row = await db.row(_PLACE, post_id=post_id, person_id=who.id if who else None)
    if row is None:
        return False
    place = Place(row["space_id"], row["visibility"], row["role"])
    return may_read(who, place) and (row["removed_at"] is None or bool(may_moderate(who, place)))


def keys_in(source: str) -> Sequence[str]:
    """The keys of the files that a text names; none of one that is too intricate to be shown."""
    if SCHEME not in source:
        return ()
    try:
        return markdown.mentioned(source).files
    except markdown.TooComplex:
        return ()


async def own_files_in(db: Db, who: Viewer, source: str) -> dict[str, ShownFile]:
    """Those files that a text names and that whoever writes it has added: enough to see what it will look like."""
    keys = keys_in(source)
    return await own_named(db, who.id, keys) if keys else {}
