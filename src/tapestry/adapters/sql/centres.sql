-- name: centres
SELECT number, name, own FROM centre ORDER BY number;

-- name: put_peer
INSERT INTO centre (number, name, own) VALUES (%(number)s, %(name)s, false) ON CONFLICT (number) DO NOTHING;

-- name: changes_ready
-- Transactions end in another order than they began: what is older than every one still open is complete, in order.
SELECT change_no, table_name, row::text AS row, gone, changed_at, base_at, base_centre, home
FROM change WHERE xact < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY change_no LIMIT %(limit)s;

-- name: drop_changes
DELETE FROM change WHERE change_no = ANY (%(change_nos)s);

-- name: take_over
SELECT take_over(%(centre)s::smallint, %(table)s, %(row)s::jsonb, %(gone)s, %(changed_at)s, %(base_at)s,
                 %(base_centre)s::smallint) AS outcome;

-- name: set_aside
INSERT INTO change_aside (centre, table_name, row, gone, changed_at, reason, said)
VALUES (%(centre)s, %(table)s, %(row)s::jsonb, %(gone)s, %(changed_at)s, 'refused', %(said)s) ON CONFLICT DO NOTHING;

-- name: asides
SELECT aside_id, centre, table_name, row::text AS row, gone, changed_at, reason, said, noted_at
FROM change_aside ORDER BY aside_id DESC LIMIT %(limit)s;
