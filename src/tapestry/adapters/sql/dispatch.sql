-- name: teams
SELECT team_id, body FROM team ORDER BY team_id;

-- name: team
SELECT team_id, body FROM team WHERE team_id = %(team_id)s;

-- name: add_team
INSERT INTO team (name, version, body) VALUES (%(name)s, 1, %(body)s) RETURNING team_id;

-- name: put_team
UPDATE team SET name = %(name)s, version = %(version)s, body = %(body)s
WHERE team_id = %(team_id)s AND version = %(version)s - 1;

-- name: team_positions
SELECT team_id, lat_deg, lon_deg, fixed_at, received_at, source FROM team_position ORDER BY team_id;

-- name: put_team_position
INSERT INTO team_position (team_id, lat_deg, lon_deg, fixed_at, received_at, source)
VALUES (%(team_id)s, %(lat_deg)s, %(lon_deg)s, %(fixed_at)s, %(received_at)s, %(source)s)
ON CONFLICT (team_id) DO UPDATE
SET lat_deg = excluded.lat_deg, lon_deg = excluded.lon_deg, fixed_at = excluded.fixed_at,
    received_at = excluded.received_at, source = excluded.source
WHERE team_position.fixed_at <= excluded.fixed_at;

-- name: forget_team_position
DELETE FROM team_position WHERE team_id = %(team_id)s;

-- name: add_team_device
INSERT INTO team_device (team_id, token_hash, token_expires_at, created_at, created_by)
VALUES (%(team_id)s, %(token_hash)s, %(token_expires_at)s, %(created_at)s, %(created_by)s)
RETURNING device_id, team_id, token_expires_at, created_at, created_by, name, public_key, enrolled_at, last_n,
    last_seen_at, wiped_at;

-- name: enrol_team_device
UPDATE team_device
SET public_key = %(public_key)s, name = %(name)s, enrolled_at = coalesce(enrolled_at, %(at)s)
WHERE token_hash = %(token_hash)s AND wiped_at IS NULL
  AND (public_key = %(public_key)s OR (public_key IS NULL AND token_expires_at > %(at)s))
RETURNING device_id, team_id, token_expires_at, created_at, created_by, name, public_key, enrolled_at, last_n,
    last_seen_at, wiped_at;

-- name: team_device
SELECT device_id, team_id, token_expires_at, created_at, created_by, name, public_key, enrolled_at, last_n,
    last_seen_at, wiped_at
FROM team_device WHERE device_id = %(device_id)s;

-- name: team_devices
SELECT device_id, team_id, token_expires_at, created_at, created_by, name, public_key, enrolled_at, last_n,
    last_seen_at, wiped_at
FROM team_device WHERE team_id = %(team_id)s ORDER BY device_id;

-- name: count_team_item
UPDATE team_device SET last_n = %(n)s, last_seen_at = %(at)s WHERE device_id = %(device_id)s AND last_n < %(n)s;

-- name: wipe_team_device
UPDATE team_device SET wiped_at = %(at)s WHERE device_id = %(device_id)s AND wiped_at IS NULL;

-- name: add_tasking
INSERT INTO tasking (team_id, version, state, open, body)
VALUES (%(team_id)s, %(version)s, %(state)s, %(open)s, %(body)s) RETURNING tasking_id;

-- name: put_tasking
UPDATE tasking SET version = %(version)s, state = %(state)s, open = %(open)s, body = %(body)s
WHERE tasking_id = %(tasking_id)s AND version = %(version)s - 1;

-- name: tasking
SELECT tasking_id, body FROM tasking WHERE tasking_id = %(tasking_id)s;

-- name: open_taskings
SELECT tasking_id, body FROM tasking WHERE open ORDER BY tasking_id DESC LIMIT %(limit)s;

-- name: taskings
SELECT tasking_id, body FROM tasking ORDER BY tasking_id DESC LIMIT %(limit)s;

-- name: taskings_of_team
SELECT tasking_id, body FROM tasking WHERE team_id = %(team_id)s ORDER BY tasking_id DESC LIMIT %(limit)s;

-- name: add_medevac
INSERT INTO medevac (version, state, open, body) VALUES (%(version)s, %(state)s, %(open)s, %(body)s)
RETURNING medevac_id;

-- name: put_medevac
UPDATE medevac SET version = %(version)s, state = %(state)s, open = %(open)s, body = %(body)s
WHERE medevac_id = %(medevac_id)s AND version = %(version)s - 1;

-- name: medevac
SELECT medevac_id, body FROM medevac WHERE medevac_id = %(medevac_id)s;

-- name: open_medevacs
SELECT medevac_id, body FROM medevac WHERE open ORDER BY medevac_id DESC LIMIT %(limit)s;

-- name: medevacs
SELECT medevac_id, body FROM medevac ORDER BY medevac_id DESC LIMIT %(limit)s;
