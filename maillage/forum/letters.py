"""The words that the forum sends to people."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Boolean, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Person
from maillage.core import jobs, mail
from maillage.core.db import Db, Statement
from maillage.forum.models import Post, Space, SpaceMember, Thread
from maillage.forum.queries.door import post_path

_Author = aliased(Person, name="author")
_REMOVED = Statement(
    select(
        _Author.email,
        _Author.name,
        _Author.locale,
        Post.thread_id,
        Post.seq,
        Post.body_md,
        Post.removal_reason,
        Post.removed_at,
        Thread.title,
        # Asked when the letter leaves: who has left the group in the meantime hears no more of it.
        func.coalesce((Space.visibility != "closed") | SpaceMember.role.is_not(None), False, type_=Boolean()).label(
            "may_read"
        ),
    )
    .join(_Author, _Author.id == Post.author_id)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Space, Space.id == Thread.space_id)
    .outerjoin(SpaceMember, and_(SpaceMember.space_id == Space.id, SpaceMember.person_id == Post.author_id))
    .where(
        Post.id == bindparam("post_id"),
        Post.removed_at.is_not(None),
        Post.removed_by_id != Post.author_id,
        _Author.closed_at.is_(None),
    )
)


async def tell_of_removal(db: Db, *, post_id: int) -> None:
    """Have the author of a message that a facilitator removed told why, with her words given back."""
    await jobs.enqueue(db, "message_removed", {"post_id": post_id}, dedupe_key=f"message_removed:{post_id}")


@jobs.job("message_removed")
async def message_removed(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Word the letter and send it, unless the message is back or its author may not read there any more."""
    async with tools.database.reading() as db:
        row = await db.row(_REMOVED, post_id=payload["post_id"])
    if row is None or not row["email"] or not row["may_read"]:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "message_removed",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        title=row["title"],
        reason=row["removal_reason"] or "",
        body=row["body_md"],
        address=settings.base_url + post_path(row["thread_id"], row["seq"]),
        journal=f"{settings.base_url}/moderation/journal",
    )
    # The same job twice is the same letter: mail programs show it once. Removed again later, it is another.
    removal = f"{payload['post_id']}-{row['removed_at']:%Y%m%d%H%M%S}"
    message_id = f"<removed-{removal}@{urlsplit(settings.base_url).hostname}>"
    await mail.send(settings, replace(letter, message_id=message_id))
