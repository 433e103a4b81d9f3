-- name: new_movement_id
SELECT nextval('movement_id')::integer AS movement_id;

-- name: lock_sheets
SELECT pg_advisory_xact_lock(74617066, movement_id) FROM unnest(%(movement_ids)s::integer[]) AS movement_id;

-- name: lock_plan
SELECT pg_advisory_xact_lock(74617065, %(movement_id)s::integer);

-- name: newest_sheet_versions
SELECT movement_id, version FROM sheet_line WHERE movement_id = ANY (%(movement_ids)s::integer[]);

-- name: newest_plan_version
SELECT coalesce(max(version), 0) AS version FROM movement WHERE movement_id = %(movement_id)s;

-- name: put_plan
INSERT INTO movement (movement_id, version, operator_id, plan)
VALUES (%(movement_id)s, %(version)s, %(operator_id)s, %(plan)s);

-- name: put_sheet
INSERT INTO movement_sheet (movement_id, version, operator_id, state, written_at, written_by, command, sheet,
                            releasable_to)
VALUES (%(movement_id)s, %(version)s, %(operator_id)s, %(state)s, %(at)s, %(by)s, %(command)s, %(sheet)s,
        %(releasable_to)s);

-- name: put_line
INSERT INTO sheet_line (movement_id, version, request_version, state, open, operator_id, callsign, origin, destination,
                        depart_at, arrive_at, vehicle_ids, person_ids, flags, stop, centre, releasable_to, due_at)
VALUES (%(movement_id)s, %(version)s, %(request_version)s, %(state)s, %(open)s, %(operator_id)s, %(callsign)s,
        %(origin)s, %(destination)s, %(depart_at)s, %(arrive_at)s, %(vehicle_ids)s, %(person_ids)s,
        %(flags)s, %(stop)s, %(centre)s, %(releasable_to)s, %(due_at)s)
ON CONFLICT (movement_id) DO UPDATE
SET version = excluded.version, state = excluded.state,
    request_version = CASE WHEN excluded.request_version = 0 THEN sheet_line.request_version
                           ELSE excluded.request_version END,
    open = excluded.open, operator_id = excluded.operator_id, callsign = excluded.callsign, origin = excluded.origin,
    destination = excluded.destination, depart_at = excluded.depart_at, arrive_at = excluded.arrive_at,
    vehicle_ids = excluded.vehicle_ids, person_ids = excluded.person_ids, flags = excluded.flags,
    stop = excluded.stop, centre = excluded.centre, releasable_to = excluded.releasable_to, due_at = excluded.due_at;

-- name: sheet
SELECT sheet::text AS sheet FROM movement_sheet
WHERE movement_id = %(movement_id)s
  AND version = coalesce(%(version)s, (SELECT version FROM sheet_line WHERE movement_id = %(movement_id)s));

-- name: sheets
SELECT sheet::text AS sheet FROM movement_sheet JOIN sheet_line USING (movement_id, version)
WHERE movement_id = ANY (%(movement_ids)s::integer[]) ORDER BY movement_id;

-- name: sheet_versions
SELECT version, written_at AS at, written_by AS by, command, state FROM movement_sheet
WHERE movement_id = %(movement_id)s ORDER BY version;

-- name: sheet_line
SELECT * FROM sheet_line WHERE movement_id = %(movement_id)s;

-- name: open_sheet_lines
SELECT * FROM sheet_line WHERE open ORDER BY depart_at DESC NULLS FIRST, movement_id DESC LIMIT %(limit)s;

-- name: sheet_lines
SELECT * FROM sheet_line ORDER BY depart_at DESC NULLS FIRST, movement_id DESC LIMIT %(limit)s;

-- name: sheet_lines_with
SELECT * FROM sheet_line
WHERE open AND (vehicle_ids && %(vehicle_ids)s::integer[] OR person_ids && %(person_ids)s::integer[])
ORDER BY movement_id;

-- name: set_due
UPDATE sheet_line SET due_at = %(due_at)s
WHERE movement_id = %(movement_id)s AND version = %(version)s AND due_at IS DISTINCT FROM %(due_at)s;

-- name: plan_versions
SELECT movement_id, max(version) AS version FROM movement GROUP BY movement_id;

-- name: plans
SELECT DISTINCT ON (movement_id) plan::text AS plan FROM movement
WHERE movement_id = ANY (%(movement_ids)s::integer[]) ORDER BY movement_id, version DESC;

-- name: add_notice
INSERT INTO sheet_notice (movement_id, key, at, code, facts)
VALUES (%(movement_id)s, %(key)s, %(at)s, %(code)s, %(facts)s)
ON CONFLICT (movement_id, key) DO NOTHING RETURNING notice_id;

-- name: notices
SELECT * FROM (
    SELECT notice_id, movement_id, key, at, code, facts::text AS facts FROM sheet_notice
    WHERE movement_id = %(movement_id)s AND notice_id > %(after)s ORDER BY notice_id DESC LIMIT %(limit)s
) AS newest ORDER BY notice_id;

-- name: add_route_status
INSERT INTO route_status (name, line, control, threat, reason, author, set_at, valid_until)
VALUES (%(name)s, %(line)s, %(control)s, %(threat)s, %(reason)s, %(author)s, %(set_at)s, %(valid_until)s)
RETURNING status_id;

-- name: route_status
SELECT status_id, name, line::text AS line, control, threat, reason, author, set_at, valid_until,
       withdrawn_at IS NOT NULL AS withdrawn
FROM route_status WHERE status_id = %(status_id)s;

-- name: route_statuses
SELECT status_id, name, line::text AS line, control, threat, reason, author, set_at, valid_until,
       withdrawn_at IS NOT NULL AS withdrawn
FROM route_status WHERE valid_until > %(valid_after)s ORDER BY status_id DESC;

-- name: withdraw_route_status
UPDATE route_status SET withdrawn_at = %(at)s, withdrawn_by = %(by)s, withdraw_reason = %(reason)s
WHERE status_id = %(status_id)s AND withdrawn_at IS NULL;

-- name: add_stop_order
INSERT INTO stop_order (scope, movement_id, status_id, reason, by, at)
VALUES (%(scope)s, %(movement_id)s, %(status_id)s, %(reason)s, %(by)s, %(at)s) RETURNING stop_id;

-- name: standing_stop_orders
SELECT * FROM stop_order WHERE lifted_at IS NULL ORDER BY stop_id DESC LIMIT %(limit)s;

-- name: stop_orders
SELECT * FROM stop_order ORDER BY stop_id DESC LIMIT %(limit)s;

-- name: lift_stop_order
UPDATE stop_order SET lifted_at = %(at)s, lifted_by = %(by)s, lift_reason = %(reason)s
WHERE stop_id = %(stop_id)s AND lifted_at IS NULL;

-- name: setting
SELECT name, version, body::text AS body, set_at, set_by FROM setting
WHERE name = %(name)s ORDER BY version DESC LIMIT 1;

-- name: put_setting
INSERT INTO setting (name, version, body, set_at, set_by)
SELECT %(name)s, %(version)s, %(body)s, %(set_at)s, %(set_by)s
WHERE %(version)s = 1 + coalesce((SELECT max(version) FROM setting WHERE name = %(name)s), 0)
ON CONFLICT (name, version) DO NOTHING;
