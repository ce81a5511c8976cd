"""What remains of a gathering: its report, what came of it, and what people say of it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_FIELDS = "field in ('description', 'before', 'after', 'notes'{more})"


def upgrade() -> None:
    for name in ("reported_at", "report_asked_at", "followed_up_at"):
        op.add_column("gathering", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_gathering_text_field"), "gathering_text", type_="check")
    op.create_check_constraint(op.f("ck_gathering_text_field"), "gathering_text", _FIELDS.format(more=", 'changes'"))
    op.create_table(
        "gathering_outcome",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("body", sa.String(length=500), nullable=False),
        sa.Column("owner", sa.String(length=160), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(body) <> ''", name=op.f("ck_gathering_outcome_said")),
        sa.CheckConstraint("kind in ('decision', 'question', 'commitment')", name=op.f("ck_gathering_outcome_kind")),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_outcome_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_gathering_outcome_thread_id_thread"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering_outcome")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_gathering_outcome_thread_id")),
    )
    op.create_index(op.f("ix_gathering_outcome_gathering_id"), "gathering_outcome", ["gathering_id"], unique=False)
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("useful", sa.SmallInteger(), nullable=False),
        sa.Column("learned", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("change", sa.String(length=1000), server_default="", nullable=False),
        sa.CheckConstraint("useful between 1 and 5", name=op.f("ck_evaluation_useful")),
        sa.ForeignKeyConstraint(
            ["gathering_id"], ["gathering.id"], name=op.f("fk_evaluation_gathering_id_gathering"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
    )
    op.create_index(op.f("ix_evaluation_gathering_id"), "evaluation", ["gathering_id"], unique=False)
    op.create_table(
        "evaluated",
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_evaluated_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_evaluated")),
    )


def downgrade() -> None:
    op.drop_table("evaluated")
    op.drop_table("evaluation")
    op.drop_table("gathering_outcome")
    op.execute("DELETE FROM gathering_text WHERE field = 'changes'")
    op.drop_constraint(op.f("ck_gathering_text_field"), "gathering_text", type_="check")
    op.create_check_constraint(op.f("ck_gathering_text_field"), "gathering_text", _FIELDS.format(more=""))
    for name in ("followed_up_at", "report_asked_at", "reported_at"):
        op.drop_column("gathering", name)
