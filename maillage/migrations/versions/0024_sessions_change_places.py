"""That no two sessions of a date begin together is asked at the end: two may take one another's time."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_NAME = "uq_event_session_occurrence_id_local_start"
_COLUMNS = ["occurrence_id", "local_start"]


def upgrade() -> None:
    op.drop_constraint(_NAME, "event_session", type_="unique")
    op.create_unique_constraint(_NAME, "event_session", _COLUMNS, deferrable=True, initially="DEFERRED")


def downgrade() -> None:
    op.drop_constraint(_NAME, "event_session", type_="unique")
    op.create_unique_constraint(_NAME, "event_session", _COLUMNS)
