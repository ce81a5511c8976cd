"""Taking somebody's name, or her words, out of a discussion for good: from what is read, and from all that is kept.

Everywhere else, nothing is destroyed. Here it must be: she has taken back what she had agreed to. What was said stays
readable around the gaps, and no earlier version holds what stood there.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, and_, any_, bindparam, func, literal, or_, select, update

from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.files.models import StoredFile
from maillage.core.redacting import InHtml, Redaction, rewrite
from maillage.forum.commands.attaching import POST
from maillage.forum.commands.holding import TOUCH_SPACES, TOUCH_THREADS, around, hold
from maillage.forum.commands.rendering import render_anew, say_anew
from maillage.forum.models import Draft, ModerationEntry, Post, PostAlias, PostRevision, Report, Thread, ThreadLink


class Addresses(Redaction):
    """Takes the words out of addresses, of which the number alone leads there."""

    def __init__(self, paths: Collection[str]) -> None:
        super().__init__([])
        self.paths = paths
        self._words = re.compile(rf"({'|'.join(map(re.escape, paths))})-[\w-]+")

    def of(self, text: str) -> str:
        return self._words.sub(r"\1", text)


# For this transaction, what is only ever added to may be changed.
TAKING_OUT = Statement("SELECT set_config('maillage.taking_out', $1, true)", ("on",))

# The messages of these discussions, and those that were moved elsewhere since.
_POSTS = Statement(
    select(Post.id, Post.thread_id)
    .outerjoin(PostAlias, PostAlias.post_id == Post.id)
    .where(
        or_(
            Post.thread_id == func.any(bindparam("threads")),
            Post.id == func.any(bindparam("also")),
            PostAlias.thread_id == func.any(bindparam("threads")),
        )
    )
    .distinct()
)
_READDRESS = Statement(update(Thread).where(Thread.id == bindparam("of")).values(slug=bindparam("new_slug")))
_TITLE = Statement(select(Thread.title).where(Thread.id == bindparam("of")))
_STALE = Statement(update(Post).where(Post.id == func.any(bindparam("ids"))).values(render_version=0))
# Messages that write down one of these addresses with the words of a title, now or before.
_LINKING = Statement(
    """
    SELECT id, thread_id FROM post
     WHERE body_md LIKE ANY($1::text[]) OR body_html LIKE ANY($1::text[])
        OR id IN (SELECT post_id FROM post_revision WHERE body_md LIKE ANY($1::text[]))
    """,
    ("like",),
)
# Wherever a discussion is linked by its number, its title is said.
_NAMING = Statement(select(ThreadLink.post_id).where(ThreadLink.thread_id == func.any(bindparam("threads"))).distinct())


@dataclass(frozen=True, slots=True)
class Discussed:
    """Discussions, messages `also` beside them, and what to take out of both."""

    thread_ids: Collection[int]
    also: Collection[int]
    take_out: Redaction


async def redact(db: Db, discussions: Sequence[Discussed], *, paths: Collection[str]) -> None:
    """Take them out of these discussions, wherever their messages are now, and of the messages `also`.

    Others may have written down an address made of words that were those of a title: of each of `paths`, and of these
    discussions themselves, the number alone remains everywhere, which leads there.
    """
    parts = []
    for one in discussions:
        rows = await db.rows(_POSTS, threads=list(one.thread_ids), also=list(one.also))
        posts = sorted({row["id"] for row in rows})
        parts.append((posts, sorted({*one.thread_ids, *(row["thread_id"] for row in rows)}), one.take_out))
    threads = {thread for _posts, some, _take_out in parts for thread in some}
    addresses = [*paths, *(f"/discussions/{thread}" for thread in sorted(threads))]
    linking = await db.rows(_LINKING, like=[f"%{address}-%" for address in addresses])
    elsewhere = {row["thread_id"] for row in linking} - threads
    held = await hold(db, *threads, *elsewhere, also=await around(db, *threads))
    await db.run(TAKING_OUT, on="on")
    await _shorten(db, sorted({row["id"] for row in linking}), Addresses(addresses))
    for posts, some, take_out in parts:
        await _discussion(db, posts, some, take_out)
    await db.run(TOUCH_THREADS, ids=sorted({*threads, *elsewhere}))
    await db.run(TOUCH_SPACES, ids=sorted({held[thread]["space_id"] for thread in {*threads, *elsewhere}}))


async def _discussion(db: Db, posts: list[int], threads: list[int], take_out: Redaction) -> None:
    await _posts(db, posts, threads, take_out)
    await _threads(db, threads, take_out)
    drafts = [f"edit:{post}" for post in posts] + [f"thread:{thread}" for thread in threads]
    place = func.concat_ws(
        ":", func.split_part(Draft.place, ":", 1), func.split_part(Draft.place, ":", 2), type_=Text()
    )
    await rewrite(db, take_out, Draft, place == any_(literal(drafts, ARRAY(Text))), Draft.title, Draft.body)
    await rewrite(db, take_out, ModerationEntry, ModerationEntry.thread_id == _any(threads), ModerationEntry.reason)
    naming = [row[0] for row in await db.rows(_NAMING, threads=threads)]
    await say_anew(db, *threads)
    await render_anew(db, post_ids={*posts, *naming})
    # What a person is called where she is mentioned is not in the message: it is taken out of how it shows.
    await rewrite(db, InHtml(take_out), Post, Post.id == _any(posts), Post.body_html)


async def _shorten(db: Db, posts: list[int], addresses: Addresses) -> None:
    these = Post.id == _any(posts)
    await rewrite(db, addresses, Post, these, Post.body_md, Post.body_html)
    await rewrite(db, addresses, PostRevision, PostRevision.post_id == _any(posts), PostRevision.body_md)
    await rewrite(db, addresses, Draft, or_(*(Draft.body.contains(f"{one}-") for one in addresses.paths)), Draft.body)


async def _posts(db: Db, posts: list[int], threads: list[int], take_out: Redaction) -> None:
    these = Post.id == _any(posts)
    said = await rewrite(db, take_out, Post, these, Post.body_md, Post.removal_reason)
    await db.run(_STALE, ids=[row["id"] for row in said])
    # Lines of history say titles, former ones too.
    history = or_(these, and_(Post.thread_id == _any(threads), Post.event.is_not(None)))
    await rewrite(db, take_out, Post, and_(history, Post.event.is_not(None)), Post.event_data)
    revised = PostRevision.post_id == _any(posts)
    await rewrite(db, take_out, PostRevision, revised, PostRevision.body_md, PostRevision.title)
    await rewrite(db, take_out, Report, Report.post_id == _any(posts), Report.reason)
    shown = and_(StoredFile.subject_kind == POST, StoredFile.subject_id == _any(posts))
    await rewrite(db, take_out, StoredFile, shown, StoredFile.name, StoredFile.alt, StoredFile.credit)


async def _threads(db: Db, threads: list[int], take_out: Redaction) -> None:
    these = Thread.id == _any(threads)
    await rewrite(db, InHtml(take_out), Thread, these, Thread.summary_html)
    columns = (Thread.title, Thread.slug, Thread.excerpt, Thread.summary_md)
    said = await rewrite(db, take_out, Thread, these, *columns)
    for row in said:
        title = await db.value(_TITLE, of=row["id"])
        await db.run(_READDRESS, of=row["id"], new_slug=names.slug(title))


def _any(ids: Collection[int]) -> ColumnElement[Any]:
    return func.any(literal(sorted(ids), ARRAY(BigInteger)))
