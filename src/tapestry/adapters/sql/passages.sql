-- name: record_passage
INSERT INTO passage (movement_id, checkpoint, vehicle_id, passed_at, known_at, uncertainty_s, withdrawn)
VALUES (%(movement_id)s, %(checkpoint)s, %(vehicle_id)s, %(passed_at)s, %(known_at)s, %(uncertainty_s)s, %(withdrawn)s)
ON CONFLICT (movement_id, checkpoint, vehicle_id) DO UPDATE
SET passed_at = excluded.passed_at, known_at = excluded.known_at, uncertainty_s = excluded.uncertainty_s,
    withdrawn = excluded.withdrawn;

-- name: passages_of
SELECT movement_id, checkpoint, vehicle_id, passed_at, known_at, uncertainty_s
FROM passage
WHERE movement_id = ANY (%(movement_ids)s::integer[]) AND NOT withdrawn
ORDER BY movement_id, checkpoint, passed_at, vehicle_id;
