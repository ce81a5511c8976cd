"""What `maillage flood` writes is what the commands would have written."""

import asyncio
from typing import Any

import pytest

from maillage.core.config import Trouble
from maillage.core.db import Database
from maillage.web import flood

SEEDS = {"threads": 40, "posts": 1200, "hot": 400}
# Each finds what contradicts the rest: none may return a row.
CONTRADICTIONS = {
    "paths repeat the parent's and add the own number": """
        SELECT 1 FROM post LEFT JOIN post AS parent
            ON parent.thread_id = post.thread_id AND parent.seq = post.parent_seq
         WHERE post.path <> coalesce(parent.path, '') || substring(int4send(post.seq) FROM 2)
            OR post.depth <> coalesce(parent.depth + 1, 0) OR post.created_at < parent.created_at
    """,
    "threads count their messages": """
        SELECT 1 FROM thread JOIN (
            SELECT thread_id, max(seq) AS top, count(*) FILTER (WHERE removed_at IS NULL) AS living,
                   max(created_at) AS last_at, min(created_at) AS first_at, count(*) AS all_of_them,
                   coalesce(range_agg(int4range(seq, seq + 1)) FILTER (WHERE removed_at IS NOT NULL), '{}')
                       AS dead
              FROM post GROUP BY thread_id) AS found ON found.thread_id = thread.id
         WHERE (next_seq, post_count, last_seq, last_post_at, created_at, thread.dead, top)
               IS DISTINCT FROM (top + 1, living, top, last_at, first_at, found.dead, all_of_them::int)
    """,
    "the last author wrote the last message": """
        SELECT 1 FROM thread JOIN post ON thread_id = thread.id AND seq = last_seq
         WHERE post.author_id <> last_author_id
    """,
    "authors have read what they wrote and follow where they wrote": """
        SELECT 1 FROM post
          LEFT JOIN thread_read AS mine ON mine.person_id = author_id AND mine.thread_id = post.thread_id
          LEFT JOIN follow ON follow.person_id = author_id AND kind = 'thread' AND target_id = post.thread_id
         WHERE mine.read IS NULL OR NOT mine.read @> seq OR follow.id IS NULL
    """,
    "keys grow with time": """
        SELECT 1 FROM post JOIN post AS next ON next.id = post.id + 1 WHERE next.created_at < post.created_at
    """,
}


async def _flooded(dsn: str) -> dict[str, Any]:
    database = await Database.open(dsn)
    try:
        await flood.flood(database, **SEEDS, say=lambda _said: None)
        with pytest.raises(Trouble):
            await flood.flood(database, **SEEDS, say=lambda _said: None)
        async with database.reading() as db:
            ask = db.connection.fetchval
            found = {name: len(await db.connection.fetch(sql)) for name, sql in CONTRADICTIONS.items()}
            return found | {
                "threads": await ask("SELECT count(*) FROM thread"),
                "posts": await ask("SELECT count(*) FROM post"),
                "hot": await ask("SELECT max(next_seq) - 2 FROM thread"),
                "deepest": await ask("SELECT max(depth) FROM post"),
                "direct": await ask("SELECT avg((parent_seq = 1)::int)::float8 FROM post WHERE seq > 2"),
                "stretches": await ask(
                    "SELECT max((SELECT count(*) FROM unnest(read))) FROM thread_read"
                    " JOIN person ON person.id = person_id WHERE handle = $1",
                    flood.READER,
                ),
            }
    finally:
        await database.close()


def test_a_flood_is_what_the_commands_would_have_written(dsn: str) -> None:
    found = asyncio.run(_flooded(dsn))
    assert {name: found[name] for name in CONTRADICTIONS} == dict.fromkeys(CONTRADICTIONS, 0)
    assert (found["threads"], found["posts"]) == (SEEDS["threads"], SEEDS["posts"])
    assert found["hot"] == SEEDS["hot"]
    assert found["deepest"] <= 16
    assert 0.3 < found["direct"] < 0.5
    assert found["stretches"] == 20
