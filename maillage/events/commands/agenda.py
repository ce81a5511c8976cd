"""Questions for a gathering: asked in its discussion, picked in the forum, supported, taken back, set aside.

The gathering is held first, as everywhere, then the thread of the message.
"""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import ENGLISH, FRENCH, _
from maillage.events.commands.asking import sure
from maillage.events.commands.holding import hold, touch
from maillage.events.commands.linking import linked
from maillage.events.models import AgendaQuestion, AgendaVote, Gathering
from maillage.events.policies import Standing
from maillage.events.policies.agenda import MOST_QUESTIONS, may_ask, may_support, may_take_back
from maillage.events.queries import picking
from maillage.events.queries.times import dates_of
from maillage.forum.commands import holding as threads
from maillage.forum.commands import posting
from maillage.forum.models import Post

ENOUGH = _("This gathering has as many questions as it can hold: support the ones that are there.")
ANSWERED = _("Somebody has answered this question meanwhile, or it is no longer there: choose another one.")
_WILL_BE_TALKED_OF = _("This question will be talked of at this gathering:")
_ADD = Statement(
    insert(AgendaQuestion).values(
        {
            name: bindparam(name, type_=AgendaQuestion.__table__.c[name].type)
            for name in ("gathering_id", "body", "asked_by_id", "post_id", "request_key")
        }
        | {"created_at": bindparam("now")}
    )
)
_ALREADY = Statement(
    select(AgendaQuestion.id).where(
        AgendaQuestion.asked_by_id == bindparam("whose"), AgendaQuestion.request_key == bindparam("request_key")
    )
)
_HOW_MANY = Statement(select(func.count()).where(AgendaQuestion.gathering_id == bindparam("gathering_id")))
_POST = Statement(select(Post.id).where(Post.thread_id == bindparam("thread_id"), Post.seq == bindparam("seq")))
_PICKED = Statement(
    select(AgendaQuestion.id)
    .join(Post, Post.id == AgendaQuestion.post_id)
    .where(
        AgendaQuestion.gathering_id == bindparam("gathering_id"),
        Post.thread_id == bindparam("thread_id"),
        Post.seq == 1,
    )
)
_HOLD = Statement(
    select(
        AgendaQuestion.asked_by_id,
        AgendaQuestion.set_aside_at,
        Gathering.state,
        Gathering.visibility,
        Gathering.registration,
    )
    .join(Gathering, Gathering.id == AgendaQuestion.gathering_id)
    .where(AgendaQuestion.id == bindparam("question_id"), AgendaQuestion.gathering_id == bindparam("gathering_id"))
    .with_for_update(of=AgendaQuestion)
)
_SUPPORT = Statement(
    upsert(AgendaVote)
    .values(question_id=bindparam("question_id"), person_id=bindparam("person_id"), created_at=bindparam("now"))
    .on_conflict_do_nothing()
)
_UNSUPPORT = Statement(
    delete(AgendaVote).where(
        AgendaVote.question_id == bindparam("question_id"), AgendaVote.person_id == bindparam("person_id")
    )
)
_SUPPORTS = Statement(
    select(func.count()).where(
        AgendaVote.question_id == bindparam("question_id"), AgendaVote.person_id != bindparam("whose")
    )
)
_TAKE_BACK = Statement(delete(AgendaQuestion).where(AgendaQuestion.id == bindparam("of")))
_SET_ASIDE = Statement(
    update(AgendaQuestion)
    .where(AgendaQuestion.id == bindparam("of"), AgendaQuestion.gathering_id == bindparam("of_gathering"))
    .values(set_aside_at=bindparam("at"))
    .returning(AgendaQuestion.id)
)


async def ask(
    db: Db,
    *,
    who: Viewer,
    gathering_id: int,
    visibility: str,
    body: str,
    language: str,
    moderates: bool,
    request_key: str | None,
    now: datetime,
) -> None:
    """Ask it in the discussion of the gathering, whose space has this `visibility`. The same form again is the same."""
    gathering = await hold(db, gathering_id=gathering_id)
    if request_key and await db.value(_ALREADY, whose=who.id, request_key=request_key) is not None:
        return
    await _still_asked(db, who, gathering, now)
    if gathering["thread_id"] is None:
        raise NotHere
    posted = await posting.reply(
        db,
        who=who,
        thread_id=gathering["thread_id"],
        parent_seq=1,
        visibility=visibility,
        body=body,
        language=language,
        now=now,
        moderates=moderates,
    )
    await db.run(
        _ADD,
        gathering_id=gathering_id,
        body=body,
        asked_by_id=who.id,
        post_id=await db.value(_POST, thread_id=posted.thread_id, seq=posted.seq),
        request_key=request_key,
        now=now,
    )


async def pick(db: Db, *, who: Viewer, gathering_id: int, thread_id: int, address: str, now: datetime) -> None:
    """Make a question of the forum one of this gathering, and say so there. Picked already, it stays as it is."""
    gathering = await hold(db, gathering_id=gathering_id)
    if await db.value(_PICKED, gathering_id=gathering_id, thread_id=thread_id) is not None:
        return
    await _still_asked(db, who, gathering, now)
    where = linked(gathering["title"], address)
    # Nobody answers it until the transaction ends.
    await threads.hold(db, thread_id, naming=where)
    found = await picking.one(db, gathering_id, thread_id)
    if found is None:
        raise Refused(ANSWERED)
    language = found["language"] if found["language"] in (FRENCH, ENGLISH) else FRENCH
    await posting.reply(
        db,
        who=who,
        thread_id=thread_id,
        parent_seq=1,
        visibility=found["visibility"],
        body=f"{_WILL_BE_TALKED_OF.in_(language)}\n\n{where}",
        language=language,
        now=now,
    )
    await db.run(
        _ADD,
        gathering_id=gathering_id,
        body=found["title"],
        asked_by_id=found["author_id"],
        post_id=found["post_id"],
        request_key=None,
        now=now,
    )


async def support(db: Db, *, who: Viewer, gathering_id: int, question_id: int, on: bool, now: datetime) -> None:
    """She is interested in it too, or no longer. Said twice, it is said once."""
    question = await _hold_question(db, gathering_id, question_id)
    times = await dates_of(db, gathering_id)
    sure(may_ask(who, _standing(gathering_id, question), all_began=times.all_began(now)))
    if on:
        sure(may_support(who.id, question["asked_by_id"], set_aside=question["set_aside_at"] is not None))
        await db.run(_SUPPORT, question_id=question_id, person_id=who.id, now=now)
    else:
        await db.run(_UNSUPPORT, question_id=question_id, person_id=who.id)


async def take_back(db: Db, *, who: Viewer, gathering_id: int, question_id: int, now: datetime) -> None:
    """She no longer asks it here. Her message stays in the discussion, where others may have answered it."""
    await hold(db, gathering_id=gathering_id)
    question = await _hold_question(db, gathering_id, question_id)
    times = await dates_of(db, gathering_id)
    sure(may_ask(who, _standing(gathering_id, question), all_began=times.all_began(now)))
    supports = await db.value(_SUPPORTS, question_id=question_id, whose=who.id)
    sure(may_take_back(who.id, question["asked_by_id"], supports=supports))
    await db.run(_TAKE_BACK, of=question_id)
    await touch(db, gathering_id=gathering_id, now=now)


async def set_aside(db: Db, *, gathering_id: int, question_id: int, aside: bool, now: datetime) -> None:
    """It is not for this gathering, or it is after all. The caller asked who may."""
    await hold(db, gathering_id=gathering_id)
    if await db.value(_SET_ASIDE, of=question_id, of_gathering=gathering_id, at=now if aside else None) is None:
        raise NotHere
    await touch(db, gathering_id=gathering_id, now=now)


async def _still_asked(db: Db, who: Viewer, gathering: Row, now: datetime) -> None:
    """Whether questions are, under the lock."""
    times = await dates_of(db, gathering["id"])
    sure(may_ask(who, _standing(gathering["id"], gathering), all_began=times.all_began(now)))
    if await db.value(_HOW_MANY, gathering_id=gathering["id"]) >= MOST_QUESTIONS:
        raise Refused(ENOUGH)


async def _hold_question(db: Db, gathering_id: int, question_id: int) -> Row:
    question = await db.row(_HOLD, question_id=question_id, gathering_id=gathering_id)
    if question is None:
        raise NotHere
    return question


def _standing(gathering_id: int, row: Row) -> Standing:
    return Standing(gathering_id, row["state"], row["visibility"], row["registration"], frozenset())
