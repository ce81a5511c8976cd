"""Who registers, and where each registration stands.

A *participant* is somebody with an account, an address that wrote to us, or a name that was said at the door. Where a
registration stands changes through functions of the database only (`event_register` and its kin, in the migrations),
each of which takes the date first. Every change of it is a row of `registration_change`, and the letter that it calls
for is a job of the same transaction.
"""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base
from maillage.events.models.dates import of_occurrence
from maillage.events.models.gathering import of_gathering, one_of

# `unconfirmed`: an address was given and nobody has answered from it yet; it holds no place of any kind.
LIVE = ("unconfirmed", "pending", "waiting", "offered", "confirmed")
STATUSES = (*LIVE, "cancelled", "rejected", "expired", "declined")
# Who may read the name in the list of those who come.
LISTED = ("nobody", "participants", "everyone")
# How somebody was noted as there. `spot`: she had not registered, and was added at the door.
SOURCES = ("code", "name", "sheet", "spot")


class Participant(Base):
    """Somebody who registers: an account, an address of somebody who has none, or a name that was said at the door."""

    __tablename__ = "participant"

    id: Mapped[int] = key()
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), unique=True)
    # In lower case. Of an account, the account knows it.
    email: Mapped[str | None] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120), server_default="")
    locale: Mapped[str] = mapped_column(String(10), server_default="fr-CA")
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (
        CheckConstraint("person_id is null or email is null", name="one_way"),
        CheckConstraint("person_id is not null or btrim(name) <> ''", name="named"),
        CheckConstraint("email = lower(email)", name="lower_case"),
        Index("uq_participant_email", "email", unique=True, postgresql_where=text("email is not null")),
    )


class Party(Base):
    """Several who register together: all of them have a seat, or none. An organization's may be named later."""

    __tablename__ = "registration_party"

    id: Mapped[int] = key()
    occurrence_id: Mapped[int] = of_occurrence(index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="RESTRICT"), index=True)
    # Who answers for it.
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = now_column()


class Invitation(Base):
    """Somebody who is asked to come: by invitation only, or past the approval that others wait for."""

    __tablename__ = "event_invitation"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering()
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id", ondelete="CASCADE"), index=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    note: Mapped[str] = mapped_column(String(1000), server_default="")
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (UniqueConstraint("gathering_id", "participant_id"),)


class Registration(Base):
    __tablename__ = "registration"

    id: Mapped[int] = key()
    occurrence_id: Mapped[int] = mapped_column(BigInteger)
    way: Mapped[str] = mapped_column(String(10))
    # Copied from the pool, so that a seat can be demanded here.
    limited: Mapped[bool] = mapped_column(Boolean)
    # Nobody yet: a seat that an organization holds.
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id", ondelete="RESTRICT"))
    party_id: Mapped[int | None] = mapped_column(ForeignKey("registration_party.id", ondelete="RESTRICT"), index=True)
    # For whom she comes, if she says so.
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"), index=True)
    # As whoever answers for the organization wrote it, or whoever was at the door: what somebody calls herself
    # elsewhere is not hers to read.
    named: Mapped[str] = mapped_column(String(120), server_default="")
    status: Mapped[str] = mapped_column(String(12))
    seat_no: Mapped[int | None] = mapped_column(Integer)
    # Her place in the queue, given under the lock of the date.
    seq: Mapped[int | None] = mapped_column(BigInteger)
    offer_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    # The registration that this one takes the place of, kept until this one is confirmed.
    moving_from_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="RESTRICT"))
    # How many times it changed: letters and their numbers go by it.
    transition: Mapped[int] = mapped_column(Integer, server_default="0")
    listed: Mapped[str] = mapped_column(String(12), server_default="nobody")
    # What the code at the door holds.
    ticket: Mapped[str] = mapped_column(String(32), unique=True)
    request_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()

    __table_args__ = (
        ForeignKeyConstraint(
            ["occurrence_id", "way", "limited"],
            ["seat_pool.occurrence_id", "seat_pool.way", "seat_pool.limited"],
            name="fk_registration_pool",
            deferrable=True,
        ),
        ForeignKeyConstraint(
            ["occurrence_id", "way", "seat_no"],
            ["seat.occurrence_id", "seat.way", "seat.n"],
            name="fk_registration_seat",
        ),
        # Nobody sits on another's knees.
        UniqueConstraint("occurrence_id", "way", "seat_no"),
        CheckConstraint(one_of("status", STATUSES), name="status"),
        CheckConstraint(one_of("listed", LISTED), name="listed"),
        # Those who come where seats are counted have one; nobody else does.
        CheckConstraint("(limited and status in ('confirmed', 'offered')) = (seat_no is not null)", name="seated"),
        CheckConstraint("status <> 'waiting' or seq is not null", name="ranked"),
        CheckConstraint("(status = 'offered') = (offer_expires_at is not null)", name="offered"),
        CheckConstraint("participant_id is not null or party_id is not null", name="somebody"),
        CheckConstraint("moving_from_id is null or status <> 'confirmed'", name="moved"),
        CheckConstraint("moving_from_id <> id", name="not_from_itself"),
        Index(
            "uq_registration_live",
            "occurrence_id",
            "participant_id",
            unique=True,
            postgresql_where=text(
                f"{one_of('status', LIVE)} and moving_from_id is null and participant_id is not null"
            ),
        ),
        Index(
            "uq_registration_moving",
            "moving_from_id",
            unique=True,
            postgresql_where=text(f"{one_of('status', LIVE)} and moving_from_id is not null"),
        ),
        # Who would leave another date once there is a seat here.
        Index(
            "ix_registration_movers",
            "occurrence_id",
            postgresql_where=text(f"{one_of('status', LIVE)} and moving_from_id is not null"),
        ),
        Index(
            "uq_registration_queue",
            "occurrence_id",
            "way",
            "seq",
            unique=True,
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "uq_registration_request_key",
            "request_key",
            unique=True,
            postgresql_where=text("request_key is not null"),
        ),
        Index("ix_registration_participant_id", "participant_id"),
        Index("ix_registration_listed", "occurrence_id", "status", "id"),
        Index("ix_registration_offers", "offer_expires_at", postgresql_where=text("status = 'offered'")),
    )


class RegistrationChange(Base):
    """The trace of a registration: from which status to which, why, by whom. Rows are only ever added."""

    __tablename__ = "registration_change"

    id: Mapped[int] = key()
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    from_status: Mapped[str | None] = mapped_column(String(12))
    to_status: Mapped[str] = mapped_column(String(12))
    # "registered", "withdrew", "promoted" …: words for it are in the policies.
    cause: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = now_column()
    # Nobody: she did it herself without an account, or time did.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (UniqueConstraint("registration_id", "number"),)


class Answer(Base):
    """What somebody answered in her own words."""

    __tablename__ = "registration_answer"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[int] = mapped_column(
        ForeignKey("event_question.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    body: Mapped[str] = mapped_column(String(2000))


class ChoiceTaken(Base):
    """What somebody chose. Of a choice with so many places she has one, or none yet and it is a wish."""

    __tablename__ = "registration_choice"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    choice_id: Mapped[int] = mapped_column(
        ForeignKey("event_choice.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    occurrence_id: Mapped[int] = of_occurrence()
    place_no: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = (UniqueConstraint("occurrence_id", "choice_id", "place_no"),)


class Needs(Base):
    """What somebody needs to take part, and to eat. Seen by those who organize; erased 30 days after."""

    __tablename__ = "registration_needs"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    access: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default=text("'{}'"))
    diet: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default=text("'{}'"))
    words: Mapped[str] = mapped_column(String(1000), server_default="")


class ReminderRule(Base):
    """So many hours before a date, those who come are reminded."""

    __tablename__ = "reminder_rule"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering()
    hours: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        UniqueConstraint("gathering_id", "hours"),
        CheckConstraint("hours between 1 and 2000", name="hours"),
    )


class Reminder(Base):
    """One reminder to one person of one start: never twice, and none that has become wrong."""

    __tablename__ = "reminder"

    id: Mapped[int] = key()
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[str] = mapped_column(String(10), server_default="queued")
    at: Mapped[datetime] = now_column()

    __table_args__ = (
        UniqueConstraint("rule_id", "registration_id", "starts_at"),
        CheckConstraint("status in ('queued', 'sent', 'missed', 'dropped')", name="status"),
    )


class Attendance(Base):
    """Somebody was there. However many times her code was read, it is one arrival."""

    __tablename__ = "attendance"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int] = mapped_column(
        ForeignKey("event_session.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    # As the device at the door has it; it may have been off line.
    at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = now_column()
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    source: Mapped[str] = mapped_column(String(10))

    __table_args__ = (CheckConstraint(one_of("source", SOURCES), name="source"),)


class Scan(Base):
    """One reading of a code, by the number that the device gave it: sent again, it is the same one."""

    __tablename__ = "scan"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("event_session.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    # "arrived", "again", "not-confirmed", "other-date", "unknown".
    outcome: Mapped[str] = mapped_column(String(15))
    at: Mapped[datetime] = mapped_column(Moment)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class CalendarFeed(Base):
    """Somebody's own calendar, behind an address that only she knows and can change."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = now_column()
