"""Practice stories: the record, the people who write it, the register of those in it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What no code may get wrong: nothing is public of which somebody has not agreed to what it says of her, or that does
# not say what changed. Looked at when a transaction ends, with the story held, so that a publication and a refusal of
# the same moment see each other.
WHOLE = """
CREATE FUNCTION practice_case_is_whole(checked bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    story record;
BEGIN
    SELECT state, depth INTO story FROM practice_case WHERE id = checked FOR NO KEY UPDATE;
    IF NOT FOUND OR story.state NOT IN ('published', 'to_revise') THEN
        RETURN;
    END IF;
    IF story.depth <> 'trial' AND NOT EXISTS (
        SELECT FROM case_text WHERE case_id = checked AND field = 'what_changed' AND btrim(body_md) <> '') THEN
        RAISE EXCEPTION 'a published story says what changed' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM case_person
         WHERE case_id = checked AND (choice IS NULL OR (choice = 'retire' AND rewritten_at IS NULL))) THEN
        RAISE EXCEPTION 'everybody in a published story has agreed to it' USING ERRCODE = 'check_violation';
    END IF;
END
$$
"""
CHECKS = {
    "practice_case": ("AFTER INSERT OR UPDATE OF state, depth", "NEW.id"),
    "case_text": ("AFTER UPDATE OR DELETE", "OLD.case_id"),
    "case_person": ("AFTER INSERT OR UPDATE", "NEW.case_id"),
}


def upgrade() -> None:
    op.create_table(
        "browsing_version",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("singleton", name=op.f("ck_browsing_version_one_row")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_browsing_version")),
    )
    op.create_table(
        "practice_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("depth", sa.String(length=10), server_default="brief", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="draft", nullable=False),
        sa.Column("visibility", sa.String(length=10), server_default="public", nullable=False),
        sa.Column("scale_id", sa.Integer(), nullable=True),
        sa.Column("locality", sa.String(length=120), server_default="", nullable=False),
        sa.Column("began_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("progress", sa.String(length=10), nullable=True),
        sa.Column("licence", sa.String(length=20), server_default="cc-by", nullable=False),
        sa.Column("translation_offered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("contact", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("excerpt", sa.String(length=600), server_default="", nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revise_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("born_of_id", sa.BigInteger(), nullable=True),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("browsing", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_practice_case_titled")),
        sa.CheckConstraint(
            "depth <> 'trial' or source_id is not null", name=op.f("ck_practice_case_trial_of_something")
        ),
        sa.CheckConstraint("depth in ('brief', 'full', 'trial')", name=op.f("ck_practice_case_depth")),
        sa.CheckConstraint(
            "licence in ('cc-by', 'cc-by-nc-sa', 'all-rights-reserved')", name=op.f("ck_practice_case_licence")
        ),
        sa.CheckConstraint(
            "outcome in ('same', 'different', 'did-not-work', 'too-early')", name=op.f("ck_practice_case_outcome")
        ),
        sa.CheckConstraint("progress in ('ongoing', 'ended', 'stopped')", name=op.f("ck_practice_case_progress")),
        sa.CheckConstraint(
            "state in ('draft', 'review', 'published', 'to_revise', 'withdrawn')", name=op.f("ck_practice_case_state")
        ),
        sa.CheckConstraint(
            "state not in ('published', 'to_revise') or (published_at is not null and stated_at is not null)",
            name=op.f("ck_practice_case_published_whole"),
        ),
        sa.CheckConstraint("visibility in ('public', 'members')", name=op.f("ck_practice_case_visibility")),
        sa.CheckConstraint("(source_id is null) = (outcome is null)", name=op.f("ck_practice_case_trial_whole")),
        sa.CheckConstraint("(stated_at is null) = (stated_by_id is null)", name=op.f("ck_practice_case_stated_whole")),
        sa.CheckConstraint(
            "began_on is null or ended_on is null or ended_on >= began_on", name=op.f("ck_practice_case_period")
        ),
        sa.CheckConstraint("source_id <> id", name=op.f("ck_practice_case_not_its_own_source")),
        sa.ForeignKeyConstraint(
            ["born_of_id"], ["post.id"], name=op.f("fk_practice_case_born_of_id_post"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_practice_case_created_by_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["scale_id"], ["term.id"], name=op.f("fk_practice_case_scale_id_term"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["practice_case.id"],
            name=op.f("fk_practice_case_source_id_practice_case"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_practice_case_thread_id_thread"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_case")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_practice_case_thread_id")),
    )
    op.create_index(op.f("ix_practice_case_born_of_id"), "practice_case", ["born_of_id"], unique=False)
    op.create_index(
        "ix_practice_case_browsing",
        "practice_case",
        ["browsing"],
        unique=False,
        postgresql_where=sa.text("browsing > 0"),
    )
    op.create_index(op.f("ix_practice_case_created_by_id"), "practice_case", ["created_by_id"], unique=False)
    op.create_index(
        "ix_practice_case_revise_at",
        "practice_case",
        ["revise_at"],
        unique=False,
        postgresql_where=sa.text("state = 'published' and revise_at is not null"),
    )
    op.create_index(
        "ix_practice_case_source_id",
        "practice_case",
        ["source_id"],
        unique=False,
        postgresql_where=sa.text("source_id is not null"),
    )
    op.create_index(
        "uq_practice_case_request_key",
        "practice_case",
        ["created_by_id", "request_key"],
        unique=True,
        postgresql_where=sa.text("request_key is not null"),
    )
    op.create_table(
        "case_actor",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=200), server_default="", nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=True),
        sa.Column("stage_ids", sa.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_actor_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["term.id"], name=op.f("fk_case_actor_family_id_term"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["relation_id"], ["term.id"], name=op.f("fk_case_actor_relation_id_term"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("case_id", "position", name=op.f("pk_case_actor")),
    )
    op.create_index(op.f("ix_case_actor_family_id"), "case_actor", ["family_id"], unique=False)
    op.create_table(
        "case_author",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("concerned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("relation", sa.String(length=60), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('author', 'coauthor', 'reader', 'validator')", name=op.f("ck_case_author_kind")),
        sa.CheckConstraint("person_id is not null or btrim(name) <> ''", name=op.f("ck_case_author_somebody")),
        sa.CheckConstraint(
            "(token_hash is null) = (token_expires_at is null)", name=op.f("ck_case_author_token_whole")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_author_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["case_author.id"],
            name=op.f("fk_case_author_invited_by_id_case_author"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_case_author_organization_id_organization"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_case_author_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_author")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_case_author_token_hash")),
    )
    op.create_index(op.f("ix_case_author_case_id"), "case_author", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_author_person_id"), "case_author", ["person_id"], unique=False)
    op.create_index(
        "uq_case_author_person",
        "case_author",
        ["case_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("person_id is not null and left_at is null"),
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("from_state", sa.String(length=10), nullable=True),
        sa.Column("to_state", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint(
            "to_state in ('draft', 'review', 'published', 'to_revise', 'withdrawn')",
            name=op.f("ck_case_event_to_state"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_event_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_case_event_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_table(
        "case_term",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_term_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_case_term_term_id_term"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("case_id", "term_id", name=op.f("pk_case_term")),
    )
    op.create_index(op.f("ix_case_term_term_id"), "case_term", ["term_id"], unique=False)
    op.create_table(
        "case_draft",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.String(length=30), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["case_author.id"], name=op.f("fk_case_draft_author_id_case_author"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_draft_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "author_id", "section", name=op.f("pk_case_draft")),
    )
    op.create_index(op.f("ix_case_draft_author_id"), "case_draft", ["author_id"], unique=False)
    op.create_table(
        "case_person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("other_names", sa.String(length=500), server_default="", nullable=False),
        sa.Column("relation", sa.String(length=200), server_default="", nullable=False),
        sa.Column("shown_as", sa.String(length=200), server_default="", nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.String(length=10), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("text_shown", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("under_14", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("correction", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("rewritten_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "choice in ('nom-complet', 'fonction-seulement', 'nom-fictif', 'aucune-mention', 'retire')",
            name=op.f("ck_case_person_choice"),
        ),
        sa.CheckConstraint(
            "choice is distinct from 'retire' or (name = '' and other_names = '')",
            name=op.f("ck_case_person_forgotten"),
        ),
        sa.CheckConstraint(
            "choice is not distinct from 'retire' or btrim(name) <> ''", name=op.f("ck_case_person_named")
        ),
        sa.CheckConstraint(
            "choice is null or choice = 'retire' or how is not null", name=op.f("ck_case_person_choice_whole")
        ),
        sa.CheckConstraint("how in ('page', 'written', 'verbal')", name=op.f("ck_case_person_how")),
        sa.CheckConstraint(
            "not under_14 or choice is null or choice in ('aucune-mention', 'retire')",
            name=op.f("ck_case_person_children"),
        ),
        sa.CheckConstraint("(choice is null) = (decided_at is null)", name=op.f("ck_case_person_decided_whole")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["case_author.id"], name=op.f("fk_case_person_asked_by_id_case_author")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_person_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_person")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_case_person_token_hash")),
    )
    op.create_index(op.f("ix_case_person_asked_by_id"), "case_person", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_case_person_case_id"), "case_person", ["case_id"], unique=False)
    op.create_table(
        "case_presence",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.String(length=30), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["case_author.id"], name=op.f("fk_case_presence_author_id_case_author"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_presence_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "author_id", name=op.f("pk_case_presence")),
    )
    op.create_index(op.f("ix_case_presence_author_id"), "case_presence", ["author_id"], unique=False)
    op.create_table(
        "case_remark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["case_author.id"], name=op.f("fk_case_remark_author_id_case_author"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_remark_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_remark")),
    )
    op.create_index(op.f("ix_case_remark_author_id"), "case_remark", ["author_id"], unique=False)
    op.create_index(op.f("ix_case_remark_case_id"), "case_remark", ["case_id"], unique=False)
    op.create_table(
        "case_revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(length=5), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_revision_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["case_author.id"], name=op.f("fk_case_revision_replaced_by_id_case_author")
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["term.id"], name=op.f("fk_case_revision_term_id_term"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_revision")),
    )
    op.create_index("ix_case_revision_listed", "case_revision", ["case_id", sa.literal_column("id desc")], unique=False)
    op.create_table(
        "case_text",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=True),
        sa.Column("body_md", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("render_version", sa.SmallInteger(), nullable=False),
        sa.Column("direction", sa.String(length=5), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(field = 'empowerment') = (direction is not null)", name=op.f("ck_case_text_direction_of_a_component")
        ),
        sa.CheckConstraint(
            "(field in ('what_changed', 'empowerment')) = (term_id is not null)",
            name=op.f("ck_case_text_term_of_a_part"),
        ),
        sa.CheckConstraint("direction in ('up', 'down', 'mixed')", name=op.f("ck_case_text_direction")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_case_text_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_case_text_term_id_term"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["case_author.id"], name=op.f("fk_case_text_updated_by_id_case_author")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_text")),
    )
    op.create_index(op.f("ix_case_text_term_id"), "case_text", ["term_id"], unique=False)
    op.create_index(
        "uq_case_text_field",
        "case_text",
        ["case_id", "field", "term_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "register_reading",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(author_id is null) <> (person_id is null)", name=op.f("ck_register_reading_one_reader")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["case_author.id"], name=op.f("fk_register_reading_author_id_case_author")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["practice_case.id"],
            name=op.f("fk_register_reading_case_id_practice_case"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_register_reading_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_reading")),
    )
    op.create_index(op.f("ix_register_reading_case_id"), "register_reading", ["case_id"], unique=False)
    op.create_table(
        "case_quote",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["case_person.id"], name=op.f("fk_case_quote_person_id_case_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_quote")),
    )
    op.create_index(op.f("ix_case_quote_person_id"), "case_quote", ["person_id"], unique=False)
    op.create_foreign_key("fk_practice_case_stated_by", "practice_case", "case_author", ["stated_by_id"], ["id"])
    op.execute("INSERT INTO browsing_version DEFAULT VALUES")
    op.execute(WHOLE)
    for table, (when, case_id) in CHECKS.items():
        op.execute(
            f"CREATE FUNCTION {table}_keeps_story_whole() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM practice_case_is_whole({case_id}); RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_keeps_story_whole {when} ON {table} "
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {table}_keeps_story_whole()"
        )


def downgrade() -> None:
    op.drop_constraint("fk_practice_case_stated_by", "practice_case", type_="foreignkey")
    for table in (
        "case_quote",
        "register_reading",
        "case_text",
        "case_revision",
        "case_remark",
        "case_presence",
        "case_person",
        "case_draft",
        "case_term",
        "case_event",
        "case_author",
        "case_actor",
        "practice_case",
        "browsing_version",
    ):
        op.drop_table(table)
    for table in CHECKS:
        op.execute(f"DROP FUNCTION {table}_keeps_story_whole()")
    op.execute("DROP FUNCTION practice_case_is_whole(bigint)")
