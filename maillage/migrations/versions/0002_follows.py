"""Who follows what."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "follow",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("muted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind in ('thread', 'space')", name=op.f("ck_follow_kind")),
        sa.CheckConstraint("reason in ('asked', 'started', 'replied', 'mentioned')", name=op.f("ck_follow_reason")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_follow_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
    )
    op.create_index(
        "ix_follow_target",
        "follow",
        ["kind", "target_id"],
        unique=False,
        postgresql_where=sa.text("not muted"),
    )
    op.create_index("uq_follow_person_id", "follow", ["person_id", "kind", "target_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_follow_person_id", table_name="follow")
    op.drop_index("ix_follow_target", table_name="follow", postgresql_where=sa.text("not muted"))
    op.drop_table("follow")
