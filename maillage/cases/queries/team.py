"""Who takes part in a story, and whose a private link is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.auth.models import Membership, Organization, Person
from maillage.auth.queries.people import HERE
from maillage.auth.viewer import BELONGS
from maillage.cases.models import Case, CaseAuthor
from maillage.cases.queries.door import case_path
from maillage.cases.queries.shown import author_name
from maillage.core.db import Db, Statement
from maillage.core.sealing import TOKEN_LENGTH, token_hash

_MEMBERS = Statement(
    select(
        CaseAuthor.id,
        CaseAuthor.kind,
        author_name().label("name"),
        Person.handle,
        CaseAuthor.concerned,
        CaseAuthor.token_expires_at.label("link_until"),
        CaseAuthor.relation,
        CaseAuthor.organization_id,
        Organization.name.label("organization"),
    )
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .outerjoin(Organization, Organization.id == CaseAuthor.organization_id)
    .where(CaseAuthor.case_id == bindparam("case_id"), CaseAuthor.left_at.is_(None))
    .order_by(CaseAuthor.position, CaseAuthor.id)
)
_PERSON = Statement(select(Person.id).where(Person.handle == bindparam("handle"), HERE))
_BELONGING = Statement(
    select(Organization.id, Organization.name)
    .join(Membership, Membership.organization_id == Organization.id)
    .join(CaseAuthor, CaseAuthor.person_id == Membership.person_id)
    .where(CaseAuthor.id == bindparam("author_id"), BELONGS)
    .order_by(Organization.name)
)
_BY_LINK = Statement(
    select(
        CaseAuthor.id.label("author_id"),
        CaseAuthor.case_id,
        CaseAuthor.kind,
        CaseAuthor.name,
        Case.title,
        Case.slug,
        Case.language,
        CaseAuthor.token_expires_at.label("until"),
    )
    .join(Case, Case.id == CaseAuthor.case_id)
    .where(
        CaseAuthor.token_hash == bindparam("hash_is"),
        CaseAuthor.token_expires_at > bindparam("now"),
        CaseAuthor.left_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes part. Without a handle she has no account, and comes by her link until `link_until`."""

    id: int
    kind: str
    name: str
    handle: str | None
    concerned: bool
    link_until: datetime | None
    relation: str | None
    organization_id: int | None
    organization: str | None


@dataclass(frozen=True, slots=True)
class Guest:
    """Whose a private link is, and what it opens."""

    author_id: int
    case_id: int
    kind: str
    name: str
    title: str
    slug: str
    language: str
    until: datetime

    @property
    def path(self) -> str:
        return case_path(self.case_id, self.slug)


async def members(db: Db, case_id: int) -> list[Member]:
    """Everybody who takes part in a story now."""
    return [Member(**row) for row in await db.rows(_MEMBERS, case_id=case_id)]


async def signs_for(db: Db, member: Member) -> dict[int, str]:
    """The organizations for which she may sign, by number: those to which she belongs, and the one that she named."""
    named = {member.organization_id: member.organization} if member.organization_id and member.organization else {}
    return {row["id"]: row["name"] for row in await db.rows(_BELONGING, author_id=member.id)} | named


async def person_of(db: Db, handle: str) -> int | None:
    """The account of this handle."""
    found: int | None = await db.value(_PERSON, handle=handle)
    return found


async def by_link(db: Db, token: str, now: datetime) -> Guest | None:
    """Whose this link is, while it serves."""
    if len(token) != TOKEN_LENGTH:
        return None
    row = await db.row(_BY_LINK, hash_is=token_hash(token), now=now)
    return Guest(**row) if row else None
