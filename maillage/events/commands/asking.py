"""What organizers ask of those who register: questions, answers to choose from, and how many may choose each.

The gathering is held first, then its dates: a choice is given its places, and taken out, while nobody registers.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from maillage.core.answers import Answer
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.events.commands.holding import hold_with_dates, touch
from maillage.events.models import Choice
from maillage.events.models import Question as Asked
from maillage.events.policies.asking import (
    Offered,
    Wording,
    may_drop_choice,
    may_drop_question,
    may_seat,
    may_stand,
)
from maillage.events.queries import asking

_LAST = Statement(
    select(func.coalesce(func.max(Asked.position), 0)).where(Asked.gathering_id == bindparam("gathering_id"))
)
_WORDS = ("label", "help", "required", "sensitive", "shown_when_id")
_ADD = Statement(
    insert(Asked)
    .values(
        {
            name: bindparam(name, type_=Asked.__table__.c[name].type)
            for name in ("gathering_id", "position", "kind", *_WORDS)
        }
    )
    .returning(Asked.id)
)
_CHANGE = Statement(
    update(Asked)
    .where(Asked.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}", type_=Asked.__table__.c[name].type) for name in _WORDS})
)
_PLACE = Statement(update(Asked).where(Asked.id == bindparam("of")).values(position=bindparam("new")))
_DROP = Statement(delete(Asked).where(Asked.id == bindparam("of")))
_ADD_CHOICE = Statement(
    insert(Choice).values(
        {
            name: bindparam(name, type_=Choice.__table__.c[name].type)
            for name in ("question_id", "position", "label", "details", "seats")
        }
    )
)
_CHANGE_CHOICE = Statement(
    update(Choice)
    .where(Choice.id == bindparam("of"))
    .values(
        position=bindparam("new_position"),
        label=bindparam("new_label"),
        details=bindparam("new_details"),
        seats=bindparam("new_seats", type_=Choice.seats.type),
    )
)
_DROP_CHOICE = Statement(delete(Choice).where(Choice.id == bindparam("of")))
# Those of registrations that have ended.
_FORGET = Statement("DELETE FROM registration_choice WHERE choice_id = $1", ("choice_id",))
# On the date where most people have it. Where there was no limit, whoever comes and chose it has it.
_TAKEN = Statement(
    """
    SELECT coalesce(max(many), 0) FROM (
        SELECT count(*) FILTER (WHERE t.place_no IS NOT NULL OR c.seats IS NULL) AS many
          FROM registration_choice t
          JOIN event_choice c ON c.id = t.choice_id
          JOIN registration r ON r.id = t.registration_id AND r.status = 'confirmed'
         WHERE t.choice_id = $1 GROUP BY t.occurrence_id) dates
    """,
    ("choice_id",),
)
_UNNUMBERED = Statement("UPDATE registration_choice SET place_no = NULL WHERE choice_id = $1", ("choice_id",))
# Whoever comes gets one of the numbers that there are now, those who had one first; a wish is kept where it can be.
_NUMBERED = Statement(
    """
    WITH wanted AS (
        SELECT t.registration_id, t.occurrence_id,
               row_number() OVER (PARTITION BY t.occurrence_id ORDER BY t.place_no, r.seq, r.id) AS n
          FROM registration_choice t
          JOIN registration r ON r.id = t.registration_id AND r.status = 'confirmed'
         WHERE t.choice_id = $1 AND (t.place_no IS NULL OR t.place_no > $2)
    ), free AS (
        SELECT d.occurrence_id, s.place, row_number() OVER (PARTITION BY d.occurrence_id ORDER BY s.place) AS n
          FROM (SELECT DISTINCT occurrence_id FROM wanted) d CROSS JOIN generate_series(1, $2) AS s(place)
         WHERE NOT EXISTS (SELECT FROM registration_choice o WHERE o.choice_id = $1
                                  AND o.occurrence_id = d.occurrence_id AND o.place_no = s.place)
    )
    UPDATE registration_choice t SET place_no = free.place
      FROM wanted JOIN free USING (occurrence_id, n)
     WHERE t.registration_id = wanted.registration_id AND t.choice_id = $1
    """,
    ("choice_id", "seats"),
)


def sure(answer: Answer) -> None:
    """Go on, or say why not, now that nothing changes any more."""
    if answer.why is not None:
        raise Refused(answer.why)


async def add_question(db: Db, *, gathering_id: int, wording: Wording, now: datetime) -> int:
    """One more question, after the others. Returns its number."""
    await hold_with_dates(db, gathering_id=gathering_id)
    question_id: int = await db.value(
        _ADD,
        gathering_id=gathering_id,
        position=await db.value(_LAST, gathering_id=gathering_id) + 1,
        kind=wording.kind,
        **_words(wording),
    )
    for position, offered in enumerate(wording.choices, 1):
        if offered.label:
            await _add_choice(db, question_id, position, offered)
    await touch(db, gathering_id=gathering_id, now=now)
    return question_id


async def change_question(db: Db, *, gathering_id: int, question_id: int, wording: Wording, now: datetime) -> None:
    """Word it anew. What people answered stays theirs: `Refused` for what would take it from them."""
    await hold_with_dates(db, gathering_id=gathering_id)
    found = await asking.question(db, gathering_id, question_id)
    leading = {one.row["shown_when_id"] for one in await asking.questions(db, gathering_id)}
    await db.run(_CHANGE, of=question_id, **{f"new_{name}": value for name, value in _words(wording).items()})
    former = {choice["id"]: choice for choice in found.choices}
    for position, offered in enumerate(wording.choices, 1):
        if offered.id is None:
            if offered.label:
                await _add_choice(db, question_id, position, offered)
        elif (was := former.get(offered.id)) is not None and not offered.label:
            sure(may_drop_choice(was["label"], chosen=was["chosen"], leads_on=was["id"] in leading))
            await db.run(_FORGET, choice_id=offered.id)
            await db.run(_DROP_CHOICE, of=offered.id)
        elif was is not None:
            await _change_choice(db, position, offered, was["seats"])
    await _stands(db, gathering_id, question_id)
    await touch(db, gathering_id=gathering_id, now=now)


async def drop_question(db: Db, *, gathering_id: int, question_id: int, now: datetime) -> None:
    """Ask it no longer: nobody has answered it yet."""
    await hold_with_dates(db, gathering_id=gathering_id)
    found = await asking.question(db, gathering_id, question_id)
    sure(may_drop_question(found.row["answered"]))
    leading = {one.row["shown_when_id"] for one in await asking.questions(db, gathering_id)}
    for choice in found.choices:
        sure(may_drop_choice(choice["label"], chosen=0, leads_on=choice["id"] in leading))
        await db.run(_FORGET, choice_id=choice["id"])
    await db.run(_DROP, of=question_id)
    await touch(db, gathering_id=gathering_id, now=now)


async def place_question(db: Db, *, gathering_id: int, question_id: int, steps: int, now: datetime) -> None:
    """Ask it earlier or later."""
    await hold_with_dates(db, gathering_id=gathering_id)
    order = [one.row["id"] for one in await asking.questions(db, gathering_id)]
    if question_id not in order:
        raise NotHere
    at = order.index(question_id)
    order.insert(min(max(at + steps, 0), len(order) - 1), order.pop(at))
    for position, number in enumerate(order, 1):
        await db.run(_PLACE, of=number, new=position)
    await _stands(db, gathering_id, question_id)
    await touch(db, gathering_id=gathering_id, now=now)


async def _stands(db: Db, gathering_id: int, question_id: int) -> None:
    order: Sequence[tuple[int, int | None]] = [
        (one.row["id"], one.row["after_id"]) for one in await asking.questions(db, gathering_id)
    ]
    sure(may_stand(question_id, order))


def _words(wording: Wording) -> dict[str, object]:
    return {name: getattr(wording, name) for name in _WORDS}


async def _add_choice(db: Db, question_id: int, position: int, offered: Offered) -> None:
    await db.run(
        _ADD_CHOICE,
        question_id=question_id,
        position=position,
        label=offered.label,
        details=offered.details,
        seats=offered.seats,
    )


async def _change_choice(db: Db, position: int, offered: Offered, seats: int | None) -> None:
    if offered.seats != seats:
        taken = await db.value(_TAKEN, choice_id=offered.id)
        sure(may_seat(offered.label, seats=offered.seats, taken=taken))
    await db.run(
        _CHANGE_CHOICE,
        of=offered.id,
        new_position=position,
        new_label=offered.label,
        new_details=offered.details,
        new_seats=offered.seats,
    )
    if offered.seats is None:
        await db.run(_UNNUMBERED, choice_id=offered.id)
    elif offered.seats != seats:
        await db.run(_NUMBERED, choice_id=offered.id, seats=offered.seats)
