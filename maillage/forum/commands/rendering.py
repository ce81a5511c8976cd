"""From what a person wrote to what is stored: references looked up once, HTML made once."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, delete, func, or_, select, update

from maillage.auth.models import Person
from maillage.core import markdown
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.files.shown import ShownFile
from maillage.forum.commands.attaching import files_for
from maillage.forum.commands.holding import HOMES
from maillage.forum.models import Post, Space, Thread, ThreadLink
from maillage.forum.policies import TOO_COMPLEX
from maillage.forum.queries.door import thread_path

_PEOPLE = Statement(
    select(Person.id, Person.handle, Person.name).where(
        Person.handle == func.any(bindparam("handles")), Person.closed_at.is_(None)
    )
)
# Only threads that everybody who may read this space may read: the HTML is the same for all of them.
_homes = HOMES.subquery("homes")
_THREADS = Statement(
    select(_homes.c.asked_id, Thread.id, Thread.title, Thread.slug)
    .select_from(_homes)
    .join(Thread, Thread.id == _homes.c.home_id)
    .join(Space, Space.id == Thread.space_id)
    .where(
        or_(
            Space.visibility == "public",
            Space.id == bindparam("space_id"),
            (Space.visibility == "members") & (bindparam("visibility") != "public"),
        ),
    )
)


class Written:
    """A text ready to be stored: its HTML, its plain text, whom it names, which threads it links to, its files."""

    __slots__ = ("files", "html", "language", "people", "source", "text", "threads")

    def __init__(
        self,
        source: str,
        language: str,
        rendered: markdown.Rendered,
        people: dict[str, int],
        threads: dict[int, int],
    ) -> None:
        self.source, self.language = source, language
        self.html, self.text, self.files = rendered.html, rendered.text, rendered.files
        self.people = [people[handle] for handle in rendered.mentions if handle in people]
        self.threads = sorted({threads[number] for number in rendered.thread_links if number in threads})


async def written(
    db: Db,
    *,
    source: str,
    language: str,
    space_id: int,
    visibility: str,
    prefix: str,
    numbers_only: bool = False,
    files: Mapping[str, ShownFile] | None = None,
) -> Written:
    """Render `source` for the readers of a space. Raises `Refused` when it is too intricate.

    `files` are those that it may show, by key: whoever stores the text gives them to it as well.

    `numbers_only` is for texts whose links are not written down, so that nothing would render them again when
    a thread that they name gets another title or other readers: of that thread, they say its number alone.
    """
    try:
        found = markdown.mentioned(source)
        people = await db.rows(_PEOPLE, handles=list(found.handles)) if found.handles else []
        threads = (
            await db.rows(_THREADS, ids=list(found.thread_ids), space_id=space_id, visibility=visibility)
            if found.thread_ids
            else []
        )
        references = markdown.References(
            {row["handle"]: row["name"] for row in people},
            {
                row["asked_id"]: ("", f"/discussions/{row['asked_id']}")
                if numbers_only
                else (row["title"], thread_path(row["id"], row["slug"]))
                for row in threads
            },
            files or {},
        )
        rendered = markdown.render(source, references=references, language=language, prefix=prefix)
    except markdown.TooComplex:
        raise Refused(TOO_COMPLEX) from None
    return Written(
        source,
        language,
        rendered,
        {row["handle"]: row["id"] for row in people},
        {row["asked_id"]: row["id"] for row in threads},
    )


_ADD_MENTIONS = Statement(
    "INSERT INTO mention (post_id, person_id) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING",
    ("post_id", "people"),
)
_ADD_LINKS = Statement(
    "INSERT INTO thread_link (post_id, thread_id) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING",
    ("post_id", "threads"),
)
_DROP_LINKS = Statement(delete(ThreadLink).where(ThreadLink.post_id == bindparam("of")).returning(ThreadLink.thread_id))


# Only pages on which the back-link shows (`queries/threads.py: _backlinks`): what a closed group speaks of would
# otherwise move the version, and so the validator, of a page that everybody reads.
TOUCH_NAMED = Statement(
    """
    UPDATE thread SET version = thread.version + 1
      FROM space AS theirs,
           post JOIN thread AS own ON own.id = post.thread_id JOIN space AS ours ON ours.id = own.space_id
     WHERE thread.id = ANY($1::bigint[]) AND post.id = $2 AND theirs.id = thread.space_id
       AND (ours.visibility = 'public' OR ours.id = theirs.id
            OR (ours.visibility = 'members' AND theirs.visibility <> 'public'))
    """,
    ("ids", "post_id"),
)


async def keep_references(db: Db, *, post_id: int, text: Written, edited: bool = False) -> None:
    """Write down whom a post names and which threads it links to. The caller holds those threads.

    Those that an edited post names no longer are told too: their pages list who names them.
    """
    touched = set(text.threads)
    if edited:
        touched.update(row[0] for row in await db.rows(_DROP_LINKS, of=post_id))
    if text.people:
        await db.run(_ADD_MENTIONS, post_id=post_id, people=text.people)
    if text.threads:
        await db.run(_ADD_LINKS, post_id=post_id, threads=text.threads)
    if touched:
        await db.run(TOUCH_NAMED, ids=sorted(touched), post_id=post_id)


_RENDERED = Statement(
    update(Post)
    .where(Post.id == bindparam("of"), Post.body_md == bindparam("source"))
    .values(body_html=bindparam("html"), render_version=markdown.RENDER_VERSION)
)
_SOURCES = Statement(
    select(Post.id, Post.seq, Post.body_md, Post.language, Thread.space_id, Space.visibility)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Space, Space.id == Thread.space_id)
    .where(Post.id == func.any(bindparam("ids")))
    # Held from the reading to the writing: a change that makes this rendering stale comes wholly before it, and
    # is seen, or wholly after it, and marks it as stale.
    .order_by(Post.id)
    .with_for_update(of=Post, key_share=True)
)


async def render_anew(db: Db, *, post_ids: Iterable[int]) -> None:
    """Render posts again whose HTML is of an older version. An edit that came first wins."""
    for row in await db.rows(_SOURCES, ids=sorted(post_ids)):
        text = await written(
            db,
            source=row["body_md"],
            language=row["language"],
            space_id=row["space_id"],
            visibility=row["visibility"],
            prefix=f"m-{row['seq']}-",
            files=await files_for(db, source=row["body_md"], author_id=None, post_id=row["id"]),
        )
        await db.run(_RENDERED, of=row["id"], source=row["body_md"], html=text.html)


# Every post that names one of these threads says its title; every thread named in one of them lists its title.
_SAY_ANEW = Statement(
    """
    WITH stale AS (
        SELECT id, thread_id FROM post
         WHERE id IN (SELECT post_id FROM thread_link WHERE thread_id = ANY($1)
                       UNION SELECT post_id FROM thread_link JOIN post AS p ON p.id = post_id
                              WHERE p.thread_id = ANY($1))
         ORDER BY id FOR NO KEY UPDATE),
    marked AS (
        UPDATE post SET render_version = 0 FROM stale WHERE post.id = stale.id RETURNING post.id)
    UPDATE thread SET version = version + 1
     WHERE id IN (SELECT thread_id FROM stale
                   UNION SELECT thread_id FROM thread_link WHERE post_id IN (SELECT id FROM marked))
    """,
    ("ids",),
)


async def say_anew(db: Db, *thread_ids: int) -> None:
    """The title, address or readers of a thread changed: have everything rendered again that says them.

    The caller holds all those `around` these threads.
    """
    await db.run(_SAY_ANEW, ids=list(thread_ids))
