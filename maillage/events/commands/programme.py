"""The programme of a gathering: its lines, and the workshops among which those who register choose."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, update

from maillage.core.db import Db, Statement
from maillage.events.commands.asking import add_question, change_question, drop_question, sure
from maillage.events.commands.holding import hold_with_dates, touch
from maillage.events.models import ProgrammeItem
from maillage.events.policies.asking import Wording
from maillage.events.policies.programme import Item, may_drop_workshops
from maillage.events.queries import asking

_FACTS = ("session", "begins", "minutes", "title", "details")
_ADD = Statement(
    insert(ProgrammeItem).values(
        {
            name: bindparam(name, type_=ProgrammeItem.__table__.c[name].type)
            for name in ("gathering_id", "question_id", *_FACTS)
        }
    )
)
_CHANGE = Statement(
    update(ProgrammeItem)
    .where(ProgrammeItem.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}", type_=ProgrammeItem.__table__.c[name].type) for name in _FACTS})
)
_DROP = Statement(delete(ProgrammeItem).where(ProgrammeItem.id == bindparam("of")))


async def add_item(db: Db, *, gathering_id: int, item: Item, workshops: Wording | None, now: datetime) -> None:
    """One more line; with `workshops`, those who register choose one of them."""
    await hold_with_dates(db, gathering_id=gathering_id)
    question_id = None
    if workshops is not None:
        question_id = await add_question(db, gathering_id=gathering_id, wording=workshops, now=now)
    await db.run(_ADD, gathering_id=gathering_id, question_id=question_id, **asdict(item))
    await touch(db, gathering_id=gathering_id, now=now)


async def change_item(
    db: Db, *, gathering_id: int, item_id: int, item: Item, workshops: Wording | None, now: datetime
) -> None:
    """Write a line anew, with its workshops if it has some."""
    await hold_with_dates(db, gathering_id=gathering_id)
    found = await asking.item(db, gathering_id, item_id)
    await db.run(_CHANGE, of=item_id, **{f"new_{name}": value for name, value in asdict(item).items()})
    if workshops is not None and found["question_id"] is not None:
        await change_question(
            db, gathering_id=gathering_id, question_id=found["question_id"], wording=workshops, now=now
        )
    await touch(db, gathering_id=gathering_id, now=now)


async def drop_item(db: Db, *, gathering_id: int, item_id: int, now: datetime) -> None:
    """Take a line out, and its workshops with it while nobody has chosen one."""
    await hold_with_dates(db, gathering_id=gathering_id)
    found = await asking.item(db, gathering_id, item_id)
    await db.run(_DROP, of=item_id)
    if found["question_id"] is not None:
        question = await asking.question(db, gathering_id, found["question_id"])
        sure(may_drop_workshops(question.row["answered"]))
        await drop_question(db, gathering_id=gathering_id, question_id=found["question_id"], now=now)
    await touch(db, gathering_id=gathering_id, now=now)
