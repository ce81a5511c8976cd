"""A practice story: facts in columns, words in rows of their own so that two people can write at once.

What may be told of a story is told once per table: `practice_case` holds what lists show, `case_text` one row for each
field written in prose (and, for « what changed » and « empowerment », one for each term chosen), `case_term` the terms
that it is found by. Whoever writes, reads before publication or validates is a `case_author`, with or without an
account, and that row signs every change.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base

# In the order in which a story goes through them; `to_revise` is still public.
STATES = ("draft", "review", "published", "to_revise", "withdrawn")
# "brief" answers eight questions, "full" all of the template, "trial" says how somebody else's story went here.
DEPTHS = ("brief", "full", "trial")
OUTCOMES = ("same", "different", "did-not-work", "too-early")
LICENCES = ("cc-by", "cc-by-nc-sa", "all-rights-reserved")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def term(*, nullable: bool = False, index: bool = False, **more: Any) -> Mapped[Any]:
    return mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), nullable=nullable, index=index, **more)


def of_case(*, primary_key: bool = False, index: bool = False) -> Mapped[int]:
    return mapped_column(ForeignKey("practice_case.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


class Case(Base):
    __tablename__ = "practice_case"

    id: Mapped[int] = key()
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(10))
    depth: Mapped[str] = mapped_column(String(10), server_default="brief")
    state: Mapped[str] = mapped_column(String(10), server_default="draft")
    visibility: Mapped[str] = mapped_column(String(10), server_default="public")
    scale_id: Mapped[int | None] = term(nullable=True)
    # Naming the place is optional: empty, it stays unsaid.
    locality: Mapped[str] = mapped_column(String(120), server_default="")
    # First days of months: people know the month.
    began_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    progress: Mapped[str | None] = mapped_column(String(10))
    licence: Mapped[str] = mapped_column(String(20), server_default="cc-by")
    translation_offered: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # Whether readers may write to the authors through the platform; addresses never show.
    contact: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # The summary as plain text, for lists, feeds and links elsewhere.
    excerpt: Mapped[str] = mapped_column(String(600), server_default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()
    # When the author ticked the three statements that publication asks for, and who that was.
    stated_at: Mapped[datetime | None] = mapped_column(Moment)
    stated_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("case_author.id", use_alter=True, name="fk_practice_case_stated_by")
    )
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    # Two years after its publication or last revision, its authors are asked whether it still holds.
    revise_at: Mapped[datetime | None] = mapped_column(Moment)
    # Its discussion in the forum.
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id", ondelete="RESTRICT"), unique=True)
    # The message of the forum that it grew from.
    born_of_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    # The story that was tried again here, and what came of it.
    source_id: Mapped[int | None] = mapped_column(ForeignKey("practice_case.id", ondelete="RESTRICT"))
    outcome: Mapped[str | None] = mapped_column(String(20))
    # Sent by the form, once per display: the same one twice is the same story.
    request_key: Mapped[str | None] = mapped_column(String(64))
    # Grows with every change that the story's page could show: kept pages and the ETag are keyed by it.
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    # When this row last changed what browsing shows: the number that `browsing_version` then had.
    browsing: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # The words by which lists find it, gathered from its tables at that number.
    listed_terms: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))

    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), name="state"),
        CheckConstraint(_one_of("depth", DEPTHS), name="depth"),
        CheckConstraint(_one_of("licence", LICENCES), name="licence"),
        CheckConstraint("visibility in ('public', 'members')", name="visibility"),
        CheckConstraint("progress in ('ongoing', 'ended', 'stopped')", name="progress"),
        CheckConstraint("began_on is null or ended_on is null or ended_on >= began_on", name="period"),
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint("(source_id is null) = (outcome is null)", name="trial_whole"),
        CheckConstraint("depth <> 'trial' or source_id is not null", name="trial_of_something"),
        CheckConstraint("source_id <> id", name="not_its_own_source"),
        CheckConstraint("btrim(title) <> ''", name="titled"),
        CheckConstraint("(stated_at is null) = (stated_by_id is null)", name="stated_whole"),
        CheckConstraint(
            "state not in ('published', 'to_revise') or (published_at is not null and stated_at is not null)",
            name="published_whole",
        ),
        Index("ix_practice_case_browsing", "browsing", postgresql_where=text("browsing > 0")),
        Index(
            "ix_practice_case_revise_at",
            "revise_at",
            postgresql_where=text("state = 'published' and revise_at is not null"),
        ),
        Index("ix_practice_case_source_id", "source_id", postgresql_where=text("source_id is not null")),
        Index(
            "uq_practice_case_request_key",
            "created_by_id",
            "request_key",
            unique=True,
            postgresql_where=text("request_key is not null"),
        ),
    )


class CaseTerm(Base):
    """What a story is found by: regions, stages, themes, dimensions, competencies."""

    __tablename__ = "case_term"

    case_id: Mapped[int] = of_case(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True, index=True)


class CaseText(Base):
    """The words of one field. `term_id` says of which change or component, in the two fields that have several."""

    __tablename__ = "case_text"

    id: Mapped[int] = key()
    case_id: Mapped[int] = of_case()
    field: Mapped[str] = mapped_column(String(30))
    term_id: Mapped[int | None] = term(nullable=True, index=True)
    body_md: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    render_version: Mapped[int] = mapped_column(SmallInteger)
    # Which way a component of empowerment moved.
    direction: Mapped[str | None] = mapped_column(String(5))
    # How many times it was changed: a form says which number it has seen, so that nobody writes over anybody.
    revision: Mapped[int] = mapped_column(Integer, server_default="0")
    updated_at: Mapped[datetime] = now_column()
    updated_by_id: Mapped[int] = mapped_column(ForeignKey("case_author.id"))

    __table_args__ = (
        Index("uq_case_text_field", "case_id", "field", "term_id", unique=True, postgresql_nulls_not_distinct=True),
        CheckConstraint("direction in ('up', 'down', 'mixed')", name="direction"),
        CheckConstraint("(field = 'empowerment') = (direction is not null)", name="direction_of_a_component"),
        CheckConstraint("(field in ('what_changed', 'empowerment')) = (term_id is not null)", name="term_of_a_part"),
    )


class CaseActor(Base):
    """Who acted: of which family, in what role and capacity, at which stages."""

    __tablename__ = "case_actor"

    case_id: Mapped[int] = of_case(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    family_id: Mapped[int] = term(index=True)
    role: Mapped[str] = mapped_column(String(200), server_default="")
    relation_id: Mapped[int | None] = term(nullable=True)
    stage_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))


class CaseAuthor(Base):
    """Somebody who takes part in a story. Without an account, a private link says who she is.

    `author` answers for it, `coauthor` writes too, `reader` reads it before others do, `validator` read it over
    (`concerned`: as one of the people whom it is about) and is named for that.
    """

    __tablename__ = "case_author"

    id: Mapped[int] = key()
    case_id: Mapped[int] = of_case(index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    # The name under which she signs; empty, her account's.
    name: Mapped[str] = mapped_column(String(120), server_default="")
    concerned: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # In what capacity and for whom she signs.
    relation: Mapped[str | None] = mapped_column(String(60))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    token_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("case_author.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = now_column()
    # She no longer takes part; what she wrote stays signed.
    left_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("kind in ('author', 'coauthor', 'reader', 'validator')", name="kind"),
        CheckConstraint("person_id is not null or btrim(name) <> ''", name="somebody"),
        CheckConstraint("(token_hash is null) = (token_expires_at is null)", name="token_whole"),
        Index(
            "uq_case_author_person",
            "case_id",
            "person_id",
            unique=True,
            postgresql_where=text("person_id is not null and left_at is null"),
        ),
    )


class CaseRevision(Base):
    """What a field said before a change, as text; the facts are told as the slugs of their terms, one a line."""

    __tablename__ = "case_revision"

    id: Mapped[int] = key()
    case_id: Mapped[int] = of_case()
    field: Mapped[str] = mapped_column(String(30))
    term_id: Mapped[int | None] = term(nullable=True)
    body: Mapped[str] = mapped_column(Text)
    direction: Mapped[str | None] = mapped_column(String(5))
    replaced_at: Mapped[datetime] = now_column()
    replaced_by_id: Mapped[int] = mapped_column(ForeignKey("case_author.id"))

    __table_args__ = (Index("ix_case_revision_listed", "case_id", text("id desc")),)


class CaseDraft(Base):
    """What one of the authors is typing into a section, not yet saved for the others."""

    __tablename__ = "case_draft"

    case_id: Mapped[int] = of_case(primary_key=True)
    author_id: Mapped[int] = mapped_column(
        ForeignKey("case_author.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    section: Mapped[str] = mapped_column(String(30), primary_key=True)
    # A lower number never overwrites a higher one: an old tab cannot undo newer writing.
    sequence: Mapped[int] = mapped_column(BigInteger)
    # The fields as the form sends them.
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    updated_at: Mapped[datetime] = now_column()


class CasePresence(Base):
    """Who is writing in which section now: a courtesy, not a lock."""

    __tablename__ = "case_presence"

    case_id: Mapped[int] = of_case(primary_key=True)
    author_id: Mapped[int] = mapped_column(
        ForeignKey("case_author.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    section: Mapped[str] = mapped_column(String(30))
    seen_at: Mapped[datetime] = now_column()


class CaseRemark(Base):
    """What somebody who reads a story before its publication says of one of its fields."""

    __tablename__ = "case_remark"

    id: Mapped[int] = key()
    case_id: Mapped[int] = of_case(index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("case_author.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(30))
    body: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime] = now_column()
    settled_at: Mapped[datetime | None] = mapped_column(Moment)


class CaseEvent(Base):
    """The trace of a story: from which state to which, by whom, why. Rows are only ever added."""

    __tablename__ = "case_event"

    id: Mapped[int] = key()
    case_id: Mapped[int] = of_case(index=True)
    at: Mapped[datetime] = now_column()
    # Nobody: time did it, or somebody named in the story whose name is not written here.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    # "published", "consent-withdrawn", "two-years" …: words for it are in the policies.
    cause: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(String(500), server_default="")

    __table_args__ = (CheckConstraint(_one_of("to_state", STATES), name="to_state"),)


class BrowsingVersion(Base):
    """One row whose number grows with every change of what browsing shows.

    Taken under its own lock and held until the transaction ends, so that the numbers of `practice_case.browsing` become
    visible in their order: a process that knows what there was at number n asks for what came after n, and misses
    nothing.
    """

    __tablename__ = "browsing_version"

    singleton: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    number: Mapped[int] = mapped_column(BigInteger, server_default="1")

    __table_args__ = (CheckConstraint("singleton", name="one_row"),)
