"""Spaces, threads, posts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "space",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("purpose", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("visibility in ('public', 'members', 'closed')", name=op.f("ck_space_visibility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
        sa.UniqueConstraint("slug", name=op.f("uq_space_slug")),
    )
    op.create_table(
        "draft",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_draft_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "place", name=op.f("pk_draft")),
    )
    op.create_table(
        "space_member",
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=12), server_default="member", nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role in ('member', 'facilitator')", name=op.f("ck_space_member_role")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_space_member_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_space_member_space_id_space"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", "person_id", name=op.f("pk_space_member")),
    )
    op.create_index(op.f("ix_space_member_person_id"), "space_member", ["person_id"], unique=False)
    op.create_table(
        "thread",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("next_seq", sa.Integer(), server_default="1", nullable=False),
        sa.Column("post_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_post_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seq", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_author_id", sa.BigInteger(), nullable=True),
        sa.Column("dead", postgresql.INT4MULTIRANGE(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pinned_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("excerpt", sa.String(length=200), server_default="", nullable=False),
        sa.Column("helped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary_md", sa.Text(), nullable=True),
        sa.Column("summary_html", sa.Text(), nullable=True),
        sa.Column("summary_language", sa.String(length=10), nullable=True),
        sa.Column("summary_covers", sa.Integer(), nullable=True),
        sa.Column("summary_author_id", sa.BigInteger(), nullable=True),
        sa.Column("summary_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('question', 'eclair', 'vive', 'annonce')", name=op.f("ck_thread_kind")),
        sa.CheckConstraint("(summary_md is null) = (summary_covers is null)", name=op.f("ck_thread_summary_whole")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_thread_not_merged_into_itself")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_thread_author_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["last_author_id"],
            ["person.id"],
            name=op.f("fk_thread_last_author_id_person"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["thread.id"],
            name=op.f("fk_thread_merged_into_id_thread"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_thread_space_id_space"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["summary_author_id"],
            ["person.id"],
            name=op.f("fk_thread_summary_author_id_person"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_index(op.f("ix_thread_author_id"), "thread", ["author_id"], unique=False)
    op.create_index(
        "ix_thread_listed",
        "thread",
        ["space_id", sa.literal_column("last_post_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("post_count > 0 and merged_into_id is null"),
    )
    op.create_index(
        "ix_thread_merged_into",
        "thread",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.create_index(
        "ix_thread_pinned",
        "thread",
        ["space_id", "pinned_until"],
        unique=False,
        postgresql_where=sa.text("pinned_until is not null"),
    )
    op.create_table(
        "moderation_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["person.id"], name=op.f("fk_moderation_entry_actor_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_moderation_entry_space_id_space"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["thread.id"],
            name=op.f("fk_moderation_entry_thread_id_thread"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_entry")),
    )
    op.create_index(op.f("ix_moderation_entry_space_id"), "moderation_entry", ["space_id"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("parent_seq", sa.Integer(), nullable=True),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.String(length=60), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("body_md", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("render_version", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revisions", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("removal_reason", sa.String(length=500), nullable=True),
        sa.Column("helped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event", sa.String(length=20), nullable=True),
        sa.Column("event_data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(event is null) = (event_data is null)", name=op.f("ck_post_event_whole")),
        sa.CheckConstraint("(parent_seq is null) = (depth = 0)", name=op.f("ck_post_roots_have_no_parent")),
        sa.CheckConstraint("depth between 0 and 32", name=op.f("ck_post_depth")),
        sa.CheckConstraint("octet_length(path) = 3 * (depth + 1)", name=op.f("ck_post_path_length")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_post_author_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_post_organization_id_organization"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["person.id"], name=op.f("fk_post_removed_by_id_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id", "parent_seq"],
            ["post.thread_id", "post.seq"],
            name="fk_post_parent",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_post_thread_id_thread"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint(
            "thread_id", "path", name=op.f("uq_post_thread_id_path"), postgresql_include=["seq", "depth"]
        ),
        sa.UniqueConstraint("thread_id", "seq", name=op.f("uq_post_thread_id_seq")),
    )
    op.create_index("ix_post_author", "post", ["author_id", sa.literal_column("id desc")], unique=False)
    op.create_index(
        "uq_post_request_key",
        "post",
        ["author_id", "request_key"],
        unique=True,
        postgresql_where=sa.text("request_key is not null"),
    )
    op.create_table(
        "thread_read",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("read", postgresql.INT4MULTIRANGE(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_thread_read_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_thread_read_thread_id_thread"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "thread_id", name=op.f("pk_thread_read")),
    )
    op.create_index(op.f("ix_thread_read_thread_id"), "thread_read", ["thread_id"], unique=False)
    op.create_table(
        "mention",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mention_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_mention_post_id_post"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "person_id", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_person_id"), "mention", ["person_id"], unique=False)
    op.create_table(
        "post_alias",
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_alias_post_id_post"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_post_alias_thread_id_thread"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "seq", name=op.f("pk_post_alias")),
    )
    op.create_index(op.f("ix_post_alias_post_id"), "post_alias", ["post_id"], unique=False)
    op.create_table(
        "post_revision",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("body_md", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_revision_post_id_post"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"],
            ["person.id"],
            name=op.f("fk_post_revision_replaced_by_id_person"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("post_id", "number", name=op.f("pk_post_revision")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_report_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_report_post_id_post"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_report_settled_by_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_person_id"), "report", ["person_id"], unique=False)
    op.create_index(
        "uq_report_open",
        "report",
        ["post_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_table(
        "thread_link",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_thread_link_post_id_post"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_thread_link_thread_id_thread"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "thread_id", name=op.f("pk_thread_link")),
    )
    op.create_index(op.f("ix_thread_link_thread_id"), "thread_link", ["thread_id"], unique=False)
    # What was logged or replaced stays as it was, whatever the application does.
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% rows are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON moderation_entry
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
    op.execute("""
        CREATE TRIGGER only_added BEFORE UPDATE ON post_revision
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    op.drop_index(op.f("ix_thread_link_thread_id"), table_name="thread_link")
    op.drop_table("thread_link")
    op.drop_index("uq_report_open", table_name="report", postgresql_where=sa.text("settled_at is null"))
    op.drop_index(op.f("ix_report_person_id"), table_name="report")
    op.drop_table("report")
    op.drop_table("post_revision")
    op.drop_index(op.f("ix_post_alias_post_id"), table_name="post_alias")
    op.drop_table("post_alias")
    op.drop_index(op.f("ix_mention_person_id"), table_name="mention")
    op.drop_table("mention")
    op.drop_index(op.f("ix_thread_read_thread_id"), table_name="thread_read")
    op.drop_table("thread_read")
    op.drop_index("uq_post_request_key", table_name="post", postgresql_where=sa.text("request_key is not null"))
    op.drop_index("ix_post_author", table_name="post")
    op.drop_table("post")
    op.drop_index(op.f("ix_moderation_entry_space_id"), table_name="moderation_entry")
    op.drop_table("moderation_entry")
    op.drop_index("ix_thread_pinned", table_name="thread", postgresql_where=sa.text("pinned_until is not null"))
    op.drop_index("ix_thread_merged_into", table_name="thread", postgresql_where=sa.text("merged_into_id is not null"))
    op.drop_index(
        "ix_thread_listed",
        table_name="thread",
        postgresql_where=sa.text("post_count > 0 and merged_into_id is null"),
    )
    op.drop_index(op.f("ix_thread_author_id"), table_name="thread")
    op.drop_table("thread")
    op.drop_index(op.f("ix_space_member_person_id"), table_name="space_member")
    op.drop_table("space_member")
    op.drop_table("draft")
    op.drop_table("space")
    op.execute("DROP FUNCTION refuse_change()")
