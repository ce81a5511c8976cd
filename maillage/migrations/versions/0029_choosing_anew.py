"""Choosing anew: somebody who is registered changes what she chose, under the lock of the date."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# These choices from now on, and no others. What she had and still wants stays hers; one that she adds and that is full
# is a refusal, which undoes the rest. What stayed a wish may stay one.
_CHOOSE = """
CREATE FUNCTION event_choose(chooser bigint, chosen bigint[], at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one record;
    had bigint[];
    full_choice bigint;
BEGIN
    SELECT occurrence_id INTO one FROM registration WHERE id = chooser;
    IF NOT FOUND THEN
        RETURN 'absent';
    END IF;
    PERFORM event_hold(ARRAY[one.occurrence_id]);
    SELECT r.occurrence_id, r.status, o.state, o.starts_at INTO one
      FROM registration r JOIN occurrence o ON o.id = r.occurrence_id WHERE r.id = chooser;
    IF one.status NOT IN ('pending', 'waiting', 'offered', 'confirmed') THEN
        RETURN 'ended';
    ELSIF one.state <> 'postponed' AND one.starts_at <= at THEN
        RETURN 'begun';
    END IF;
    DELETE FROM registration_choice WHERE registration_id = chooser AND choice_id <> ALL (chosen);
    had := ARRAY(SELECT choice_id FROM registration_choice WHERE registration_id = chooser);
    INSERT INTO registration_choice (registration_id, choice_id, occurrence_id)
    SELECT chooser, c.id, one.occurrence_id FROM unnest(chosen) AS c(id) ON CONFLICT DO NOTHING;
    IF one.status = 'confirmed' THEN
        PERFORM event_take_choices(chooser);
        SELECT t.choice_id INTO full_choice
          FROM registration_choice t JOIN event_choice c ON c.id = t.choice_id
         WHERE t.registration_id = chooser AND t.place_no IS NULL AND c.seats IS NOT NULL
           AND t.choice_id <> ALL (had) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'this choice is full' USING ERRCODE = 'MA001', DETAIL = full_choice::text;
        END IF;
    END IF;
    UPDATE occurrence SET version = version + 1 WHERE id = one.occurrence_id;
    RETURN 'done';
END
$$
"""


def upgrade() -> None:
    op.execute(_CHOOSE)


def downgrade() -> None:
    op.execute("DROP FUNCTION event_choose")
