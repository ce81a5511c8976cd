"""Who wishes to be told when a training comes to a region."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "module_interest",
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["module_id"], ["term.id"], name=op.f("fk_module_interest_module_id_term"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["term.id"], name=op.f("fk_module_interest_region_id_term"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_module_interest_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("module_id", "region_id", "person_id", name=op.f("pk_module_interest")),
    )
    op.create_index(op.f("ix_module_interest_person_id"), "module_interest", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("module_interest")
