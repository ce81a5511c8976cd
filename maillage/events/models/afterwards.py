"""What remains of a gathering: its decisions, open questions and commitments, and what those who came say of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, SmallInteger, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import key, now_column
from maillage.core.db import Base
from maillage.events.models.gathering import of_gathering, one_of

OUTCOMES = ("decision", "question", "commitment")
THANKS_STATUSES = ("queued", "sent", "missed", "dropped")


class Outcome(Base):
    """One thing that came of a gathering. When the report is published it gets a discussion of its own."""

    __tablename__ = "gathering_outcome"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering(index=True)
    kind: Mapped[str] = mapped_column(String(12))
    body: Mapped[str] = mapped_column(String(500))
    # Who sees to it, in words: it may be a group, or somebody without an account.
    owner: Mapped[str] = mapped_column(String(160), server_default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id", ondelete="RESTRICT"), unique=True)
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (
        CheckConstraint(one_of("kind", OUTCOMES), name="kind"),
        CheckConstraint("btrim(body) <> ''", name="said"),
    )


class Thanks(Base):
    """The letter after a date to one who came: once, and no longer when it would be late."""

    __tablename__ = "thanks"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), server_default="queued")
    at: Mapped[datetime] = now_column()

    __table_args__ = (CheckConstraint(one_of("status", THANKS_STATUSES), name="status"),)


class Evaluation(Base):
    """What somebody who came says of it. Nothing here leads to who she is: that she answered is written elsewhere."""

    __tablename__ = "evaluation"

    # Random, so that not even the order says who.
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=text("gen_random_uuid()"))
    gathering_id: Mapped[int] = of_gathering(index=True)
    # From 1, not at all, to 5, very much.
    useful: Mapped[int] = mapped_column(SmallInteger)
    learned: Mapped[str] = mapped_column(String(1000), server_default="")
    change: Mapped[str] = mapped_column(String(1000), server_default="")

    __table_args__ = (CheckConstraint("useful between 1 and 5", name="useful"),)


class Evaluated(Base):
    """That somebody has answered, so that nobody answers twice; neither what nor when."""

    __tablename__ = "evaluated"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
