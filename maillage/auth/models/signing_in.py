"""How people sign in: providers, what is under way, links, sessions, and the journal of it all."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models.people import Moment, key, now_column
from maillage.core.db import Base


class Provider(Base):
    """An account service that an organization (or, without one, the instance) signs in with.

    OpenID Connect, or plain OAuth 2.0 (`kind` "oauth2"), which has no issuer: `issuer` is then a name of our own that
    no other provider has, and the three addresses and the claims to read are given by hand.
    """

    __tablename__ = "provider"

    id: Mapped[int] = key()
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20), server_default="oidc")
    label: Mapped[str] = mapped_column(String(120))
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(500))
    # Sealed with the instance's key (core/sealing.py); never shown again.
    client_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    authorization_endpoint: Mapped[str | None] = mapped_column(String(500))
    token_endpoint: Mapped[str | None] = mapped_column(String(500))
    userinfo_endpoint: Mapped[str | None] = mapped_column(String(500))
    subject_claim: Mapped[str | None] = mapped_column(String(80))
    name_claim: Mapped[str | None] = mapped_column(String(80))
    email_claim: Mapped[str | None] = mapped_column(String(80))
    # The one claim beyond who she is that is read, and only where the organization maps its groups.
    group_claim: Mapped[str | None] = mapped_column(String(80))
    enabled: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # The last time that a trial of these very settings went through; switching on asks for one.
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    # The platform has switched it off: the organization cannot switch it on before that is lifted.
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = now_column()

    __table_args__ = (
        UniqueConstraint("organization_id", "issuer", "client_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("kind in ('microsoft', 'google', 'keycloak', 'oidc', 'oauth2')", name="kind"),
        CheckConstraint(
            "kind <> 'oauth2' or (authorization_endpoint is not null and token_endpoint is not null"
            " and userinfo_endpoint is not null and subject_claim is not null)",
            name="plain_oauth",
        ),
    )


class ProviderGroup(Base):
    """A value of a provider's group claim, and the organization's own group that it stands for."""

    __tablename__ = "provider_group"

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("organization_group.id", ondelete="CASCADE"), primary_key=True)


class GroupMember(Base):
    """Somebody in a group, put there by hand (`provider_id` is null) or by what a provider says; by both, twice."""

    __tablename__ = "group_member"

    id: Mapped[int] = key()
    group_id: Mapped[int] = mapped_column(ForeignKey("organization_group.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"))

    __table_args__ = (UniqueConstraint("group_id", "person_id", "provider_id", postgresql_nulls_not_distinct=True),)


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
    # What it is for: to sign in, to try settings out, or to add this account to the person's ways in.
    purpose: Mapped[str] = mapped_column(String(20), server_default="sign_in")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)

    __table_args__ = (
        CheckConstraint("purpose in ('sign_in', 'trial', 'addition')", name="purpose"),
        CheckConstraint("purpose = 'sign_in' or person_id is not null", name="whose"),
    )


class SignInLink(Base):
    """A one-time link: hashed, single use, short-lived, used up by a POST only.

    For a person (from the command line), or for whoever reads the letters of an address: known here or not.
    """

    __tablename__ = "sign_in_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    email: Mapped[str | None] = mapped_column(String(254))
    # To sign in, or to make this the address of `person_id`.
    purpose: Mapped[str] = mapped_column(String(20), server_default="sign_in")
    # The browser that asked, by the half that it holds in a cookie: elsewhere the page says so.
    browser_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    next_path: Mapped[str] = mapped_column(String(2000), server_default="/")
    created_at: Mapped[datetime] = now_column()
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("purpose in ('sign_in', 'address')", name="purpose"),
        CheckConstraint("person_id is not null or email is not null", name="whose"),
        CheckConstraint("purpose <> 'address' or (person_id is not null and email is not null)", name="address"),
    )


class Arrival(Base):
    """Somebody who has shown who she is and has no account yet: none is made before she agrees to the terms."""

    __tablename__ = "arrival"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"))
    issuer: Mapped[str | None] = mapped_column(String(500))
    subject: Mapped[str | None] = mapped_column(String(255))
    provider_session: Mapped[str | None] = mapped_column(String(255))
    groups: Mapped[list[str] | None] = mapped_column(ARRAY(String(200)))
    name: Mapped[str] = mapped_column(String(120), server_default="")
    email: Mapped[str | None] = mapped_column(String(254))
    email_proved: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    next_path: Mapped[str] = mapped_column(String(2000), server_default="/")
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)

    __table_args__ = (
        CheckConstraint("(issuer is null) = (subject is null)", name="identity"),
        CheckConstraint("issuer is not null or (email is not null and email_proved)", name="known_by"),
    )


class Session(Base):
    """A signed-in browser. The cookie holds the token, the table its hash."""

    __tablename__ = "session"

    id: Mapped[int] = key()
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id", ondelete="SET NULL"))
    # What the provider calls its own session (`sid`): it may tell us that it has ended.
    provider_session: Mapped[str | None] = mapped_column(String(255))
    device: Mapped[str] = mapped_column(String(120), server_default="")
    # Where it was last used, no finer than this (ISO 3166); the address itself is kept nowhere.
    country: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime] = now_column()
    # Written at most once in a while, not at every page.
    last_seen_at: Mapped[datetime] = now_column()
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class SignInEvent(Base):
    """A line of an organization's sign-in journal: what happened, with the number that the person was shown."""

    __tablename__ = "sign_in_event"

    id: Mapped[int] = key()
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id", ondelete="SET NULL"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # "signed-in", "trial" or the word of what went wrong (auth/oidc/trouble.py).
    outcome: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = now_column()

    __table_args__ = (Index("ix_sign_in_event_journal", "organization_id", "id"), Index("ix_sign_in_event_at", "at"))
