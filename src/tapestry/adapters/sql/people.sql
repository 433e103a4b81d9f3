-- name: people
SELECT person_id, operator_id, name, role, languages, contacts, active FROM person ORDER BY person_id;

-- name: add_person
INSERT INTO person (operator_id, name, role, languages, contacts, active)
VALUES (%(operator_id)s, %(name)s, %(role)s, %(languages)s, %(contacts)s, %(active)s)
RETURNING person_id;

-- name: change_person
UPDATE person
SET name = %(name)s, role = %(role)s, languages = %(languages)s, contacts = %(contacts)s, active = %(active)s
WHERE person_id = %(person_id)s
RETURNING person_id;

-- name: permits
SELECT permit_id, operator_id, subject, vehicle_id, person_id, kind, number, issued_by, valid_from, valid_until, scan
FROM permit ORDER BY permit_id;

-- name: add_permit
INSERT INTO permit (operator_id, subject, vehicle_id, person_id, kind, number, issued_by, valid_from, valid_until, scan)
VALUES (%(operator_id)s, %(subject)s, %(vehicle_id)s, %(person_id)s, %(kind)s, %(number)s, %(issued_by)s,
        %(valid_from)s, %(valid_until)s, %(scan)s)
RETURNING permit_id;

-- name: change_permit
UPDATE permit
SET subject = %(subject)s, vehicle_id = %(vehicle_id)s, person_id = %(person_id)s, kind = %(kind)s, number = %(number)s,
    issued_by = %(issued_by)s, valid_from = %(valid_from)s, valid_until = %(valid_until)s, scan = %(scan)s
WHERE permit_id = %(permit_id)s
RETURNING permit_id;

-- name: remove_permit
DELETE FROM permit WHERE permit_id = %(permit_id)s;

-- name: add_file
INSERT INTO stored_file (operator_id, name, media_type, sha256, body, added_at, added_by)
VALUES (%(operator_id)s, %(name)s, %(media_type)s, %(sha256)s, %(body)s, %(added_at)s, %(added_by)s)
RETURNING file_id;

-- name: file
SELECT file_id, operator_id, name, media_type, octet_length(body) AS size_bytes, sha256, added_at, added_by
FROM stored_file WHERE file_id = %(file_id)s;

-- name: file_body
SELECT body FROM stored_file WHERE file_id = %(file_id)s;

-- name: vehicle_photos
SELECT vehicle_id, file_id FROM vehicle_photo;

-- name: put_vehicle_photo
INSERT INTO vehicle_photo (vehicle_id, file_id) VALUES (%(vehicle_id)s, %(file_id)s)
ON CONFLICT (vehicle_id) DO UPDATE SET file_id = excluded.file_id;

-- name: remove_vehicle_photo
DELETE FROM vehicle_photo WHERE vehicle_id = %(vehicle_id)s;

-- name: add_vehicle
INSERT INTO vehicle (operator_id, callsign, plate, kind, role, always_tracked)
VALUES (%(operator_id)s, %(callsign)s, %(plate)s, %(kind)s, %(role)s, %(always_tracked)s)
RETURNING vehicle_id;

-- name: change_vehicle
UPDATE vehicle
SET callsign = %(callsign)s, plate = %(plate)s, kind = %(kind)s, role = %(role)s, always_tracked = %(always_tracked)s
WHERE vehicle_id = %(vehicle_id)s
RETURNING vehicle_id;

-- name: put_tracker
INSERT INTO tracker (identity, vehicle_id) VALUES (%(identity)s, %(vehicle_id)s)
ON CONFLICT (identity) DO UPDATE SET vehicle_id = excluded.vehicle_id
RETURNING tracker_id;
