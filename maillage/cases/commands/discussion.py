"""The discussion of a story: a thread of the forum, opened with its first publication, closed while it is away."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from maillage.auth.viewer import Viewer
from maillage.cases.commands.telling import writers
from maillage.cases.models import Case, CaseText
from maillage.core.db import Db, Row, Statement
from maillage.core.languages import ENGLISH, FRENCH, Text, _
from maillage.forum.commands import arranging, posting, subjects
from maillage.forum.models import Space, Thread
from maillage.notices.commands import follow_along

_QUESTION = Statement(
    select(CaseText.body_md).where(CaseText.case_id == bindparam("case_id"), CaseText.field == "open_question")
)
_WHERE = Statement(
    select(Thread.space_id, Space.visibility, Thread.merged_into_id)
    .join(Space, Space.id == Thread.space_id)
    .where(Thread.id == bindparam("thread_id"))
)
_KEEP = Statement(update(Case).where(Case.id == bindparam("case_id")).values(thread_id=bindparam("new")))
SPACES = {"public": "recits", "members": "recits-membres"}
_NAMES: dict[str, Text] = {
    "public": _("Talking about stories"),
    "members": _("Talking about stories, among members"),
}
_PURPOSES: dict[str, Text] = {
    "public": _("Each practice story has its discussion here, which begins with its authors’ question."),
    "members": _("The discussions of stories that their authors share with members only."),
}
_ASKS = _("This story is published. What does it bring to mind? Have you lived or tried something like it?")
_READ_IT = _("Read the story")


async def open_for(db: Db, *, who: Viewer, case: Row, visibility: str, address: str, now: datetime) -> None:
    """The story is published: have its discussion open to those who may read it. The caller holds the story.

    Opened by `who`, who publishes it. `address` is where the story is, for the first message.
    """
    thread_id: int | None = case["thread_id"]
    if thread_id is not None and await _suits(db, who, thread_id, visibility, now):
        await subjects.reopen(db, thread_id=thread_id, now=now)
    else:
        thread_id = await _started(db, who, case, visibility, address, now)
        await db.run(_KEEP, case_id=case["id"], new=thread_id)
    for person_id in await writers(db, case["id"]):
        await follow_along(db, person_id=person_id, kind="thread", target_id=thread_id, reason="started")


async def close_for(db: Db, *, case: Row, now: datetime) -> None:
    """The story is off line: its discussion can be read, and says why nobody can add to it."""
    if case["thread_id"] is not None:
        await subjects.close(db, thread_id=case["thread_id"], now=now)


async def _suits(db: Db, who: Viewer, thread_id: int, visibility: str, now: datetime) -> bool:
    """Whether the discussion that there was can go on. What was said among members stays among them."""
    place = await db.row(_WHERE, thread_id=thread_id)
    assert place is not None  # noqa: S101 — the story refers to it
    if place["visibility"] != "public":
        if visibility != "public":
            return True
        await subjects.close(db, thread_id=thread_id, now=now)
        return False
    if visibility != "public" and place["merged_into_id"] is None:
        to_id = await _space(db, visibility)
        await arranging.move(db, who=who, thread_id=thread_id, from_id=place["space_id"], to_id=to_id, now=now)
    return True


async def _started(db: Db, who: Viewer, case: Row, visibility: str, address: str, now: datetime) -> int:
    locale = case["language"] if case["language"] in (FRENCH, ENGLISH) else FRENCH
    question: str = (await db.value(_QUESTION, case_id=case["id"]) or "").strip()
    posted = await posting.start_thread(
        db,
        who=who,
        space_id=await _space(db, visibility),
        visibility=visibility,
        kind="question" if question else "eclair",
        title=case["title"],
        body=f"{question or _ASKS.in_(locale)}\n\n[{_READ_IT.in_(locale)}]({address})",
        language=case["language"],
        now=now,
    )
    return posted.thread_id


async def _space(db: Db, visibility: str) -> int:
    return await subjects.space_for(
        db,
        slug=SPACES[visibility],
        name=_both(_NAMES[visibility]),
        purpose=_both(_PURPOSES[visibility]),
        visibility=visibility,
    )


def _both(text: Text) -> dict[str, str]:
    return {locale: text.in_(locale) for locale in (FRENCH, ENGLISH)}
