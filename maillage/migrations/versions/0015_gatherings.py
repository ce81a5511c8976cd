"""Gatherings: what is planned, its dates and sessions, its seats and its questions."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# A date begins with its first session and ends with its last.
SPAN = """
CREATE FUNCTION occurrence_spans_its_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    spanned bigint := coalesce(NEW.occurrence_id, OLD.occurrence_id);
BEGIN
    UPDATE occurrence
       SET (starts_at, ends_at) =
           (SELECT min(s.starts_at), max(s.ends_at) FROM event_session s WHERE s.occurrence_id = spanned)
     WHERE id = spanned;
    RETURN NULL;
END
$$
"""
SPANS = """
CREATE TRIGGER spans AFTER INSERT OR UPDATE OR DELETE ON event_session
    FOR EACH ROW EXECUTE FUNCTION occurrence_spans_its_sessions()
"""


def upgrade() -> None:
    op.create_table(
        "gathering",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="draft", nullable=False),
        sa.Column("visibility", sa.String(length=10), server_default="public", nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=True),
        sa.Column("module_id", sa.Integer(), nullable=True),
        sa.Column("summary", sa.String(length=600), server_default="", nullable=False),
        sa.Column("cost", sa.String(length=200), server_default="", nullable=False),
        sa.Column("conditions", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("registration", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("auto_hours", sa.SmallInteger(), server_default="24", nullable=False),
        sa.Column("offer_hours", sa.SmallInteger(), server_default="12", nullable=False),
        sa.Column("unnamed_hours", sa.SmallInteger(), server_default="72", nullable=False),
        sa.Column("skip_parties", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_gathering_titled")),
        sa.CheckConstraint(
            "registration in ('none', 'open', 'approval', 'invitation')", name=op.f("ck_gathering_registration")
        ),
        sa.CheckConstraint(
            "state in ('model', 'draft') or published_at is not null", name=op.f("ck_gathering_published_whole")
        ),
        sa.CheckConstraint("state in ('model', 'draft', 'published', 'cancelled')", name=op.f("ck_gathering_state")),
        sa.CheckConstraint("visibility in ('public', 'members')", name=op.f("ck_gathering_visibility")),
        sa.CheckConstraint(
            "auto_hours >= 0 and offer_hours > 0 and unnamed_hours >= 0", name=op.f("ck_gathering_hours")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_gathering_created_by_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["term.id"], name=op.f("fk_gathering_module_id_term"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_gathering_thread_id_thread"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["type_id"], ["term.id"], name=op.f("fk_gathering_type_id_term"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_gathering_thread_id")),
    )
    op.create_index(op.f("ix_gathering_created_by_id"), "gathering", ["created_by_id"], unique=False)
    op.create_index(op.f("ix_gathering_module_id"), "gathering", ["module_id"], unique=False)
    op.create_index(op.f("ix_gathering_type_id"), "gathering", ["type_id"], unique=False)
    op.create_index(
        "uq_gathering_request_key",
        "gathering",
        ["created_by_id", "request_key"],
        unique=True,
        postgresql_where=sa.text("request_key is not null"),
    )
    op.create_table(
        "event_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("help", sa.String(length=300), server_default="", nullable=False),
        sa.Column("required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sensitive", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("shown_when_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("btrim(label) <> ''", name=op.f("ck_event_question_said")),
        sa.CheckConstraint("kind in ('text', 'one', 'several', 'workshop')", name=op.f("ck_event_question_kind")),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_event_question_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_question")),
    )
    op.create_index(op.f("ix_event_question_gathering_id"), "event_question", ["gathering_id"], unique=False)
    op.create_table(
        "gathering_hand",
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role in ('organizer', 'facilitator', 'door')", name=op.f("ck_gathering_hand_role")),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_hand_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_gathering_hand_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gathering_id", "person_id", "role", name=op.f("pk_gathering_hand")),
    )
    op.create_index(op.f("ix_gathering_hand_person_id"), "gathering_hand", ["person_id"], unique=False)
    op.create_table(
        "gathering_organization",
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_organization_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_gathering_organization_organization_id_organization"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("gathering_id", "organization_id", name=op.f("pk_gathering_organization")),
    )
    op.create_index(
        op.f("ix_gathering_organization_organization_id"), "gathering_organization", ["organization_id"], unique=False
    )
    op.create_table(
        "gathering_series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_series_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering_series")),
    )
    op.create_index(op.f("ix_gathering_series_gathering_id"), "gathering_series", ["gathering_id"], unique=False)
    op.create_table(
        "gathering_term",
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_term_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["term.id"], name=op.f("fk_gathering_term_term_id_term"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("gathering_id", "term_id", name=op.f("pk_gathering_term")),
    )
    op.create_index(op.f("ix_gathering_term_term_id"), "gathering_term", ["term_id"], unique=False)
    op.create_table(
        "gathering_text",
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("body_md", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("render_version", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "field in ('description', 'before', 'after', 'notes')", name=op.f("ck_gathering_text_field")
        ),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_text_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["person.id"], name=op.f("fk_gathering_text_updated_by_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("gathering_id", "field", name=op.f("pk_gathering_text")),
    )
    op.create_table(
        "event_choice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("details", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.CheckConstraint("btrim(label) <> ''", name=op.f("ck_event_choice_said")),
        sa.CheckConstraint("seats between 0 and 20000", name=op.f("ck_event_choice_seats")),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["event_question.id"],
            name=op.f("fk_event_choice_question_id_event_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_choice")),
    )
    op.create_index(op.f("ix_event_choice_question_id"), "event_choice", ["question_id"], unique=False)
    op.create_table(
        "occurrence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.String(length=120), server_default="", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="scheduled", nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=300), server_default="", nullable=False),
        sa.Column("locality", sa.String(length=120), server_default="", nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("online_url", sa.String(length=500), server_default="", nullable=False),
        sa.Column("online_note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_seq", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("mode in ('in-person', 'online', 'hybrid')", name=op.f("ck_occurrence_mode")),
        sa.CheckConstraint("state in ('scheduled', 'postponed', 'cancelled')", name=op.f("ck_occurrence_state")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_occurrence_span")),
        sa.CheckConstraint(
            "opens_at is null or closes_at is null or closes_at > opens_at", name=op.f("ck_occurrence_window")
        ),
        sa.ForeignKeyConstraint(
            ["gathering_id"], ["gathering.id"], name=op.f("fk_occurrence_gathering_id_gathering"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["term.id"], name=op.f("fk_occurrence_region_id_term"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["gathering_series.id"],
            name=op.f("fk_occurrence_series_id_gathering_series"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("id", "zone", name=op.f("uq_occurrence_id_zone")),
    )
    op.create_index(op.f("ix_occurrence_gathering_id"), "occurrence", ["gathering_id"], unique=False)
    op.create_index(op.f("ix_occurrence_region_id"), "occurrence", ["region_id"], unique=False)
    op.create_index(op.f("ix_occurrence_series_id"), "occurrence", ["series_id"], unique=False)
    op.create_index("ix_occurrence_starts_at", "occurrence", ["starts_at", "id"], unique=False)
    op.create_table(
        "programme_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("session", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("begins", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("details", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_programme_item_titled")),
        sa.CheckConstraint("begins >= 0 and minutes > 0 and session > 0", name=op.f("ck_programme_item_when")),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_programme_item_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["event_question.id"],
            name=op.f("fk_programme_item_question_id_event_question"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_item")),
    )
    op.create_index(op.f("ix_programme_item_gathering_id"), "programme_item", ["gathering_id"], unique=False)
    op.create_index(op.f("ix_programme_item_question_id"), "programme_item", ["question_id"], unique=False)
    op.create_table(
        "event_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("local_end", sa.DateTime(), nullable=False),
        sa.Column(
            "starts_at",
            sa.DateTime(timezone=True),
            sa.Computed("local_start at time zone zone", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "ends_at",
            sa.DateTime(timezone=True),
            sa.Computed("local_end at time zone zone", persisted=True),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), server_default="", nullable=False),
        sa.Column("ical_uid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("ical_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_event_session_span")),
        sa.ForeignKeyConstraint(
            ["occurrence_id", "zone"],
            ["occurrence.id", "occurrence.zone"],
            name=op.f("fk_event_session_occurrence_id_occurrence"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_session")),
        sa.UniqueConstraint("ical_uid", name=op.f("uq_event_session_ical_uid")),
        sa.UniqueConstraint("occurrence_id", "local_start", name=op.f("uq_event_session_occurrence_id_local_start")),
    )
    op.create_table(
        "occurrence_access",
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.CheckConstraint("answer in ('yes', 'no', 'on-request')", name=op.f("ck_occurrence_access_answer")),
        sa.CheckConstraint(
            "fact in ('entrance', 'toilets', 'sign-language', 'captions', 'transport', 'childcare')",
            name=op.f("ck_occurrence_access_fact"),
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_occurrence_access_occurrence_id_occurrence"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("occurrence_id", "fact", name=op.f("pk_occurrence_access")),
    )
    op.create_table(
        "seat_pool",
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("limited", sa.Boolean(), nullable=False),
        sa.CheckConstraint("way in ('in-person', 'online')", name=op.f("ck_seat_pool_way")),
        sa.CheckConstraint("limited = (seats is not null)", name=op.f("ck_seat_pool_limited")),
        sa.CheckConstraint("seats between 0 and 20000", name=op.f("ck_seat_pool_seats")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_seat_pool_occurrence_id_occurrence"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("occurrence_id", "way", name=op.f("pk_seat_pool")),
        sa.UniqueConstraint("occurrence_id", "way", "limited", name=op.f("uq_seat_pool_occurrence_id_way_limited")),
    )
    op.create_table(
        "seat",
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id", "way"],
            ["seat_pool.occurrence_id", "seat_pool.way"],
            name=op.f("fk_seat_occurrence_id_seat_pool"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("occurrence_id", "way", "n", name=op.f("pk_seat")),
    )
    op.create_foreign_key(
        "fk_event_question_shown_when", "event_question", "event_choice", ["shown_when_id"], ["id"], ondelete="SET NULL"
    )
    op.execute(SPAN)
    op.execute(SPANS)


def downgrade() -> None:
    op.execute("DROP TRIGGER spans ON event_session")
    op.execute("DROP FUNCTION occurrence_spans_its_sessions")
    op.drop_constraint("fk_event_question_shown_when", "event_question", type_="foreignkey")
    op.drop_table("seat")
    op.drop_table("seat_pool")
    op.drop_table("occurrence_access")
    op.drop_table("event_session")
    op.drop_table("programme_item")
    op.drop_table("occurrence")
    op.drop_table("event_choice")
    op.drop_table("gathering_text")
    op.drop_table("gathering_term")
    op.drop_table("gathering_series")
    op.drop_table("gathering_organization")
    op.drop_table("gathering_hand")
    op.drop_table("event_question")
    op.drop_table("gathering")
