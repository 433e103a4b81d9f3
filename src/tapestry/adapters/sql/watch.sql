-- name: add_watch_record
INSERT INTO watch_record (kind, version, open, body) VALUES (%(kind)s, 1, %(open)s, %(body)s)
RETURNING record_id, kind, version, open, body;

-- name: put_watch_record
UPDATE watch_record SET version = %(version)s, open = %(open)s, body = %(body)s
WHERE record_id = %(record_id)s AND kind = %(kind)s AND version = %(version)s - 1;

-- name: watch_record
SELECT record_id, kind, version, open, body FROM watch_record WHERE record_id = %(record_id)s AND kind = %(kind)s;

-- name: open_watch_records
SELECT record_id, kind, version, open, body FROM watch_record
WHERE kind = %(kind)s AND open AND record_id BETWEEN %(first)s AND %(last)s ORDER BY record_id DESC LIMIT %(limit)s;

-- name: watch_records
SELECT record_id, kind, version, open, body FROM watch_record
WHERE kind = %(kind)s AND record_id BETWEEN %(first)s AND %(last)s ORDER BY record_id DESC LIMIT %(limit)s;

-- name: deeds
SELECT seq, at, actor, action, subject, details::text AS details FROM log
WHERE is_deed(action)
  AND (at, seq) < (%(before_at)s::timestamptz, %(before_seq)s::bigint)
  AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
  AND (%(actor)s = '' OR actor = %(actor)s)
  AND (%(actions)s::text[] = '{}' AND %(subjects)s::text[] = '{}' OR action = ANY (%(actions)s)
       OR subject LIKE ANY (%(subjects)s))
ORDER BY at DESC, seq DESC LIMIT %(limit)s;

-- name: deeds_about
SELECT seq, at, actor, action, subject, details::text AS details FROM log
WHERE is_deed(action) AND subject = %(about)s
  AND (at, seq) < (%(before_at)s::timestamptz, %(before_seq)s::bigint)
  AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
  AND (%(actor)s = '' OR actor = %(actor)s)
  AND (%(actions)s::text[] = '{}' AND %(subjects)s::text[] = '{}' OR action = ANY (%(actions)s)
       OR subject LIKE ANY (%(subjects)s))
ORDER BY at DESC, seq DESC LIMIT %(limit)s;

-- name: deeds_with_words
-- PostgreSQL takes any beginning of a word for common (at least one in 200 of all rows) and would walk the whole Log for a
-- rare one. So: the newest entries are read as they come, and only if too few of them have the words, the words' index.
WITH recent AS MATERIALIZED (
    SELECT seq, at, actor, action, subject, details
    FROM (
        SELECT seq, at, actor, action, subject, details FROM log
        WHERE is_deed(action) AND (at, seq) < (%(before_at)s::timestamptz, %(before_seq)s::bigint)
          AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
        ORDER BY at DESC, seq DESC LIMIT 5000
    ) AS newest
    WHERE words_of(actor, action, subject, details) @@ to_tsquery('simple', %(words)s)
      AND (%(actor)s = '' OR actor = %(actor)s) AND (%(about)s = '' OR subject = %(about)s)
      AND (%(actions)s::text[] = '{}' AND %(subjects)s::text[] = '{}' OR action = ANY (%(actions)s)
           OR subject LIKE ANY (%(subjects)s))
    ORDER BY at DESC, seq DESC LIMIT %(limit)s
), indexed AS MATERIALIZED (
    SELECT seq, at, actor, action, subject, details
    FROM (
        SELECT seq, at, actor, action, subject, details FROM log
        WHERE is_deed(action) AND words_of(actor, action, subject, details) @@ to_tsquery('simple', %(words)s)
        OFFSET 0 -- a fence: with a time beside the words, a prepared statement would take the index of times
    ) AS worded
    WHERE (at, seq) < (%(before_at)s::timestamptz, %(before_seq)s::bigint)
      AND at >= %(since)s::timestamptz AND at < %(until)s::timestamptz
      AND (%(actor)s = '' OR actor = %(actor)s) AND (%(about)s = '' OR subject = %(about)s)
      AND (%(actions)s::text[] = '{}' AND %(subjects)s::text[] = '{}' OR action = ANY (%(actions)s)
           OR subject LIKE ANY (%(subjects)s))
    ORDER BY at DESC, seq DESC LIMIT %(limit)s
), found AS (
    SELECT seq, at, actor, action, subject, details FROM recent WHERE (SELECT count(*) FROM recent) >= %(limit)s
    UNION ALL
    SELECT seq, at, actor, action, subject, details FROM indexed WHERE (SELECT count(*) FROM recent) < %(limit)s
)
SELECT seq, at, actor, action, subject, details::text AS details FROM found
ORDER BY at DESC, seq DESC LIMIT %(limit)s;

-- name: deed
SELECT seq, at, actor, action, subject, details::text AS details FROM log WHERE is_deed(action) AND seq = %(seq)s;

-- name: corrections_of
SELECT details ->> 'corrects' AS corrects, max(seq) AS seq FROM log
WHERE action = 'correct-entry' AND details ->> 'corrects' = ANY (%(numbers)s) GROUP BY 1;

-- name: raised_alerts
SELECT alert_id, received_at AS at, started_at, rule, severity, movement_id, vehicle_id, closed_at, closed_by, close_reason
FROM alert
WHERE (received_at, alert_id) < (%(before_at)s::timestamptz, %(before_id)s)
  AND received_at >= %(since)s::timestamptz AND received_at < %(until)s::timestamptz
  AND (%(about)s = '' OR 'movement/' || movement_id = %(about)s OR 'vehicle/' || vehicle_id = %(about)s)
ORDER BY received_at DESC, alert_id DESC LIMIT %(limit)s;
