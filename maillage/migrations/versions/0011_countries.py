"""Sessions: the country where each was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("country", sa.String(length=2), nullable=True))


def downgrade() -> None:
    op.drop_column("session", "country")
