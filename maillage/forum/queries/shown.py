"""What pages show of spaces, threads and messages: the same for every reader."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from maillage.core.db import Row
from maillage.core.languages import Text
from maillage.forum.policies import capacity
from maillage.forum.queries.door import post_path, thread_path
from maillage.forum.queries.events import event_line

SHOWN_DEPTH, SHOWN_DEPTH_PHONE = 4, 2


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


def post_view(
    row: Row,
    *,
    starter_id: int,
    parent_name: str | None = None,
    parent_here: bool = False,
    say_parent: str = "never",
    descendants: int = 0,
) -> PostView:
    """One row of `_POSTS_*` as its page shows it. What was removed is not in it, nor who had written it.

    `parent_name` is None where the message answered is removed, or where there is none.
    """
    removed = row["removed_at"] is not None
    parent = row["parent_seq"]
    return PostView(
        id=row["id"],
        thread_id=row["thread_id"],
        seq=row["seq"],
        parent_seq=parent,
        depth=row["depth"],
        author_id=row["author_id"],
        author_name="" if removed else row["author_name"],
        author_handle="" if removed else row["author_handle"],
        relation=None if removed else row["relation"],
        organization_name=None if removed else row["organization_name"],
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
        is_op=row["author_id"] == starter_id and not removed,
        parent_name=parent_name,
        parent_path=None if parent is None else f"#m-{parent}" if parent_here else post_path(row["thread_id"], parent),
        say_parent=say_parent,
        descendants=descendants,
    )
