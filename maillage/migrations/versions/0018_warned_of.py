"""The end of a consent is said beforehand: for which end its authors have been told."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_person", sa.Column("warned_of", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("case_person", "warned_of")
