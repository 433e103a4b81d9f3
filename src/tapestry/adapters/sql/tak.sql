-- name: add_tak_device
INSERT INTO tak_device (name, form, user_name, token_hash, token_expires_at, created_at, created_by)
VALUES (%(name)s, %(form)s, %(user_name)s, %(token_hash)s, %(token_expires_at)s, %(created_at)s, %(created_by)s)
RETURNING device_id, name, form, user_name, token_expires_at, created_at, created_by, client_uid, serial,
          fingerprint_sha256, certificate, issued_at, expires_at, revoked_at, revoked_by;

-- name: tak_records
SELECT device_id, name, form, user_name, token_expires_at, created_at, created_by, client_uid, serial,
       fingerprint_sha256, certificate, issued_at, expires_at, revoked_at, revoked_by
FROM tak_device ORDER BY device_id;

-- name: tak_record
SELECT device_id, name, form, user_name, token_expires_at, created_at, created_by, client_uid, serial,
       fingerprint_sha256, certificate, issued_at, expires_at, revoked_at, revoked_by
FROM tak_device WHERE device_id = %(device_id)s;

-- name: tak_record_of_token
SELECT device_id, name, form, user_name, token_expires_at, created_at, created_by, client_uid, serial,
       fingerprint_sha256, certificate, issued_at, expires_at, revoked_at, revoked_by
FROM tak_device WHERE token_hash = %(token_hash)s AND name = %(name)s;

-- name: enrol_tak_device
UPDATE tak_device
SET serial = %(serial)s, fingerprint_sha256 = %(fingerprint_sha256)s, certificate = %(certificate)s,
    issued_at = %(issued_at)s, expires_at = %(expires_at)s, client_uid = %(client_uid)s
WHERE token_hash = %(token_hash)s AND serial IS NULL AND revoked_at IS NULL AND token_expires_at > %(at)s
RETURNING device_id, name, form, user_name, token_expires_at, created_at, created_by, client_uid, serial,
          fingerprint_sha256, certificate, issued_at, expires_at, revoked_at, revoked_by;

-- name: revoke_tak_device
UPDATE tak_device SET revoked_at = %(at)s, revoked_by = %(by)s WHERE device_id = %(device_id)s AND revoked_at IS NULL;
