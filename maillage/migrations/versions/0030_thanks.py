"""Those who came are thanked once, and asked what they thought of it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thanks",
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(10), server_default="queued", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name="pk_thanks"),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name="fk_thanks_registration_id_registration", ondelete="CASCADE"
        ),
        sa.CheckConstraint("status in ('queued', 'sent', 'missed', 'dropped')", name="ck_thanks_status"),
    )


def downgrade() -> None:
    op.drop_table("thanks")
