"""What one can register for, what is asked then, and where registrations stand."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.core.db import Db, Row, Statement
from maillage.events.models import LIVE, Question
from maillage.events.queries.afterwards import CAME

# Dates to come, each with its ways, how many are left of each, and its sessions.
_DATES = Statement(
    """
    SELECT o.id, o.label, o.state, o.mode, o.zone, o.place, o.locality, o.opens_at, o.closes_at, o.starts_at,
           g.conditions,
           (SELECT array_agg(p.way ORDER BY p.way) FROM seat_pool p WHERE p.occurrence_id = o.id) AS ways,
           (SELECT array_agg(s.local_start ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS starts,
           (SELECT array_agg(s.local_end ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS ends,
           (SELECT array_agg(p.way ORDER BY p.way) FROM seat_pool p
             WHERE p.occurrence_id = o.id AND p.limited
               AND (EXISTS (SELECT FROM registration r WHERE r.occurrence_id = o.id AND r.way = p.way
                               AND r.status = 'waiting')
                    OR p.seats <= (SELECT count(*) FROM registration r WHERE r.occurrence_id = o.id AND r.way = p.way
                                      AND r.status IN ('confirmed', 'offered')))) AS full_ways
      FROM occurrence o
      JOIN gathering g ON g.id = o.gathering_id
     WHERE o.gathering_id = $1 AND o.state = 'scheduled' AND o.starts_at > $2
       AND (o.opens_at IS NULL OR o.opens_at <= $2) AND (o.closes_at IS NULL OR o.closes_at > $2)
     ORDER BY o.starts_at, o.id LIMIT 100
    """,
    ("gathering_id", "now"),
)
_QUESTIONS = Statement(
    select(Question).where(Question.gathering_id == bindparam("gathering_id")).order_by(Question.position, Question.id)
)
# With the dates on which all of its places are taken.
_CHOICES = Statement(
    """
    SELECT c.id, c.question_id, c.label, c.details, c.seats,
           (SELECT array_agg(taken.occurrence_id) FROM (
               SELECT t.occurrence_id FROM registration_choice t WHERE t.choice_id = c.id AND t.place_no IS NOT NULL
                GROUP BY t.occurrence_id HAVING count(*) >= c.seats) taken) AS full_on
      FROM event_choice c JOIN event_question q ON q.id = c.question_id
     WHERE q.gathering_id = $1
     ORDER BY c.position, c.id
    """,
    ("gathering_id",),
)
# Counted each time: those who wait before her, in the same way, and herself.
RANK = """
    CASE WHEN r.status = 'waiting' THEN 1 + (
        SELECT count(*) FROM registration b WHERE b.occurrence_id = r.occurrence_id AND b.way = r.way
           AND b.status = 'waiting' AND b.seq < r.seq) END
"""
# What she attended are pairs: a session that is over, and its place among those of the date.
_STANDS = f"""
    SELECT r.id, r.status, r.way, r.listed, r.offer_expires_at, r.ticket, r.transition, r.moving_from_id,
           r.participant_id, g.registration,
           o.id AS occurrence_id, o.label, o.state AS date_state, o.reason, o.mode, o.zone, o.place, o.address,
           o.locality, o.online_url, o.online_note, o.starts_at, o.ends_at,
           g.id AS gathering_id, g.slug, g.title, g.language, g.state AS gathering_state, g.auto_hours,
           g.visibility, g.reported_at, {CAME} AS came,
           EXISTS (SELECT FROM evaluated e WHERE e.registration_id = r.id) AS evaluated,
           coalesce(p.name, pa.name) AS name,
           (SELECT array_agg(s.local_start ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS starts,
           (SELECT array_agg(s.local_end ORDER BY s.starts_at) FROM event_session s WHERE s.occurrence_id = o.id)
               AS ends,
           (SELECT array_agg(ARRAY[k.id, k.place] ORDER BY k.place)
              FROM (SELECT s.id, s.ends_at, row_number() OVER (ORDER BY s.starts_at) AS place
                      FROM event_session s WHERE s.occurrence_id = o.id) k
              JOIN attendance a ON a.session_id = k.id AND a.registration_id = r.id
             WHERE k.ends_at <= now()) AS attended,
           (SELECT count(*) FROM registration x
              JOIN occurrence y ON y.id = x.occurrence_id AND y.gathering_id = g.id
              JOIN attendance a ON a.registration_id = x.id
              JOIN event_session s ON s.id = a.session_id AND s.ends_at <= now()
             WHERE x.participant_id = r.participant_id) AS attended_in_all,
           (SELECT array_agg(c.label ORDER BY c.label) FROM registration_choice t
              JOIN event_choice c ON c.id = t.choice_id AND c.seats IS NOT NULL
             WHERE t.registration_id = r.id AND t.place_no IS NULL AND r.status = 'confirmed') AS full_choices,
           (SELECT array_agg(ARRAY[q.label, c.label] ORDER BY q.position, c.position) FROM registration_choice t
              JOIN event_choice c ON c.id = t.choice_id
              JOIN event_question q ON q.id = c.question_id
             WHERE t.registration_id = r.id) AS chosen,
           {RANK} AS rank
      FROM registration r
      JOIN occurrence o ON o.id = r.occurrence_id
      JOIN gathering g ON g.id = o.gathering_id
      LEFT JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
"""  # noqa: S608 — our own words
_ONE = Statement(f"{_STANDS} WHERE r.id = $1", ("registration_id",))
_IN_GATHERING = Statement(
    f"{_STANDS} WHERE g.id = $1 AND pa.person_id = $2 AND r.status = ANY ($3) ORDER BY o.starts_at, r.id",
    ("gathering_id", "person_id", "live"),
)
_BESIDE = Statement(
    f"""{_STANDS} WHERE r.status = ANY ($2) AND EXISTS (
        SELECT FROM registration x JOIN occurrence y ON y.id = x.occurrence_id
         WHERE x.id = $1 AND y.gathering_id = g.id AND x.participant_id = r.participant_id)""",
    ("registration_id", "live"),
)
_ALL_HERS = Statement(
    f"{_STANDS} WHERE pa.person_id = $1 AND (r.status = ANY ($2) OR o.starts_at > $3) AND g.state <> 'draft'"
    " ORDER BY o.starts_at DESC, r.id LIMIT 200",
    ("person_id", "live", "now"),
)


# What she said: in her own words, by choosing, and what she needs.
_SAID = Statement(
    """
    SELECT (SELECT json_object_agg(question_id, body) FROM registration_answer WHERE registration_id = $1) AS answers,
           ARRAY(SELECT choice_id FROM registration_choice WHERE registration_id = $1) AS choices,
           n.access, n.diet, n.words
      FROM (SELECT) AS nothing LEFT JOIN registration_needs n ON n.registration_id = $1
    """,
    ("registration_id",),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said with a registration: answers by question, choices, what she needs and eats."""

    answers: Mapping[int, str]
    choices: Collection[int]
    access: Sequence[str]
    diet: Sequence[str]
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the organizers, with what there is to choose from."""

    row: Row
    choices: tuple[Row, ...]

    @property
    def name(self) -> str:
        return f"q{self.row['id']}"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one can register for."""

    dates: Sequence[Row]
    conditions: str
    questions: tuple[Asked, ...]


async def offer(db: Db, gathering_id: int, now: datetime) -> Offer:
    """Its open dates, and what is asked there."""
    dates = await db.rows(_DATES, gathering_id=gathering_id, now=now)
    # Where there is no date, there is nothing to agree to.
    return Offer(dates, dates[0]["conditions"] if dates else "", await asked(db, gathering_id))


async def asked(db: Db, gathering_id: int) -> tuple[Asked, ...]:
    """What is asked there, in its order."""
    questions = await db.rows(_QUESTIONS, gathering_id=gathering_id)
    choices = await db.rows(_CHOICES, gathering_id=gathering_id) if questions else []
    return tuple(
        Asked(question, tuple(choice for choice in choices if choice["question_id"] == question["id"]))
        for question in questions
    )


async def said(db: Db, registration_id: int) -> Said:
    """What she said, as it stands."""
    row = await db.row(_SAID, registration_id=registration_id)
    assert row is not None  # noqa: S101 — a join with nothing gives one row
    answers = {int(question): body for question, body in json.loads(row["answers"] or "{}").items()}
    return Said(answers, row["choices"], row["access"] or (), row["diet"] or (), row["words"] or "")


async def standing(db: Db, registration_id: int) -> Row | None:
    """Where one registration stands."""
    return await db.row(_ONE, registration_id=registration_id)


async def in_gathering(db: Db, gathering_id: int, person_id: int, statuses: Sequence[str] = LIVE) -> Sequence[Row]:
    """Her registrations for its dates; those that have not ended, unless others are asked for."""
    return await db.rows(_IN_GATHERING, gathering_id=gathering_id, person_id=person_id, live=list(statuses))


async def beside(db: Db, registration_id: int) -> Sequence[Row]:
    """What the same person has in the same gathering."""
    return await db.rows(_BESIDE, registration_id=registration_id, live=list(LIVE))


async def all_of(db: Db, person_id: int, now: datetime) -> Sequence[Row]:
    """All of her registrations, the latest dates first."""
    return await db.rows(_ALL_HERS, person_id=person_id, live=list(LIVE), now=now)
