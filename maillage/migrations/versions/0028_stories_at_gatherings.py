"""Stories that people bring to gatherings, and those that come of them; « et puis? » leads to a page of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gathering_case",
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), server_default="proposed", nullable=False),
        sa.Column("came_of_it", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.String(300), server_default="", nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state in ('proposed', 'chosen', 'presented', 'came-of-it', 'set-aside')",
            name=op.f("ck_gathering_case_state"),
        ),
        sa.CheckConstraint("state <> 'came-of-it' or came_of_it", name=op.f("ck_gathering_case_came_of_it")),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_case_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["practice_case.id"], name=op.f("fk_gathering_case_case_id_practice_case"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["person.id"],
            name=op.f("fk_gathering_case_proposed_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("gathering_id", "case_id", name=op.f("pk_gathering_case")),
    )
    op.create_index(op.f("ix_gathering_case_case_id"), "gathering_case", ["case_id"])
    op.create_index(op.f("ix_gathering_case_proposed_by_id"), "gathering_case", ["proposed_by_id"])
    op.execute("UPDATE notice SET subject_kind = 'gathering_after' WHERE kind = 'and-then'")


def downgrade() -> None:
    op.execute("UPDATE notice SET subject_kind = 'gathering' WHERE subject_kind = 'gathering_after'")
    # Words for these are no longer there; what they were about goes with the table.
    op.execute("DELETE FROM notice WHERE subject_kind = 'gathering_stories'")
    op.drop_table("gathering_case")
