"""How much of each thread of a list somebody has not read."""

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement

# How many messages of each thread a person has not read. Written as SQL: what is summed is the parts of a
# multirange, for which the expression language has no words that read better.
_UNREAD = Statement(
    """
    SELECT t.id, t.left_over
      FROM (
        SELECT thread.id,
               (SELECT coalesce(sum(upper(part) - lower(part)), 0)
                  FROM unnest(int4multirange(int4range(1, thread.next_seq)) - thread.dead
                              - coalesce(thread_read.read, '{}')) AS part) AS left_over
          FROM thread
          LEFT JOIN thread_read ON thread_read.thread_id = thread.id AND thread_read.person_id = $1
         WHERE thread.id = ANY($2::bigint[])
           AND (thread_read.read IS NOT NULL OR thread.last_post_at >= $3)
      ) AS t
     WHERE t.left_over > 0
    """,
    ("person_id", "thread_ids", "reading_since"),
)


async def unread_counts(db: Db, who: Viewer, thread_ids: list[int]) -> dict[int, int]:
    """Unread messages by thread, for the threads of one list; threads with none are absent."""
    rows = await db.rows(_UNREAD, person_id=who.id, thread_ids=thread_ids, reading_since=who.reading_since)
    return {row["id"]: row["left_over"] for row in rows}
