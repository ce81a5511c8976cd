"""What somebody said in registering: answers, and what she needs."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from maillage.core import jobs
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.events.commands import registering
from maillage.events.models import LIVE, Answer, Needs
from maillage.events.policies.words import REFUSALS

_ANSWER = Statement(
    insert(Answer).values(
        registration_id=bindparam("registration_id"), question_id=bindparam("question_id"), body=bindparam("body")
    )
)
_NEEDS = Statement(
    insert(Needs).values(
        registration_id=bindparam("registration_id"),
        access=bindparam("access"),
        diet=bindparam("diet"),
        words=bindparam("words"),
    )
)
_UNSAY_ANSWERS = Statement("DELETE FROM registration_answer WHERE registration_id = $1", ("registration_id",))
_UNSAY_NEEDS = Statement("DELETE FROM registration_needs WHERE registration_id = $1", ("registration_id",))
# Of dates that ended thirty days ago: what people need, and what they answered to sensitive questions.
_ERASE_NEEDS = Statement(
    """
    DELETE FROM registration_needs n USING registration r JOIN occurrence o ON o.id = r.occurrence_id
     WHERE r.id = n.registration_id AND o.ends_at < $1::timestamptz - interval '30 days'
    """,
    ("now",),
)
_ERASE_ANSWERS = Statement(
    """
    DELETE FROM registration_answer a USING registration r, occurrence o, event_question q
     WHERE r.id = a.registration_id AND o.id = r.occurrence_id AND q.id = a.question_id AND q.sensitive
       AND o.ends_at < $1::timestamptz - interval '30 days'
    """,
    ("now",),
)
_ERASE_CHOICES = Statement(
    """
    DELETE FROM registration_choice t USING event_choice c, event_question q, occurrence o
     WHERE c.id = t.choice_id AND q.id = c.question_id AND q.sensitive AND o.id = t.occurrence_id
       AND o.ends_at < $1::timestamptz - interval '30 days'
    """,
    ("now",),
)
_LATEST = Statement(
    "SELECT id FROM registration_change WHERE registration_id = $1 ORDER BY number DESC LIMIT 1", ("registration_id",)
)
# The date first, as everywhere: its page is made anew.
_SHOWN_ANEW = Statement(
    "UPDATE occurrence SET version = version + 1 WHERE id = (SELECT occurrence_id FROM registration WHERE id = $1)",
    ("registration_id",),
)
_LISTED = Statement(
    "UPDATE registration SET listed = $2 WHERE id = $1 AND status = ANY ($3)", ("registration_id", "listed", "live")
)


async def say(
    db: Db,
    *,
    registration_id: int,
    answers: Mapping[int, str],
    access: Sequence[str],
    diet: Sequence[str],
    words: str,
) -> None:
    """Keep what she said with a registration that says nothing yet."""
    try:
        for question_id, body in answers.items():
            await db.run(_ANSWER, registration_id=registration_id, question_id=question_id, body=body)
    except asyncpg.ForeignKeyViolationError as error:
        # The organizers took out the question while she filled in the form.
        raise Refused(REFUSALS["gone-choice"]) from error
    if access or diet or words:
        await db.run(_NEEDS, registration_id=registration_id, access=list(access), diet=list(diet), words=words)


async def say_anew(
    db: Db,
    *,
    registration_id: int,
    choices: Sequence[int],
    answers: Mapping[int, str],
    access: Sequence[str],
    diet: Sequence[str],
    words: str,
    now: datetime,
) -> None:
    """What she says from now on, in the place of what she said. Raises `Refused`, and then nothing has changed."""
    await registering.choose(db, registration_id=registration_id, choices=choices, now=now)
    await db.run(_UNSAY_ANSWERS, registration_id=registration_id)
    await db.run(_UNSAY_NEEDS, registration_id=registration_id)
    await say(db, registration_id=registration_id, answers=answers, access=access, diet=diet, words=words)


async def be_listed(db: Db, *, registration_id: int, listed: str) -> None:
    """Who may read her name from now on."""
    await db.run(_SHOWN_ANEW, registration_id=registration_id)
    if not await db.run(_LISTED, registration_id=registration_id, listed=listed, live=list(LIVE)):
        raise Refused(REFUSALS["ended"])


async def erase(db: Db, *, now: datetime) -> int:
    """Forget what few people were to see, thirty days after. Returns how many lines."""
    return sum([await db.run(statement, now=now) for statement in (_ERASE_NEEDS, _ERASE_ANSWERS, _ERASE_CHOICES)])


async def send_again(db: Db, *, registration_id: int) -> None:
    """Her latest letter once more: she asks for the link that is in it."""
    change_id = await db.value(_LATEST, registration_id=registration_id)
    await jobs.enqueue(db, "registration_letter", {"change_id": change_id}, dedupe_key=f"again {registration_id}")
