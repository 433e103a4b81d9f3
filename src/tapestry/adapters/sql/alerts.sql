-- name: put_start
INSERT INTO alert (alert_id, rule, severity, started_at, start_seen, received_at, late, vehicle_id, movement_id,
                   lat_deg, lon_deg, facts, source)
VALUES (%(alert_id)s, %(rule)s, %(severity)s, %(started_at)s, true, %(received_at)s, %(late)s, %(vehicle_id)s,
        %(movement_id)s, %(lat_deg)s, %(lon_deg)s, %(facts)s, %(source)s)
ON CONFLICT (alert_id) DO UPDATE
SET severity = excluded.severity, started_at = excluded.started_at, start_seen = true,
    received_at = excluded.received_at, late = excluded.late, vehicle_id = excluded.vehicle_id,
    movement_id = excluded.movement_id, lat_deg = excluded.lat_deg, lon_deg = excluded.lon_deg,
    facts = excluded.facts
WHERE NOT alert.start_seen;

-- name: put_end
INSERT INTO alert (alert_id, rule, severity, started_at, start_seen, received_at, late, ended_at, vehicle_id,
                   movement_id, lat_deg, lon_deg, facts, source)
VALUES (%(alert_id)s, %(rule)s, %(severity)s, %(started_at)s, false, %(received_at)s, %(late)s, %(started_at)s,
        %(vehicle_id)s, %(movement_id)s, %(lat_deg)s, %(lon_deg)s, %(facts)s, %(source)s)
ON CONFLICT (alert_id) DO UPDATE
SET ended_at = excluded.ended_at
WHERE alert.ended_at IS NULL;

-- name: alert
SELECT alert_id, rule, severity, started_at, received_at, late, ended_at, vehicle_id, movement_id, lat_deg, lon_deg,
       facts::text AS facts, owner, acknowledged_at, acknowledged_by, snoozed_until, snooze_reason, closed_at,
       closed_by, close_reason
FROM alert WHERE alert_id = %(alert_id)s;

-- name: alert_for_decision
SELECT closed_at, closed_by FROM alert WHERE alert_id = %(alert_id)s FOR UPDATE;

-- name: open_alerts
SELECT alert_id, rule, severity, started_at, received_at, late, ended_at, vehicle_id, movement_id, lat_deg, lon_deg,
       facts::text AS facts, owner, acknowledged_at, acknowledged_by, snoozed_until, snooze_reason, closed_at,
       closed_by, close_reason
FROM alert WHERE closed_at IS NULL ORDER BY started_at DESC, alert_id LIMIT %(limit)s;

-- name: alerts
SELECT alert_id, rule, severity, started_at, received_at, late, ended_at, vehicle_id, movement_id, lat_deg, lon_deg,
       facts::text AS facts, owner, acknowledged_at, acknowledged_by, snoozed_until, snooze_reason, closed_at,
       closed_by, close_reason
FROM alert ORDER BY started_at DESC, alert_id LIMIT %(limit)s;

-- name: add_decision
INSERT INTO alert_decision (alert_id, decision, decided_by, decided_at, until, reason)
VALUES (%(alert_id)s, %(decision)s, %(by)s, %(at)s, %(until)s, %(reason)s);

-- name: acknowledge
UPDATE alert SET acknowledged_at = coalesce(acknowledged_at, %(at)s), acknowledged_by = coalesce(acknowledged_by, %(by)s)
WHERE alert_id = %(alert_id)s;

-- name: take
UPDATE alert SET owner = %(by)s WHERE alert_id = %(alert_id)s;

-- name: snooze
UPDATE alert SET snoozed_until = %(until)s, snooze_reason = %(reason)s WHERE alert_id = %(alert_id)s;

-- name: close
UPDATE alert SET closed_at = %(at)s, closed_by = %(by)s, close_reason = %(reason)s WHERE alert_id = %(alert_id)s;
