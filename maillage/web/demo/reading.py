"""Where the readers of the demonstration are: read, followed, begun, reported."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.forum.commands import drafts, marking, moderating
from maillage.forum.models import Post
from maillage.notices.commands import follow
from maillage.web.demo.world import World, with_numbers

# Yesterday afternoon: everybody came by once more after the last message that she has read.
_LAST_VISIT = 0.5

_POST = Statement(select(Post.id).where(Post.thread_id == bindparam("thread_id"), Post.seq == bindparam("seq")))


async def load_readers(
    db: Db,
    told: World,
    cast: dict[str, Viewer],
    spaces: dict[str, int],
    threads: dict[str, int],
    moment: Callable[[float], datetime],
) -> None:
    for read in told.reads:
        await marking.mark_read(
            db,
            who=cast[read.person],
            thread_id=threads[read.thread],
            ranges=[(seq, seq + 1) for seq in read.posts],
            now=moment(_LAST_VISIT),
        )
    for followed in told.follows:
        kind, target = ("thread", threads[followed.thread]) if followed.thread else ("space", spaces[followed.space])
        await follow(db, person_id=cast[followed.person].id, kind=kind, target_id=target)
    for draft in told.drafts:
        await drafts.save_draft(
            db,
            who=cast[draft.person],
            place=_place(draft.space, threads.get(draft.thread), draft.parent),
            sequence=1,
            title=draft.title,
            body=with_numbers(draft.body, threads),
            now=moment(_LAST_VISIT),
        )
    for report in told.reports:
        await moderating.report(
            db,
            who=cast[report.person],
            post_id=await db.value(_POST, thread_id=threads[report.thread], seq=report.post),
            reason=report.reason_fr,
            now=moment(report.days_ago),
        )


def _place(space: str, thread_id: int | None, parent: int) -> str:
    """What a draft is for, as `Draft.place` has it."""
    if thread_id is None:
        return f"space:{space}"
    return f"thread:{thread_id}" if parent == 1 else f"thread:{thread_id}:{parent}"
