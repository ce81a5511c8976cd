"""People, the organizations they belong to, and what the platform lets them do."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.core.db import Base

Moment = DateTime(timezone=True)


def key() -> Mapped[int]:
    """A `bigint` key that the database numbers."""
    return mapped_column(BigInteger, Identity(), primary_key=True)


def now_column() -> Mapped[datetime]:
    return mapped_column(Moment, server_default=func.now())


class Organization(Base):
    __tablename__ = "organization"

    id: Mapped[int] = key()
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(
        String(200, collation="C"), comment="names.sort_key(name): French order without ICU"
    )
    # Taxonomy slugs; the tables that list them come with the directory.
    family: Mapped[str | None] = mapped_column(String(60))
    relation: Mapped[str | None] = mapped_column(String(60))
    region: Mapped[str | None] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(10), server_default="fr-CA")
    about: Mapped[str] = mapped_column(String(2000), server_default="")
    # What becomes of somebody whose address is in one of its domains: she is in, or she waits to be let in.
    joining: Mapped[str] = mapped_column(String(20), server_default="approval")
    created_at: Mapped[datetime] = now_column()
    # It no longer takes part: nobody signs in through it or speaks for it; what its people wrote stays.
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("joining in ('approval', 'at_once')", name="joining"),)


class OrganizationDomain(Base):
    """A domain of e-mail addresses that an organization says is its own; believed once somebody has proved it."""

    __tablename__ = "organization_domain"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True)
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    # The link sent to an address of that domain, hashed; the address itself is not kept.
    proof_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    proof_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    proved_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (
        CheckConstraint("domain = lower(domain)", name="domain_lower"),
        # Many may claim it; it belongs to one.
        Index("uq_organization_domain_proved", "domain", unique=True, postgresql_where=text("proved_at is not null")),
    )


class Person(Base):
    __tablename__ = "person"

    id: Mapped[int] = key()
    handle: Mapped[str] = mapped_column(String(39), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(120, collation="C"), index=True)
    # Never shown to anyone else; not an identity: a matching address links nothing by itself.
    email: Mapped[str | None] = mapped_column(String(254))
    # When it was shown to be hers: she used a link sent there, or a provider of the organization whose domain that is
    # says so. Only then does it receive links to sign in.
    email_proved_at: Mapped[datetime | None] = mapped_column(Moment)
    title: Mapped[str] = mapped_column(String(160), server_default="")
    about: Mapped[str] = mapped_column(String(2000), server_default="")
    region: Mapped[str | None] = mapped_column(String(60))
    locale: Mapped[str] = mapped_column(String(10), server_default="fr-CA")
    created_at: Mapped[datetime] = now_column()
    # She speaks on her own behalf, whatever she belongs to.
    own_name: Mapped[bool] = mapped_column(Boolean, server_default=false())
    # Threads quiet since before this moment are not "unread" to her.
    reading_since: Mapped[datetime] = now_column()
    # When she said that she is 14 or older and agreed to the terms, and to which version of them.
    agreed_at: Mapped[datetime | None] = mapped_column(Moment)
    agreed_to: Mapped[str | None] = mapped_column(String(20))
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]*$'", name="handle_form"),
        CheckConstraint("email_proved_at is null or email is not null", name="email_proved"),
        Index(
            "uq_person_proved_email",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("email_proved_at is not null"),
        ),
    )


class Membership(Base):
    """A person in an organization, for a period, in a role; `relation` is the capacity in which she speaks."""

    __tablename__ = "membership"

    id: Mapped[int] = key()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20), server_default="member")
    state: Mapped[str] = mapped_column(String(20), server_default="active")
    relation: Mapped[str | None] = mapped_column(String(60))
    # What she wrote when she asked to join.
    note: Mapped[str] = mapped_column(String(500), server_default="")
    # Of several, she speaks for the one that she chose last; without a choice, for the one that she joined last
    # (unless she speaks on her own behalf: `Person.own_name`).
    chosen_at: Mapped[datetime | None] = mapped_column(Moment)
    started_on: Mapped[date] = mapped_column(Date, server_default=func.current_date())
    ended_on: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        CheckConstraint("role in ('member', 'administrator')", name="role"),
        CheckConstraint("state in ('pending', 'active')", name="state"),
        CheckConstraint("ended_on is null or ended_on >= started_on", name="period"),
        Index(
            "uq_membership_current",
            "person_id",
            "organization_id",
            unique=True,
            postgresql_where=text("ended_on is null"),
        ),
    )


class PlatformRole(Base):
    """What a person may do on the whole platform; granted by people only, never by a provider."""

    __tablename__ = "platform_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    granted_at: Mapped[datetime] = now_column()
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (CheckConstraint("role in ('moderator', 'organizer', 'committee', 'admin')", name="role"),)


class Invitation(Base):
    """A letter that lets one person into an organization, once; the token is hashed."""

    __tablename__ = "invitation"

    id: Mapped[int] = key()
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(20), server_default="member")
    note: Mapped[str] = mapped_column(String(500), server_default="")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = now_column()
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("role in ('member', 'administrator')", name="role"),)


class Group(Base):
    """A group of people within an organization."""

    __tablename__ = "organization_group"

    id: Mapped[int] = key()
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(120, collation="C"))
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)
