-- Centres that tell one another: each writes for itself, what it wrote goes to the others row by row.
-- Of two changes of one row that were made apart the later one counts at every centre, and the other one is kept.

CREATE TABLE centre (
    number smallint PRIMARY KEY CHECK (number BETWEEN 0 AND 200),
    name   text NOT NULL CONSTRAINT centre_name_is_taken UNIQUE,
    own    boolean NOT NULL
);
CREATE UNIQUE INDEX centre_only_one_is_own ON centre (own) WHERE own;

-- Which tables go to the others. columns: those alone are told and taken over, of rows that the other one has by
-- itself; empty: whole rows. to_all: also to centres that the row does not belong to.
CREATE TABLE shared_table (
    table_name  text PRIMARY KEY,
    key_columns text[] NOT NULL,
    columns     text[] NOT NULL DEFAULT '{}',
    to_all      boolean NOT NULL DEFAULT false,
    append_only boolean NOT NULL DEFAULT false
);

-- Written and not yet on the bus. xact tells which rows are committed for good: see changes_ready.
CREATE TABLE change (
    change_no   bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    xact        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    table_name  text NOT NULL,
    row         jsonb NOT NULL,
    gone        boolean NOT NULL,
    changed_at  timestamptz NOT NULL,
    base_at     timestamptz,
    base_centre smallint,
    home        smallint NOT NULL
);

-- Which change each row is the outcome of.
CREATE TABLE row_stamp (
    table_name text NOT NULL,
    key        jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    centre     smallint NOT NULL,
    PRIMARY KEY (table_name, key)
);

-- Changes that were made apart and do not count, and such as could not be taken over: for people to look at.
CREATE TABLE change_aside (
    aside_id   bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    centre     smallint NOT NULL,              -- whose change it is
    table_name text NOT NULL,
    row        jsonb NOT NULL,
    gone       boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    reason     text NOT NULL CHECK (reason IN ('later-change-counts', 'refused')),
    said       text NOT NULL DEFAULT '',
    noted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (centre, table_name, row, changed_at)
);

-- The Logs of other centres, entry by entry, with the hashes that their own heads vouch for.
CREATE TABLE peer_log (
    centre        smallint NOT NULL,
    seq           bigint NOT NULL,
    at            timestamptz NOT NULL,
    actor         text NOT NULL,
    action        text NOT NULL,
    subject       text NOT NULL,
    details       text NOT NULL,               -- as it was hashed
    leaf_hash     bytea NOT NULL,
    originator    text NOT NULL,
    marking       tlp NOT NULL,
    releasable_to text[] NOT NULL,
    source        text NOT NULL,
    PRIMARY KEY (centre, seq)
);
CREATE TRIGGER peer_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON peer_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION own_centre() RETURNS smallint LANGUAGE sql STABLE SECURITY DEFINER AS
    'SELECT number FROM public.centre WHERE own';

CREATE FUNCTION key_of(told jsonb, key_columns text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
    'SELECT jsonb_object_agg(name, told -> name) FROM unnest(key_columns) AS name';

-- Where a row belongs: the centre whose number range its first id of these lies in.
CREATE FUNCTION home_of(told jsonb, here smallint) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((coalesce(told ->> 'case_id', told ->> 'tasking_id', told ->> 'medevac_id', told ->> 'team_id',
                              told ->> 'movement_id', told ->> 'vehicle_id', told ->> 'operator_id',
                              told ->> 'person_id')::bigint / 10000000)::smallint, here)
$$;

-- Notes that a row changed, unless it came from another centre; nothing while this hub stands alone.
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    here   smallint := own_centre();
    known  shared_table;
    told   jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    name   text := TG_TABLE_NAME;
    its_key jsonb;
    moment timestamptz := clock_timestamp();
    before row_stamp;
BEGIN
    IF here IS NULL OR current_setting('tapestry.taking_over', true) = 'on'
       OR (TG_OP = 'UPDATE' AND told = to_jsonb(OLD)) THEN
        RETURN NULL;
    END IF;
    IF name = 'log' THEN
        name := 'peer_log';
        told := told || jsonb_build_object('details', NEW.details::text, 'centre', here);
    END IF;
    SELECT * INTO STRICT known FROM shared_table WHERE table_name = name;
    its_key := key_of(told, known.key_columns);
    SELECT * INTO before FROM row_stamp WHERE row_stamp.table_name = name AND row_stamp.key = its_key;
    moment := greatest(moment, before.changed_at + interval '1 microsecond');  -- a clock that was set back
    INSERT INTO row_stamp (table_name, key, changed_at, centre) VALUES (name, its_key, moment, here)
    ON CONFLICT (table_name, key) DO UPDATE SET changed_at = excluded.changed_at, centre = excluded.centre;
    INSERT INTO change (table_name, row, gone, changed_at, base_at, base_centre, home)
    VALUES (name, told, TG_OP = 'DELETE', moment, before.changed_at, before.centre,
            CASE WHEN known.to_all THEN -1 ELSE home_of(told, here) END);
    RETURN NULL;
END
$$;

CREATE PROCEDURE share_table(name text, key_columns text[], columns text[] DEFAULT '{}', to_all boolean DEFAULT false,
                               append_only boolean DEFAULT false)
LANGUAGE plpgsql AS $$
DECLARE
    moved text := 'INSERT OR UPDATE OR DELETE';
BEGIN
    INSERT INTO shared_table VALUES (name, key_columns, columns, to_all, append_only);
    IF name = 'peer_log' THEN
        name := 'log';
        moved := 'INSERT';
    ELSIF columns <> '{}' THEN
        moved := 'UPDATE OF ' || (SELECT string_agg(quote_ident(it), ', ') FROM unnest(columns) AS it);
    END IF;
    EXECUTE format('CREATE TRIGGER %I AFTER %s ON %I FOR EACH ROW EXECUTE FUNCTION note_change()',
                   name || '_told', moved, name);
END
$$;

-- Whether the numbers that name a row were given out by a centre; true for rows that no number names.
CREATE FUNCTION numbered_by(peer smallint, told jsonb, key_columns text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT bool_and((told ->> it)::bigint / CASE WHEN (told ->> it)::bigint < 2147483648 THEN 10000000
                                                 ELSE 1000000000000 END = peer) IS NOT FALSE
    FROM unnest(key_columns) AS it WHERE it LIKE '%\_id' AND jsonb_typeof(told -> it) = 'number'
$$;

-- Whether a centre may make a row what it is to be. The national centre may all. A region may what is its own: its hub
-- may have been taken, and must not change what is not. current: the row as it is here, NULL when there is none.
CREATE FUNCTION may_change(peer smallint, told jsonb, current jsonb, key_columns text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT peer = 0 OR (
        home_of(told, peer) = peer
        AND coalesce((told ->> 'centre')::smallint, peer) = peer
        AND CASE WHEN current IS NULL THEN numbered_by(peer, told, key_columns)
                 ELSE coalesce(home_of(current, NULL) = peer, numbered_by(peer, current, key_columns)) END)
$$;

-- Takes over a change of another centre. Returns 'taken', 'known' (it is there already) or 'aside' (a later one counts).
-- Raises foreign_key_violation when something that it refers to is not there yet.
CREATE FUNCTION take_over(peer smallint, name text, told jsonb, was_deleted boolean, moment timestamptz,
                          base_moment timestamptz, base_peer smallint)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    known   shared_table;
    here    row_stamp;
    its_key jsonb;
    apart   boolean;
    wanted  text[];
    matches text;
    current jsonb;
    touched bigint;
BEGIN
    PERFORM set_config('tapestry.taking_over', 'on', true);
    SELECT * INTO known FROM shared_table WHERE table_name = name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not shared here', name USING ERRCODE = 'check_violation';
    END IF;
    SELECT string_agg(format('t.%I = n.%I', it, it), ' AND ') INTO matches FROM unnest(known.key_columns) AS it;
    EXECUTE format('SELECT to_jsonb(t) FROM %I AS t, jsonb_populate_record(NULL::%I, $1) AS n WHERE %s',
                   name, name, matches) INTO current USING told;
    IF NOT may_change(peer, told, current, known.key_columns) THEN
        RAISE EXCEPTION 'centre % changed a row of % that is not its own', peer, name USING ERRCODE = 'check_violation';
    END IF;
    its_key := key_of(told, known.key_columns);
    SELECT * INTO here FROM row_stamp WHERE table_name = name AND row_stamp.key = its_key FOR UPDATE;
    IF here.centre = peer AND here.changed_at >= moment THEN
        RETURN 'known';
    END IF;
    apart := here.changed_at IS NOT NULL AND (here.changed_at, here.centre) IS DISTINCT FROM (base_moment, base_peer);
    IF apart AND (here.changed_at, here.centre) > (moment, peer) THEN
        INSERT INTO change_aside (centre, table_name, row, gone, changed_at, reason)
        VALUES (peer, name, told, was_deleted, moment, 'later-change-counts') ON CONFLICT DO NOTHING;
        RETURN 'aside';
    END IF;
    IF apart THEN
        INSERT INTO change_aside (centre, table_name, row, gone, changed_at, reason)
        VALUES (here.centre, name, coalesce(current, its_key), current IS NULL, here.changed_at, 'later-change-counts')
        ON CONFLICT DO NOTHING;
    END IF;
    SELECT array_agg(attname::text) INTO wanted FROM pg_attribute
    WHERE attrelid = name::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND told ? attname
          AND (known.columns = '{}' OR attname = ANY (known.columns));
    IF was_deleted THEN
        EXECUTE format('DELETE FROM %I AS t USING jsonb_populate_record(NULL::%I, $1) AS n WHERE %s', name, name, matches)
        USING told;
    ELSIF known.columns <> '{}' THEN
        EXECUTE format('UPDATE %I AS t SET %s FROM jsonb_populate_record(NULL::%I, $1) AS n WHERE %s', name,
                       (SELECT string_agg(format('%I = n.%I', it, it), ', ') FROM unnest(wanted) AS it), name, matches)
        USING told;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched = 0 THEN
            RAISE EXCEPTION 'row % of table % is not here yet', its_key, name USING ERRCODE = 'foreign_key_violation';
        END IF;
    ELSE
        EXECUTE format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM jsonb_populate_record(NULL::%I, $1) '
                       'ON CONFLICT (%s) DO %s', name,
                       (SELECT string_agg(quote_ident(it), ', ') FROM unnest(wanted) AS it),
                       (SELECT string_agg(quote_ident(it), ', ') FROM unnest(wanted) AS it), name,
                       (SELECT string_agg(quote_ident(it), ', ') FROM unnest(known.key_columns) AS it),
                       coalesce((SELECT 'UPDATE SET ' || string_agg(format('%I = excluded.%I', it, it), ', ')
                                 FROM unnest(wanted) AS it
                                 WHERE it <> ALL (known.key_columns) AND NOT known.append_only), 'NOTHING'))
        USING told;
    END IF;
    INSERT INTO row_stamp (table_name, key, changed_at, centre) VALUES (name, its_key, moment, peer)
    ON CONFLICT (table_name, key) DO UPDATE SET changed_at = excluded.changed_at, centre = excluded.centre;
    RETURN 'taken';
END
$$;

-- Tells once more what goes to every centre: for a centre that joins.
CREATE PROCEDURE tell_all_again() LANGUAGE plpgsql AS $$
DECLARE
    known shared_table;
BEGIN
    FOR known IN SELECT * FROM shared_table WHERE to_all LOOP
        EXECUTE format('WITH told AS (SELECT to_jsonb(t) AS row FROM %I AS t), '
                       'stamped AS (INSERT INTO row_stamp (table_name, key, changed_at, centre) '
                       '  SELECT %L, key_of(row, %L), clock_timestamp(), own_centre() FROM told ON CONFLICT DO NOTHING) '
                       'INSERT INTO change (table_name, row, gone, changed_at, home) '
                       '  SELECT %L, row, false, coalesce((SELECT changed_at FROM row_stamp AS s WHERE s.table_name = %L '
                       '    AND s.key = key_of(told.row, %L)), clock_timestamp()), -1 FROM told',
                       known.table_name, known.table_name, known.key_columns, known.table_name, known.table_name,
                       known.key_columns);
    END LOOP;
END
$$;

-- Gives this hub a number among centres: what is made here from now on is numbered in its own range.
CREATE PROCEDURE become_centre(its_number smallint, its_name text) LANGUAGE plpgsql AS $$
DECLARE
    line record;
    low  bigint;
BEGIN
    INSERT INTO centre (number, name, own) VALUES (its_number, its_name, true);
    FOR line IN
        SELECT c.oid::regclass AS name, s.seqtypid = 'bigint'::regtype AS wide, pg_sequence_last_value(c.oid) AS last
        FROM pg_class AS c JOIN pg_sequence AS s ON s.seqrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('fences_version', 'change_change_no_seq')
    LOOP
        low := its_number * CASE WHEN line.wide THEN 1000000000000 ELSE 10000000 END + 1;
        IF line.last IS NOT NULL AND its_number > 0 THEN
            RAISE EXCEPTION 'numbers of % were given out already', line.name USING ERRCODE = 'check_violation';
        END IF;
        IF its_number > 0 THEN
            EXECUTE format('ALTER SEQUENCE %s MAXVALUE %s MINVALUE %s START WITH %s RESTART WITH %s', line.name, low - 2 + CASE WHEN line.wide THEN 1000000000000 ELSE 10000000 END, low, low, low);
        END IF;
        EXECUTE format('ALTER SEQUENCE %s MAXVALUE %s', line.name,
                       low - 2 + CASE WHEN line.wide THEN 1000000000000 ELSE 10000000 END);
    END LOOP;
END
$$;

CALL share_table('operator', '{operator_id}');
CALL share_table('vehicle', '{vehicle_id}');
CALL share_table('tracker', '{tracker_id}');
CALL share_table('person', '{person_id}');
CALL share_table('movement', '{movement_id,version}');
CALL share_table('movement_sheet', '{movement_id,version}');
CALL share_table('sheet_line', '{movement_id}');
CALL share_table('sheet_notice', '{notice_id}');
CALL share_table('fence', '{fence_id}', to_all => true);
CALL share_table('route_status', '{status_id}', to_all => true);
CALL share_table('stop_order', '{stop_id}', to_all => true);
CALL share_table('alert', '{alert_id}', columns => '{owner,acknowledged_at,acknowledged_by,snoozed_until,snooze_reason,closed_at,closed_by,close_reason}');
CALL share_table('alert_decision', '{decision_id}', append_only => true);
CALL share_table('peer_log', '{centre,seq}', append_only => true);
CALL share_table('distress_case', '{case_id}');
CALL share_table('distress_call', '{alert_id}');
CALL share_table('case_entry', '{entry_id}', append_only => true);
CALL share_table('case_delivery', '{case_id,desk}');
CALL share_table('case_step', '{case_id,raise_count,step,round}');
CALL share_table('team', '{team_id}');
CALL share_table('team_position', '{team_id}');
CALL share_table('medevac', '{medevac_id}');
CALL share_table('tasking', '{tasking_id}');

REVOKE EXECUTE ON FUNCTION take_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_over TO tapestry_app;
GRANT SELECT ON centre, shared_table, change_aside, peer_log, row_stamp TO tapestry_app;
GRANT INSERT ON centre, change_aside TO tapestry_app;
GRANT SELECT, DELETE ON change TO tapestry_app;
