"""The dates of a gathering, the sessions of each date, and its seats.

Times are what the clock on the wall says there, with the zone; the moments beside them are derived by the database, so
that they cannot disagree.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base
from maillage.events.models.gathering import of_gathering, one_of

DATE_STATES = ("scheduled", "postponed", "cancelled")
MODES = ("in-person", "online", "hybrid")
WAYS = ("in-person", "online")
ACCESS_FACTS = ("entrance", "toilets", "sign-language", "captions", "transport", "childcare")

Local = DateTime(timezone=False)


def of_occurrence(*, primary_key: bool = False, index: bool = False) -> Mapped[int]:
    return mapped_column(ForeignKey("occurrence.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


class Series(Base):
    """The rule by which the dates of a gathering come back, as iCalendar writes it (RRULE)."""

    __tablename__ = "gathering_series"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering(index=True)
    rule: Mapped[str] = mapped_column(String(200))


class Occurrence(Base):
    """A date that one registers for. Every change of who has a seat takes this row first."""

    __tablename__ = "occurrence"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering(index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("gathering_series.id", ondelete="SET NULL"), index=True)
    # What tells it from the others beside its date ("Groupe de Rimouski"); often nothing.
    label: Mapped[str] = mapped_column(String(120), server_default="")
    state: Mapped[str] = mapped_column(String(10), server_default="scheduled")
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    mode: Mapped[str] = mapped_column(String(10))
    # An IANA name: Québec keeps three.
    zone: Mapped[str] = mapped_column(String(40))
    # From the beginning of its first session to the end of its last, kept by a trigger.
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(String(200), server_default="")
    address: Mapped[str] = mapped_column(String(300), server_default="")
    locality: Mapped[str] = mapped_column(String(120), server_default="")
    region_id: Mapped[int | None] = mapped_column(ForeignKey("term.id", ondelete="RESTRICT"), index=True)
    # Shown to those who are confirmed, and to nobody else.
    online_url: Mapped[str] = mapped_column(String(500), server_default="")
    online_note: Mapped[str] = mapped_column(String(500), server_default="")
    opens_at: Mapped[datetime | None] = mapped_column(Moment)
    # Empty: when it starts.
    closes_at: Mapped[datetime | None] = mapped_column(Moment)
    # The next place in the queue; order never comes from a clock.
    next_seq: Mapped[int] = mapped_column(BigInteger, server_default="1")
    # Grows with every change of who comes: kept pages are keyed by it.
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")

    __table_args__ = (
        CheckConstraint(one_of("state", DATE_STATES), name="state"),
        CheckConstraint(one_of("mode", MODES), name="mode"),
        CheckConstraint("ends_at > starts_at", name="span"),
        CheckConstraint("opens_at is null or closes_at is null or closes_at > opens_at", name="window"),
        # What a session refers to, so that both are in the same zone.
        UniqueConstraint("id", "zone"),
        Index("ix_occurrence_starts_at", "starts_at", "id"),
        # What is under way at a moment.
        Index("ix_occurrence_under_way", text("tstzrange(starts_at, ends_at)"), postgresql_using="gist"),
    )


class EventSession(Base):
    """Once that people meet. In calendars it is an event of its own, known by its random number for ever."""

    __tablename__ = "event_session"

    id: Mapped[int] = key()
    occurrence_id: Mapped[int] = mapped_column(BigInteger)
    # The same as the occurrence's: the moments below cannot be derived from another table.
    zone: Mapped[str] = mapped_column(String(40))
    local_start: Mapped[datetime] = mapped_column(Local)
    local_end: Mapped[datetime] = mapped_column(Local)
    starts_at: Mapped[datetime] = mapped_column(Moment, Computed("local_start at time zone zone", persisted=True))
    ends_at: Mapped[datetime] = mapped_column(Moment, Computed("local_end at time zone zone", persisted=True))
    title: Mapped[str] = mapped_column(String(120), server_default="")
    ical_uid: Mapped[UUID] = mapped_column(Uuid, server_default=text("gen_random_uuid()"), unique=True)
    # Grows when start, end, place or state change; not for a typing error.
    ical_sequence: Mapped[int] = mapped_column(Integer, server_default="0")
    changed_at: Mapped[datetime] = now_column()

    __table_args__ = (
        ForeignKeyConstraint(
            ["occurrence_id", "zone"], ["occurrence.id", "occurrence.zone"], ondelete="CASCADE", onupdate="CASCADE"
        ),
        CheckConstraint("ends_at > starts_at", name="span"),
        # Asked at the end: two sessions may take one another's time.
        UniqueConstraint("occurrence_id", "local_start", deferrable=True, initially="DEFERRED"),
    )


class OccurrenceAccess(Base):
    """One fact about whether somebody can come in, follow and take part. Nothing said is not the same as no."""

    __tablename__ = "occurrence_access"

    occurrence_id: Mapped[int] = of_occurrence(primary_key=True)
    fact: Mapped[str] = mapped_column(String(20), primary_key=True)
    answer: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(300), server_default="")

    __table_args__ = (
        CheckConstraint(one_of("fact", ACCESS_FACTS), name="fact"),
        CheckConstraint("answer in ('yes', 'no', 'on-request')", name="answer"),
    )


class SeatPool(Base):
    """How many may come in one way, in the room or online. Without a number, all who wish."""

    __tablename__ = "seat_pool"

    occurrence_id: Mapped[int] = of_occurrence(primary_key=True)
    way: Mapped[str] = mapped_column(String(10), primary_key=True)
    seats: Mapped[int | None] = mapped_column(Integer)
    # What registrations refer to: those who come where seats are counted have one.
    limited: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        CheckConstraint(one_of("way", WAYS), name="way"),
        CheckConstraint("seats between 0 and 20000", name="seats"),
        CheckConstraint("limited = (seats is not null)", name="limited"),
        UniqueConstraint("occurrence_id", "way", "limited"),
    )


class Seat(Base):
    """One seat of a pool. There are never more registrations than rows here."""

    __tablename__ = "seat"

    occurrence_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    way: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["occurrence_id", "way"], ["seat_pool.occurrence_id", "seat_pool.way"], ondelete="CASCADE"
        ),
    )
