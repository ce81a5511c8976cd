"""Who stands at the door without being registered: let in by the same rules, with an address or a name alone."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Somebody is there, and says her name, and perhaps her address. `outcome` is "new", "let-in" (she had asked, and now
# has a seat), "in-already", "again" (that form), or why not: "full", or "queue" while others are before her. Until it
# begins those who wait come first; from then on nobody is promoted any more, and a free seat is for who is there.
_WALK_IN = """
CREATE FUNCTION event_walk_in(date_id bigint, how text, called text, address text, tongue text, form text,
                              ticket_is text, at timestamptz, who bigint, OUT outcome text, OUT registration_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
    hers registration;
    whose bigint;
    begun boolean;
    counted boolean;
    seat integer;
    freed bigint;
BEGIN
    PERFORM event_hold(ARRAY[date_id]);
    SELECT * INTO hers FROM registration WHERE request_key = form;
    IF FOUND THEN
        outcome := CASE WHEN hers.occurrence_id = date_id THEN 'again' ELSE 'somebody-elses-form' END;
        registration_id := CASE WHEN hers.occurrence_id = date_id THEN hers.id END;
        RETURN;
    END IF;
    SELECT CASE WHEN o.state = 'cancelled' OR g.state = 'cancelled' THEN 'cancelled'
                WHEN g.state <> 'published' OR g.registration = 'none' THEN 'not-open'
                WHEN o.state = 'postponed' THEN 'postponed'
                WHEN p.limited IS NULL THEN 'no-such-way' END, o.starts_at <= at, p.limited
      INTO outcome, begun, counted
      FROM occurrence o
      JOIN gathering g ON g.id = o.gathering_id
      LEFT JOIN seat_pool p ON p.occurrence_id = o.id AND p.way = how
     WHERE o.id = date_id;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT r.* INTO hers
      FROM registration r
      JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id AND p.email_proved_at IS NOT NULL AND p.closed_at IS NULL
     WHERE r.occurrence_id = date_id AND address IN (pa.email, lower(p.email))
       AND r.status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')
     ORDER BY array_position(ARRAY['confirmed', 'offered'], r.status::text), r.moving_from_id NULLS FIRST, r.id LIMIT 1;
    IF hers.status = 'confirmed' THEN
        outcome := 'in-already';
        registration_id := hers.id;
        RETURN;
    END IF;
    IF hers.status = 'offered' THEN
        seat := hers.seat_no;
    ELSIF counted THEN
        -- Offers whose time is over hold a seat until somebody looks.
        PERFORM event_end(ARRAY(SELECT id FROM registration WHERE occurrence_id = date_id AND status = 'offered'
                                   AND offer_expires_at <= at), 'expired', 'expired', at, NULL);
        IF NOT begun AND EXISTS (SELECT FROM registration WHERE occurrence_id = date_id AND way = how
                                    AND status = 'waiting' AND id IS DISTINCT FROM hers.id) THEN
            outcome := 'queue';
            RETURN;
        END IF;
        seat := (event_free_seats(date_id, how, 1))[1];
        IF seat IS NULL THEN
            outcome := 'full';
            RETURN;
        END IF;
    END IF;
    IF hers.id IS NOT NULL THEN
        registration_id := hers.id;
        outcome := 'let-in';
        IF hers.status <> 'offered' AND hers.way <> how THEN
            UPDATE registration SET way = how, limited = counted WHERE id = hers.id;
        END IF;
    ELSE
        IF address IS NOT NULL THEN
            INSERT INTO participant (email, name, locale, created_at) VALUES (address, called, tongue, at)
            ON CONFLICT DO NOTHING;
            SELECT id INTO STRICT whose FROM participant WHERE email = address;
        ELSE
            INSERT INTO participant (name, locale, created_at) VALUES (called, tongue, at) RETURNING id INTO whose;
        END IF;
        INSERT INTO registration (occurrence_id, way, limited, participant_id, named, status, ticket, request_key,
                                  created_at, changed_at)
        VALUES (date_id, how, counted, whose, called, 'unconfirmed', ticket_is, form, at, at)
        RETURNING id INTO registration_id;
        outcome := 'new';
    END IF;
    freed := event_move(registration_id, 'confirmed', 'at-door', at, who, seat, NULL);
    -- She came in by the door, past whoever waited longer.
    UPDATE registration SET seq = NULL WHERE id = registration_id;
    UPDATE occurrence SET version = version + 1 WHERE id = date_id;
    IF freed IS NOT NULL THEN
        PERFORM event_promote(ARRAY[freed], at);
    END IF;
END
$$
"""


def upgrade() -> None:
    op.drop_constraint("ck_participant_one_way", "participant")
    op.create_check_constraint(op.f("ck_participant_one_way"), "participant", "person_id is null or email is null")
    op.drop_constraint("ck_attendance_source", "attendance")
    op.create_check_constraint(
        op.f("ck_attendance_source"), "attendance", "source in ('code', 'name', 'sheet', 'spot')"
    )
    op.execute(_WALK_IN)


def downgrade() -> None:
    op.execute("DROP FUNCTION event_walk_in")
    op.execute("UPDATE attendance SET source = 'name' WHERE source = 'spot'")
    op.drop_constraint("ck_attendance_source", "attendance")
    op.create_check_constraint(op.f("ck_attendance_source"), "attendance", "source in ('code', 'name', 'sheet')")
    # Names without an address had nowhere to be: an address that nobody has keeps them.
    op.execute(
        "UPDATE participant SET email = 'personne-' || id || '@adresse.invalid'"
        " WHERE person_id IS NULL AND email IS NULL"
    )
    op.drop_constraint("ck_participant_one_way", "participant")
    op.create_check_constraint(op.f("ck_participant_one_way"), "participant", "(person_id is null) <> (email is null)")
