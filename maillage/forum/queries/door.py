"""The door to a thread: every request looks once, and sees what it may."""

from dataclasses import dataclass

from sqlalchemy import Boolean, and_, bindparam, case, func, literal, select
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE

from maillage.auth.models import Person
from maillage.auth.viewer import Who
from maillage.core.db import Db, Statement
from maillage.core.errors import Gone, NotHere, Refused
from maillage.core.languages import _
from maillage.core.models import SiteEpoch
from maillage.forum.models import Draft, Space, SpaceMember, Thread, ThreadRead
from maillage.forum.policies import Place, ThreadState, may_read
from maillage.forum.queries.shape import Ranges
from maillage.notices.models import Follow

BIGGEST = 2**63 - 1
MOVED = _("This discussion moved to another space meanwhile. Please look at it again.")


def thread_path(thread_id: int, slug: str) -> str:
    return f"/discussions/{thread_id}-{slug}"


def post_path(thread_id: int, seq: int) -> str:
    """The permanent address of a post: it leads to the page where the post is now."""
    return f"/discussions/{thread_id}/m/{seq}"


@dataclass(frozen=True, slots=True)
class Look:
    """The one look at a thread that every request takes: may she read it, which version, what is hers."""

    thread_id: int
    slug: str
    # With whether it is pinned: that ends by itself, without any change in the database.
    version: tuple[int, int, bool]
    place: Place
    state: ThreadState
    unread: Ranges
    follows: bool
    draft_body: str
    draft_sequence: int

    @property
    def path(self) -> str:
        return thread_path(self.thread_id, self.slug)


_EPOCH = select(SiteEpoch.number).scalar_subquery()
_COMMON = (
    Thread.id,
    Thread.slug,
    Thread.version,
    _EPOCH.label("epoch"),
    func.coalesce(Thread.pinned_until > func.now(), False, type_=Boolean()).label("pinned"),
    Thread.space_id,
    Space.visibility,
    Thread.kind,
    Thread.author_id,
    Thread.locked_at.is_not(None).label("locked"),
    Thread.merged_into_id,
)
_LOOK = Statement(select(*_COMMON).join(Space, Space.id == Thread.space_id).where(Thread.id == bindparam("thread_id")))
_me = bindparam("person_id", type_=Person.id.type)
_LOOK_OF_READER = Statement(
    select(
        *_COMMON,
        SpaceMember.role.label("role"),
        # Everything that lives here, less what nobody counts, less what she has read. A thread that was quiet
        # before she came, and that she never opened, is not unread.
        case(
            (
                and_(ThreadRead.read.is_(None), Thread.last_post_at < bindparam("reading_since")),
                literal([], INT4MULTIRANGE),
            ),
            else_=func.int4multirange(func.int4range(1, Thread.next_seq))
            .op("-", return_type=INT4MULTIRANGE())(Thread.dead)
            .op("-", return_type=INT4MULTIRANGE())(func.coalesce(ThreadRead.read, func.int4multirange())),
        ).label("unread"),
        Follow.id.is_not(None).label("follows"),
        Draft.body.label("draft_body"),
        Draft.sequence.label("draft_sequence"),
    )
    .join(Space, Space.id == Thread.space_id)
    .outerjoin(SpaceMember, and_(SpaceMember.space_id == Space.id, SpaceMember.person_id == _me))
    .outerjoin(ThreadRead, and_(ThreadRead.thread_id == Thread.id, ThreadRead.person_id == _me))
    .outerjoin(
        Follow,
        and_(
            Follow.person_id == _me,
            Follow.kind == "thread",
            Follow.target_id == Thread.id,
            ~Follow.muted,
        ),
    )
    .outerjoin(Draft, and_(Draft.person_id == _me, Draft.place == bindparam("place")))
    .where(Thread.id == bindparam("thread_id"))
)


async def look(db: Db, who: Who, thread_id: int) -> Look:
    """The door to a thread. Raises `NotHere` when absent or not hers to read, `Gone` when merged."""
    if not 0 < thread_id <= BIGGEST:
        raise NotHere
    if who is None:
        row = await db.row(_LOOK, thread_id=thread_id)
    else:
        row = await db.row(
            _LOOK_OF_READER,
            thread_id=thread_id,
            person_id=who.id,
            reading_since=who.reading_since,
            place=f"thread:{thread_id}",
        )
    if row is None:
        raise NotHere
    place = Place(row["space_id"], row["visibility"], row["role"] if who else None)
    if not may_read(who, place):
        raise NotHere
    if (into := row["merged_into_id"]) is not None:
        # Followed only for those who may read where it leads. A browser carries its `#m-3` over to the new address,
        # where another message has that number: `de` says in which thread it was the third.
        try:
            path = (await look(db, who, into)).path
        except Gone as further:
            path = further.path.partition("?")[0]
        raise Gone(f"{path}?de={thread_id}")
    return Look(
        thread_id=row["id"],
        slug=row["slug"],
        version=(row["version"], row["epoch"], row["pinned"]),
        place=place,
        state=ThreadState(row["id"], row["kind"], row["author_id"], row["locked"], False),
        unread=[(part.lower, part.upper) for part in row["unread"]] if who else [],
        follows=bool(row["follows"]) if who else False,
        draft_body=(row["draft_body"] or "") if who else "",
        draft_sequence=(row["draft_sequence"] or 0) if who else 0,
    )


_SPACE_NOW = Statement(select(Thread.space_id).where(Thread.id == bindparam("thread_id")))


async def unmoved(db: Db, look: Look) -> None:
    """For the end of an act, which holds the thread: `Refused` when it is no longer in the space whose rules she met.

    The transaction ends with that, so that nothing of the act remains.
    """
    if await db.value(_SPACE_NOW, thread_id=look.thread_id) != look.place.space_id:
        raise Refused(MOVED)
