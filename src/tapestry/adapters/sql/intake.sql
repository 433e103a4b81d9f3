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
INSERT INTO rejected (received_at, protocol, remote, reason, raw_hex, identity)
VALUES (%(received_at)s, %(protocol)s, %(remote)s, %(reason)s, %(raw_hex)s, %(identity)s)
RETURNING rejected_id;

-- name: forget_rejected
DELETE FROM rejected WHERE rejected_id <= %(up_to)s;

-- name: rejected
SELECT received_at, protocol, remote, reason, raw_hex, identity FROM rejected ORDER BY rejected_id DESC LIMIT %(limit)s;
