"""The register of a story: who is in it, what each decided, and who has looked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import bindparam, func, insert, select

from maillage.auth.models import Person
from maillage.auth.viewer import Who
from maillage.cases.models import CaseAuthor, CasePerson, CaseQuote, RegisterReading
from maillage.cases.policies import Hand
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere

READINGS = 20


@dataclass(frozen=True, slots=True)
class Quote:
    id: int
    body: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in the story, for those who may open its register."""

    id: int
    name: str
    other_names: str
    relation: str
    shown_as: str
    choice: str | None
    how: str | None
    decided_at: datetime | None
    asked_at: datetime
    asked_by: str
    expires_on: date | None
    under_14: bool
    correction: str
    text_shown: str
    # She has a page of her own: a link was made for her.
    invited: bool
    rewritten_at: datetime | None
    quotes: list[Quote] = field(default_factory=list)

    @property
    def left(self) -> bool:
        """She refused, or withdrew: who she was is known no more."""
        return self.choice == "retire"


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody opened the register."""

    at: datetime
    name: str


_author_name = func.coalesce(func.nullif(CaseAuthor.name, ""), Person.name)
_entries = (
    select(
        CasePerson.id,
        CasePerson.name,
        CasePerson.other_names,
        CasePerson.relation,
        CasePerson.shown_as,
        CasePerson.choice,
        CasePerson.how,
        CasePerson.decided_at,
        CasePerson.asked_at,
        _author_name.label("asked_by"),
        CasePerson.expires_on,
        CasePerson.under_14,
        CasePerson.correction,
        CasePerson.text_shown,
        CasePerson.token_hash.is_not(None).label("invited"),
        CasePerson.rewritten_at,
    )
    .join(CaseAuthor, CaseAuthor.id == CasePerson.asked_by_id)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(CasePerson.case_id == bindparam("case_id"))
    .order_by(CasePerson.id)
)
_ALL = Statement(_entries)
_ONE = Statement(_entries.where(CasePerson.id == bindparam("person_id")))
_QUOTES = Statement(
    select(CaseQuote.id, CaseQuote.person_id, CaseQuote.body)
    .where(CaseQuote.person_id == func.any(bindparam("people")))
    .order_by(CaseQuote.id)
)
_LOOKED = Statement(
    insert(RegisterReading).values(
        case_id=bindparam("case_id"), at=bindparam("now"), author_id=bindparam("author"), person_id=bindparam("account")
    )
)
_reader = Person.__table__.alias("reader")
_READINGS = Statement(
    select(RegisterReading.at, func.coalesce(_reader.c.name, _author_name).label("name"))
    .outerjoin(CaseAuthor, CaseAuthor.id == RegisterReading.author_id)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .outerjoin(_reader, _reader.c.id == RegisterReading.person_id)
    .where(RegisterReading.case_id == bindparam("case_id"))
    .order_by(RegisterReading.id.desc())
    .limit(READINGS)
)


async def entries(db: Db, case_id: int) -> list[Entry]:
    """Everybody in the story, in the order in which they were written down."""
    return await _with_quotes(db, await db.rows(_ALL, case_id=case_id))


async def entry(db: Db, case_id: int, person_id: int) -> Entry:
    """One of them. Raises `NotHere` when there is none of that number in this story."""
    found = await _with_quotes(db, await db.rows(_ONE, case_id=case_id, person_id=person_id))
    if not found:
        raise NotHere
    return found[0]


async def _with_quotes(db: Db, rows: Sequence[Row]) -> list[Entry]:
    found = {row["id"]: Entry(**row) for row in rows}
    if found:
        for row in await db.rows(_QUOTES, people=list(found)):
            found[row["person_id"]].quotes.append(Quote(row["id"], row["body"]))
    return list(found.values())


async def note_reading(db: Db, *, case_id: int, who: Who, hand: Hand | None, now: datetime) -> None:
    """Write down that the register is being read, by one of its authors or a facilitator. The one trace that looking
    leaves."""
    author = hand.author_id if hand is not None else None
    account = who.id if who is not None and hand is None else None
    await db.run(_LOOKED, case_id=case_id, now=now, author=author, account=account)


async def readings(db: Db, case_id: int) -> list[Reading]:
    """Who has opened the register lately, the latest first."""
    return [Reading(**row) for row in await db.rows(_READINGS, case_id=case_id)]
