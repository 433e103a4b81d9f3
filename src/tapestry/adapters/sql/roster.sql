-- name: operators
SELECT operator_id, name FROM operator ORDER BY operator_id;

-- name: add_operator
INSERT INTO operator (name) VALUES (%(name)s) RETURNING operator_id, name;

-- name: vehicles
SELECT vehicle_id, operator_id, callsign, plate, kind, role, always_tracked FROM vehicle ORDER BY vehicle_id;

-- name: add_vehicle
INSERT INTO vehicle (operator_id, callsign, plate, kind, role, always_tracked)
VALUES (%(operator_id)s, %(callsign)s, %(plate)s, %(kind)s, %(role)s, %(always_tracked)s)
RETURNING vehicle_id;

-- name: update_vehicle
UPDATE vehicle
SET operator_id = %(operator_id)s, callsign = %(callsign)s, plate = %(plate)s, kind = %(kind)s, role = %(role)s,
    always_tracked = %(always_tracked)s
WHERE vehicle_id = %(vehicle_id)s;

-- name: trackers
SELECT tracker_id, identity, vehicle_id, secret_sha256 IS NOT NULL AS authenticated FROM tracker ORDER BY tracker_id;

-- name: put_tracker
INSERT INTO tracker (identity, vehicle_id, secret_sha256)
VALUES (%(identity)s, %(vehicle_id)s, %(secret_sha256)s)
ON CONFLICT (identity) DO UPDATE
SET vehicle_id = excluded.vehicle_id, secret_sha256 = coalesce(excluded.secret_sha256, tracker.secret_sha256)
RETURNING tracker_id, identity, vehicle_id, secret_sha256 IS NOT NULL AS authenticated;

-- name: tracker_secrets
SELECT tracker_id, secret_sha256 FROM tracker WHERE secret_sha256 IS NOT NULL;

-- name: movements
SELECT DISTINCT ON (movement_id) plan::text AS plan FROM movement ORDER BY movement_id, version DESC;

-- name: movement
SELECT plan::text AS plan FROM movement WHERE movement_id = %(movement_id)s ORDER BY version DESC LIMIT 1;

-- name: new_movement_id
SELECT nextval('movement_id')::integer AS movement_id;

-- name: lock_movement
SELECT pg_advisory_xact_lock(74617065, %(movement_id)s::integer);

-- name: newest_version
SELECT coalesce(max(version), 0) AS version FROM movement WHERE movement_id = %(movement_id)s;

-- name: put_movement
INSERT INTO movement (movement_id, version, operator_id, plan)
VALUES (%(movement_id)s, %(version)s, %(operator_id)s, %(plan)s);

-- name: fences
SELECT fence_id, name, kind, rings::text AS rings FROM fence ORDER BY fence_id;

-- name: add_fence
INSERT INTO fence (name, kind, rings) VALUES (%(name)s, %(kind)s, %(rings)s) RETURNING fence_id;

-- name: remove_fence
DELETE FROM fence WHERE fence_id = %(fence_id)s;

-- name: next_fences_version
SELECT nextval('fences_version') AS version;
