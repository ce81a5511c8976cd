"""Registrations: who comes, who waits, and the trace of it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("locale", sa.String(length=10), server_default="fr-CA", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("person_id is not null or btrim(name) <> ''", name=op.f("ck_participant_named")),
        sa.CheckConstraint("(person_id is null) <> (email is null)", name=op.f("ck_participant_one_way")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_participant_lower_case")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_participant_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint("person_id", name=op.f("uq_participant_person_id")),
    )
    op.create_index(
        "uq_participant_email", "participant", ["email"], unique=True, postgresql_where=sa.text("email is not null")
    )
    op.create_table(
        "event_invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_event_invitation_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["person.id"], name=op.f("fk_event_invitation_invited_by_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_event_invitation_participant_id_participant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_invitation")),
        sa.UniqueConstraint(
            "gathering_id", "participant_id", name=op.f("uq_event_invitation_gathering_id_participant_id")
        ),
    )
    op.create_index(op.f("ix_event_invitation_participant_id"), "event_invitation", ["participant_id"], unique=False)
    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("hours between 1 and 2000", name=op.f("ck_reminder_rule_hours")),
        sa.ForeignKeyConstraint(
            ["gathering_id"], ["gathering.id"], name=op.f("fk_reminder_rule_gathering_id_gathering"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint("gathering_id", "hours", name=op.f("uq_reminder_rule_gathering_id_hours")),
    )
    op.create_table(
        "registration_party",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_registration_party_by_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_registration_party_occurrence_id_occurrence"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_registration_party_organization_id_organization"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_party")),
    )
    op.create_index(op.f("ix_registration_party_by_id"), "registration_party", ["by_id"], unique=False)
    op.create_index(op.f("ix_registration_party_occurrence_id"), "registration_party", ["occurrence_id"], unique=False)
    op.create_index(
        op.f("ix_registration_party_organization_id"), "registration_party", ["organization_id"], unique=False
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("limited", sa.Boolean(), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("seat_no", sa.Integer(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moving_from_id", sa.BigInteger(), nullable=True),
        sa.Column("transition", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listed", sa.String(length=12), server_default="nobody", nullable=False),
        sa.Column("ticket", sa.String(length=32), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(limited and status in ('confirmed', 'offered')) = (seat_no is not null)",
            name=op.f("ck_registration_seated"),
        ),
        sa.CheckConstraint(
            "(status = 'offered') = (offer_expires_at is not null)", name=op.f("ck_registration_offered")
        ),
        sa.CheckConstraint("listed in ('nobody', 'participants', 'everyone')", name=op.f("ck_registration_listed")),
        sa.CheckConstraint("moving_from_id is null or status <> 'confirmed'", name=op.f("ck_registration_moved")),
        sa.CheckConstraint("status <> 'waiting' or seq is not null", name=op.f("ck_registration_ranked")),
        sa.CheckConstraint(
            "status in ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed', 'cancelled', 'rejected', "
            "'expired', 'declined')",
            name=op.f("ck_registration_status"),
        ),
        sa.CheckConstraint("moving_from_id <> id", name=op.f("ck_registration_not_from_itself")),
        sa.CheckConstraint("participant_id is not null or party_id is not null", name=op.f("ck_registration_somebody")),
        sa.ForeignKeyConstraint(
            ["moving_from_id"],
            ["registration.id"],
            name=op.f("fk_registration_moving_from_id_registration"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id", "way", "limited"],
            ["seat_pool.occurrence_id", "seat_pool.way", "seat_pool.limited"],
            name="fk_registration_pool",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id", "way", "seat_no"],
            ["seat.occurrence_id", "seat.way", "seat.n"],
            name="fk_registration_seat",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_registration_organization_id_organization"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_registration_participant_id_participant"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["registration_party.id"],
            name=op.f("fk_registration_party_id_registration_party"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("occurrence_id", "way", "seat_no", name=op.f("uq_registration_occurrence_id_way_seat_no")),
        sa.UniqueConstraint("ticket", name=op.f("uq_registration_ticket")),
    )
    op.create_index("ix_registration_listed", "registration", ["occurrence_id", "status", "id"], unique=False)
    op.create_index(
        "ix_registration_movers",
        "registration",
        ["occurrence_id"],
        unique=False,
        postgresql_where=sa.text(
            "status in ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed') and moving_from_id is not null"
        ),
    )
    op.create_index(
        "ix_registration_offers",
        "registration",
        ["offer_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index(op.f("ix_registration_organization_id"), "registration", ["organization_id"], unique=False)
    op.create_index("ix_registration_participant_id", "registration", ["participant_id"], unique=False)
    op.create_index(op.f("ix_registration_party_id"), "registration", ["party_id"], unique=False)
    op.create_index(
        "uq_registration_live",
        "registration",
        ["occurrence_id", "participant_id"],
        unique=True,
        postgresql_where=sa.text(
            "status in ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed') and moving_from_id is null "
            "and participant_id is not null"
        ),
    )
    op.create_index(
        "uq_registration_moving",
        "registration",
        ["moving_from_id"],
        unique=True,
        postgresql_where=sa.text(
            "status in ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed') and moving_from_id is not null"
        ),
    )
    op.create_index(
        "uq_registration_queue",
        "registration",
        ["occurrence_id", "way", "seq"],
        unique=True,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "uq_registration_request_key",
        "registration",
        ["request_key"],
        unique=True,
        postgresql_where=sa.text("request_key is not null"),
    )
    op.create_table(
        "attendance",
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.CheckConstraint("source in ('code', 'name', 'sheet')", name=op.f("ck_attendance_source")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_attendance_by_id_person"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_attendance_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["event_session.id"],
            name=op.f("fk_attendance_session_id_event_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "session_id", name=op.f("pk_attendance")),
    )
    op.create_index(op.f("ix_attendance_session_id"), "attendance", ["session_id"], unique=False)
    op.create_table(
        "registration_answer",
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["event_question.id"],
            name=op.f("fk_registration_answer_question_id_event_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_answer_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "question_id", name=op.f("pk_registration_answer")),
    )
    op.create_index(op.f("ix_registration_answer_question_id"), "registration_answer", ["question_id"], unique=False)
    op.create_table(
        "registration_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_status", sa.String(length=12), nullable=True),
        sa.Column("to_status", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_registration_change_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_change_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_change")),
        sa.UniqueConstraint("registration_id", "number", name=op.f("uq_registration_change_registration_id_number")),
    )
    op.create_table(
        "registration_choice",
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("choice_id", sa.BigInteger(), nullable=False),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("place_no", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["choice_id"],
            ["event_choice.id"],
            name=op.f("fk_registration_choice_choice_id_event_choice"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_registration_choice_occurrence_id_occurrence"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_choice_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "choice_id", name=op.f("pk_registration_choice")),
        sa.UniqueConstraint(
            "occurrence_id",
            "choice_id",
            "place_no",
            name=op.f("uq_registration_choice_occurrence_id_choice_id_place_no"),
        ),
    )
    op.create_index(op.f("ix_registration_choice_choice_id"), "registration_choice", ["choice_id"], unique=False)
    op.create_table(
        "registration_needs",
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("access", sa.ARRAY(sa.String(length=20)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("diet", sa.ARRAY(sa.String(length=20)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("words", sa.String(length=1000), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_needs_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_registration_needs")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="queued", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status in ('queued', 'sent', 'missed', 'dropped')", name=op.f("ck_reminder_status")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_reminder_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["reminder_rule.id"], name=op.f("fk_reminder_rule_id_reminder_rule"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "rule_id", "registration_id", "starts_at", name=op.f("uq_reminder_rule_id_registration_id_starts_at")
        ),
    )
    op.create_index(op.f("ix_reminder_registration_id"), "reminder", ["registration_id"], unique=False)
    op.create_table(
        "scan",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=15), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_scan_by_id_person"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_scan_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["event_session.id"], name=op.f("fk_scan_session_id_event_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_scan")),
    )
    op.create_index(op.f("ix_scan_registration_id"), "scan", ["registration_id"], unique=False)
    op.create_index(op.f("ix_scan_session_id"), "scan", ["session_id"], unique=False)


def downgrade() -> None:
    op.drop_table("scan")
    op.drop_table("reminder")
    op.drop_table("registration_needs")
    op.drop_table("registration_choice")
    op.drop_table("registration_change")
    op.drop_table("registration_answer")
    op.drop_table("attendance")
    op.drop_table("registration")
    op.drop_table("registration_party")
    op.drop_table("reminder_rule")
    op.drop_table("event_invitation")
    op.drop_table("participant")
    op.drop_table("calendar_feed")
