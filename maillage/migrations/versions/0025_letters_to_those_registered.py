"""What organizers write to those who registered, once each, however often the form comes."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gathering_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("request_key", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("body", sa.String(5000), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gathering_letter"),
        sa.ForeignKeyConstraint(
            ["gathering_id"], ["gathering.id"], name="fk_gathering_letter_gathering_id_gathering", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_gathering_letter_by_id_person", ondelete="RESTRICT"),
        sa.UniqueConstraint("request_key", name="uq_gathering_letter_request_key"),
    )
    op.create_index("ix_gathering_letter_gathering_id", "gathering_letter", ["gathering_id"])


def downgrade() -> None:
    op.drop_table("gathering_letter")
