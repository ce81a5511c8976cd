"""Logs and earlier versions stay as they were, but for a name that somebody has the right to have taken out."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {exception}RAISE EXCEPTION '% rows are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
# Said for one transaction, by the one command that takes names out.
TAKING_OUT = """IF TG_OP = 'UPDATE' AND current_setting('maillage.taking_out', true) = 'on' THEN
        RETURN NEW;
    END IF;
    """


def upgrade() -> None:
    op.execute(REFUSE.format(exception=TAKING_OUT))


def downgrade() -> None:
    op.execute(REFUSE.format(exception=""))
