-- name: add_chat
INSERT INTO chat_message (movement_id, from_device, to_device, user_name, callsign, room, body, uid, sent_at, received_at,
                          lat_deg, lon_deg, source)
VALUES (%(movement_id)s, %(from_device)s, %(to_device)s, %(user_name)s, %(callsign)s, %(room)s, %(body)s, %(uid)s,
        %(sent_at)s, %(received_at)s, %(lat_deg)s, %(lon_deg)s, CASE WHEN %(user_name)s = '' THEN 'tak' ELSE 'desk' END)
ON CONFLICT (uid) DO NOTHING
RETURNING message_id;

-- name: chat
SELECT m.message_id, m.movement_id, m.from_device, m.to_device, m.user_name, m.callsign, m.room, m.body, m.uid, m.sent_at,
       m.received_at, m.lat_deg, m.lon_deg,
       coalesce((SELECT json_agg(json_build_object('device_name', r.device_name, 'handed_at', r.handed_at,
                                                   'delivered_at', r.delivered_at, 'read_at', r.read_at)
                                 ORDER BY r.device_name)
                 FROM chat_receipt r WHERE r.message_id = m.message_id), '[]') AS receipts
FROM chat_message m
WHERE m.movement_id IS NOT DISTINCT FROM %(movement_id)s::integer
  AND (%(before)s::integer IS NULL OR m.message_id < %(before)s)
ORDER BY m.message_id DESC LIMIT %(limit)s;

-- name: written_chat
SELECT m.message_id, m.movement_id, m.from_device, m.to_device, m.user_name, m.callsign, m.room, m.body, m.uid, m.sent_at,
       m.received_at, m.lat_deg, m.lon_deg,
       coalesce((SELECT json_agg(json_build_object('device_name', r.device_name, 'handed_at', r.handed_at,
                                                   'delivered_at', r.delivered_at, 'read_at', r.read_at)
                                 ORDER BY r.device_name)
                 FROM chat_receipt r WHERE r.message_id = m.message_id), '[]') AS receipts
FROM chat_message m
WHERE m.user_name <> '' AND m.received_at >= %(since)s
ORDER BY m.message_id;

-- name: note_handed
INSERT INTO chat_receipt (message_id, device_name, handed_at) VALUES (%(message_id)s, %(device_name)s, %(at)s)
ON CONFLICT (message_id, device_name) DO UPDATE SET handed_at = coalesce(chat_receipt.handed_at, excluded.handed_at);

-- name: note_delivered
INSERT INTO chat_receipt (message_id, device_name, delivered_at) VALUES (%(message_id)s, %(device_name)s, %(at)s)
ON CONFLICT (message_id, device_name)
DO UPDATE SET delivered_at = coalesce(chat_receipt.delivered_at, excluded.delivered_at);

-- name: note_read
INSERT INTO chat_receipt (message_id, device_name, read_at) VALUES (%(message_id)s, %(device_name)s, %(at)s)
ON CONFLICT (message_id, device_name) DO UPDATE SET read_at = coalesce(chat_receipt.read_at, excluded.read_at);

-- name: mark_chat_read
INSERT INTO chat_read (user_name, movement_id, up_to) VALUES (%(user_name)s, %(movement_id)s, %(up_to)s)
ON CONFLICT (user_name, movement_id) DO UPDATE SET up_to = greatest(chat_read.up_to, excluded.up_to);

-- name: unread_chat
SELECT m.movement_id, count(*)::integer AS count, max(m.received_at) AS newest_at
FROM chat_message m
LEFT JOIN chat_read r ON r.user_name = %(user_name)s AND r.movement_id = coalesce(m.movement_id, 0)
WHERE m.from_device <> '' AND m.received_at >= %(since)s AND m.message_id > coalesce(r.up_to, 0)
GROUP BY m.movement_id
ORDER BY max(m.received_at) DESC;
