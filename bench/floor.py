"""The floor: a bare Starlette application that sends the bytes of our pages after one raw query for the same rows.

It carries no product: no session, no rights, no versions, no language, no headers. What no design of ours could
beat without asking the database less. For a reply, it runs the very statements that our application runs, raw, in
one transaction. Same server options, same pool, autocommit for the reads.
"""

import gc
import itertools
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bench.recording import unpacked
from maillage.core.db import Database

POSTS = """
    SELECT p.*, person.name, person.handle, organization.name AS organization_name
      FROM (SELECT * FROM post WHERE thread_id = $1 AND path >= (
                SELECT path FROM post WHERE thread_id = $1 AND seq = $2)
             ORDER BY path LIMIT 50) AS p
      JOIN person ON person.id = p.author_id
      LEFT JOIN organization ON organization.id = p.organization_id
     ORDER BY p.path
"""
THREADS = """
    SELECT t.*, person.name, last.name AS last_name, organization.name AS organization_name
      FROM (SELECT * FROM thread WHERE space_id = $1 AND post_count > 0 AND merged_into_id IS NULL
             ORDER BY last_post_at DESC, id DESC LIMIT 31) AS t
      JOIN person ON person.id = t.author_id
      LEFT JOIN person AS last ON last.id = t.last_author_id
      LEFT JOIN post AS first ON first.thread_id = t.id AND first.seq = 1
      LEFT JOIN organization ON organization.id = first.organization_id
     ORDER BY t.last_post_at DESC, t.id DESC
"""
STORY = """
    SELECT story.*, person.name, text.field, text.term_id, text.body_html
      FROM practice_case AS story
      JOIN case_author AS author ON author.case_id = story.id
      JOIN person ON person.id = author.person_id
      JOIN case_text AS text ON text.case_id = story.id
     WHERE story.id = $1 ORDER BY text.id
"""
STORIES = """
    SELECT story.id, story.slug, story.title, story.language, story.excerpt, story.published_at, person.name
      FROM practice_case AS story
      JOIN case_author AS author ON author.case_id = story.id
      JOIN person ON person.id = author.person_id
     WHERE story.id = ANY($1::bigint[]) ORDER BY story.published_at DESC
"""
GATHERINGS = """
    SELECT g.id, g.title, g.slug, g.summary, o.state, o.mode, o.zone, o.starts_at, s.local_start, s.local_end
      FROM occurrence o
      JOIN gathering g ON g.id = o.gathering_id
      JOIN LATERAL (SELECT local_start, local_end FROM event_session WHERE occurrence_id = o.id
                     ORDER BY starts_at LIMIT 1) s ON true
     WHERE g.state = 'published' AND o.ends_at > now() ORDER BY o.starts_at, o.id LIMIT 21
"""
GATHERING = """
    SELECT g.*, t.body_html, o.starts_at, o.place, s.local_start, s.local_end
      FROM gathering g
      JOIN gathering_text t ON t.gathering_id = g.id
      JOIN occurrence o ON o.gathering_id = g.id
      JOIN event_session s ON s.occurrence_id = o.id
     WHERE g.id = $1 ORDER BY s.starts_at
"""
# All that registering must do, in one call.
REGISTER = "SELECT * FROM event_register($1, 'in-person', $2, $3, $4, 'nobody', NULL, '{}', NULL, true, now(), NULL)"


def create_floor(plan: dict[str, Any], folder: Path) -> Starlette:
    """`plan` says, by page, which query with which arguments and the file that holds the bytes."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # The same pool as ours, so that nothing differs but what is done with it.
        app.state.pool = (await Database.open(plan["dsn"])).pool
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        yield
        await app.state.pool.close()

    pages = [Route(f"/{name}", _page(page, folder)) for name, page in plan["pages"].items()]
    reply = Route("/discussions/{id:int}/repondre", _reply(plan["reply"]), methods=["POST"])
    doors = dict(plan["doors"])
    register = Route("/rencontres/{id:int}/inscription", _register(doors, plan["participants"]), methods=["POST"])
    return Starlette(routes=[Route("/healthz", _alive), *pages, reply, register], lifespan=lifespan)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


def _page(page: dict[str, Any], folder: Path) -> Callable[[Request], Awaitable[Response]]:
    sql, arguments = page["sql"], [unpacked(value) for value in page["arguments"]]
    body = (folder / page["file"]).read_bytes()

    async def send(request: Request) -> Response:
        async with request.app.state.pool.acquire() as connection:
            await connection.fetch(sql, *arguments)
        return Response(body, media_type="text/html; charset=utf-8")

    return send


def _reply(said: list[dict[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
    """The recorded statements of one reply, run again for another thread and another person's allowance."""
    statements = [(one["sql"], one["names"], [unpacked(value) for value in one["arguments"]]) for one in said]
    recorded_thread = next(
        arguments[names.index("thread_id")] for _, names, arguments in statements if "thread_id" in names
    )
    counter = itertools.count()

    async def run(request: Request) -> Response:
        await request.body()
        thread_id, number = request.path_params["id"], next(counter)
        changes: dict[str, Any] = {
            "thread_id": thread_id,
            "target_id": thread_id,
            "request_key": f"floor-{os.getpid()}-{number}",
        }
        seq = 0
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            for sql, names, recorded in statements:
                arguments = [
                    _changed(name, value, changes, recorded_thread, number)
                    for name, value in zip(names, recorded, strict=True)
                ]
                rows = await connection.fetch(sql, *arguments)
                if rows and "next_seq" in rows[0]:
                    seq = rows[0]["next_seq"]
                elif rows and "path" in rows[0] and "depth" in rows[0]:
                    # The message answered is known: from here on, `seq` is the new one's.
                    changes |= {"seq": seq, "path": rows[0]["path"] + seq.to_bytes(3, "big")}
        return RedirectResponse(f"/discussions/{thread_id}/m/{seq}", 303)

    return run


def _register(doors: dict[int, int], participants: list[int]) -> Callable[[Request], Awaitable[Response]]:
    """One call of the function for the date of that gathering and one participant after the other."""
    counter = itertools.count()

    async def run(request: Request) -> Response:
        await request.body()
        number = next(counter)
        key = f"floor-{os.getpid()}-{number}"
        async with request.app.state.pool.acquire() as connection:
            await connection.fetch(
                REGISTER, doors[request.path_params["id"]], participants[number % len(participants)], key, key
            )
        return RedirectResponse(f"{request.url.path}?fait=inscription", 303)

    return run


def _changed(name: str, value: Any, changes: dict[str, Any], recorded_thread: int, number: int) -> Any:
    if name in changes:
        return changes[name]
    if value == [recorded_thread]:
        return [changes["thread_id"]]
    if name == "subject":
        # Nobody waits for somebody else's allowance.
        return f"{value} {number % 1000}"
    if isinstance(value, str):
        return re.sub(rf"\bthread:{recorded_thread}\b", f"thread:{changes['thread_id']}", value)
    return value


def _run(plan: Path, listening: socket.socket) -> None:
    app = create_floor(json.loads(plan.read_text()), plan.parent)
    uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=2048,
            timeout_keep_alive=65,
        )
    ).run(sockets=[listening])


if __name__ == "__main__":
    _run(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
