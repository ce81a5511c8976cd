"""Taking hold of what an act changes, and saying so: locks, versions, counts.

Locks are taken in one order everywhere: threads by number, then spaces by key. An act that changes what other
threads show (their links to this one, this one's links to them) takes hold of those from the start.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import aliased

from maillage.core import markdown
from maillage.core.db import Db, Row, Statement
from maillage.forum.models import Post, PostAlias, Space, Thread

_LOCK = Statement(
    select(
        Thread.id,
        Thread.space_id,
        Thread.next_seq,
        Thread.title,
        Thread.merged_into_id,
        Thread.locked_at,
        Thread.pinned_until,
    )
    .where(Thread.id == func.any(bindparam("ids")))
    .order_by(Thread.id)
    .with_for_update(key_share=True)
)
_Asked = aliased(Thread, name="asked")
# Where the first message of a thread is now: in the thread itself, unless that was merged into another.
HOMES = (
    select(_Asked.id.label("asked_id"), func.coalesce(Post.thread_id, _Asked.id).label("home_id"))
    .select_from(_Asked)
    .outerjoin(PostAlias, (PostAlias.thread_id == _Asked.id) & (PostAlias.seq == 1))
    .outerjoin(Post, Post.id == PostAlias.post_id)
    .where(_Asked.id == func.any(bindparam("ids")))
)
_HOMES = Statement(HOMES)
_AROUND = Statement(
    """
    SELECT thread_id FROM thread_link WHERE post_id IN (SELECT id FROM post WHERE thread_id = ANY($1))
     UNION
    SELECT post.thread_id FROM thread_link JOIN post ON post.id = post_id WHERE thread_link.thread_id = ANY($1)
    """,
    ("ids",),
)
_NAMED_BY = Statement(
    """
    SELECT thread_link.thread_id FROM thread_link JOIN post ON post.id = post_id
     WHERE post.thread_id = $1 AND post.seq = $2
    """,
    ("thread_id", "seq"),
)
_held_spaces = (
    select(Space.id)
    .where(Space.id == func.any(bindparam("ids")))
    .order_by(Space.id)
    .with_for_update(key_share=True)
    .subquery("held")
)
TOUCH_SPACES = Statement(update(Space).where(Space.id == _held_spaces.c.id).values(version=Space.version + 1))
TOUCH_THREADS = Statement(
    update(Thread).where(Thread.id == func.any(bindparam("ids"))).values(version=Thread.version + 1)
)
# Everything that a thread says of its messages, counted anew. The last message is the one written last, which
# after a merger is not the one with the highest number.
RECOUNT = Statement(
    """
    UPDATE thread
       SET next_seq = greatest(next_seq, coalesce(found.top, 0) + 1),
           post_count = found.living,
           last_post_at = coalesce(latest.created_at, thread.last_post_at),
           last_seq = coalesce(latest.seq, thread.last_seq),
           last_author_id = latest.author_id,
           helped_at = found.helped,
           dead = int4multirange(int4range(1, greatest(next_seq, coalesce(found.top, 0) + 1)))
                  - coalesce(found.numbers, '{}'),
           version = version + 1
      FROM (
        SELECT max(seq) AS top,
               count(*) FILTER (WHERE alive) AS living,
               max(helped_at) FILTER (WHERE alive) AS helped,
               range_agg(int4range(seq, seq + 1)) FILTER (WHERE alive) AS numbers
          FROM (SELECT seq, helped_at, event IS NULL AND removed_at IS NULL AS alive
                  FROM post WHERE thread_id = $1) AS p
      ) AS found
      LEFT JOIN (
        SELECT created_at, seq, author_id FROM post
         WHERE thread_id = $1 AND event IS NULL AND removed_at IS NULL
         ORDER BY created_at DESC, seq DESC LIMIT 1
      ) AS latest ON true
     WHERE thread.id = $1
    """,
    ("thread_id",),
)


async def hold(db: Db, *thread_ids: int, naming: str = "", also: Iterable[int] = ()) -> dict[int, Row]:
    """Lock these threads, those that the text `naming` names, and `also` others; returns their rows by number."""
    ids = {*thread_ids, *also}
    if named := _named_in(naming):
        # Both: no merger can be under way that would change where a name leads.
        ids.update(named, (row["home_id"] for row in await db.rows(_HOMES, ids=list(named))))
    return {row["id"]: row for row in await db.rows(_LOCK, ids=list(ids))} if ids else {}


async def around(db: Db, *thread_ids: int) -> list[int]:
    """The threads that name one of these, or are named in one of them."""
    return [row[0] for row in await db.rows(_AROUND, ids=list(thread_ids))]


async def named_by(db: Db, thread_id: int, seq: int) -> list[int]:
    """The threads that a message names."""
    return [row[0] for row in await db.rows(_NAMED_BY, thread_id=thread_id, seq=seq)]


def _named_in(text: str) -> tuple[int, ...]:
    try:
        return markdown.mentioned(text).thread_ids
    except markdown.TooComplex:
        return ()
