"""What somebody named in a story decides on her own page, without an account."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, delete, null, select, update

from maillage.cases.commands import purging, telling
from maillage.cases.commands.holding import hold, say_to_lists, touch
from maillage.cases.commands.states import off_line
from maillage.cases.models import CasePerson, CaseQuote
from maillage.cases.policies.register import CHILDREN
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries import consent, gate
from maillage.core import jobs
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.core.sealing import token_hash

CHANGED = _("The text about you changed while you were reading. Here it is as it is now: please look at it again.")
LEFT = _("You have withdrawn: nothing is kept of you any more.")

_CASE = Statement(select(CasePerson.case_id).where(CasePerson.token_hash == bindparam("hash_is")))
_PERSON = Statement(
    select(
        CasePerson.id,
        CasePerson.case_id,
        CasePerson.name,
        CasePerson.other_names,
        CasePerson.choice,
        CasePerson.under_14,
    )
    .where(CasePerson.id == bindparam("person_id"))
    .with_for_update()
)
_ID = Statement(select(CasePerson.id).where(CasePerson.token_hash == bindparam("hash_is")))
_DECIDE = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"))
    .values(
        choice=bindparam("chosen"),
        how="page",
        expires_on=bindparam("until"),
        decided_at=bindparam("now"),
        text_shown=bindparam("shown"),
    )
)
_CORRECT = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"))
    .values(correction=bindparam("words"), corrected_at=null())
)
# What remains says that there is something to rewrite, and nothing of whom it spoke.
_LEAVE = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"))
    .values(
        choice="retire",
        decided_at=bindparam("now"),
        name="",
        other_names="",
        relation="",
        shown_as="",
        text_shown="",
        correction="",
        expires_on=null(),
        rewritten_at=null(),
    )
)
_NO_QUOTES = Statement(delete(CaseQuote).where(CaseQuote.person_id == bindparam("of")))
_NO_LETTERS = Statement(
    "DELETE FROM pgqueuer WHERE entrypoint = 'consent_asked' AND"
    " (convert_from(payload, 'UTF8')::jsonb ->> 'person_id')::bigint = $1",
    ("person_id",),
)


async def decide(db: Db, *, token: str, choice: str, expires_on: date | None, seen: str, now: datetime) -> None:
    """She agrees, in one of four ways, to what she has `seen`. Raises `Refused` when it has changed since.

    If the published story names her and she no longer wants that, it goes off line.
    """
    case, person = await _hers(db, token)
    page = await consent.of_person(db, person["id"])
    if page.seen != seen:
        raise Refused(CHANGED)
    if person["under_14"] and choice != "aucune-mention":
        raise Refused(CHILDREN)
    await db.run(_DECIDE, of=person["id"], chosen=choice, until=expires_on, now=now, shown=page.text)
    await telling.tell_hands(db, case_id=case["id"], kind="consent-given", now=now)
    await touch(db, case_id=case["id"], now=now)
    facts = await gate.facts(db, case["id"])
    if case["state"] in PUBLISHED and any(one.still_named for one in facts.people):
        await _off_line(db, case, now)


async def ask_for_correction(db: Db, *, token: str, words: str, now: datetime) -> None:
    """She says what is wrong. Nothing is published, or published again, until an author has seen to it."""
    case, person = await _hers(db, token)
    await db.run(_CORRECT, of=person["id"], words=words)
    await telling.tell_hands(db, case_id=case["id"], kind="correction-asked", now=now)
    await touch(db, case_id=case["id"], now=now)


async def withdraw(db: Db, *, token: str, more: Sequence[str], now: datetime) -> None:
    """She refuses, or takes back what she agreed to. `more` are other names by which the story calls her."""
    case_id = await db.value(_CASE, hash_is=token_hash(token))
    if case_id is not None:
        await purging.hold_all(db, case_id)
    case, person = await _hers(db, token)
    await _leave(db, case, person, more, now)


async def withdraw_for(db: Db, *, case_id: int, person_id: int, more: Sequence[str], now: datetime) -> None:
    """The same, written down for somebody who said so by word of mouth."""
    await purging.hold_all(db, case_id)
    case = await hold(db, case_id)
    person = await db.row(_PERSON, person_id=person_id)
    if person is None or person["case_id"] != case_id:
        raise NotHere
    if person["choice"] == "retire":
        raise Refused(_("This person has withdrawn: nothing more is written down of them."))
    await _leave(db, case, person, more, now)


async def _hers(db: Db, token: str) -> tuple[Row, Row]:
    """The story, held, and her row, held. Publication and withdrawal come one after the other."""
    case_id = await db.value(_CASE, hash_is=token_hash(token))
    if case_id is None:
        raise NotHere
    case = await hold(db, case_id)
    person_id = await db.value(_ID, hash_is=token_hash(token))
    person = None if person_id is None else await db.row(_PERSON, person_id=person_id)
    if person is None:
        raise NotHere
    if person["choice"] == "retire":
        raise Refused(LEFT)
    return case, person


async def _leave(db: Db, case: Row, person: Row, more: Sequence[str], now: datetime) -> None:
    family = await purging.forms_of(db, person, more)
    await db.run(_NO_QUOTES, of=person["id"])
    await db.run(_LEAVE, of=person["id"], now=now)
    await db.run(_NO_LETTERS, person_id=person["id"])
    beside = await purging.forget(db, family=family, now=now)
    if case["state"] in PUBLISHED:
        await _off_line(db, case, now)
    else:
        await telling.tell_hands(db, case_id=case["id"], kind="name-taken-out", now=now)
        await touch(db, case_id=case["id"], now=now)
    for case_id in beside:
        await say_to_lists(db, case_id=case_id)


async def _off_line(db: Db, case: Row, now: datetime) -> None:
    await off_line(db, case=case, cause="consent-withdrawn", now=now)
    await jobs.enqueue(db, "story_off_line", {"case_id": case["id"], "cause": "consent-withdrawn"})
