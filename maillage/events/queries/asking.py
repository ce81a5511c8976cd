"""What organizers ask, and the programme, as they work on them and as everybody reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere

# Answers of registrations that have ended count for nothing.
_LIVE = "r.status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')"
_QUESTIONS = Statement(
    f"""
    SELECT q.id, q.position, q.kind, q.label, q.help, q.required, q.sensitive, q.shown_when_id,
           w.label AS shown_when, w.question_id AS after_id, i.id AS item_id,
           (SELECT count(*) FROM registration r WHERE {_LIVE}
               AND (EXISTS (SELECT FROM registration_answer a WHERE a.registration_id = r.id AND a.question_id = q.id)
                    OR EXISTS (SELECT FROM registration_choice t JOIN event_choice c ON c.id = t.choice_id
                                WHERE t.registration_id = r.id AND c.question_id = q.id))
               AND r.occurrence_id IN (SELECT id FROM occurrence WHERE gathering_id = $1)) AS answered
      FROM event_question q
      LEFT JOIN event_choice w ON w.id = q.shown_when_id
      LEFT JOIN programme_item i ON i.question_id = q.id
     WHERE q.gathering_id = $1
     ORDER BY q.position, q.id
    """,  # noqa: S608 — our own words
    ("gathering_id",),
)
_CHOICES = Statement(
    f"""
    SELECT c.id, c.question_id, c.label, c.details, c.seats,
           (SELECT count(*) FROM registration_choice t JOIN registration r ON r.id = t.registration_id
             WHERE t.choice_id = c.id AND {_LIVE}) AS chosen
      FROM event_choice c JOIN event_question q ON q.id = c.question_id
     WHERE q.gathering_id = $1
     ORDER BY c.position, c.id
    """,  # noqa: S608 — our own words
    ("gathering_id",),
)
_ITEMS = Statement(
    """
    SELECT i.id, i.session, i.begins, i.minutes, i.title, i.details, i.question_id, q.required,
           (SELECT array_agg(ARRAY[c.label, c.details, c.seats::text] ORDER BY c.position, c.id) FROM event_choice c
             WHERE c.question_id = i.question_id) AS workshops
      FROM programme_item i
      LEFT JOIN event_question q ON q.id = i.question_id
     WHERE i.gathering_id = $1
     ORDER BY i.session, i.begins, i.id
    """,
    ("gathering_id",),
)
_HOURS = Statement(
    """
    SELECT o.id, o.state, o.ends_at, o.zone,
           (SELECT array_agg(s.local_start ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS starts,
           (SELECT array_agg(s.local_end ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS ends
      FROM occurrence o WHERE o.gathering_id = $1 ORDER BY o.starts_at, o.id LIMIT 100
    """,
    ("gathering_id",),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers to choose from, and how many have answered."""

    row: Row
    choices: Sequence[Row]


async def questions(db: Db, gathering_id: int) -> list[Question]:
    """All that its organizers ask, workshops included, in the order in which it is asked."""
    rows = await db.rows(_QUESTIONS, gathering_id=gathering_id)
    choices = await db.rows(_CHOICES, gathering_id=gathering_id) if rows else []
    return [Question(row, [choice for choice in choices if choice["question_id"] == row["id"]]) for row in rows]


async def question(db: Db, gathering_id: int, question_id: int) -> Question:
    """One of them. Raises `NotHere` when it is not of this gathering."""
    for found in await questions(db, gathering_id):
        if found.row["id"] == question_id:
            return found
    raise NotHere


async def items(db: Db, gathering_id: int) -> Sequence[Row]:
    """The lines of its programme."""
    return await db.rows(_ITEMS, gathering_id=gathering_id)


async def item(db: Db, gathering_id: int, item_id: int) -> Row:
    """One of them. Raises `NotHere` when it is not of this gathering."""
    for found in await items(db, gathering_id):
        if found["id"] == item_id:
            return found
    raise NotHere


async def hours(db: Db, gathering_id: int) -> Sequence[Row]:
    """Its dates, with the hours of their sessions."""
    return await db.rows(_HOURS, gathering_id=gathering_id)
