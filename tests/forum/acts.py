"""What tests of the forum do again and again: somebody starts a thread, replies, presses a button."""

from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response

from maillage.auth.viewer import Viewer
from maillage.core import clock
from maillage.core.db import Db
from maillage.forum.commands import posting
from tests.conftest import Site

EARLIER = timedelta(hours=1)


def viewer(site: Site, handle: str) -> Viewer:
    """This person as commands see her."""
    row = site.write(
        lambda db: db.connection.fetchrow(
            """
            SELECT id, name, locale, reading_since,
                   (SELECT array_agg(role) FROM platform_role WHERE person_id = person.id) AS roles
              FROM person WHERE handle = $1
            """,
            handle,
        )
    )
    assert row is not None
    return Viewer(
        id=row["id"],
        handle=handle,
        name=row["name"],
        locale=row["locale"],
        roles=frozenset(row["roles"] or ()),
        session_id=0,
        reading_since=row["reading_since"],
        relation=None,
        organization_id=None,
        organization_name=None,
    )


def start(
    site: Site,
    who: str = "maryse",
    *,
    body: str = "Comment faites-vous?",
    title: str = "Une question à poser",
    space: str = "pratiques",
    kind: str = "question",
    now: datetime | None = None,
) -> int:
    """A new thread, by the command; returns its number."""
    row = site.write(lambda db: db.connection.fetchrow("SELECT id, visibility FROM space WHERE slug = $1", space))
    assert row is not None
    author = viewer(site, who)

    async def act(db: Db) -> int:
        posted = await posting.start_thread(
            db,
            who=author,
            space_id=row["id"],
            visibility=row["visibility"],
            kind=kind,
            title=title,
            body=body,
            language="fr-CA",
            now=now or clock.now() - EARLIER,
        )
        return posted.thread_id

    return site.write(act)


def reply(
    site: Site,
    thread_id: int,
    who: str = "ibrahima",
    *,
    under: int = 1,
    body: str = "Voici comment.",
    now: datetime | None = None,
) -> int:
    """A reply, by the command; returns its number in the thread."""
    author = viewer(site, who)

    async def act(db: Db) -> int:
        visibility = await db.connection.fetchval(
            "SELECT visibility FROM space JOIN thread ON thread.space_id = space.id WHERE thread.id = $1",
            thread_id,
        )
        posted = await posting.reply(
            db,
            who=author,
            thread_id=thread_id,
            parent_seq=under,
            visibility=visibility,
            body=body,
            language="fr-CA",
            now=now or clock.now(),
        )
        return posted.seq

    return site.write(act)


def conversation(site: Site, *parents: int, who: str = "maryse", space: str = "pratiques") -> int:
    """A thread where message 2 answers the first of `parents`, message 3 the second, and so on."""
    thread_id = start(site, who, space=space)
    for parent in parents:
        reply(site, thread_id, under=parent)
    return thread_id


def press(site: Site, handle: str, path: str, **fields: Any) -> Response:
    """Send a form through the front door."""
    return site.as_(handle).post(path, data={name: str(value) for name, value in fields.items()})


def done(response: Response) -> str:
    """The address that the response leads to, when what was asked was done."""
    assert response.status_code == 303, (response.status_code, response.text[:2000])
    return response.headers["location"]


def path_of(site: Site, thread_id: int) -> str:
    slug = site.ask("SELECT slug FROM thread WHERE id = $1", thread_id)
    return f"/discussions/{thread_id}-{slug}"


def column(site: Site, sql: str, *arguments: Any) -> list[Any]:
    """The first column of every row."""
    rows = site.write(lambda db: db.connection.fetch(sql, *arguments))
    return [row[0] for row in rows]


def shape(site: Site, thread_id: int) -> list[tuple[int, int | None]]:
    """The messages in conversation order, without the lines of history: number and number answered."""
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT seq, parent_seq FROM post WHERE thread_id = $1 AND event IS NULL ORDER BY path", thread_id
        )
    )
    return [(row[0], row[1]) for row in rows]


def events(site: Site, thread_id: int) -> list[str]:
    """The lines of the thread's history, in the order of their numbers."""
    return column(site, "SELECT event FROM post WHERE thread_id = $1 AND event IS NOT NULL ORDER BY seq", thread_id)
