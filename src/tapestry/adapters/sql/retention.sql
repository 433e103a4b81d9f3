-- name: positions
DELETE FROM position
WHERE ctid = ANY (ARRAY(SELECT ctid FROM position WHERE received_at < %(before)s LIMIT %(most)s));

-- name: judgements
DELETE FROM position_quality AS judged
WHERE judged.track_seq < (SELECT min(track_seq) FROM position);

-- name: rejected
DELETE FROM rejected WHERE received_at < %(before)s;

-- name: quarantined
DELETE FROM quarantine WHERE last_at < %(before)s;

-- name: messages
WITH said_on_tak AS (DELETE FROM chat_message WHERE received_at < %(before)s RETURNING message_id),
     said_on_phones AS (DELETE FROM phone_message WHERE at < %(before)s RETURNING message_id)
SELECT message_id FROM said_on_tak UNION ALL SELECT message_id FROM said_on_phones;

-- name: forget_scans
UPDATE permit SET scan = NULL WHERE valid_until < %(before)s AND scan IS NOT NULL;

-- name: scans
DELETE FROM stored_file
WHERE added_at < %(before)s
  AND NOT EXISTS (SELECT FROM permit WHERE permit.scan = stored_file.file_id)
  AND NOT EXISTS (SELECT FROM vehicle_photo WHERE vehicle_photo.file_id = stored_file.file_id);
