-- name: add_phone
INSERT INTO phone (movement_id, vehicle_id, person_id, token_hash, token_expires_at, created_at, created_by)
VALUES (%(movement_id)s, %(vehicle_id)s, %(person_id)s, %(token_hash)s, %(token_expires_at)s, %(created_at)s,
        %(created_by)s)
RETURNING phone_id, movement_id, vehicle_id, person_id, token_expires_at, created_at, created_by, name, public_key,
          tracker_id, outside_id, enrolled_at, last_seen_at, wiped_at;

-- name: enrol_phone
UPDATE phone
SET public_key = %(public_key)s, name = %(name)s, enrolled_at = coalesce(enrolled_at, %(at)s), last_seen_at = %(at)s
WHERE token_hash = %(token_hash)s AND wiped_at IS NULL AND token_expires_at > %(at)s
  AND (public_key IS NULL OR public_key = %(public_key)s)
RETURNING phone_id, movement_id, vehicle_id, person_id, token_expires_at, created_at, created_by, name, public_key,
          tracker_id, outside_id, enrolled_at, last_seen_at, wiped_at;

-- name: set_phone_tracker
UPDATE phone SET tracker_id = %(tracker_id)s, outside_id = %(outside_id)s WHERE phone_id = %(phone_id)s;

-- name: phone
SELECT phone_id, movement_id, vehicle_id, person_id, token_expires_at, created_at, created_by, name, public_key,
       tracker_id, outside_id, enrolled_at, last_seen_at, wiped_at
FROM phone WHERE phone_id = %(phone_id)s;

-- name: phones_of
SELECT phone_id, movement_id, vehicle_id, person_id, token_expires_at, created_at, created_by, name, public_key,
       tracker_id, outside_id, enrolled_at, last_seen_at, wiped_at
FROM phone WHERE movement_id = %(movement_id)s ORDER BY phone_id;

-- name: wipe_phone
UPDATE phone SET wiped_at = %(at)s, wiped_by = %(by)s WHERE phone_id = %(phone_id)s AND wiped_at IS NULL;

-- name: see_phone
UPDATE phone SET last_seen_at = %(at)s WHERE phone_id = %(phone_id)s;

-- name: count_poll
UPDATE phone SET last_poll = %(n)s, last_seen_at = %(at)s WHERE phone_id = %(phone_id)s AND last_poll < %(n)s;

-- name: known_items
SELECT n, refused FROM phone_item WHERE phone_id = %(phone_id)s AND n = ANY (%(ns)s::integer[]);

-- name: note_item
INSERT INTO phone_item (phone_id, n, kind, received_at, refused)
VALUES (%(phone_id)s, %(n)s, %(kind)s, %(received_at)s, %(refused)s)
ON CONFLICT DO NOTHING;

-- name: add_message
INSERT INTO phone_message (movement_id, at, by, text, phone_id, n)
VALUES (%(movement_id)s, %(at)s, %(by)s, %(text)s, %(phone_id)s, %(n)s)
ON CONFLICT (phone_id, n) DO NOTHING;

-- name: messages
SELECT message_id, movement_id, at, by, text, phone_id, n, delivered_at, read_at FROM (
    SELECT * FROM phone_message
    WHERE movement_id = %(movement_id)s AND message_id > %(after)s ORDER BY message_id DESC LIMIT %(limit)s
) AS newest ORDER BY message_id;

-- name: mark_delivered
UPDATE phone_message SET delivered_at = %(at)s
WHERE movement_id = %(movement_id)s AND phone_id IS NULL AND delivered_at IS NULL AND message_id <= %(up_to)s;

-- name: mark_read
UPDATE phone_message SET read_at = %(at)s, delivered_at = coalesce(delivered_at, %(at)s)
WHERE movement_id = %(movement_id)s AND phone_id IS NULL AND read_at IS NULL AND message_id = %(message_id)s;
