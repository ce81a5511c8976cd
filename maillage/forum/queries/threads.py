"""What a thread's page shows, as a fixed number of questions whatever the thread's size."""

from collections.abc import Sequence

from markupsafe import Markup
from sqlalchemy import and_, bindparam, case, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from maillage.auth.models import Organization, Person
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere
from maillage.forum.models import POSTS_A_PAGE, Post, Space, Thread, ThreadLink
from maillage.forum.queries.door import post_path, thread_path
from maillage.forum.queries.shape import Shape
from maillage.forum.queries.shown import (
    SHOWN_DEPTH,
    SHOWN_DEPTH_PHONE,
    LinkedThread,
    PostView,
    SpaceHead,
    Summary,
    ThreadPage,
    post_view,
)

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
    .where(Post.thread_id == bindparam("thread_id"), Post.helped_at.is_not(None), Post.removed_at.is_(None))
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
            select(start.path).where(start.thread_id == bindparam("thread_id"), start.seq == first).scalar_subquery()
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
    .where(
        Post.thread_id == bindparam("thread_id"),
        Post.seq == func.any(bindparam("seqs")),
        Post.removed_at.is_(None),
    )
)


async def post_rows(db: Db, thread_id: int, first: int, *, by_time: bool) -> list[Row]:
    """The rows of one page, from post number `first` on."""
    return await db.rows(_POSTS_BY_TIME if by_time else _POSTS_IN_TREE, thread_id=thread_id, first=first)


async def thread_page(db: Db, thread_id: int, number: int, *, by_time: bool) -> tuple[ThreadPage, Shape, list[Row]]:
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
    names = {row["seq"]: row["author_name"] for row in rows if row["removed_at"] is None}
    missing = {row["parent_seq"] for row in rows} - {row["seq"] for row in rows} - {None}
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
