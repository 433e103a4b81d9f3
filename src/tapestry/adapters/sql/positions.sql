-- name: projected_seq
SELECT last_seq FROM projection WHERE name = %(name)s;

-- name: mark_projected
INSERT INTO projection (name, last_seq) VALUES (%(name)s, %(seq)s)
ON CONFLICT (name) DO UPDATE SET last_seq = excluded.last_seq WHERE projection.last_seq < excluded.last_seq;

-- name: start_projection
INSERT INTO projection (name, last_seq) VALUES (%(name)s, 0) ON CONFLICT (name) DO NOTHING;

-- name: lock_projection
SELECT last_seq FROM projection WHERE name = %(name)s FOR UPDATE;

-- name: copy_positions
COPY position (track_seq, fixed_at, received_at, lat_deg, lon_deg, speed_mps, heading_deg, alt_m, accuracy_m,
               vehicle_id, movement_id, tracker_id, flags, row_no)
FROM STDIN (FORMAT binary);

-- name: put_contacts
INSERT INTO vehicle_contact (vehicle_id, contact_at)
SELECT vehicle_id, 'epoch'::timestamptz + contact_us * interval '1 microsecond'
FROM unnest(%(vehicle_ids)s::integer[], %(contacts_us)s::bigint[]) AS told (vehicle_id, contact_us)
ON CONFLICT (vehicle_id) DO UPDATE SET contact_at = excluded.contact_at
WHERE vehicle_contact.contact_at < excluded.contact_at;

-- name: put_quality
INSERT INTO position_quality (track_seq, row_no, flags)
SELECT %(track_seq)s, row_no, bit_or(flags)
FROM unnest(%(rows)s::integer[], %(flags)s::integer[]) AS judged (row_no, flags)
GROUP BY row_no
ON CONFLICT (track_seq, row_no) DO UPDATE SET flags = position_quality.flags | excluded.flags;

-- name: read_track
SELECT array_agg(fixed_at), array_agg(received_at), array_agg(lat_deg), array_agg(lon_deg), array_agg(speed_mps),
       array_agg(heading_deg), array_agg(alt_m), array_agg(accuracy_m), array_agg(vehicle_id), array_agg(movement_id),
       array_agg(tracker_id), array_agg(flags)
FROM (
    SELECT fixed_at, received_at, lat_deg, lon_deg, speed_mps, heading_deg, alt_m, accuracy_m, vehicle_id,
           movement_id, tracker_id, position.flags | coalesce(judged.flags, 0) AS flags
    FROM position LEFT JOIN position_quality AS judged USING (track_seq, row_no)
    WHERE vehicle_id = %(vehicle_id)s AND fixed_at >= %(since)s AND fixed_at < %(until)s
    ORDER BY fixed_at, received_at, track_seq, row_no
    LIMIT %(limit)s
) AS found;

-- name: read_between
SELECT array_agg(fixed_at), array_agg(received_at), array_agg(lat_deg), array_agg(lon_deg), array_agg(speed_mps),
       array_agg(heading_deg), array_agg(alt_m), array_agg(accuracy_m), array_agg(vehicle_id), array_agg(movement_id),
       array_agg(tracker_id), array_agg(flags)
FROM (
    SELECT fixed_at, received_at, lat_deg, lon_deg, speed_mps, heading_deg, alt_m, accuracy_m, vehicle_id,
           movement_id, tracker_id, position.flags | coalesce(judged.flags, 0) AS flags
    FROM position LEFT JOIN position_quality AS judged USING (track_seq, row_no)
    WHERE vehicle_id = ANY (%(vehicle_ids)s) AND fixed_at >= %(since)s AND fixed_at < %(until)s
    ORDER BY vehicle_id, fixed_at, received_at, track_seq, row_no
    LIMIT %(limit)s
) AS found;

-- name: read_last_at
-- One hop through the index for each moment and vehicle, moment by moment: rows of one time lie close together. What
-- was judged is looked up for the rows found only; the few of them that are no place are looked for again, past it.
WITH found AS MATERIALIZED (
    SELECT wanted.at, wanted.after, newest.*
    FROM (
        SELECT at, after, wanted_id
        FROM unnest(%(at)s::timestamptz[], %(after)s::timestamptz[]) AS moment (at, after)
        CROSS JOIN unnest(%(vehicle_ids)s::integer[]) AS vehicle (wanted_id)
        ORDER BY at
    ) AS wanted
    CROSS JOIN LATERAL (
        SELECT * FROM position
        WHERE vehicle_id = wanted_id AND fixed_at > wanted.after AND fixed_at <= wanted.at
              AND flags & %(no_place)s = 0
        ORDER BY fixed_at DESC
        LIMIT 1
    ) AS newest
)
SELECT array_agg(fixed_at), array_agg(received_at), array_agg(lat_deg), array_agg(lon_deg), array_agg(speed_mps),
       array_agg(heading_deg), array_agg(alt_m), array_agg(accuracy_m), array_agg(vehicle_id), array_agg(movement_id),
       array_agg(tracker_id), array_agg(flags)
FROM (
    SELECT fixed_at, received_at, lat_deg, lon_deg, speed_mps, heading_deg, alt_m, accuracy_m, vehicle_id,
           movement_id, tracker_id, found.flags | coalesce(judged.flags, 0) AS flags
    FROM found LEFT JOIN position_quality AS judged USING (track_seq, row_no)
    WHERE coalesce(judged.flags, 0) & %(no_place)s = 0
    UNION ALL
    SELECT older.*
    FROM found JOIN position_quality AS no_place USING (track_seq, row_no)
    CROSS JOIN LATERAL (
        SELECT fixed_at, received_at, lat_deg, lon_deg, speed_mps, heading_deg, alt_m, accuracy_m, vehicle_id,
               movement_id, tracker_id, position.flags | coalesce(judged.flags, 0) AS flags
        FROM position LEFT JOIN position_quality AS judged USING (track_seq, row_no)
        WHERE vehicle_id = found.vehicle_id AND fixed_at > found.after AND fixed_at <= found.at
              AND (position.flags | coalesce(judged.flags, 0)) & %(no_place)s = 0
        ORDER BY fixed_at DESC
        LIMIT 1
    ) AS older
    WHERE no_place.flags & %(no_place)s <> 0
) AS placed;

-- name: count_positions
SELECT count(*) AS count FROM position;

-- name: last_contacts
-- The newest fix of each vehicle by hops through the index, one per vehicle. A device clock that runs ahead would
-- stay the newest for ever: such fixes are passed over.
WITH RECURSIVE newest AS (
    (SELECT vehicle_id, received_at
     FROM position
     WHERE fixed_at <= received_at + interval '5 minutes'
     ORDER BY vehicle_id DESC, fixed_at DESC
     LIMIT 1)
    UNION ALL
    SELECT next_one.vehicle_id, next_one.received_at
    FROM newest
    CROSS JOIN LATERAL (
        SELECT vehicle_id, received_at
        FROM position
        WHERE position.vehicle_id < newest.vehicle_id AND fixed_at <= received_at + interval '5 minutes'
        ORDER BY vehicle_id DESC, fixed_at DESC
        LIMIT 1
    ) AS next_one
)
SELECT vehicle_id, max(contact_at) AS contact_at
FROM (
    SELECT vehicle_id, contact_at FROM vehicle_contact
    UNION ALL
    SELECT vehicle_id, received_at FROM newest
) AS heard
GROUP BY vehicle_id;
