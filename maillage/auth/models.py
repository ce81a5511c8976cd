"""People, the organizations they belong to, how they sign in, and what the platform lets them do."""

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
    created_at: Mapped[datetime] = now_column()


class Person(Base):
    __tablename__ = "person"

    id: Mapped[int] = key()
    handle: Mapped[str] = mapped_column(String(39), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(120, collation="C"), index=True)
    # Never shown to anyone else; not an identity: a matching address links nothing by itself.
    email: Mapped[str | None] = mapped_column(String(254))
    title: Mapped[str] = mapped_column(String(160), server_default="")
    about: Mapped[str] = mapped_column(String(2000), server_default="")
    region: Mapped[str | None] = mapped_column(String(60))
    locale: Mapped[str] = mapped_column(String(10), server_default="fr-CA")
    created_at: Mapped[datetime] = now_column()
    # Threads quiet since before this moment are not "unread" to her.
    reading_since: Mapped[datetime] = now_column()
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]*$'", name="handle_form"),)


class Membership(Base):
    """A person in an organization, for a period, in a role; `relation` is the capacity in which she speaks."""

    __tablename__ = "membership"

    id: Mapped[int] = key()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20), server_default="member")
    state: Mapped[str] = mapped_column(String(20), server_default="active")
    relation: Mapped[str | None] = mapped_column(String(60))
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


class Provider(Base):
    """An OpenID Connect provider that an organization (or, without one, the instance) signs in with."""

    __tablename__ = "provider"

    id: Mapped[int] = key()
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(120))
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(500))
    # Sealed with the instance's key (core/sealing.py); never shown again.
    client_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    enabled: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (UniqueConstraint("organization_id", "issuer", "client_id", postgresql_nulls_not_distinct=True),)


class ProviderIdentity(Base):
    """Who a provider says somebody is. The key is (issuer, subject); nothing else ever links an account."""

    __tablename__ = "identity"

    id: Mapped[int] = key()
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = now_column()
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("issuer", "subject"),)


class SignInAttempt(Base):
    """A sign-in under way: what must be remembered between the way out and the call-back, on any process."""

    __tablename__ = "sign_in_attempt"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    # The browser that set out holds the other half in a cookie; a call-back elsewhere is refused.
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"))
    nonce: Mapped[str] = mapped_column(String(100))
    code_verifier: Mapped[str] = mapped_column(String(128))
    next_path: Mapped[str] = mapped_column(String(2000), server_default="/")
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class SignInLink(Base):
    """A one-time link: hashed, single use, short-lived, used up by a POST only."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = now_column()
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Session(Base):
    """A signed-in browser. The cookie holds the token, the table its hash."""

    __tablename__ = "session"

    id: Mapped[int] = key()
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id", ondelete="SET NULL"))
    device: Mapped[str] = mapped_column(String(120), server_default="")
    created_at: Mapped[datetime] = now_column()
    # Written at most once in a while, not at every page.
    last_seen_at: Mapped[datetime] = now_column()
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
