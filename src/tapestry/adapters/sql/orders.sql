-- name: expire_orders
UPDATE wipe_order SET cancelled_by = 'hub', cancelled_at = %(at)s
WHERE confirmed_at IS NULL AND cancelled_at IS NULL AND expires_at < %(at)s;

-- name: add_order
INSERT INTO wipe_order (level, reason, ordered_by, ordered_at, expires_at)
VALUES (%(level)s, %(reason)s, %(by)s, %(at)s, %(expires_at)s)
ON CONFLICT DO NOTHING
RETURNING order_id, level, reason, ordered_by, ordered_at, expires_at, confirmed_by, confirmed_at, cancelled_by,
    cancelled_at, lifted_by, lifted_at;

-- name: confirm_order
UPDATE wipe_order SET confirmed_by = %(by)s, confirmed_at = %(at)s
WHERE order_id = %(order_id)s AND confirmed_at IS NULL AND cancelled_at IS NULL AND ordered_by <> %(by)s
  AND expires_at >= %(at)s;

-- name: cancel_order
UPDATE wipe_order SET cancelled_by = %(by)s, cancelled_at = %(at)s
WHERE order_id = %(order_id)s AND confirmed_at IS NULL AND cancelled_at IS NULL;

-- name: lift_lock
UPDATE wipe_order SET lifted_by = %(by)s, lifted_at = %(at)s
WHERE order_id = %(order_id)s AND level = 'lock' AND confirmed_at IS NOT NULL AND lifted_at IS NULL;

-- name: orders
SELECT order_id, level, reason, ordered_by, ordered_at, expires_at, confirmed_by, confirmed_at, cancelled_by,
    cancelled_at, lifted_by, lifted_at
FROM wipe_order ORDER BY order_id DESC LIMIT %(limit)s;

-- name: end_all_sessions
DELETE FROM session;
