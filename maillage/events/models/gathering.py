"""A gathering, those who look after it, its questions and its programme.

One registers for an *occurrence*, a date. It has one session, or several when the same people meet again (a training in
three parts); a series by rule is many occurrences.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base

# A model is a gathering that only serves to make others.
STATES = ("model", "draft", "published", "cancelled")
REGISTRATIONS = ("none", "open", "approval", "invitation")
ROLES = ("organizer", "facilitator", "door")
QUESTION_KINDS = ("text", "one", "several", "workshop")


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def of_gathering(*, primary_key: bool = False, index: bool = False) -> Mapped[int]:
    return mapped_column(ForeignKey("gathering.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


class Gathering(Base):
    __tablename__ = "gathering"

    id: Mapped[int] = key()
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), server_default="draft")
    visibility: Mapped[str] = mapped_column(String(10), server_default="public")
    type_id: Mapped[int | None] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), index=True)
    # The training that it gives once more: a term of the list of modules.
    module_id: Mapped[int | None] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), index=True)
    # For lists, feeds and links elsewhere, as plain text.
    summary: Mapped[str] = mapped_column(String(600), server_default="")
    # Empty: free of charge.
    cost: Mapped[str] = mapped_column(String(200), server_default="")
    # What one agrees to in registering ("what is said here stays here"); empty, nothing in particular.
    conditions: Mapped[str] = mapped_column(String(1000), server_default="")
    registration: Mapped[str] = mapped_column(String(10), server_default="open")
    # Until so many hours before the start a freed seat is given at once; after that it is offered.
    auto_hours: Mapped[int] = mapped_column(SmallInteger, server_default="24")
    # How long an offer holds a seat.
    offer_hours: Mapped[int] = mapped_column(SmallInteger, server_default="12")
    # Seats that an organization holds and has named nobody for go back to the queue so many hours before.
    unnamed_hours: Mapped[int] = mapped_column(SmallInteger, server_default="72")
    # Whether those behind a group that does not fit may pass it.
    skip_parties: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    # Why it was cancelled, for those who find it so.
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    # When its report was published; once asked for, the organizers are not asked again.
    reported_at: Mapped[datetime | None] = mapped_column(Moment)
    report_asked_at: Mapped[datetime | None] = mapped_column(Moment)
    # When those who came were asked what became of it.
    followed_up_at: Mapped[datetime | None] = mapped_column(Moment)
    # Its discussion in the forum: questions before, exchanges after.
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("thread.id", ondelete="RESTRICT"), unique=True)
    # When its agenda was published; a form says which number of it it has seen.
    agenda_at: Mapped[datetime | None] = mapped_column(Moment)
    agenda_revision: Mapped[int] = mapped_column(Integer, server_default="0")
    request_key: Mapped[str | None] = mapped_column(String(64))
    # Grows with every change that its page could show: kept pages and the ETag are keyed by it.
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")

    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("registration", REGISTRATIONS), name="registration"),
        CheckConstraint("visibility in ('public', 'members')", name="visibility"),
        CheckConstraint("btrim(title) <> ''", name="titled"),
        CheckConstraint("auto_hours >= 0 and offer_hours > 0 and unnamed_hours >= 0", name="hours"),
        CheckConstraint("state in ('model', 'draft') or published_at is not null", name="published_whole"),
        Index(
            "uq_gathering_request_key",
            "created_by_id",
            "request_key",
            unique=True,
            postgresql_where=text("request_key is not null"),
        ),
    )


class GatheringText(Base):
    """The words of a gathering: its description, what to read before and after, the notes taken there, and what its
    organizers will do otherwise after what was said of it."""

    __tablename__ = "gathering_text"

    gathering_id: Mapped[int] = of_gathering(primary_key=True)
    field: Mapped[str] = mapped_column(String(20), primary_key=True)
    body_md: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    render_version: Mapped[int] = mapped_column(SmallInteger)
    # A form says which number it has seen, so that nobody writes over anybody.
    revision: Mapped[int] = mapped_column(Integer, server_default="0")
    updated_at: Mapped[datetime] = now_column()
    updated_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))

    __table_args__ = (CheckConstraint("field in ('description', 'before', 'after', 'notes', 'changes')", name="field"),)


class GatheringTerm(Base):
    """What a gathering is found by: stages, competencies, themes."""

    __tablename__ = "gathering_term"

    gathering_id: Mapped[int] = of_gathering(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), primary_key=True, index=True)


class GatheringOrganization(Base):
    """The bodies that organize it, in the order in which they are named."""

    __tablename__ = "gathering_organization"

    gathering_id: Mapped[int] = of_gathering(primary_key=True)
    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(SmallInteger)


class GatheringHand(Base):
    """Who looks after a gathering: organizes it, is named as its facilitator, or only receives people at the door."""

    __tablename__ = "gathering_hand"

    gathering_id: Mapped[int] = of_gathering(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(12), primary_key=True)
    added_at: Mapped[datetime] = now_column()

    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)


class Question(Base):
    """What the organizers ask of those who register. A block of the programme in which one chooses is one of them."""

    __tablename__ = "event_question"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering(index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(10))
    label: Mapped[str] = mapped_column(String(300))
    help: Mapped[str] = mapped_column(String(300), server_default="")
    required: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # Meals, access, health: few people see the answers, and they are erased 30 days after.
    sensitive: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # Asked only of those who chose this.
    shown_when_id: Mapped[int | None] = mapped_column(
        ForeignKey("event_choice.id", ondelete="SET NULL", use_alter=True, name="fk_event_question_shown_when")
    )

    __table_args__ = (
        CheckConstraint(one_of("kind", QUESTION_KINDS), name="kind"),
        CheckConstraint("btrim(label) <> ''", name="said"),
    )


class Choice(Base):
    """One of the answers to choose from: a meal, a workshop. With `seats`, only so many may have it on each date."""

    __tablename__ = "event_choice"

    id: Mapped[int] = key()
    question_id: Mapped[int] = mapped_column(ForeignKey("event_question.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    label: Mapped[str] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(String(1000), server_default="")
    seats: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = (
        CheckConstraint("seats between 0 and 20000", name="seats"),
        CheckConstraint("btrim(label) <> ''", name="said"),
    )


class ProgrammeItem(Base):
    """A line of the programme. One that refers to a question is the block in which its workshops take place."""

    __tablename__ = "programme_item"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    gathering_id: Mapped[int] = of_gathering(index=True)
    # Which of its sessions, from 1.
    session: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    # Minutes after the beginning of the session, so that a later date keeps its programme.
    begins: Mapped[int] = mapped_column(SmallInteger)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(String(1000), server_default="")
    question_id: Mapped[int | None] = mapped_column(ForeignKey("event_question.id", ondelete="SET NULL"), index=True)

    __table_args__ = (
        CheckConstraint("begins >= 0 and minutes > 0 and session > 0", name="when"),
        CheckConstraint("btrim(title) <> ''", name="titled"),
    )
