"""What a thread's page shows, as a fixed number of questions whatever the thread's size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import and_, bindparam, case, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE, aggregate_order_by
from sqlalchemy.orm import aliased

from maillage.auth.models import Organization, Person
from maillage.auth.viewer import Who
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Gone, NotHere
from maillage.core.languages import Text
from maillage.core.models import SiteEpoch
from maillage.forum.models import (
    POSTS_A_PAGE,
    Draft,
    Post,
    Space,
    SpaceMember,
    Thread,
    ThreadLink,
    ThreadRead,
)
from maillage.forum.policies import Place, ThreadState, capacity, may_read
from maillage.forum.queries.events import event_line
from maillage.forum.queries.shape import Ranges, Shape
from maillage.notices.models import Follow

BIGGEST = 2**63 - 1
SHOWN_DEPTH, SHOWN_DEPTH_PHONE = 4, 2


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
    version: tuple[int, int]
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
    Thread.space_id,
    Space.visibility,
    Thread.kind,
    Thread.author_id,
    Thread.locked_at.is_not(None).label("locked"),
    Thread.merged_into_id,
)
_LOOK = Statement(
    select(*_COMMON).join(Space, Space.id == Thread.space_id).where(Thread.id == bindparam("thread_id"))
)
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
        # Followed only for those who may read where it leads.
        target = await look(db, who, into)
        raise Gone(target.path)
    return Look(
        thread_id=row["id"],
        slug=row["slug"],
        version=(row["version"], row["epoch"]),
        place=place,
        state=ThreadState(row["id"], row["kind"], row["author_id"], row["locked"], False),
        unread=[(part.lower, part.upper) for part in row["unread"]] if who else [],
        follows=bool(row["follows"]) if who else False,
        draft_body=(row["draft_body"] or "") if who else "",
        draft_sequence=(row["draft_sequence"] or 0) if who else 0,
    )


@dataclass(frozen=True, slots=True)
class SpaceHead:
    id: int
    slug: str
    name: dict[str, str]
    purpose: dict[str, str]
    visibility: str

    @property
    def path(self) -> str:
        return f"/discussions/espaces/{self.slug}"


@dataclass(frozen=True, slots=True)
class LinkedThread:
    """A thread that names this one."""

    id: int
    title: str
    path: str
    language: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A facilitator's living summary: covers messages up to `covers`; `newer` have come since."""

    html: Markup
    language: str
    covers: int
    newer: int
    author_name: str
    at: datetime
    covers_path: str


@dataclass(frozen=True, slots=True)
class PostView:
    """A message as its page shows it, the same for every reader."""

    id: int
    thread_id: int
    seq: int
    parent_seq: int | None
    depth: int
    author_id: int
    author_name: str
    author_handle: str
    relation: str | None
    organization_name: str | None
    language: str
    html: Markup
    created_at: datetime
    edited_at: datetime | None
    revisions: int
    removed: bool
    removed_by_author: bool
    removal_reason: str | None
    helped: bool
    event: str | None
    event_text: Text | None
    is_op: bool
    parent_name: str | None
    parent_path: str | None
    say_parent: str
    descendants: int

    @property
    def shown(self) -> int:
        """How far to the right it stands: the opening message and what answers it directly stand at 0."""
        return max(0, min(self.depth - 1, SHOWN_DEPTH))

    @property
    def path(self) -> str:
        return post_path(self.thread_id, self.seq)

    @property
    def capacity(self) -> Text | None:
        return capacity(self.relation)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of a thread, whole."""

    id: int
    title: str
    language: str
    kind: str
    slug: str
    space: SpaceHead
    author_name: str
    author_handle: str
    created_at: datetime
    post_count: int
    locked: bool
    pinned: bool
    order: str
    page: int
    pages: int
    posts: list[PostView]
    summary: Summary | None
    backlinks: list[LinkedThread]
    solved_by: list[int]

    @property
    def path(self) -> str:
        return thread_path(self.id, self.slug)

    @property
    def first_page(self) -> bool:
        return self.page == 1

    @property
    def other_order_path(self) -> str:
        return self.path if self.order == "time" else f"{self.path}?ordre=date"

    def page_path(self, number: int) -> str:
        query = [f"page={number}"] if number > 1 else []
        if self.order == "time":
            query.append("ordre=date")
        return f"{self.path}?{'&'.join(query)}" if query else self.path


_Author = aliased(Person, name="author")
_Other = aliased(Thread, name="other")
_OtherSpace = aliased(Space, name="other_space")
_OtherPost = aliased(Post, name="other_post")
_SummaryAuthor = aliased(Person, name="summary_author")
_in_order = (
    select(
        func.array_agg(aggregate_order_by(Post.seq, Post.path)).label("seqs"),
        func.array_agg(aggregate_order_by(Post.depth, Post.path)).label("depths"),
    )
    .where(Post.thread_id == bindparam("thread_id"))
    .subquery("in_order")
)
_backlinks = (
    select(
        func.jsonb_agg(
            func.jsonb_build_object(
                "id", _Other.id, "title", _Other.title, "slug", _Other.slug, "language", _Other.language
            )
        )
    )
    .where(
        _Other.id.in_(
            select(_OtherPost.thread_id)
            .join(ThreadLink, ThreadLink.post_id == _OtherPost.id)
            .where(
                ThreadLink.thread_id == bindparam("thread_id"),
                _OtherPost.removed_at.is_(None),
                _OtherPost.thread_id != bindparam("thread_id"),
            )
            .order_by(_OtherPost.id.desc())
            .limit(20)
        ),
        _OtherSpace.id == _Other.space_id,
        # The page is the same for all its readers, so it names only threads that all of them may read.
        or_(
            _OtherSpace.visibility == "public",
            _OtherSpace.id == Space.id,
            and_(_OtherSpace.visibility == "members", Space.visibility != "public"),
        ),
        _Other.merged_into_id.is_(None),
    )
    .correlate(Space)
    .scalar_subquery()
)
_solved = (
    select(func.array_agg(Post.seq))
    .where(Post.thread_id == bindparam("thread_id"), Post.helped_at.is_not(None))
    .scalar_subquery()
)
_newer = (
    select(func.count())
    .where(
        Post.thread_id == Thread.id,
        Post.seq > Thread.summary_covers,
        Post.event.is_(None),
        Post.removed_at.is_(None),
    )
    .correlate(Thread)
    .scalar_subquery()
)
_HEAD = Statement(
    select(
        Thread,
        _Author.name.label("author_name"),
        _Author.handle.label("author_handle"),
        Space.slug.label("space_slug"),
        Space.name.label("space_name"),
        Space.purpose.label("space_purpose"),
        Space.visibility,
        (Thread.pinned_until > func.now()).label("pinned"),
        _SummaryAuthor.name.label("summary_author"),
        case((Thread.summary_covers.is_not(None), _newer)).label("newer"),
        case((Thread.helped_at.is_not(None), _solved)).label("solved"),
        _backlinks.label("backlinks"),
        _in_order.c.seqs,
        _in_order.c.depths,
    )
    .join(Space, Space.id == Thread.space_id)
    .join(_Author, _Author.id == Thread.author_id)
    .outerjoin(_SummaryAuthor, _SummaryAuthor.id == Thread.summary_author_id)
    .join(_in_order, literal(True))
    .where(Thread.id == bindparam("thread_id"))
)
_SHAPE = Statement(
    select(_in_order.c.seqs, _in_order.c.depths, Thread.version)
    .join(_in_order, literal(True))
    .where(Thread.id == bindparam("thread_id"))
)


async def shape(db: Db, thread_id: int) -> Shape:
    row = await db.row(_SHAPE, thread_id=thread_id)
    if row is None:
        raise NotHere
    return Shape(row["version"], row["seqs"] or (), row["depths"] or ())


_COLUMNS = (
    Post.id,
    Post.thread_id,
    Post.seq,
    Post.parent_seq,
    Post.depth,
    Post.author_id,
    Post.organization_id,
    Post.relation,
    Post.language,
    Post.body_html,
    Post.render_version,
    Post.created_at,
    Post.edited_at,
    Post.revisions,
    Post.removed_at,
    Post.removed_by_id,
    Post.removal_reason,
    Post.helped_at,
    Post.event,
    Post.event_data,
)


def _posts(by_time: bool) -> Statement:
    """A page from its first post on. The LIMIT is inside, so that joins are made for one page only."""
    start = aliased(Post, name="start")
    first = bindparam("first", type_=Post.seq.type)
    of_thread = Post.thread_id == bindparam("thread_id")
    if by_time:
        inner = select(*_COLUMNS, Post.seq.label("place")).where(of_thread, Post.seq >= first)
    else:
        from_path = (
            select(start.path)
            .where(start.thread_id == bindparam("thread_id"), start.seq == first)
            .scalar_subquery()
        )
        inner = select(*_COLUMNS, Post.path.label("place")).where(of_thread, Post.path >= from_path)
    page = inner.order_by(text("place")).limit(POSTS_A_PAGE).subquery("page")
    return Statement(
        select(
            page,
            Person.name.label("author_name"),
            Person.handle.label("author_handle"),
            Organization.name.label("organization_name"),
        )
        .join(Person, Person.id == page.c.author_id)
        .outerjoin(Organization, Organization.id == page.c.organization_id)
        .order_by(page.c.place)
    )


_POSTS_IN_TREE, _POSTS_BY_TIME = _posts(by_time=False), _posts(by_time=True)
_PARENTS = Statement(
    select(Post.seq, Person.name)
    .join(Person, Person.id == Post.author_id)
    .where(Post.thread_id == bindparam("thread_id"), Post.seq == func.any(bindparam("seqs")))
)


async def post_rows(db: Db, thread_id: int, first: int, *, by_time: bool) -> list[Row]:
    """The rows of one page, from post number `first` on."""
    return await db.rows(_POSTS_BY_TIME if by_time else _POSTS_IN_TREE, thread_id=thread_id, first=first)


async def thread_page(
    db: Db, thread_id: int, number: int, *, by_time: bool
) -> tuple[ThreadPage, Shape, list[Row]]:
    """Page `number` of a thread that the caller has looked at: three questions, whatever its size.

    The rows come too, so that the caller can see which of them were rendered by an older version.
    """
    head = await db.row(_HEAD, thread_id=thread_id)
    if head is None:
        raise NotHere
    whole = Shape(head["version"], head["seqs"] or (), head["depths"] or ())
    seqs = whole.page_seqs(number, by_time=by_time)
    if not seqs:
        raise NotHere
    rows = await post_rows(db, thread_id, seqs[0], by_time=by_time)
    names = {row["seq"]: row["author_name"] for row in rows}
    missing = {row["parent_seq"] for row in rows} - names.keys() - {None}
    elsewhere = await db.rows(_PARENTS, thread_id=thread_id, seqs=list(missing)) if missing else []
    names |= {row["seq"]: row["name"] for row in elsewhere}
    page = ThreadPage(
        id=head["id"],
        title=head["title"],
        language=head["language"],
        kind=head["kind"],
        slug=head["slug"],
        space=SpaceHead(
            head["space_id"],
            head["space_slug"],
            head["space_name"],
            head["space_purpose"],
            head["visibility"],
        ),
        author_name=head["author_name"],
        author_handle=head["author_handle"],
        created_at=head["created_at"],
        post_count=head["post_count"],
        locked=head["locked_at"] is not None,
        pinned=bool(head["pinned"]),
        order="time" if by_time else "tree",
        page=number,
        pages=whole.pages,
        posts=_views(rows, names, head["author_id"], by_time=by_time),
        summary=_summary(head) if number == 1 else None,
        backlinks=[
            LinkedThread(link["id"], link["title"], thread_path(link["id"], link["slug"]), link["language"])
            for link in head["backlinks"] or ()
        ],
        solved_by=sorted(head["solved"] or ()),
    )
    return page, whole, rows


def _summary(head: Row) -> Summary | None:
    if head["summary_covers"] is None:
        return None
    return Summary(
        html=Markup(head["summary_html"]),  # noqa: S704 — sanitized when it was written
        language=head["summary_language"],
        covers=head["summary_covers"],
        newer=head["newer"],
        author_name=head["summary_author"],
        at=head["summary_at"],
        covers_path=post_path(head["id"], head["summary_covers"]),
    )


def _views(rows: Sequence[Row], names: dict[int, str], starter_id: int, *, by_time: bool) -> list[PostView]:
    here = {row["seq"] for row in rows}
    return [
        post_view(
            row,
            starter_id=starter_id,
            parent_name=names.get(row["parent_seq"]),
            parent_here=row["parent_seq"] in here,
            say_parent=_say_parent(row, rows[place - 1] if place else None, by_time=by_time),
            descendants=0 if by_time else _descendants(rows, place),
        )
        for place, row in enumerate(rows)
    ]


def _descendants(rows: Sequence[Row], place: int) -> int:
    """How many of the posts that follow on this page stand below this one."""
    depth, end = rows[place]["depth"], place + 1
    while end < len(rows) and rows[end]["depth"] > depth:
        end += 1
    return end - place - 1


def _say_parent(row: Row, before: Row | None, *, by_time: bool) -> str:
    """Where the indentation does not show whom a post answers, a line has to say it."""
    parent = row["parent_seq"]
    if parent is None or parent == 1:
        return "never"
    if by_time or before is None or row["depth"] - 1 > SHOWN_DEPTH:
        return "never" if before is not None and before["seq"] == parent else "always"
    return "phone" if row["depth"] - 1 > SHOWN_DEPTH_PHONE else "never"


def post_view(
    row: Row,
    *,
    starter_id: int,
    parent_name: str | None = None,
    parent_here: bool = False,
    say_parent: str = "never",
    descendants: int = 0,
) -> PostView:
    """One row of `_POSTS_*` as its page shows it. What was removed is not in it, in any field."""
    removed = row["removed_at"] is not None
    parent = row["parent_seq"]
    return PostView(
        id=row["id"],
        thread_id=row["thread_id"],
        seq=row["seq"],
        parent_seq=parent,
        depth=row["depth"],
        author_id=row["author_id"],
        author_name=row["author_name"],
        author_handle=row["author_handle"],
        relation=row["relation"],
        organization_name=row["organization_name"],
        language=row["language"],
        html=Markup("") if removed else Markup(row["body_html"]),  # noqa: S704 — sanitized when written
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        revisions=row["revisions"],
        removed=removed,
        removed_by_author=row["removed_by_id"] == row["author_id"],
        removal_reason=row["removal_reason"],
        helped=row["helped_at"] is not None,
        event=row["event"],
        event_text=event_line(row["event"], row["event_data"], row["author_name"]) if row["event"] else None,
        is_op=row["author_id"] == starter_id,
        parent_name=parent_name,
        parent_path=None
        if parent is None
        else f"#m-{parent}"
        if parent_here
        else post_path(row["thread_id"], parent),
        say_parent=say_parent,
        descendants=descendants,
    )
