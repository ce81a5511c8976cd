"""Spaces, threads and the posts inside them.

A thread's posts form a tree stored as a path: `path = parent.path || 3 bytes of seq`, big-endian, so that
byte order is conversation order and a branch is a range. `seq` numbers the posts of one thread, is given out
under the thread's row lock, and never changes while the post stays there: it is the permalink, the unit of
read tracking and the order of arrival.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base

MAX_DEPTH = 32
POSTS_A_PAGE = 50
# In characters.
MAX_BODY = 50_000
MAX_TITLE = 200


def person(*, nullable: bool = True, index: bool = False) -> Mapped[Any]:
    return mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), nullable=nullable, index=index)


class Space(Base):
    __tablename__ = "space"

    id: Mapped[int] = key()
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    # {"fr-CA": …, "en": …}; where English is missing the French is shown, labelled as such.
    name: Mapped[dict[str, str]] = mapped_column(JSONB)
    purpose: Mapped[dict[str, str]] = mapped_column(JSONB)
    visibility: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(Integer, server_default="0")
    # Grows with every change that a list of this space's threads could show: kept pages are keyed by it.
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (CheckConstraint("visibility in ('public', 'members', 'closed')", name="visibility"),)


class SpaceMember(Base):
    """Who is in a closed group; `facilitator` moderates that group and nothing else."""

    __tablename__ = "space_member"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(12), server_default="member")
    joined_at: Mapped[datetime] = now_column()

    __table_args__ = (CheckConstraint("role in ('member', 'facilitator')", name="role"),)


class Thread(Base):
    __tablename__ = "thread"

    id: Mapped[int] = key()
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[int] = person(nullable=False, index=True)
    created_at: Mapped[datetime] = now_column()
    # The number that the next post gets.
    next_seq: Mapped[int] = mapped_column(Integer, server_default="1")
    # Messages that a reader can read: neither removed nor lines of the thread's history.
    post_count: Mapped[int] = mapped_column(Integer, server_default="0")
    last_post_at: Mapped[datetime] = now_column()
    last_seq: Mapped[int] = mapped_column(Integer, server_default="1")
    last_author_id: Mapped[int | None] = person()
    # Numbers that nobody is to count as unread: removed posts, posts moved elsewhere, history lines.
    dead: Mapped[Any] = mapped_column(INT4MULTIRANGE, server_default=text("'{}'"))
    # Grows with every change that the thread's page could show: kept pages and the ETag are keyed by it.
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    locked_at: Mapped[datetime | None] = mapped_column(Moment)
    pinned_until: Mapped[datetime | None] = mapped_column(Moment)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id", ondelete="RESTRICT"))
    # The beginning of the first message as plain text, for lists.
    excerpt: Mapped[str] = mapped_column(String(200), server_default="")
    # A reply met the need of the person who asked.
    helped_at: Mapped[datetime | None] = mapped_column(Moment)
    # The facilitator's living summary, and how far it had read.
    summary_md: Mapped[str | None] = mapped_column(Text)
    summary_html: Mapped[str | None] = mapped_column(Text)
    summary_language: Mapped[str | None] = mapped_column(String(10))
    summary_covers: Mapped[int | None] = mapped_column(Integer)
    summary_author_id: Mapped[int | None] = person()
    summary_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("kind in ('question', 'eclair', 'vive', 'annonce')", name="kind"),
        CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),
        CheckConstraint("(summary_md is null) = (summary_covers is null)", name="summary_whole"),
        # The list of a space, newest activity first.
        Index(
            "ix_thread_listed",
            "space_id",
            text("last_post_at desc"),
            text("id desc"),
            postgresql_where=text("post_count > 0 and merged_into_id is null"),
        ),
        Index(
            "ix_thread_pinned",
            "space_id",
            "pinned_until",
            postgresql_where=text("pinned_until is not null"),
        ),
        Index("ix_thread_merged_into", "merged_into_id", postgresql_where=text("merged_into_id is not null")),
    )


class Post(Base):
    """A message, or (`event` set) a line of the thread's own history: locked, moved, split …"""

    __tablename__ = "post"

    id: Mapped[int] = key()
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="RESTRICT"))
    seq: Mapped[int] = mapped_column(Integer)
    parent_seq: Mapped[int | None] = mapped_column(Integer)
    depth: Mapped[int] = mapped_column(SmallInteger)
    path: Mapped[bytes] = mapped_column(LargeBinary)
    author_id: Mapped[int] = person(nullable=False)
    # In what capacity and for whom she spoke when she wrote it: titles change, what was said does not.
    relation: Mapped[str | None] = mapped_column(String(60))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(String(10))
    body_md: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    render_version: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = now_column()
    # Set once an edit shows, that is after the author's own window or by somebody else.
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    revisions: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_by_id: Mapped[int | None] = person()
    removal_reason: Mapped[str | None] = mapped_column(String(500))
    # « a répondu à mon besoin »
    helped_at: Mapped[datetime | None] = mapped_column(Moment)
    event: Mapped[str | None] = mapped_column(String(20))
    event_data: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # Sent by the form, once per display: the same one twice is the same post.
    request_key: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("thread_id", "seq"),
        # Carries what a thread's shape needs, so that reading the shape touches no row.
        UniqueConstraint("thread_id", "path", postgresql_include=["seq", "depth"]),
        # An answer cannot point outside its thread or at nothing. Deferred: a branch moves all at once.
        ForeignKeyConstraint(
            ["thread_id", "parent_seq"],
            ["post.thread_id", "post.seq"],
            name="fk_post_parent",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index(
            "uq_post_request_key",
            "author_id",
            "request_key",
            unique=True,
            postgresql_where=text("request_key is not null"),
        ),
        Index("ix_post_author", "author_id", text("id desc")),
        CheckConstraint(f"depth between 0 and {MAX_DEPTH}", name="depth"),
        CheckConstraint("octet_length(path) = 3 * (depth + 1)", name="path_length"),
        CheckConstraint("(parent_seq is null) = (depth = 0)", name="roots_have_no_parent"),
        CheckConstraint("(event is null) = (event_data is null)", name="event_whole"),
    )


class PostRevision(Base):
    """What a post or its thread's title said before an edit: whole texts, added to and never changed."""

    __tablename__ = "post_revision"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    body_md: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(String(200))
    replaced_at: Mapped[datetime] = now_column()
    replaced_by_id: Mapped[int] = person(nullable=False)


class PostAlias(Base):
    """Where a post used to live: its old address leads to it for ever."""

    __tablename__ = "post_alias"

    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)


class Mention(Base):
    __tablename__ = "mention"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)


class ThreadLink(Base):
    """A post names another thread (`#123`): the back-link of that thread."""

    __tablename__ = "thread_link"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True, index=True)


class ThreadRead(Base):
    """Which numbers of a thread a person has read: exact in a tree, where one high-water mark would lie."""

    __tablename__ = "thread_read"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True, index=True)
    read: Mapped[Any] = mapped_column(INT4MULTIRANGE)
    updated_at: Mapped[datetime] = now_column()


class Draft(Base):
    """A text not yet sent. `place` says what it is for: ``space:slug``, ``thread:12``, ``thread:12:5``, ``edit:99``."""

    __tablename__ = "draft"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(120), primary_key=True)
    # A lower number never overwrites a higher one: an old tab cannot undo newer writing.
    sequence: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(200), server_default="")
    body: Mapped[str] = mapped_column(Text, server_default="")
    updated_at: Mapped[datetime] = now_column()


class Report(Base):
    """Somebody asks a facilitator to look at a post."""

    __tablename__ = "report"

    id: Mapped[int] = key()
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime] = now_column()
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by_id: Mapped[int | None] = person()

    __table_args__ = (
        Index("uq_report_open", "post_id", "person_id", unique=True, postgresql_where=text("settled_at is null")),
    )


class ModerationEntry(Base):
    """The moderation log: what was done, why, by somebody in what role. Rows are only ever added."""

    __tablename__ = "moderation_entry"

    id: Mapped[int] = key()
    at: Mapped[datetime] = now_column()
    actor_id: Mapped[int] = person(nullable=False)
    action: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="RESTRICT"), index=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="RESTRICT"))
    seq: Mapped[int | None] = mapped_column(Integer)
