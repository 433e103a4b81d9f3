-- name: record_quarantined
INSERT INTO quarantine (identity, protocol, remote, first_at, last_at, count, rejected_count, lat_deg, lon_deg)
VALUES (%(identity)s, %(protocol)s, %(remote)s, %(first_at)s, %(last_at)s, %(count)s, %(rejected_count)s,
        %(lat_deg)s, %(lon_deg)s)
ON CONFLICT (identity) DO UPDATE
SET protocol = excluded.protocol, remote = excluded.remote,
    first_at = least(quarantine.first_at, excluded.first_at),
    last_at = greatest(quarantine.last_at, excluded.last_at),
    count = quarantine.count + excluded.count,
    rejected_count = quarantine.rejected_count + excluded.rejected_count,
    lat_deg = coalesce(excluded.lat_deg, quarantine.lat_deg),
    lon_deg = coalesce(excluded.lon_deg, quarantine.lon_deg);

-- name: quarantined
SELECT identity, protocol, remote, first_at, last_at, count, rejected_count, lat_deg, lon_deg
FROM quarantine ORDER BY last_at DESC, identity;

-- name: release_quarantined
DELETE FROM quarantine WHERE identity = %(identity)s;

-- name: record_rejected
INSERT INTO rejected (received_at, protocol, remote, reason, shape, raw_hex, identity)
VALUES (%(received_at)s, %(protocol)s, %(remote)s, %(reason)s, %(shape)s, %(raw_hex)s, %(identity)s)
RETURNING rejected_id;

-- name: forget_rejected
DELETE FROM rejected WHERE rejected_id <= %(up_to)s;

-- name: rejected
SELECT received_at, protocol, remote, reason, raw_hex, identity, rejected_id
FROM rejected
WHERE (%(protocol)s = '' OR protocol = %(protocol)s)
  AND (%(shape)s = '' OR shape = %(shape)s)
  AND position(lower(%(text)s) IN lower(concat_ws(' ', identity, remote, reason))) > 0
  AND (%(before)s::bigint IS NULL OR rejected_id < %(before)s)
ORDER BY rejected_id DESC LIMIT %(limit)s;

-- name: rejected_groups
SELECT protocol, shape, (array_agg(reason ORDER BY rejected_id DESC))[1] AS reason, count(*)::integer AS count,
       min(received_at) AS first_at, max(received_at) AS last_at,
       (array_agg(DISTINCT sender))[1:%(most_senders)s] AS senders, count(DISTINCT sender)::integer AS sender_count
FROM (SELECT *, coalesce(identity, regexp_replace(remote, ':\d+$', '')) AS sender FROM rejected) AS one
WHERE (%(protocol)s = '' OR protocol = %(protocol)s)
  AND (%(shape)s = '' OR shape = %(shape)s)
  AND position(lower(%(text)s) IN lower(concat_ws(' ', identity, remote, reason))) > 0
GROUP BY protocol, shape
ORDER BY max(rejected_id) DESC LIMIT %(limit)s;
