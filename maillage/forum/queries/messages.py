"""One message, looked at closely: where it is now, what may be done to it, what it said before."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Organization, Person
from maillage.auth.viewer import Who
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.forum.models import Post, PostAlias, PostRevision, Thread
from maillage.forum.policies import PostState
from maillage.forum.queries.door import BIGGEST, Look, look
from maillage.forum.queries.shown import PostView, post_view

TOP_SEQ = 2**24 - 1


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its source, for the pages that act on it."""

    look: Look
    state: PostState
    view: PostView
    body_md: str
    # Of a removed message too: its history is for facilitators, who need to know.
    author_name: str
    # For whom its author spoke.
    organization_id: int | None
    thread_title: str
    thread_language: str


_HERE = Statement(
    select(Post.thread_id, Post.seq).where(Post.thread_id == bindparam("thread_id"), Post.seq == bindparam("seq"))
)
_ELSEWHERE = Statement(
    select(Post.thread_id, Post.seq)
    .join(PostAlias, PostAlias.post_id == Post.id)
    .where(PostAlias.thread_id == bindparam("thread_id"), PostAlias.seq == bindparam("seq"))
)


async def where_now(db: Db, thread_id: int, seq: int) -> tuple[int, int]:
    """The thread and number of the post that this address has ever meant. Says nothing of who may read it."""
    if not (0 < thread_id <= BIGGEST and 0 < seq <= TOP_SEQ):
        raise NotHere
    row = await db.row(_HERE, thread_id=thread_id, seq=seq) or await db.row(_ELSEWHERE, thread_id=thread_id, seq=seq)
    if row is None:
        raise NotHere
    return row["thread_id"], row["seq"]


_Parent = aliased(Post, name="parent")
_ParentAuthor = aliased(Person, name="parent_author")
_MESSAGE = Statement(
    select(
        Post,
        Person.name.label("author_name"),
        Person.handle.label("author_handle"),
        Organization.name.label("organization_name"),
        Thread.author_id.label("starter_id"),
        Thread.title.label("thread_title"),
        Thread.language.label("thread_language"),
        _ParentAuthor.name.label("parent_name"),
    )
    .join(Person, Person.id == Post.author_id)
    .join(Thread, Thread.id == Post.thread_id)
    .outerjoin(Organization, Organization.id == Post.organization_id)
    .outerjoin(_Parent, (_Parent.thread_id == Post.thread_id) & (_Parent.seq == Post.parent_seq))
    .outerjoin(_ParentAuthor, (_ParentAuthor.id == _Parent.author_id) & _Parent.removed_at.is_(None))
    .where(Post.thread_id == bindparam("thread_id"), Post.seq == bindparam("seq"))
)


async def message(db: Db, who: Who, thread_id: int, seq: int) -> Message:
    """The door to one message: its thread's door first, so that the absent and the hidden are the same."""
    seen = await look(db, who, thread_id)
    row = await db.row(_MESSAGE, thread_id=thread_id, seq=seq) if 0 < seq <= TOP_SEQ else None
    if row is None:
        raise NotHere
    return Message(
        look=seen,
        state=PostState(
            row["seq"],
            row["author_id"],
            row["created_at"],
            row["removed_at"] is not None,
            row["removed_by_id"],
            row["event"] is not None,
            row["revisions"],
            row["edited_at"] is not None,
        ),
        view=post_view(row, starter_id=row["starter_id"], parent_name=row["parent_name"]),
        body_md="" if row["removed_at"] is not None else row["body_md"],
        author_name=row["author_name"],
        organization_id=row["organization_id"],
        thread_title=row["thread_title"],
        thread_language=row["thread_language"],
    )


@dataclass(frozen=True, slots=True)
class Revision:
    """What a message said until `replaced_at`."""

    number: int
    body_md: str
    replaced_at: datetime
    replaced_by: str


_REVISIONS = Statement(
    select(PostRevision.number, PostRevision.body_md, PostRevision.replaced_at, Person.name)
    .join(Person, Person.id == PostRevision.replaced_by_id)
    .where(PostRevision.post_id == bindparam("post_id"))
    .order_by(PostRevision.number)
)


async def revisions(db: Db, post_id: int) -> list[Revision]:
    """Everything that a message said before, the oldest first."""
    return [Revision(*row) for row in await db.rows(_REVISIONS, post_id=post_id)]
