"""Writing down who is in a story, what each agreed to, and what is quoted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from maillage.cases.commands.holding import hold, touch
from maillage.cases.models import CasePerson, CaseQuote
from maillage.cases.policies.register import CHILDREN, Agreed, Described
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries import consent, gate
from maillage.core import jobs
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash

_PUBLISHED_ALREADY = _(
    "This story is published: first ask the person, then write down what they agreed to, or withdraw the story."
)
_LEFT = _("This person has withdrawn: nothing more is written down of them.")

_ADD = Statement(
    insert(CasePerson)
    .values(
        {
            name: bindparam(name)
            for name in ("case_id", "name", "other_names", "relation", "shown_as", "under_14", "asked_by_id")
        }
        | {"asked_at": bindparam("now")}
    )
    .returning(CasePerson.id)
)
_PERSON = Statement(
    select(
        CasePerson.id,
        CasePerson.case_id,
        CasePerson.name,
        CasePerson.other_names,
        CasePerson.choice,
        CasePerson.under_14,
        CasePerson.how,
        CasePerson.correction,
    )
    .where(CasePerson.id == bindparam("person_id"), CasePerson.case_id == bindparam("case_id"))
    .with_for_update()
)
_DESCRIBE = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in ("name", "other_names", "relation", "shown_as", "under_14")})
)
_DECIDE = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"))
    .values(
        choice=bindparam("chosen"),
        how=bindparam("by"),
        expires_on=bindparam("until"),
        decided_at=bindparam("now"),
        text_shown=bindparam("shown"),
    )
)
_REMOVE = Statement(delete(CasePerson).where(CasePerson.id == bindparam("of")))
_TOKEN = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"), CasePerson.choice.is_distinct_from("retire"))
    .values(token_hash=bindparam("fresh"))
    .returning(CasePerson.id)
)
_CORRECTED = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"), CasePerson.correction != "")
    .values(correction="", corrected_at=bindparam("now"))
)
_REWRITTEN = Statement(
    update(CasePerson)
    .where(CasePerson.id == bindparam("of"), CasePerson.choice == "retire")
    .values(rewritten_at=bindparam("now"))
)
_NO_QUOTES = Statement(delete(CaseQuote).where(CaseQuote.person_id == bindparam("of")))
_QUOTE = Statement("INSERT INTO case_quote (person_id, body) SELECT $1, unnest($2::text[])", ("person_id", "bodies"))


async def add(
    db: Db, *, case_id: int, author_id: int, described: Described, agreed: Agreed | None, now: datetime
) -> int:
    """Write somebody down. In a published story, only together with what she agreed to."""
    case = await hold(db, case_id)
    if case["state"] in PUBLISHED and agreed is None:
        raise Refused(_PUBLISHED_ALREADY)
    person_id: int = await db.value(
        _ADD,
        case_id=case_id,
        name=described.name,
        other_names=described.other_names,
        relation=described.relation,
        shown_as=described.shown_as,
        under_14=described.under_14,
        asked_by_id=author_id,
        now=now,
    )
    await _keep_quotes(db, person_id, described.quotes)
    if agreed:
        await _agree(db, case, person_id, agreed, now)
    await touch(db, case_id=case_id, now=now)
    return person_id


async def describe(db: Db, *, case_id: int, person_id: int, described: Described, now: datetime) -> None:
    """Say better who she is and what is quoted. What she decided stays."""
    case = await hold(db, case_id)
    person = await _there(db, case_id, person_id)
    if described.under_14 and person["choice"] not in (None, "aucune-mention"):
        raise Refused(CHILDREN)
    await db.run(
        _DESCRIBE,
        of=person_id,
        new_name=described.name,
        new_other_names=described.other_names,
        new_relation=described.relation,
        new_shown_as=described.shown_as,
        new_under_14=described.under_14,
    )
    await _keep_quotes(db, person_id, described.quotes)
    await _as_agreed(db, case)
    await touch(db, case_id=case_id, now=now)


async def write_down(db: Db, *, case_id: int, person_id: int, agreed: Agreed, now: datetime) -> None:
    """What she agreed to elsewhere than on her page. What she said there herself is hers to change."""
    case = await hold(db, case_id)
    person = await _there(db, case_id, person_id)
    if person["how"] == "page":
        raise Refused(_("This person has decided on their own page: they alone change it."))
    if person["under_14"] and agreed.choice != "aucune-mention":
        raise Refused(CHILDREN)
    await _agree(db, case, person_id, agreed, now)
    await touch(db, case_id=case_id, now=now)


async def remove(db: Db, *, case_id: int, person_id: int, now: datetime) -> None:
    """Strike out somebody who was written down by mistake. Whoever has decided something stays."""
    await hold(db, case_id)
    if (await _there(db, case_id, person_id))["choice"] is not None:
        raise Refused(_("This person has answered: what they said stays in the register."))
    await db.run(_REMOVE, of=person_id)
    await touch(db, case_id=case_id, now=now)


async def ask_by_letter(db: Db, *, case_id: int, person_id: int, email: str, locale: str) -> None:
    """Have a letter sent to her with the link of her page, made when it leaves. Her address is kept nowhere else."""
    await hold(db, case_id)
    await _there(db, case_id, person_id)
    await jobs.enqueue(
        db,
        "consent_asked",
        {"case_id": case_id, "person_id": person_id, "email": email, "locale": locale},
        dedupe_key=f"{person_id}",
    )


async def fresh_token(db: Db, *, person_id: int) -> str | None:
    """The link of her page, in place of any before; None once she has withdrawn."""
    token = new_token()
    return token if await db.value(_TOKEN, of=person_id, fresh=token_hash(token)) is not None else None


async def hand_over(db: Db, *, case_id: int, person_id: int) -> str:
    """The link of her page, for an author who gives it to her in person."""
    await hold(db, case_id)
    await _there(db, case_id, person_id)
    token = await fresh_token(db, person_id=person_id)
    if token is None:
        raise Refused(_LEFT)
    return token


async def corrected(db: Db, *, case_id: int, person_id: int, now: datetime) -> None:
    """The correction that she asked for is made."""
    await hold(db, case_id)
    await _there(db, case_id, person_id)
    if await db.run(_CORRECTED, of=person_id, now=now) == 0:
        raise Refused(_("No correction is asked for."))
    await touch(db, case_id=case_id, now=now)


async def rewritten(db: Db, *, case_id: int, person_id: int, now: datetime) -> None:
    """The story no longer speaks of somebody who withdrew."""
    await hold(db, case_id)
    if await db.run(_REWRITTEN, of=person_id, now=now) == 0:
        raise NotHere
    await touch(db, case_id=case_id, now=now)


async def _agree(db: Db, case: Row, person_id: int, agreed: Agreed, now: datetime) -> None:
    """With what the story says of her at this moment: to that she agreed."""
    shown = (await consent.of_person(db, person_id)).text
    await db.run(
        _DECIDE, of=person_id, chosen=agreed.choice, by=agreed.how, until=agreed.expires_on, now=now, shown=shown
    )
    await _as_agreed(db, case)


async def _as_agreed(db: Db, case: Row) -> None:
    """A story that is public already says of nobody what she did not choose."""
    if case["state"] in PUBLISHED and any(one.still_named for one in (await gate.facts(db, case["id"])).people):
        raise Refused(_("The story names this person: change it first, so that it says what they agreed to."))


async def _there(db: Db, case_id: int, person_id: int) -> Row:
    """Her row, held. Raises `NotHere` when there is none, `Refused` once she has withdrawn."""
    person = await db.row(_PERSON, person_id=person_id, case_id=case_id)
    if person is None:
        raise NotHere
    if person["choice"] == "retire":
        raise Refused(_LEFT)
    return person


async def _keep_quotes(db: Db, person_id: int, quotes: Sequence[str]) -> None:
    await db.run(_NO_QUOTES, of=person_id)
    if quotes:
        await db.run(_QUOTE, person_id=person_id, bodies=list(quotes))
