"""Who follows what, and who has been told what."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base


class Follow(Base):
    """A person follows one thing. `reason` says how that came about, so that a letter can tell her."""

    __tablename__ = "follow"

    id: Mapped[int] = key()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # The thing's table is on a floor above; its rows are never deleted, so a bare number is safe.
    kind: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = now_column()
    # She said no: replying again must not make her follow again.
    muted: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        CheckConstraint("kind in ('thread', 'space')", name="kind"),
        CheckConstraint("reason in ('asked', 'started', 'replied', 'mentioned')", name="reason"),
        Index("uq_follow_person_id", "person_id", "kind", "target_id", unique=True),
        Index("ix_follow_target", "kind", "target_id", postgresql_where=text("not muted")),
    )


class Notice(Base):
    """Something that a person is told once. What it is about is looked up when she reads it, as far as she still may.

    Of what happens again before she has read the first, one row stands for all, and `count` says how often.
    """

    __tablename__ = "notice"

    id: Mapped[int] = key()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # The words for each kind, and the titles of what it is about, are registered by the floor that writes it.
    kind: Mapped[str] = mapped_column(String(30))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(Integer, server_default="1")
    at: Mapped[datetime] = now_column()
    read_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index(
            "uq_notice_unread",
            "person_id",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=text("read_at is null"),
        ),
        Index("ix_notice_listed", "person_id", text("at desc"), text("id desc")),
    )
