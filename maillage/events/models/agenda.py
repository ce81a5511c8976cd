"""The agenda of a gathering: the points that its facilitators make of the questions that people ask for it."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base
from maillage.events.models.gathering import of_gathering


class AgendaTopic(Base):
    """A point of the agenda, under which questions are put."""

    __tablename__ = "agenda_topic"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering()
    position: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        # What a question of the same gathering refers to; its index serves to list them too.
        UniqueConstraint("gathering_id", "id"),
        CheckConstraint("btrim(title) <> ''", name="titled"),
        CheckConstraint("minutes between 1 and 1440", name="minutes"),
    )


class AgendaQuestion(Base):
    """A question for a gathering. The message that carries it in the forum says where it is talked of, who may read
    it, and whether it was removed."""

    __tablename__ = "agenda_question"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering()
    topic_id: Mapped[int | None]
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    body: Mapped[str] = mapped_column(String(300))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # A message keeps its key wherever it is moved; of a question picked in the forum, the one that opened it.
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    set_aside_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(String(1000), server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    # The message in which the forum reads the answer.
    answer_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    request_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (
        UniqueConstraint("gathering_id", "post_id"),
        ForeignKeyConstraint(
            ["gathering_id", "topic_id"],
            ["agenda_topic.gathering_id", "agenda_topic.id"],
            name="fk_agenda_question_topic",
        ),
        CheckConstraint("btrim(body) <> ''", name="said"),
        CheckConstraint("(answer = '') = (answered_at is null)", name="answered_whole"),
        Index("ix_agenda_question_topic", "gathering_id", "topic_id"),
        Index(
            "uq_agenda_question_request_key",
            "asked_by_id",
            "request_key",
            unique=True,
            postgresql_where=text("request_key is not null"),
        ),
        Index("ix_agenda_question_asked_by_id", "asked_by_id"),
    )


class AgendaVote(Base):
    """Somebody who is interested in a question too."""

    __tablename__ = "agenda_vote"

    question_id: Mapped[int] = mapped_column(ForeignKey("agenda_question.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = now_column()
