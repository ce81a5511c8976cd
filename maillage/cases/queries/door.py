"""The door to a story: every request looks once, and sees what it may."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Person
from maillage.auth.viewer import Who
from maillage.cases import occasions
from maillage.cases.models import BrowsingVersion, Case, CaseAuthor
from maillage.cases.policies import Hand, Standing, may_read
from maillage.core import clock
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.core.models import SiteEpoch
from maillage.forum.models import Thread

BIGGEST = 2**63 - 1


def case_path(case_id: int, slug: str) -> str:
    return f"/recits/{case_id}-{slug}"


@dataclass(frozen=True, slots=True)
class Look:
    """The one look at a story that every request takes: may she read it, which version, what is hers."""

    case_id: int
    slug: str
    title: str
    language: str
    # The last part is of those that show other stories, one tried from another: it moves with every change of lists.
    version: tuple[int, int, int]
    standing: Standing
    thread_id: int | None
    # Replies in its discussion, which come and go without the story's version.
    replies: int
    published_at: datetime | None
    # She came by a private link, not by her account.
    by_link: bool
    # Where it was told, as `occasions` reads it.
    occasions: str | None

    @property
    def path(self) -> str:
        return case_path(self.case_id, self.slug)

    @property
    def desk_path(self) -> str:
        """Where its authors write."""
        return f"/recits/{self.case_id}/ecrire"


_Trial = aliased(Case, name="trial")
_in_a_family = or_(Case.source_id.is_not(None), exists(select(literal(1)).where(_Trial.source_id == Case.id)))


_by_account = CaseAuthor.person_id == bindparam("person_id", type_=Person.id.type)
_by_link = and_(
    CaseAuthor.token_hash == bindparam("token_hash", type_=CaseAuthor.token_hash.type),
    CaseAuthor.token_expires_at > bindparam("now", type_=CaseAuthor.token_expires_at.type),
)
# What makes a part in a story hers: by her account, by a private link, by either, or nothing.
_MINE: dict[tuple[bool, bool], ColumnElement[bool]] = {
    (False, False): false(),
    (True, False): _by_account,
    (False, True): _by_link,
    (True, True): or_(_by_account, _by_link),
}


@cache
def _look(account: bool, link: bool) -> Statement:
    """Made at its first use, when the floor above has said what occasions a story had."""
    mine = _MINE[account, link]
    return Statement(
        select(
            Case.id,
            Case.slug,
            Case.title,
            Case.language,
            Case.version,
            select(SiteEpoch.number).scalar_subquery().label("epoch"),
            case((_in_a_family, select(BrowsingVersion.number).scalar_subquery()), else_=0).label("family"),
            Case.state,
            Case.visibility,
            Case.depth,
            Case.thread_id,
            func.coalesce(Thread.post_count, 1).label("posts"),
            Case.published_at,
            CaseAuthor.id.label("author_id"),
            CaseAuthor.kind,
            and_(CaseAuthor.id.is_not(None), CaseAuthor.person_id.is_(None)).label("by_link"),
            func.coalesce(func.nullif(CaseAuthor.name, ""), Person.name).label("author_name"),
            occasions.found().label("occasions"),
        )
        .outerjoin(Thread, Thread.id == Case.thread_id)
        .outerjoin(CaseAuthor, and_(CaseAuthor.case_id == Case.id, CaseAuthor.left_at.is_(None), mine))
        .outerjoin(Person, Person.id == CaseAuthor.person_id)
        .where(Case.id == bindparam("case_id"))
        .order_by(CaseAuthor.id)
        .limit(1)
    )


async def look(db: Db, who: Who, guest: bytes | None, case_id: int) -> Look:
    """The door to a story. `guest` is a private link, hashed. Raises `NotHere` when absent or not hers to read."""
    if not 0 < case_id <= BIGGEST:
        raise NotHere
    given: dict[str, object] = {"case_id": case_id}
    if who is not None:
        given["person_id"] = who.id
    if guest is not None:
        given |= {"token_hash": guest, "now": clock.now()}
    row = await db.row(_look(who is not None, guest is not None), **given)
    if row is None:
        raise NotHere
    hand = Hand(row["author_id"], row["kind"], row["author_name"]) if row["author_id"] else None
    standing = Standing(row["id"], row["state"], row["visibility"], row["depth"], hand)
    if not may_read(who, standing):
        raise NotHere
    return Look(
        row["id"],
        row["slug"],
        row["title"],
        row["language"],
        (row["version"], row["epoch"], row["family"]),
        standing,
        row["thread_id"],
        row["posts"] - 1,
        row["published_at"],
        row["by_link"],
        row["occasions"],
    )
