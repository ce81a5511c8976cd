"""What time does to stories: two years after its publication each is looked at again, and consents end, which is said
beforehand."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select, update

from maillage.cases.commands import telling
from maillage.cases.commands.holding import hold
from maillage.cases.commands.states import ask_again, off_line
from maillage.cases.models import Case, CasePerson
from maillage.cases.policies.register import WARNING
from maillage.cases.policies.rules import PUBLISHED
from maillage.core import jobs
from maillage.core.db import Database, Db, Statement

_DUE = Statement(select(Case.id).where(Case.state == "published", Case.revise_at <= bindparam("now")).order_by(Case.id))
_expired = (
    select(CasePerson.id).where(CasePerson.case_id == Case.id, CasePerson.expires_on < bindparam("today")).exists()
)
_EXPIRED = Statement(select(Case.id).where(Case.state == func.any(bindparam("states")), _expired).order_by(Case.id))
_ends = (
    CasePerson.expires_on.between(bindparam("today"), bindparam("until")),
    CasePerson.warned_of.is_distinct_from(CasePerson.expires_on),
)
_ENDING = Statement(
    select(Case.id)
    .where(
        Case.state == func.any(bindparam("states")),
        select(CasePerson.id).where(CasePerson.case_id == Case.id, *_ends).exists(),
    )
    .order_by(Case.id)
)
_WARN = Statement(
    update(CasePerson).where(CasePerson.case_id == bindparam("of"), *_ends).values(warned_of=CasePerson.expires_on)
)
_STILL = Statement(
    select(CasePerson.id).where(CasePerson.case_id == bindparam("case_id"), CasePerson.expires_on < bindparam("today"))
)


@dataclass(frozen=True, slots=True)
class LookedAfter:
    """How many stories it concerned."""

    to_revise: int
    off_line: int
    warned: int


async def look_after(database: Database, *, now: datetime, today: date) -> LookedAfter:
    """Once a night. Each story in a transaction of its own, under its lock; `today` is the day where people are."""
    async with database.reading() as db:
        due = [row[0] for row in await db.rows(_DUE, now=now)]
        expired = [row[0] for row in await db.rows(_EXPIRED, states=list(PUBLISHED), today=today)]
        until = today + WARNING
        ending = [row[0] for row in await db.rows(_ENDING, states=list(PUBLISHED), today=today, until=until)]
    gone = asked = warned = 0
    for case_id in expired:
        async with database.writing() as db:
            gone += await _expire(db, case_id, now, today)
    for case_id in due:
        async with database.writing() as db:
            asked += await ask_again(db, case_id=case_id, now=now)
    for case_id in ending:
        async with database.writing() as db:
            warned += await _warn(db, case_id, now, today)
    return LookedAfter(asked, gone, warned)


async def _expire(db: Db, case_id: int, now: datetime, today: date) -> bool:
    """Take a story off line in which somebody's consent is over, if it is still so."""
    case = await hold(db, case_id)
    if case["state"] not in PUBLISHED or await db.value(_STILL, case_id=case_id, today=today) is None:
        return False
    await off_line(db, case=case, cause="consent-expired", now=now)
    await jobs.enqueue(db, "story_off_line", {"case_id": case_id, "cause": "consent-expired"})
    return True


async def _warn(db: Db, case_id: int, now: datetime, today: date) -> bool:
    """Tell its authors that somebody's consent ends soon, once for each end."""
    case = await hold(db, case_id)
    if case["state"] not in PUBLISHED or not await db.run(_WARN, of=case_id, today=today, until=today + WARNING):
        return False
    await telling.tell_hands(db, case_id=case_id, kind="consent-ends", now=now)
    await jobs.enqueue(db, "consent_ends", {"case_id": case_id})
    return True
