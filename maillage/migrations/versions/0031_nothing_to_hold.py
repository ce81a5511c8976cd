"""Holding no date at all is nothing to do: `event_hold` looked for the dates that it reaches without an end."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_HOLD = """
CREATE OR REPLACE FUNCTION event_hold(given bigint[]) RETURNS void LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
    held bigint[] := event_reach({given});
    concerned bigint[];
BEGIN
    {nothing}
    PERFORM FROM occurrence WHERE id = ANY (held) ORDER BY id FOR NO KEY UPDATE;
    LOOP
        concerned := event_reach({given});
        EXIT WHEN concerned <@ held;
        PERFORM FROM occurrence WHERE id = ANY (concerned) AND id <> ALL (held) ORDER BY id FOR NO KEY UPDATE NOWAIT;
        held := held || concerned;
    END LOOP;
END
$$
"""


def upgrade() -> None:
    # Of no date, and of one that nobody knows, nothing is reached.
    nothing = "IF held IS NULL THEN RETURN; END IF;"
    op.execute(_HOLD.format(given="array_remove(given, NULL)", nothing=nothing))


def downgrade() -> None:
    op.execute(_HOLD.format(given="given", nothing=""))
