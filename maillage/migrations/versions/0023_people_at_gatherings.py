"""People at gatherings: named by their organization, moving with what they said, not coming, one with their account.

Functions are changed where they differ only: `_CHANGED` has what a line was and what it becomes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_CHANGED = (
    # What she answered, chose and needs goes with her to another date of the same gathering. A choice that is full
    # there stays a wish: she asked for the date.
    (
        "event_register",
        """SELECT o.gathering_id INTO left_gathering FROM occurrence o WHERE o.id = left_date;
    END IF;""",
        """SELECT o.gathering_id INTO left_gathering FROM occurrence o WHERE o.id = left_date;
    END IF;
    IF left_gathering = gathering THEN
        UPDATE registration r SET organization_id = coalesce(org, o.organization_id), named = o.named
          FROM registration o WHERE r.id = event_register.registration_id AND o.id = leaves;
        INSERT INTO registration_choice (registration_id, choice_id, occurrence_id)
        SELECT r.id, t.choice_id, date_id FROM registration r, registration_choice t
         WHERE r.id = event_register.registration_id AND t.registration_id = leaves ON CONFLICT DO NOTHING;
        INSERT INTO registration_answer (registration_id, question_id, body)
        SELECT r.id, a.question_id, a.body FROM registration r, registration_answer a
         WHERE r.id = event_register.registration_id AND a.registration_id = leaves;
        INSERT INTO registration_needs (registration_id, access, diet, words)
        SELECT r.id, n.access, n.diet, n.words FROM registration r, registration_needs n
         WHERE r.id = event_register.registration_id AND n.registration_id = leaves;
    END IF;""",
    ),
    (
        "event_register",
        """AND c.seats IS NOT NULL LIMIT 1;
        IF FOUND THEN""",
        """AND c.seats IS NOT NULL LIMIT 1;
        IF FOUND AND left_gathering IS DISTINCT FROM gathering THEN""",
    ),
    # Pages name those who wished it: who leaves a date that is over, or off, leaves its page too.
    (
        "event_promote",
        """PERFORM event_trim(date_id);""",
        """PERFORM event_trim(date_id);
        UPDATE occurrence SET version = version + 1 WHERE id = date_id;""",
    ),
    (
        "event_promote",
        """        UPDATE occurrence SET version = version + 1 WHERE id = date_id;
    END LOOP;
END""",
        """    END LOOP;
END""",
    ),
)
_DECLINE = """
CREATE FUNCTION event_decline(date_id bigint, whose bigint, ticket_is text, at timestamptz, who bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    declined bigint;
BEGIN
    PERFORM event_hold(ARRAY[date_id]);
    IF EXISTS (SELECT FROM registration WHERE occurrence_id = date_id AND participant_id = whose
                      AND status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')) THEN
        RETURN 'in-already';
    ELSIF EXISTS (SELECT FROM registration WHERE occurrence_id = date_id AND participant_id = whose
                         AND status = 'declined') THEN
        RETURN 'done';
    ELSIF NOT EXISTS (SELECT FROM occurrence o JOIN gathering g ON g.id = o.gathering_id
                       WHERE o.id = date_id AND o.state = 'scheduled' AND o.starts_at > at
                         AND g.state = 'published' AND g.registration <> 'none') THEN
        RETURN 'over';
    END IF;
    INSERT INTO registration (occurrence_id, way, limited, participant_id, status, ticket, created_at, changed_at)
    SELECT occurrence_id, way, limited, whose, 'declined', ticket_is, at, at
      FROM seat_pool WHERE occurrence_id = date_id ORDER BY way LIMIT 1
    RETURNING id INTO declined;
    PERFORM event_told(declined, 0, NULL, 'declined', 'declined', at, who);
    RETURN 'done';
END
$$
"""
# However an account came by an address that is hers: what that address registered for becomes hers a moment later.
_PROVED = """
CREATE FUNCTION participant_has_an_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM participant WHERE email = lower(NEW.email)) THEN
        INSERT INTO pgqueuer (priority, entrypoint, payload, dedupe_key, execute_after, status)
        VALUES (0, 'participants_merge', convert_to(json_build_object('person_id', NEW.id)::text, 'UTF8'),
                'participants_merge ' || NEW.id, now(), 'queued')
        ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING;
    END IF;
    RETURN NULL;
END
$$
"""
_TRIGGER = """
CREATE TRIGGER has_an_account AFTER INSERT OR UPDATE OF email, email_proved_at ON person
    FOR EACH ROW WHEN (NEW.email_proved_at IS NOT NULL) EXECUTE FUNCTION participant_has_an_account()
"""


def _change(function: str, was: str, becomes: str) -> None:
    op.execute(
        f"""
DO $do$
DECLARE
    whole text := pg_get_functiondef('{function}'::regproc);
BEGIN
    IF strpos(whole, $was${was}$was$) = 0 THEN
        RAISE EXCEPTION '{function} is not what it should be';
    END IF;
    EXECUTE replace(whole, $was${was}$was$, $new${becomes}$new$);
END
$do$
"""
    )


def upgrade() -> None:
    op.add_column("registration", sa.Column("named", sa.String(120), server_default="", nullable=False))
    for function, was, becomes in _CHANGED:
        _change(function, was, becomes)
    for statement in (_DECLINE, _PROVED, _TRIGGER):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER has_an_account ON person")
    op.execute("DROP FUNCTION participant_has_an_account")
    op.execute("DROP FUNCTION event_decline")
    for function, was, becomes in reversed(_CHANGED):
        _change(function, becomes, was)
    op.drop_column("registration", "named")
