"""The trace of a story, and who is told of it."""

from datetime import datetime

from sqlalchemy import bindparam, func, insert, select

from maillage.auth.models import PlatformRole
from maillage.cases.models import Case, CaseAuthor, CaseEvent
from maillage.core.db import Db, Statement
from maillage.notices.commands import tell
from maillage.notices.models import Follow

_EVENT = Statement(
    insert(CaseEvent).values(
        case_id=bindparam("case_id"),
        at=bindparam("now"),
        person_id=bindparam("person_id"),
        from_state=bindparam("from_state"),
        to_state=bindparam("to_state"),
        cause=bindparam("cause"),
        note=bindparam("note"),
    )
)
_HANDS = Statement(
    select(CaseAuthor.person_id).where(
        CaseAuthor.case_id == bindparam("case_id"),
        CaseAuthor.kind == func.any(bindparam("kinds")),
        CaseAuthor.person_id.is_not(None),
        CaseAuthor.left_at.is_(None),
    )
)
_FACILITATORS = Statement(select(PlatformRole.person_id).where(PlatformRole.role == "moderator"))
# Those who write, and have not said that they want to hear no more of that discussion.
_LISTENING = Statement(
    select(CaseAuthor.case_id, CaseAuthor.person_id)
    .join(Case, Case.id == CaseAuthor.case_id)
    .outerjoin(
        Follow,
        (Follow.person_id == CaseAuthor.person_id) & (Follow.kind == "thread") & (Follow.target_id == Case.thread_id),
    )
    .where(
        Case.thread_id == bindparam("thread_id"),
        CaseAuthor.kind == func.any(bindparam("kinds")),
        CaseAuthor.person_id != bindparam("by"),
        CaseAuthor.left_at.is_(None),
        Follow.muted.is_not(True),
    )
)
WRITING = ("author", "coauthor")
ALL = (*WRITING, "reader", "validator")


async def note(
    db: Db,
    *,
    case_id: int,
    person_id: int | None,
    from_state: str | None,
    to_state: str,
    cause: str,
    now: datetime,
    why: str = "",
) -> None:
    """A line of the story's trace. `person_id` is None for guests, for time, and for people named in it."""
    await db.run(
        _EVENT,
        case_id=case_id,
        now=now,
        person_id=person_id,
        from_state=from_state,
        to_state=to_state,
        cause=cause,
        note=why,
    )


async def tell_hands(
    db: Db,
    *,
    case_id: int,
    kind: str,
    now: datetime,
    kinds: tuple[str, ...] = WRITING,
    but: int | None = None,
    facilitators: bool = False,
) -> None:
    """Tell those who take part in a story, `but` whoever did it, and the `facilitators` where it is for them too."""
    people = {row[0] for row in await db.rows(_HANDS, case_id=case_id, kinds=list(kinds))}
    if facilitators:
        people.update(row[0] for row in await db.rows(_FACILITATORS))
    await tell(db, people=people - {but}, kind=kind, subject_kind="case", subject_id=case_id, now=now)


async def writers(db: Db, case_id: int) -> list[int]:
    """The accounts of those who write in it."""
    return [row[0] for row in await db.rows(_HANDS, case_id=case_id, kinds=list(WRITING))]


async def tell_of_reply(db: Db, thread_id: int, by: int, now: datetime) -> None:
    """A reply came: if that thread is the discussion of a story, its authors are told."""
    rows = await db.rows(_LISTENING, thread_id=thread_id, by=by, kinds=list(WRITING))
    if rows:
        people = [row["person_id"] for row in rows]
        await tell(db, people=people, kind="reply", subject_kind="case_talk", subject_id=rows[0]["case_id"], now=now)
