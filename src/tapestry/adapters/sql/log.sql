-- name: lock_log
-- Who has the lock and hangs is cut off. Not even "idle" is said of a session that was sent half a pipeline, so it is the
-- transaction that has the limit, from the moment on at which the lock is had; PostgreSQL knows it since version 17.
SELECT pg_advisory_xact_lock(7461706573747279),
       CASE WHEN current_setting('server_version_num')::integer >= 170000
            THEN set_config('transaction_timeout', %(within_ms)s::text, true) END;

-- name: tree
SELECT size, peaks FROM log_tree;

-- name: append_log
INSERT INTO log (seq, at, actor, action, subject, details, leaf_hash)
VALUES (%(seq)s, %(at)s, %(actor)s, %(action)s, %(subject)s, %(details)s, %(leaf_hash)s);

-- name: put_tree
UPDATE log_tree SET size = %(size)s, peaks = %(peaks)s;

-- name: log_entries
SELECT seq, at, actor, action, subject, details::text AS details, leaf_hash
FROM log WHERE seq >= %(start)s ORDER BY seq LIMIT %(limit)s;

-- name: put_tree_head
INSERT INTO tree_head (size, root_hash, signed_at, signature, public_key)
VALUES (%(size)s, %(root_hash)s, %(signed_at)s, %(signature)s, %(public_key)s);

-- name: tree_heads
SELECT size, root_hash, signed_at, signature, public_key
FROM tree_head ORDER BY size DESC, signed_at DESC LIMIT %(limit)s;
