"""Everything that the forum's tables say twice, computed anew from the messages and compared."""

from maillage.forum.models import MAX_DEPTH
from tests.conftest import Site

# A step of a path: the last three bytes of the number.
_SQL = """
WITH RECURSIVE
walked AS (
    SELECT thread_id, seq FROM post WHERE parent_seq IS NULL
    UNION ALL
    SELECT post.thread_id, post.seq FROM post JOIN walked
        ON post.thread_id = walked.thread_id AND post.parent_seq = walked.seq
),
placed AS (
    SELECT p.thread_id, p.seq, p.path, p.depth,
           CASE WHEN q.seq IS NULL THEN ''::bytea
                WHEN q.depth < $1 THEN q.path
                ELSE substring(q.path FROM 1 FOR length(q.path) - 3)
           END || substring(int4send(p.seq) FROM 2) AS right_path,
           CASE WHEN q.seq IS NULL THEN 0 ELSE least(q.depth + 1, $1) END AS right_depth
      FROM post AS p
      LEFT JOIN post AS q ON q.thread_id = p.thread_id AND q.seq = p.parent_seq
),
living AS (SELECT * FROM post WHERE event IS NULL AND removed_at IS NULL),
latest AS (
    SELECT DISTINCT ON (thread_id) thread_id, seq, author_id, created_at
      FROM living ORDER BY thread_id, created_at DESC, seq DESC
),
counted AS (
    SELECT t.*,
           (SELECT count(*) FROM living WHERE thread_id = t.id) AS right_count,
           (SELECT coalesce(max(seq), 0) FROM post WHERE thread_id = t.id) AS top,
           (SELECT count(*) FROM post WHERE thread_id = t.id AND parent_seq IS NULL) AS roots,
           (SELECT count(*) FROM post WHERE thread_id = t.id) AS posts,
           int4multirange(int4range(1, t.next_seq)) - coalesce(
               (SELECT range_agg(int4range(seq, seq + 1)) FROM living WHERE thread_id = t.id), '{}')
               AS right_dead,
           (SELECT max(helped_at) FROM living WHERE thread_id = t.id) AS right_helped,
           latest.seq AS right_last_seq,
           latest.author_id AS right_last_author,
           latest.created_at AS right_last_at
      FROM thread AS t LEFT JOIN latest ON latest.thread_id = t.id
),
known AS (
    SELECT thread_id, seq FROM post UNION SELECT thread_id, seq FROM post_alias
)
SELECT format('message %s of %s is at %s, depth %s, instead of %s, %s',
              seq, thread_id, path, depth, right_path, right_depth)
  FROM placed WHERE path <> right_path OR depth <> right_depth
UNION ALL
SELECT format('message %s of %s hangs in the air', seq, thread_id)
  FROM post WHERE NOT EXISTS
       (SELECT FROM walked WHERE walked.thread_id = post.thread_id AND walked.seq = post.seq)
UNION ALL
SELECT format('message %s of %s is there twice', seq, thread_id) FROM walked
 GROUP BY thread_id, seq HAVING count(*) > 1
UNION ALL
SELECT format('thread %s counts %s messages instead of %s', id, post_count, right_count)
  FROM counted WHERE post_count <> right_count
UNION ALL
SELECT format('thread %s would give out number %s again', id, next_seq) FROM counted WHERE next_seq <= top
UNION ALL
SELECT format('thread %s has %s first messages', id, roots)
  FROM counted WHERE roots <> CASE WHEN merged_into_id IS NULL THEN 1 ELSE 0 END
UNION ALL
SELECT format('thread %s is merged and has messages', id) FROM counted
 WHERE merged_into_id IS NOT NULL AND posts > 0
UNION ALL
SELECT format('thread %s begins with another number than 1', id) FROM counted
 WHERE posts > 0 AND NOT EXISTS (SELECT FROM post WHERE thread_id = counted.id AND seq = 1 AND parent_seq IS NULL)
UNION ALL
SELECT format('thread %s leaves %s uncounted instead of %s', id, dead, right_dead)
  FROM counted WHERE dead <> right_dead
UNION ALL
SELECT format('thread %s: last is %s by %s at %s instead of %s by %s at %s', id,
              last_seq, last_author_id, last_post_at, right_last_seq, right_last_author, right_last_at)
  FROM counted WHERE right_last_seq IS NOT NULL
   AND (last_seq, last_author_id, last_post_at)
       IS DISTINCT FROM (right_last_seq, right_last_author, right_last_at)
UNION ALL
SELECT format('thread %s names a last author though nobody speaks', id)
  FROM counted WHERE right_last_seq IS NULL AND last_author_id IS NOT NULL
UNION ALL
SELECT format('thread %s: helped %s instead of %s', id, helped_at, right_helped)
  FROM counted WHERE helped_at IS DISTINCT FROM right_helped
UNION ALL
SELECT format('number %s of thread %s leads nowhere', number, id)
  FROM thread, generate_series(1, next_seq - 1) AS number
 WHERE NOT EXISTS (SELECT FROM known WHERE known.thread_id = id AND known.seq = number)
UNION ALL
SELECT format('number %s of thread %s means two messages', seq, thread_id)
  FROM post JOIN post_alias USING (thread_id, seq)
UNION ALL
SELECT format('person %s has read %s of thread %s, which goes to %s', person_id, read, thread_id, next_seq)
  FROM thread_read JOIN thread ON thread.id = thread_id
 WHERE NOT read <@ int4multirange(int4range(1, next_seq))
UNION ALL
SELECT format('a line of history was helpful or removed: message %s of %s', seq, thread_id)
  FROM post WHERE event IS NOT NULL AND (helped_at IS NOT NULL OR removed_at IS NOT NULL)
UNION ALL
SELECT format('post %s has %s changes, %s of them kept', id, revisions, kept)
  FROM (SELECT id, revisions, (SELECT count(*) FROM post_revision WHERE post_id = id) AS kept FROM post) AS r
 WHERE revisions <> kept
"""


def faults(site: Site, deepest: int = MAX_DEPTH) -> list[str]:
    """Whatever does not hold together, in words; empty when all is well."""
    rows = site.write(lambda db: db.connection.fetch(_SQL, deepest))
    return sorted(row[0] for row in rows)
