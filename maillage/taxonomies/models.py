"""The lists of words that stories, gatherings and the directory share, and the trace of who changed them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base

# In characters.
MAX_SLUG, MAX_CODE, MAX_NAME, MAX_DESCRIPTION, MAX_QUESTION = 60, 10, 160, 1000, 300


class Term(Base):
    """A word of a list, in both languages. What uses it keeps it: it can be set aside, never deleted.

    Its list and its slug never change (a trigger refuses): exports, addresses and other tables know it by them.
    """

    __tablename__ = "term"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    taxonomy: Mapped[str] = mapped_column(String(40))
    slug: Mapped[str] = mapped_column(String(MAX_SLUG))
    # The type of a component, the domain of a competency.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), index=True)
    # Its place among the terms of the same parent.
    position: Mapped[int] = mapped_column(SmallInteger)
    # The official number of a region.
    code: Mapped[str | None] = mapped_column(String(MAX_CODE))
    fr: Mapped[str] = mapped_column(String(MAX_NAME))
    en: Mapped[str] = mapped_column(String(MAX_NAME))
    description_fr: Mapped[str] = mapped_column(String(MAX_DESCRIPTION), server_default="")
    description_en: Mapped[str] = mapped_column(String(MAX_DESCRIPTION), server_default="")
    # What a stage asks about power.
    question_fr: Mapped[str] = mapped_column(String(MAX_QUESTION), server_default="")
    question_en: Mapped[str] = mapped_column(String(MAX_QUESTION), server_default="")
    # Of a competency: the slugs of the stages that it serves, and whose it is.
    stages: Mapped[list[str]] = mapped_column(ARRAY(String(MAX_SLUG)), server_default=text("'{}'"))
    scope: Mapped[str | None] = mapped_column(String(20))
    # Taken as it is from an official list.
    official: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # No longer offered; what used it goes on showing it.
    deprecated_at: Mapped[datetime | None] = mapped_column(Moment)
    replaced_by_id: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (
        UniqueConstraint("taxonomy", "slug"),
        # What the replacement refers to, so that it is of the same list.
        UniqueConstraint("id", "taxonomy"),
        ForeignKeyConstraint(["replaced_by_id", "taxonomy"], ["term.id", "term.taxonomy"], ondelete="RESTRICT"),
        Index("ix_term_replaced_by_id", "replaced_by_id", postgresql_where=text("replaced_by_id is not null")),
        CheckConstraint("taxonomy ~ '^[a-z]+(_[a-z]+)*$'", name="taxonomy_form"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_form"),
        CheckConstraint("btrim(fr) <> '' and btrim(en) <> ''", name="named"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("scope in ('individuelle', 'collective')", name="scope"),
        CheckConstraint("replaced_by_id is null or deprecated_at is not null", name="replaced_when_deprecated"),
        CheckConstraint("replaced_by_id <> id", name="not_its_own_replacement"),
    )


class TermChange(Base):
    """Who changed a term, when, and what it was before. Rows are only ever added."""

    __tablename__ = "term_change"

    id: Mapped[int] = key()
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    at: Mapped[datetime] = now_column()
    # The columns that changed; nothing before a term that is new.
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
