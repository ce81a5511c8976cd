"""Making an agenda of the questions for a gathering, and writing down what was answered there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, case, delete, func, insert, select, update

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.language_guess import guess
from maillage.core.languages import _
from maillage.events.commands.asking import sure
from maillage.events.commands.holding import hold, touch
from maillage.events.models import AgendaQuestion, AgendaTopic, Gathering
from maillage.events.policies import Standing
from maillage.events.policies.agenda import Arrangement, may_arrange
from maillage.forum.commands import holding as threads
from maillage.forum.commands import posting
from maillage.forum.models import Post, Space, Thread

CHANGED = _("Somebody else changed this agenda meanwhile. What you wrote is below: look at it, then save again.")

_DROP = Statement(
    delete(AgendaTopic).where(AgendaTopic.id == bindparam("of"), AgendaTopic.gathering_id == bindparam("of_gathering"))
)
_LEAVE = Statement(
    update(AgendaQuestion)
    .where(AgendaQuestion.gathering_id == bindparam("of_gathering"), AgendaQuestion.topic_id == bindparam("of"))
    .values(topic_id=None)
)
_ADD = Statement(
    insert(AgendaTopic)
    .values(
        gathering_id=bindparam("gathering_id"),
        position=bindparam("position"),
        title=bindparam("title"),
        minutes=bindparam("minutes", type_=AgendaTopic.minutes.type),
    )
    .returning(AgendaTopic.id)
)
_CHANGE = Statement(
    update(AgendaTopic)
    .where(AgendaTopic.id == bindparam("of"), AgendaTopic.gathering_id == bindparam("of_gathering"))
    .values(
        position=bindparam("new_position"),
        title=bindparam("new_title"),
        minutes=bindparam("new_minutes", type_=AgendaTopic.minutes.type),
    )
)
_PLACE = Statement(
    update(AgendaQuestion)
    .where(AgendaQuestion.id == bindparam("of"), AgendaQuestion.gathering_id == bindparam("of_gathering"))
    .values(topic_id=bindparam("under", type_=AgendaQuestion.topic_id.type), position=bindparam("new_position"))
)
_ANSWER = Statement(
    update(AgendaQuestion)
    .where(
        AgendaQuestion.id == bindparam("of"),
        AgendaQuestion.gathering_id == bindparam("of_gathering"),
        AgendaQuestion.answer != bindparam("said"),
    )
    .values(
        answer=bindparam("said"),
        answered_at=case(
            (bindparam("said") == "", None), else_=bindparam("now", type_=AgendaQuestion.answered_at.type)
        ),
    )
    .returning(AgendaQuestion.id)
)
# Where an answer is said in the forum, while it has not been.
_UNSAID = Statement(
    select(Post.thread_id, Post.seq, Space.visibility)
    .select_from(AgendaQuestion)
    .join(Post, Post.id == AgendaQuestion.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Space, Space.id == Thread.space_id)
    .where(
        AgendaQuestion.id == bindparam("of"),
        AgendaQuestion.answer_post_id.is_(None),
        Post.removed_at.is_(None),
        Space.visibility != "closed",
    )
)
_SAID = Statement(
    update(AgendaQuestion)
    .where(AgendaQuestion.id == bindparam("of"))
    .values(
        answer_post_id=select(Post.id)
        .where(Post.thread_id == bindparam("in_thread"), Post.seq == bindparam("at_seq"))
        .scalar_subquery()
    )
)
_SAVED = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"))
    .values(
        agenda_revision=Gathering.agenda_revision + 1,
        agenda_at=case(
            (bindparam("act") == "publish", func.coalesce(Gathering.agenda_at, bindparam("now"))),
            (bindparam("act") == "take-back", None),
            else_=Gathering.agenda_at,
        ),
    )
)


async def arrange(
    db: Db,
    *,
    who: Viewer,
    standing: Standing,
    arrangement: Arrangement,
    act: str,
    seen: int,
    now: datetime,
) -> None:
    """Keep the agenda, and publish it or take it back as `act` says. `seen` is the revision that the writer read;
    `Refused` when there is a later one. `standing` is hers."""
    gathering = await hold(db, gathering_id=standing.gathering_id)
    if gathering["agenda_revision"] != seen:
        raise Refused(CHANGED)
    sure(may_arrange(replace(standing, state=gathering["state"])))
    under = await _keep_topics(db, gathering["id"], arrangement)
    said: dict[int, str] = {}
    for placed in arrangement.placed:
        await db.run(
            _PLACE,
            of=placed.id,
            of_gathering=gathering["id"],
            under=under.get(placed.topic),
            new_position=placed.position,
        )
        if placed.answer is not None and await _answered(db, gathering["id"], placed.id, placed.answer, now):
            said[placed.id] = placed.answer
    await _say(db, who, said, now)
    await db.run(_SAVED, of=gathering["id"], act=act, now=now)
    await touch(db, gathering_id=gathering["id"], now=now)


async def _keep_topics(db: Db, gathering_id: int, arrangement: Arrangement) -> dict[str, int]:
    """Returns their numbers, by key."""
    for topic_id in arrangement.dropped:
        await db.run(_LEAVE, of=topic_id, of_gathering=gathering_id)
        await db.run(_DROP, of=topic_id, of_gathering=gathering_id)
    under: dict[str, int] = {}
    for position, topic in enumerate(arrangement.topics):
        if topic.id is None:
            under[topic.key] = await db.value(
                _ADD, gathering_id=gathering_id, position=position, title=topic.title, minutes=topic.minutes
            )
        else:
            under[topic.key] = topic.id
            await db.run(
                _CHANGE,
                of=topic.id,
                of_gathering=gathering_id,
                new_position=position,
                new_title=topic.title,
                new_minutes=topic.minutes,
            )
    return under


async def _answered(db: Db, gathering_id: int, question_id: int, said: str, now: datetime) -> bool:
    """Write it down. Whether it says something, and something new."""
    changed = await db.value(_ANSWER, of=question_id, of_gathering=gathering_id, said=said, now=now) is not None
    return changed and said != ""


async def _say(db: Db, who: Viewer, said: Mapping[int, str], now: datetime) -> None:
    """What is answered for the first time is said in the forum too, below the question."""
    unsaid = [(of, where) for of in said if (where := await db.row(_UNSAID, of=of)) is not None]
    # All of their discussions at once: each reply then takes a space, after which none may be taken.
    await threads.hold(db, *(where["thread_id"] for _of, where in unsaid), naming="\n\n".join(said.values()))
    for of, where in unsaid:
        try:
            posted = await posting.reply(
                db,
                who=who,
                thread_id=where["thread_id"],
                parent_seq=where["seq"],
                visibility=where["visibility"],
                body=said[of],
                language=guess(said[of]),
                now=now,
            )
        except Refused:
            # Its discussion takes no more messages: the agenda alone says it.
            continue
        await db.run(_SAID, of=of, in_thread=posted.thread_id, at_seq=posted.seq)
