"""Who has a seat: the functions that alone move a registration, and what no code may get wrong.

Each of them takes the date first (`event_hold`), reads what there is after that, counts rather than keeps counters,
gives freed seats to those who wait before it ends, and writes a row and a job for every change. Run them in
READ COMMITTED: each of their statements then sees what was committed before the lock was given.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FUNCTIONS = {
    # Those dates that somebody would leave for one of these.
    "event_reach(given bigint[])": """
CREATE FUNCTION event_reach(given bigint[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE reach(id) AS (
        SELECT unnest(given)
        UNION
        SELECT left_for.occurrence_id
          FROM reach
          JOIN registration wish ON wish.occurrence_id = reach.id AND wish.moving_from_id IS NOT NULL
               AND wish.status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')
          JOIN registration left_for ON left_for.id = wish.moving_from_id
    )
    SELECT array_agg(id ORDER BY id) FROM reach
$$
""",
    # The lock that every path takes first, in the order of the numbers, so that nobody waits in a circle. Dates that
    # come to be concerned while we waited are taken without waiting, or the whole is tried again by the caller.
    "event_hold(given bigint[])": """
CREATE FUNCTION event_hold(given bigint[]) RETURNS void LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
    held bigint[] := event_reach(given);
    concerned bigint[];
BEGIN
    PERFORM FROM occurrence WHERE id = ANY (held) ORDER BY id FOR NO KEY UPDATE;
    LOOP
        concerned := event_reach(given);
        EXIT WHEN concerned <@ held;
        PERFORM FROM occurrence WHERE id = ANY (concerned) AND id <> ALL (held) ORDER BY id FOR NO KEY UPDATE NOWAIT;
        held := held || concerned;
    END LOOP;
END
$$
""",
    # The trace of a change, and the letter that it calls for.
    "event_told(moved bigint, at_transition integer, was text, onto text, why text, at timestamptz, who bigint)": """
CREATE FUNCTION event_told(moved bigint, at_transition integer, was text, onto text, why text, at timestamptz,
                           who bigint) RETURNS void LANGUAGE sql AS $$
    WITH change AS (
        INSERT INTO registration_change (registration_id, number, from_status, to_status, cause, at, by_id)
        VALUES (moved, at_transition, was, onto, why, at, who) RETURNING id
    )
    INSERT INTO pgqueuer (priority, entrypoint, payload, dedupe_key, execute_after, status)
    SELECT 0, 'registration_letter', convert_to(json_build_object('change_id', id)::text, 'UTF8'),
           'registration_letter ' || id, now(), 'queued' FROM change
$$
""",
    # Places of limited choices, as far as there are any left. A wish that could not be kept stays a wish.
    "event_take_choices(taker bigint)": """
CREATE FUNCTION event_take_choices(taker bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    wish record;
    place integer;
    missing bigint;
BEGIN
    FOR wish IN
        SELECT t.choice_id, t.occurrence_id, c.seats
          FROM registration_choice t JOIN event_choice c ON c.id = t.choice_id
         WHERE t.registration_id = taker AND t.place_no IS NULL AND c.seats IS NOT NULL
         ORDER BY t.choice_id
    LOOP
        SELECT n INTO place FROM generate_series(1, wish.seats) n
         WHERE NOT EXISTS (SELECT FROM registration_choice o WHERE o.occurrence_id = wish.occurrence_id
                                  AND o.choice_id = wish.choice_id AND o.place_no = n)
         ORDER BY n LIMIT 1;
        IF FOUND THEN
            UPDATE registration_choice SET place_no = place WHERE registration_id = taker
               AND choice_id = wish.choice_id;
        ELSE
            missing := coalesce(missing, wish.choice_id);
        END IF;
    END LOOP;
    RETURN missing;
END
$$
""",
    # Moves one registration. Returns the date on which somebody else may have a seat now because of it, if one may.
    "event_move(moved bigint, onto text, why text, at timestamptz, who bigint, seat integer, until timestamptz)": """
CREATE FUNCTION event_move(moved bigint, onto text, why text, at timestamptz, who bigint, seat integer,
                           until timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before record;
    freed bigint;
BEGIN
    SELECT occurrence_id, status, moving_from_id, transition INTO STRICT before FROM registration WHERE id = moved;
    -- Before she has the new one, so that she never has two.
    IF onto = 'confirmed' AND before.moving_from_id IS NOT NULL THEN
        freed := event_move(before.moving_from_id, 'cancelled', 'moved', at, who, NULL, NULL);
    END IF;
    UPDATE registration
       SET status = onto, seat_no = seat, offer_expires_at = until, transition = transition + 1, changed_at = at
     WHERE id = moved;
    PERFORM event_told(moved, before.transition + 1, before.status, onto, why, at, who);
    IF onto = 'confirmed' THEN
        PERFORM event_take_choices(moved);
    ELSIF onto IN ('cancelled', 'rejected', 'expired', 'declined') THEN
        UPDATE registration_choice SET place_no = NULL WHERE registration_id = moved AND place_no IS NOT NULL;
        -- Whoever meant to leave this one for another date now simply waits there.
        UPDATE registration SET moving_from_id = NULL
         WHERE moving_from_id = moved AND status IN ('unconfirmed', 'pending', 'waiting', 'offered');
        -- Who leaves the queue may have kept others from a seat as well: a group that was too large fits now.
        IF before.status IN ('confirmed', 'offered', 'waiting') THEN
            freed := before.occurrence_id;
        END IF;
    END IF;
    RETURN freed;
END
$$
""",
    # Seats that were taken away while somebody sat on them go when she leaves.
    "event_trim(trimmed bigint)": """
CREATE FUNCTION event_trim(trimmed bigint) RETURNS void LANGUAGE sql AS $$
    DELETE FROM seat USING (
        SELECT s.occurrence_id, s.way, s.n,
               row_number() OVER (PARTITION BY s.way ORDER BY s.n DESC) <= t.total - p.seats AS goes
          FROM seat s
          JOIN seat_pool p USING (occurrence_id, way)
          JOIN (SELECT way, count(*) AS total FROM seat WHERE occurrence_id = trimmed GROUP BY way) t USING (way)
         WHERE s.occurrence_id = trimmed AND t.total > p.seats
           AND NOT EXISTS (SELECT FROM registration r WHERE r.occurrence_id = s.occurrence_id AND r.way = s.way
                                  AND r.seat_no = s.n)) one_too_many
     WHERE goes AND seat.occurrence_id = one_too_many.occurrence_id AND seat.way = one_too_many.way
       AND seat.n = one_too_many.n
$$
""",
    "event_free_seats(date_id bigint, how text, wanted bigint)": """
CREATE FUNCTION event_free_seats(date_id bigint, how text, wanted bigint) RETURNS integer[] LANGUAGE sql AS $$
    SELECT array_agg(n) FROM (
        SELECT n FROM seat WHERE occurrence_id = date_id AND way = how
           AND NOT EXISTS (SELECT FROM registration r WHERE r.occurrence_id = date_id AND r.way = how
                                  AND r.seat_no = seat.n)
         ORDER BY n LIMIT wanted) free
$$
""",
    # Gives free seats to those who wait, in their order; a group has all of its seats or none. What that frees
    # elsewhere (somebody leaves another date) is given there.
    "event_promote(given bigint[], at timestamptz)": """
CREATE FUNCTION event_promote(given bigint[], at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    due bigint[] := given;
    date_id bigint;
    freed bigint;
    gathering record;
    pool record;
    first record;
    members bigint[];
    seats integer[];
    passed bigint[];
BEGIN
    WHILE cardinality(due) > 0 LOOP
        date_id := due[1];
        due := array_remove(due, date_id);
        PERFORM event_trim(date_id);
        SELECT g.skip_parties, o.starts_at - make_interval(hours => g.auto_hours) > at AS at_once,
               least(at + make_interval(hours => g.offer_hours), o.starts_at) AS until
          INTO gathering
          FROM occurrence o JOIN gathering g ON g.id = o.gathering_id
         WHERE o.id = date_id AND o.state = 'scheduled' AND o.starts_at > at AND g.state = 'published';
        CONTINUE WHEN NOT FOUND;
        FOR pool IN SELECT way, limited FROM seat_pool WHERE occurrence_id = date_id ORDER BY way LOOP
            passed := '{}';
            LOOP
                SELECT id, party_id INTO first FROM registration
                 WHERE occurrence_id = date_id AND way = pool.way AND status = 'waiting'
                   AND (party_id IS NULL OR party_id <> ALL (passed))
                 ORDER BY seq LIMIT 1;
                EXIT WHEN NOT FOUND;
                members := CASE WHEN first.party_id IS NULL THEN ARRAY[first.id] ELSE ARRAY(
                    SELECT id FROM registration WHERE party_id = first.party_id AND occurrence_id = date_id
                       AND way = pool.way AND status = 'waiting' ORDER BY seq) END;
                IF pool.limited THEN
                    seats := event_free_seats(date_id, pool.way, cardinality(members));
                    EXIT WHEN seats IS NULL;
                    IF cardinality(seats) < cardinality(members) THEN
                        EXIT WHEN NOT gathering.skip_parties;
                        passed := passed || first.party_id;
                        CONTINUE;
                    END IF;
                END IF;
                FOR i IN 1 .. cardinality(members) LOOP
                    IF gathering.at_once OR NOT pool.limited THEN
                        freed := event_move(members[i], 'confirmed', 'promoted', at, NULL,
                                            CASE WHEN pool.limited THEN seats[i] END, NULL);
                        IF freed IS NOT NULL THEN
                            due := array_remove(due, freed) || freed;
                        END IF;
                    ELSE
                        PERFORM event_move(members[i], 'offered', 'offered', at, NULL, seats[i], gathering.until);
                    END IF;
                END LOOP;
            END LOOP;
        END LOOP;
        UPDATE occurrence SET version = version + 1 WHERE id = date_id;
    END LOOP;
END
$$
""",
    # Gives those registrations seats now, all or none, or a place in the queue. The caller holds the date.
    "event_place(members bigint[], why text, at timestamptz, who bigint)": """
CREATE FUNCTION event_place(members bigint[], why text, at timestamptz, who bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one record;
    seats integer[];
    freed bigint;
    due bigint[] := '{}';
    first_seq bigint;
    some_wait boolean;
BEGIN
    SELECT occurrence_id, way, limited INTO STRICT one FROM registration WHERE id = members[1];
    some_wait := one.limited AND EXISTS (SELECT FROM registration WHERE occurrence_id = one.occurrence_id
                                                AND way = one.way AND status = 'waiting');
    IF one.limited AND NOT some_wait THEN
        seats := event_free_seats(one.occurrence_id, one.way, cardinality(members));
    END IF;
    IF NOT one.limited OR cardinality(seats) = cardinality(members) THEN
        FOR i IN 1 .. cardinality(members) LOOP
            freed := event_move(members[i], 'confirmed', why, at, who, seats[i], NULL);
            IF freed IS NOT NULL THEN
                due := array_remove(due, freed) || freed;
            END IF;
        END LOOP;
    ELSE
        UPDATE occurrence SET next_seq = next_seq + cardinality(members) WHERE id = one.occurrence_id
        RETURNING next_seq - cardinality(members) INTO first_seq;
        FOR i IN 1 .. cardinality(members) LOOP
            UPDATE registration SET seq = first_seq + i - 1 WHERE id = members[i];
            PERFORM event_move(members[i], 'waiting', why, at, who, NULL, NULL);
        END LOOP;
        -- There may be seats that a group ahead could not use, which this one can.
        IF EXISTS (SELECT FROM registration WHERE occurrence_id = one.occurrence_id AND way = one.way
                          AND status = 'waiting' AND party_id IS NOT NULL) THEN
            due := ARRAY[one.occurrence_id];
        END IF;
    END IF;
    UPDATE occurrence SET version = version + 1 WHERE id = one.occurrence_id;
    IF cardinality(due) > 0 THEN
        PERFORM event_promote(due, at);
    END IF;
END
$$
""",
    # Whether one can register for a date now: nothing, or the reason why not.
    "event_refusal(date_id bigint, how text, whose bigint, at timestamptz)": """
CREATE FUNCTION event_refusal(date_id bigint, how text, whose bigint, at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN o.state = 'cancelled' OR g.state = 'cancelled' THEN 'cancelled'
        WHEN g.state <> 'published' OR g.registration = 'none' THEN 'not-open'
        WHEN NOT EXISTS (SELECT FROM seat_pool WHERE occurrence_id = o.id AND way = how) THEN 'no-such-way'
        WHEN o.state = 'postponed' THEN 'postponed'
        WHEN o.starts_at IS NULL OR o.starts_at <= at THEN 'over'
        WHEN o.opens_at > at THEN 'not-yet'
        WHEN o.closes_at <= at THEN 'closed'
        WHEN g.registration = 'invitation' AND NOT EXISTS (
            SELECT FROM event_invitation i WHERE i.gathering_id = g.id AND i.participant_id = whose)
            THEN 'by-invitation'
        END
      FROM occurrence o JOIN gathering g ON g.id = o.gathering_id WHERE o.id = date_id
$$
""",
    # One person registers. `outcome` is "new", "again" (that form, or she is in already), or why not.
    # `chosen` are choices; one of them full is a refusal too, which undoes the rest.
    "event_register(date_id bigint, how text, whose bigint, form text, ticket_is text, shown_to text, "
    "org bigint, chosen bigint[], leaves bigint, proved boolean, at timestamptz, who bigint)": """
CREATE FUNCTION event_register(date_id bigint, how text, whose bigint, form text, ticket_is text, shown_to text,
                               org bigint, chosen bigint[], leaves bigint, proved boolean, at timestamptz, who bigint,
                               OUT outcome text, OUT registration_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
    earlier record;
    asks text;
    full_choice bigint;
    left_date bigint;
    left_gathering bigint;
    gathering bigint;
BEGIN
    IF leaves IS NOT NULL THEN
        SELECT occurrence_id INTO left_date FROM registration WHERE id = leaves AND participant_id = whose;
        IF NOT FOUND THEN
            outcome := 'nothing-to-leave';
            RETURN;
        END IF;
        PERFORM event_hold(ARRAY[date_id, left_date]);
    ELSE
        PERFORM event_hold(ARRAY[date_id]);
    END IF;
    SELECT id, participant_id INTO earlier FROM registration WHERE request_key = form;
    IF FOUND THEN
        outcome := CASE WHEN earlier.participant_id = whose THEN 'again' ELSE 'somebody-elses-form' END;
        registration_id := CASE WHEN earlier.participant_id = whose THEN earlier.id END;
        RETURN;
    END IF;
    -- One for each date, but for the one that she would leave.
    SELECT id INTO registration_id FROM registration
     WHERE occurrence_id = date_id AND participant_id = whose AND id IS DISTINCT FROM leaves
       AND status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')
     ORDER BY moving_from_id NULLS FIRST LIMIT 1;
    IF FOUND THEN
        outcome := 'again';
        RETURN;
    END IF;
    IF leaves IS NOT NULL AND NOT EXISTS (
        SELECT FROM registration WHERE id = leaves AND moving_from_id IS NULL
           AND status IN ('confirmed', 'waiting', 'offered') AND (occurrence_id <> date_id OR way <> how)) THEN
        outcome := 'nothing-to-leave';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM registration WHERE moving_from_id = leaves
                      AND status IN ('unconfirmed', 'pending', 'waiting', 'offered')) THEN
        outcome := 'moving-already';
        RETURN;
    END IF;
    outcome := event_refusal(date_id, how, whose, at);
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO registration (occurrence_id, way, limited, participant_id, organization_id, status, moving_from_id,
                              listed, ticket, request_key, created_at, changed_at)
    SELECT date_id, how, limited, whose, org, 'unconfirmed', leaves, shown_to, ticket_is, form, at, at
      FROM seat_pool WHERE occurrence_id = date_id AND way = how
    RETURNING id INTO registration_id;
    INSERT INTO registration_choice (registration_id, choice_id, occurrence_id)
    SELECT registration_id, c.id, date_id FROM unnest(chosen) AS c(id) ON CONFLICT DO NOTHING;
    SELECT g.id, g.registration INTO gathering, asks
      FROM occurrence o JOIN gathering g ON g.id = o.gathering_id WHERE o.id = date_id;
    IF leaves IS NOT NULL THEN
        SELECT o.gathering_id INTO left_gathering FROM occurrence o WHERE o.id = left_date;
    END IF;
    IF NOT proved THEN
        PERFORM event_told(registration_id, 0, NULL, 'unconfirmed', 'asked', at, who);
    ELSIF asks = 'approval' AND left_gathering IS DISTINCT FROM gathering AND NOT EXISTS (
        SELECT FROM event_invitation i WHERE i.gathering_id = gathering AND i.participant_id = whose) THEN
        PERFORM event_move(registration_id, 'pending', 'registered', at, who, NULL, NULL);
        UPDATE occurrence SET version = version + 1 WHERE id = date_id;
    ELSE
        PERFORM event_place(ARRAY[registration_id], 'registered', at, who);
        SELECT t.choice_id INTO full_choice
          FROM registration r
          JOIN registration_choice t ON t.registration_id = r.id
          JOIN event_choice c ON c.id = t.choice_id
         WHERE r.id = event_register.registration_id AND r.status = 'confirmed' AND t.place_no IS NULL
           AND c.seats IS NOT NULL LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'this choice is full' USING ERRCODE = 'MA001', DETAIL = full_choice::text;
        END IF;
    END IF;
    outcome := 'new';
END
$$
""",
    # Several register together. Members without a participant are seats that the organization names later.
    "event_register_party(date_id bigint, how text, org bigint, members bigint[], tickets text[], form text, "
    "at timestamptz, who bigint)": """
CREATE FUNCTION event_register_party(date_id bigint, how text, org bigint, members bigint[], tickets text[],
                                     form text, at timestamptz, who bigint, OUT outcome text, OUT party bigint)
LANGUAGE plpgsql AS $$
DECLARE
    mine bigint[];
    asks text;
BEGIN
    PERFORM event_hold(ARRAY[date_id]);
    SELECT party_id INTO party FROM registration WHERE request_key = form;
    IF FOUND THEN
        outcome := 'again';
        RETURN;
    END IF;
    outcome := event_refusal(date_id, how, NULL, at);
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM registration WHERE occurrence_id = date_id AND participant_id = ANY (members)
                      AND status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')) THEN
        outcome := 'one-is-in-already';
        RETURN;
    END IF;
    INSERT INTO registration_party (occurrence_id, organization_id, by_id, created_at)
    VALUES (date_id, org, who, at) RETURNING id INTO party;
    WITH entered AS (
        INSERT INTO registration (occurrence_id, way, limited, participant_id, party_id, organization_id, status,
                                  ticket, request_key, created_at, changed_at)
        SELECT date_id, how, p.limited, m.whose, party, org, 'unconfirmed', tickets[m.place],
               CASE WHEN m.place = 1 THEN form END, at, at
          FROM unnest(members) WITH ORDINALITY AS m(whose, place)
          JOIN seat_pool p ON p.occurrence_id = date_id AND p.way = how
         ORDER BY m.place
        RETURNING id)
    SELECT array_agg(id ORDER BY id) INTO mine FROM entered;
    SELECT g.registration INTO asks FROM occurrence o JOIN gathering g ON g.id = o.gathering_id WHERE o.id = date_id;
    IF asks = 'approval' THEN
        PERFORM event_move(id, 'pending', 'registered', at, who, NULL, NULL) FROM unnest(mine) AS id;
    ELSE
        PERFORM event_place(mine, 'registered', at, who);
    END IF;
    outcome := 'new';
END
$$
""",
    # An address answered, or organizers said yes: all of a party at once.
    "event_admit(admitted bigint, was text, why text, at timestamptz, who bigint)": """
CREATE FUNCTION event_admit(admitted bigint, was text, why text, at timestamptz, who bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    one record;
    refusal text;
    asks text;
BEGIN
    SELECT occurrence_id INTO one FROM registration WHERE id = admitted;
    IF NOT FOUND THEN
        RETURN 'absent';
    END IF;
    PERFORM event_hold(ARRAY[one.occurrence_id]);
    SELECT occurrence_id, way, status, participant_id, party_id INTO one FROM registration WHERE id = admitted;
    IF one.status <> was THEN
        RETURN one.status;
    END IF;
    SELECT g.registration INTO asks
      FROM occurrence o JOIN gathering g ON g.id = o.gathering_id WHERE o.id = one.occurrence_id;
    IF was = 'unconfirmed' THEN
        refusal := event_refusal(one.occurrence_id, one.way, one.participant_id, at);
        IF refusal IS NOT NULL THEN
            RETURN refusal;
        END IF;
        IF asks = 'approval' AND NOT EXISTS (
            SELECT FROM event_invitation i JOIN occurrence o ON o.gathering_id = i.gathering_id
             WHERE o.id = one.occurrence_id AND i.participant_id = one.participant_id) THEN
            PERFORM event_move(admitted, 'pending', why, at, who, NULL, NULL);
            RETURN 'done';
        END IF;
    END IF;
    PERFORM event_place(CASE WHEN one.party_id IS NULL THEN ARRAY[admitted] ELSE ARRAY(
        SELECT id FROM registration WHERE party_id = one.party_id AND status = was ORDER BY id) END, why, at, who);
    RETURN 'done';
END
$$
""",
    # Registrations end, and their seats go to those who wait. Those that have ended already are left as they are.
    "event_end(ended bigint[], onto text, why text, at timestamptz, who bigint)": """
CREATE FUNCTION event_end(ended bigint[], onto text, why text, at timestamptz, who bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    one record;
    dates bigint[];
    freed bigint[] := '{}';
    many integer := 0;
BEGIN
    SELECT array_agg(DISTINCT occurrence_id) INTO dates FROM registration WHERE id = ANY (ended);
    IF dates IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM event_hold(dates);
    FOR one IN SELECT id, occurrence_id FROM registration WHERE id = ANY (ended)
                  AND status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed') ORDER BY id LOOP
        PERFORM event_move(one.id, onto, why, at, who, NULL, NULL);
        freed := array_remove(freed, one.occurrence_id) || one.occurrence_id;
        many := many + 1;
    END LOOP;
    PERFORM event_promote(freed, at);
    RETURN many;
END
$$
""",
    "event_accept_offer(accepted bigint, at timestamptz, who bigint)": """
CREATE FUNCTION event_accept_offer(accepted bigint, at timestamptz, who bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one record;
    freed bigint;
BEGIN
    SELECT occurrence_id INTO one FROM registration WHERE id = accepted;
    IF NOT FOUND THEN
        RETURN 'absent';
    END IF;
    PERFORM event_hold(ARRAY[one.occurrence_id]);
    SELECT occurrence_id, status, seat_no, offer_expires_at INTO one FROM registration WHERE id = accepted;
    IF one.status <> 'offered' THEN
        RETURN one.status;
    ELSIF one.offer_expires_at <= at THEN
        RETURN 'expired';
    END IF;
    freed := event_move(accepted, 'confirmed', 'accepted', at, who, one.seat_no, NULL);
    UPDATE occurrence SET version = version + 1 WHERE id = one.occurrence_id;
    IF freed IS NOT NULL THEN
        PERFORM event_promote(ARRAY[freed], at);
    END IF;
    RETURN 'done';
END
$$
""",
    # Offers whose time is over, and seats that organizations named nobody for in time. Asked for again and again.
    "event_expire(at timestamptz)": """
CREATE FUNCTION event_expire(at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    dates bigint[];
    late bigint[];
    unnamed bigint[];
BEGIN
    SELECT array_agg(DISTINCT occurrence_id) INTO dates FROM (
        SELECT occurrence_id FROM registration WHERE status = 'offered' AND offer_expires_at <= at
        UNION ALL
        SELECT r.occurrence_id
          FROM occurrence o
          JOIN gathering g ON g.id = o.gathering_id
          JOIN registration r ON r.occurrence_id = o.id
         WHERE o.state = 'scheduled' AND o.starts_at > at
           AND o.starts_at <= at + make_interval(hours => g.unnamed_hours)
           AND r.participant_id IS NULL AND r.status IN ('pending', 'waiting', 'offered', 'confirmed')) due;
    IF dates IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM event_hold(dates);
    SELECT array_agg(id) INTO late FROM registration
     WHERE occurrence_id = ANY (dates) AND status = 'offered' AND offer_expires_at <= at;
    SELECT array_agg(r.id) INTO unnamed
      FROM registration r JOIN occurrence o ON o.id = r.occurrence_id JOIN gathering g ON g.id = o.gathering_id
     WHERE r.occurrence_id = ANY (dates) AND r.participant_id IS NULL AND o.state = 'scheduled' AND o.starts_at > at
       AND o.starts_at <= at + make_interval(hours => g.unnamed_hours)
       AND r.status IN ('pending', 'waiting', 'offered', 'confirmed');
    RETURN event_end(late, 'expired', 'expired', at, NULL) + event_end(unnamed, 'cancelled', 'unnamed', at, NULL);
END
$$
""",
    # Another person takes the place, the rank and the seat. Names a seat that nobody had.
    "event_replace(replaced bigint, whose bigint, ticket_is text, at timestamptz, who bigint)": """
CREATE FUNCTION event_replace(replaced bigint, whose bigint, ticket_is text, at timestamptz, who bigint,
                              OUT outcome text, OUT registration_id bigint) LANGUAGE plpgsql AS $$
DECLARE
    one registration;
BEGIN
    SELECT * INTO one FROM registration WHERE id = replaced;
    IF NOT FOUND THEN
        outcome := 'absent';
        RETURN;
    END IF;
    PERFORM event_hold(ARRAY[one.occurrence_id]);
    SELECT * INTO one FROM registration WHERE id = replaced;
    IF one.status NOT IN ('pending', 'waiting', 'offered', 'confirmed') OR one.moving_from_id IS NOT NULL THEN
        outcome := 'ended';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM registration WHERE occurrence_id = one.occurrence_id AND participant_id = whose
                      AND status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')) THEN
        outcome := 'one-is-in-already';
        RETURN;
    END IF;
    IF one.participant_id IS NULL THEN
        UPDATE registration SET participant_id = whose WHERE id = replaced;
        PERFORM event_move(replaced, one.status, 'named', at, who, one.seat_no, one.offer_expires_at);
        registration_id := replaced;
    ELSE
        PERFORM event_move(replaced, 'cancelled', 'replaced', at, who, NULL, NULL);
        INSERT INTO registration (occurrence_id, way, limited, participant_id, party_id, organization_id, status,
                                  seat_no, seq, offer_expires_at, ticket, created_at, changed_at)
        VALUES (one.occurrence_id, one.way, one.limited, whose, one.party_id, one.organization_id, one.status,
                one.seat_no, one.seq, one.offer_expires_at, ticket_is, at, at)
        RETURNING id INTO registration_id;
        PERFORM event_told(registration_id, 0, NULL, one.status, 'replaces', at, who);
    END IF;
    UPDATE occurrence SET version = version + 1 WHERE id = one.occurrence_id;
    outcome := 'done';
END
$$
""",
    # So many seats from now on; NULL: all who wish. More are given at once; fewer throw nobody out.
    "event_set_seats(date_id bigint, how text, wanted integer, at timestamptz)": """
CREATE FUNCTION event_set_seats(date_id bigint, how text, wanted integer, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    was_limited boolean;
    there bigint;
    highest integer;
BEGIN
    PERFORM event_hold(ARRAY[date_id]);
    SELECT limited INTO was_limited FROM seat_pool WHERE occurrence_id = date_id AND way = how;
    IF NOT FOUND THEN
        INSERT INTO seat_pool (occurrence_id, way, seats, limited) VALUES (date_id, how, wanted, wanted IS NOT NULL);
        INSERT INTO seat SELECT date_id, how, n FROM generate_series(1, wanted) n;
    ELSIF was_limited AND wanted IS NOT NULL THEN
        UPDATE seat_pool SET seats = wanted WHERE occurrence_id = date_id AND way = how;
        SELECT count(*), coalesce(max(n), 0) INTO there, highest FROM seat WHERE occurrence_id = date_id AND way = how;
        INSERT INTO seat SELECT date_id, how, highest + n FROM generate_series(1, wanted - there) n;
    ELSIF wanted IS NOT NULL THEN
        SET CONSTRAINTS fk_registration_pool DEFERRED;
        UPDATE seat_pool SET seats = wanted, limited = true WHERE occurrence_id = date_id AND way = how;
        INSERT INTO seat SELECT date_id, how, n FROM generate_series(1, greatest(wanted, (
            SELECT count(*) FROM registration WHERE occurrence_id = date_id AND way = how
               AND status IN ('confirmed', 'offered')))) n;
        UPDATE registration r SET limited = true, seat_no = CASE WHEN taken THEN place END
          FROM (SELECT id, status IN ('confirmed', 'offered') AS taken,
                       row_number() OVER (PARTITION BY status IN ('confirmed', 'offered') ORDER BY id) AS place
                  FROM registration WHERE occurrence_id = date_id AND way = how) placed
         WHERE r.id = placed.id;
        SET CONSTRAINTS fk_registration_pool IMMEDIATE;
    ELSIF was_limited THEN
        SET CONSTRAINTS fk_registration_pool DEFERRED;
        UPDATE registration SET limited = false, seat_no = NULL WHERE occurrence_id = date_id AND way = how;
        DELETE FROM seat WHERE occurrence_id = date_id AND way = how;
        UPDATE seat_pool SET seats = NULL, limited = false WHERE occurrence_id = date_id AND way = how;
        SET CONSTRAINTS fk_registration_pool IMMEDIATE;
    END IF;
    PERFORM event_promote(ARRAY[date_id], at);
END
$$
""",
    # Something that everybody who comes or would come must know: a new time or place. One row and one letter each.
    "event_announce(date_id bigint, why text, at timestamptz, who bigint)": """
CREATE FUNCTION event_announce(date_id bigint, why text, at timestamptz, who bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    many integer;
BEGIN
    PERFORM event_hold(ARRAY[date_id]);
    WITH told AS (
        UPDATE registration SET transition = transition + 1
         WHERE occurrence_id = date_id AND status IN ('pending', 'waiting', 'offered', 'confirmed')
        RETURNING id, transition, status
    )
    SELECT count(*) INTO many FROM (
        SELECT event_told(id, transition, status, status, why, at, who) FROM told ORDER BY id) each_of_them;
    UPDATE occurrence SET version = version + 1 WHERE id = date_id;
    RETURN many;
END
$$
""",
    # A date does not take place: everybody is told, nobody is promoted.
    "event_cancel_date(date_id bigint, given text, at timestamptz, who bigint)": """
CREATE FUNCTION event_cancel_date(date_id bigint, given text, at timestamptz, who bigint) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM event_hold(ARRAY[date_id]);
    UPDATE occurrence SET state = 'cancelled', reason = given, version = version + 1
     WHERE id = date_id AND state <> 'cancelled';
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    RETURN event_end(ARRAY(SELECT id FROM registration WHERE occurrence_id = date_id), 'cancelled', 'date-cancelled',
                     at, who);
END
$$
""",
    # Two participants turn out to be one person: of two registrations for a date the better one stays.
    "event_merge(gone bigint, kept bigint, at timestamptz, who bigint)": """
CREATE FUNCTION event_merge(gone bigint, kept bigint, at timestamptz, who bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    dates bigint[];
    worse bigint[];
BEGIN
    SELECT array_agg(DISTINCT occurrence_id) INTO dates FROM registration WHERE participant_id IN (gone, kept);
    IF dates IS NOT NULL THEN
        PERFORM event_hold(dates);
        PERFORM event_end(ARRAY(
            SELECT id FROM registration r
             WHERE r.moving_from_id IS NOT NULL AND r.status IN ('unconfirmed', 'pending', 'waiting', 'offered')
               AND (r.participant_id = gone OR r.participant_id = kept AND EXISTS (
                   SELECT FROM registration o WHERE o.participant_id = gone AND o.occurrence_id = r.occurrence_id
                      AND o.status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')))),
            'cancelled', 'merged', at, who);
        SELECT array_agg(id) INTO worse FROM (
            SELECT id, row_number() OVER (
                       PARTITION BY occurrence_id
                       ORDER BY array_position(ARRAY['confirmed', 'offered', 'waiting', 'pending', 'unconfirmed'],
                                               status::text),
                                CASE WHEN status = 'waiting' THEN seq END, id) AS place
              FROM registration
             WHERE participant_id IN (gone, kept) AND moving_from_id IS NULL
               AND status IN ('unconfirmed', 'pending', 'waiting', 'offered', 'confirmed')) hers
         WHERE place > 1;
        PERFORM event_end(worse, 'cancelled', 'merged', at, who);
        UPDATE registration SET participant_id = kept WHERE participant_id = gone;
    END IF;
    INSERT INTO event_invitation (gathering_id, participant_id, invited_by_id, note, created_at)
    SELECT gathering_id, kept, invited_by_id, note, created_at FROM event_invitation WHERE participant_id = gone
    ON CONFLICT DO NOTHING;
    DELETE FROM participant WHERE id = gone;
END
$$
""",
}
# No more places of a choice than it has, whatever the code does.
PLACES = """
CREATE FUNCTION registration_choice_has_a_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.place_no > (SELECT seats FROM event_choice WHERE id = NEW.choice_id) THEN
        RAISE EXCEPTION 'a choice has only so many places' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$
"""
PLACED = """
CREATE TRIGGER has_a_place BEFORE INSERT OR UPDATE OF place_no ON registration_choice
    FOR EACH ROW WHEN (NEW.place_no IS NOT NULL) EXECUTE FUNCTION registration_choice_has_a_place()
"""
ADDED_ONLY = """
CREATE TRIGGER only_added BEFORE UPDATE ON registration_change FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    for statement in (*FUNCTIONS.values(), PLACES, PLACED, ADDED_ONLY):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER only_added ON registration_change")
    op.execute("DROP TRIGGER has_a_place ON registration_choice")
    op.execute("DROP FUNCTION registration_choice_has_a_place")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
