"""Who changed which term of a list, when, and what it was before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from maillage.auth.models import Person
from maillage.core.db import Db, Statement
from maillage.taxonomies.models import Term, TermChange

AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `before` holds what it took away, nothing for a term that was new; `after` what it put there."""

    id: int
    slug: str
    at: datetime
    handle: str
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any]


_changes = (
    select(
        TermChange.id,
        Term.slug,
        TermChange.at,
        Person.handle,
        Person.name,
        TermChange.before,
        TermChange.after,
    )
    .join(Term, Term.id == TermChange.term_id)
    .join(Person, Person.id == TermChange.person_id)
    .order_by(TermChange.id.desc())
    .limit(AT_MOST)
)
_OF_LIST = Statement(_changes.where(Term.taxonomy == bindparam("taxonomy")))
_OF_TERM = Statement(_changes.where(TermChange.term_id == bindparam("term_id")))


async def of_list(db: Db, taxonomy: str) -> list[Change]:
    """The latest first."""
    return [Change(*row) for row in await db.rows(_OF_LIST, taxonomy=taxonomy)]


async def of_term(db: Db, term_id: int) -> list[Change]:
    """The latest first."""
    return [Change(*row) for row in await db.rows(_OF_TERM, term_id=term_id)]
