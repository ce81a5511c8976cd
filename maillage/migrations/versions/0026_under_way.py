"""What is under way is found by an index: lists need not read all that ever began."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_occurrence_under_way", "occurrence", [sa.text("tstzrange(starts_at, ends_at)")], postgresql_using="gist"
    )


def downgrade() -> None:
    op.drop_index("ix_occurrence_under_way", table_name="occurrence")
