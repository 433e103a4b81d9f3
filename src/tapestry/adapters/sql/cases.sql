-- name: lock_joining
SELECT pg_advisory_xact_lock(7461706657374728);

-- name: known_call
SELECT case_id FROM distress_call WHERE alert_id = %(alert_id)s;

-- name: joinable
SELECT head::text AS head FROM distress_case
WHERE joinable
  AND (%(vehicle_id)s::integer = ANY (vehicle_ids) OR movement_id = %(movement_id)s::integer
       OR %(identity)s = ANY (identities)
       OR (unverified AND last_call_at > %(since)s))
ORDER BY case_id FOR UPDATE;

-- name: new_case_id
SELECT nextval(pg_get_serial_sequence('distress_case', 'case_id'))::integer AS case_id;

-- name: put_case
INSERT INTO distress_case (case_id, joinable, awaited, resolved, unverified, opened_at, last_call_at, movement_id,
                           vehicle_ids, identities, head)
OVERRIDING SYSTEM VALUE
VALUES (%(case_id)s, %(joinable)s, %(awaited)s, %(resolved)s, %(unverified)s, %(opened_at)s, %(last_call_at)s,
        %(movement_id)s, %(vehicle_ids)s, %(identities)s, %(head)s)
ON CONFLICT (case_id) DO UPDATE
SET joinable = excluded.joinable, awaited = excluded.awaited, resolved = excluded.resolved,
    unverified = excluded.unverified, last_call_at = excluded.last_call_at, movement_id = excluded.movement_id,
    vehicle_ids = excluded.vehicle_ids, identities = excluded.identities, head = excluded.head;

-- name: add_call
INSERT INTO distress_call (alert_id, case_id, n, identity, channel, standing, kind, raised_at, received_at, vehicle_id,
                           movement_id, lat_deg, lon_deg, silent)
VALUES (%(alert_id)s, %(case_id)s, %(n)s, %(identity)s, %(channel)s, %(standing)s, %(kind)s, %(raised_at)s,
        %(received_at)s, %(vehicle_id)s, %(movement_id)s, %(lat_deg)s, %(lon_deg)s, %(silent)s);

-- name: add_entry
INSERT INTO case_entry (case_id, at, by, what, state, note, "check", result)
VALUES (%(case_id)s, %(at)s, %(by)s, %(what)s, %(state)s, %(note)s, %(check)s, %(result)s);

-- name: case_of_alert
SELECT case_id FROM distress_call WHERE alert_id = %(alert_id)s;

-- name: case
SELECT head::text AS head FROM distress_case WHERE case_id = %(case_id)s;

-- name: case_for_change
SELECT head::text AS head FROM distress_case WHERE case_id = %(case_id)s FOR UPDATE;

-- name: open_cases
SELECT head::text AS head FROM distress_case WHERE NOT resolved ORDER BY opened_at DESC, case_id DESC LIMIT %(limit)s;

-- name: cases
SELECT head::text AS head FROM distress_case ORDER BY opened_at DESC, case_id DESC LIMIT %(limit)s;

-- name: awaited_cases
SELECT case_id FROM distress_case WHERE awaited ORDER BY case_id;

-- name: cases_between
SELECT head::text AS head FROM distress_case WHERE opened_at >= %(since)s AND opened_at < %(until)s
ORDER BY opened_at, case_id LIMIT %(limit)s;

-- name: calls
SELECT alert_id, identity, channel, standing, kind, raised_at, received_at, vehicle_id, movement_id, lat_deg, lon_deg,
       silent
FROM distress_call WHERE case_id = %(case_id)s AND n > %(after)s ORDER BY n LIMIT %(limit)s;

-- name: newest_calls
SELECT * FROM (
    SELECT n, alert_id, identity, channel, standing, kind, raised_at, received_at, vehicle_id, movement_id, lat_deg,
           lon_deg, silent
    FROM distress_call WHERE case_id = %(case_id)s ORDER BY n DESC LIMIT %(limit)s
) AS newest ORDER BY n;

-- name: entries
SELECT at, by, what, state, note, "check", result FROM case_entry WHERE case_id = %(case_id)s ORDER BY entry_id;

-- name: deliveries
SELECT desk, reason, due_at, told_at, shown_at, shown_by FROM case_delivery WHERE case_id = %(case_id)s
ORDER BY due_at, desk;

-- name: deliveries_of
SELECT case_id, desk, reason, due_at, told_at, shown_at, shown_by FROM case_delivery
WHERE case_id = ANY (%(case_ids)s::integer[]) ORDER BY due_at, desk;

-- name: steps
SELECT raise_count, step, round, due_at, taken_at, desks, contacts FROM case_step WHERE case_id = %(case_id)s
ORDER BY due_at, taken_at, step;

-- name: add_delivery
INSERT INTO case_delivery (case_id, desk, reason, due_at) VALUES (%(case_id)s, %(desk)s, %(reason)s, %(due_at)s)
ON CONFLICT DO NOTHING;

-- name: mark_told
UPDATE case_delivery SET told_at = %(at)s
WHERE case_id = %(case_id)s AND desk = ANY (%(desks)s::text[]) AND told_at IS NULL;

-- name: mark_shown
UPDATE case_delivery SET told_at = coalesce(told_at, %(at)s), shown_at = %(at)s, shown_by = %(by)s
WHERE case_id = %(case_id)s AND desk = ANY (%(desks)s::text[]) AND shown_at IS NULL
RETURNING desk;

-- name: add_step
INSERT INTO case_step (case_id, raise_count, step, round, due_at, taken_at, desks, contacts)
VALUES (%(case_id)s, %(raise_count)s, %(step)s, %(round)s, %(due_at)s, %(taken_at)s, %(desks)s, %(contacts)s)
ON CONFLICT DO NOTHING;

-- name: add_message
INSERT INTO outbox (key, case_id, recipient_key, rank, desk, recipient, means, address, language, state, created_at,
                    next_try_at)
VALUES (%(key)s, %(case_id)s, %(recipient_key)s, %(rank)s, %(desk)s, %(recipient)s, %(means)s, %(address)s,
        %(language)s, %(state)s, %(created_at)s, %(next_try_at)s)
ON CONFLICT (key) DO NOTHING;

-- name: stop_messages
UPDATE outbox SET state = 'stopped', next_try_at = NULL
WHERE case_id = %(case_id)s AND state IN ('waiting', 'held');

-- name: messages_of
SELECT message_id, key, case_id, recipient_key, rank, desk, recipient, means, address, language, state, created_at,
       next_try_at, attempts, last_error, tried_at, sent_at
FROM outbox WHERE case_id = %(case_id)s ORDER BY message_id;

-- name: due_messages
SELECT message_id, key, case_id, recipient_key, rank, desk, recipient, means, address, language, state, created_at,
       next_try_at, attempts, last_error, tried_at, sent_at
FROM outbox WHERE state = 'waiting' AND next_try_at <= %(now)s ORDER BY next_try_at, message_id LIMIT %(limit)s;

-- name: message_sent
UPDATE outbox SET state = 'sent', sent_at = %(at)s, tried_at = %(at)s, attempts = attempts + 1, next_try_at = NULL
WHERE message_id = %(message_id)s;

-- name: stop_other_ways
UPDATE outbox SET state = 'stopped', next_try_at = NULL
WHERE recipient_key = %(recipient_key)s AND message_id <> %(message_id)s AND state IN ('waiting', 'held');

-- name: message_failed
UPDATE outbox SET attempts = attempts + 1, tried_at = %(at)s, last_error = %(error)s, next_try_at = %(next_try_at)s,
    state = CASE WHEN state = 'stopped' THEN state
                 WHEN %(next_try_at)s::timestamptz IS NULL THEN 'given-up' ELSE 'waiting' END
WHERE message_id = %(message_id)s;

-- name: release_next_way
UPDATE outbox SET state = 'waiting', next_try_at = %(at)s
WHERE message_id = (
    SELECT message_id FROM outbox
    WHERE recipient_key = %(recipient_key)s AND rank > %(rank)s AND state = 'held' ORDER BY rank LIMIT 1
);

-- name: newest_tries
SELECT DISTINCT ON (means) means, state, last_error, tried_at FROM outbox WHERE tried_at IS NOT NULL
ORDER BY means, tried_at DESC;

-- name: alerts_of_case
SELECT alert_id, rule, severity, started_at, received_at, late, ended_at, vehicle_id, movement_id, lat_deg, lon_deg,
       facts::text AS facts, owner, acknowledged_at, acknowledged_by, snoozed_until, snooze_reason, closed_at,
       closed_by, close_reason
FROM alert WHERE alert_id IN (SELECT alert_id FROM distress_call WHERE case_id = %(case_id)s) ORDER BY alert_id;

-- name: acknowledge_alerts
WITH done AS (
    UPDATE alert SET acknowledged_at = %(at)s, acknowledged_by = %(by)s
    WHERE alert_id IN (SELECT alert_id FROM distress_call WHERE case_id = %(case_id)s)
      AND acknowledged_at IS NULL AND closed_at IS NULL
    RETURNING alert_id
)
INSERT INTO alert_decision (alert_id, decision, decided_by, decided_at, until, reason)
SELECT alert_id, 'acknowledge', %(by)s, %(at)s, NULL, %(reason)s FROM done;

-- name: close_alerts
WITH done AS (
    UPDATE alert SET closed_at = %(at)s, closed_by = %(by)s, close_reason = %(reason)s
    WHERE alert_id IN (SELECT alert_id FROM distress_call WHERE case_id = %(case_id)s) AND closed_at IS NULL
    RETURNING alert_id
)
INSERT INTO alert_decision (alert_id, decision, decided_by, decided_at, until, reason)
SELECT alert_id, 'close', %(by)s, %(at)s, NULL, %(reason)s FROM done;

-- name: add_text
INSERT INTO inbound_text (gateway_id, received_at, sent_at, sender, text, kind, known, person_id, vehicle_id,
                          movement_id, alert_id, note, posrep)
VALUES (%(gateway_id)s, %(received_at)s, %(sent_at)s, %(sender)s, %(text)s, %(kind)s, %(known)s, %(person_id)s,
        %(vehicle_id)s, %(movement_id)s, %(alert_id)s, %(note)s, %(posrep)s)
ON CONFLICT (gateway_id) DO NOTHING RETURNING text_id;

-- name: text_of_gateway
SELECT text_id, gateway_id, received_at, sent_at, sender, text, kind, known, person_id, vehicle_id, movement_id,
       alert_id, note, posrep
FROM inbound_text WHERE gateway_id = %(gateway_id)s;

-- name: texts
SELECT text_id, gateway_id, received_at, sent_at, sender, text, kind, known, person_id, vehicle_id, movement_id,
       alert_id, note, posrep
FROM inbound_text ORDER BY text_id DESC LIMIT %(limit)s;
