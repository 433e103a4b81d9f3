-- name: lock_log
SELECT pg_advisory_xact_lock(7461706573747279);

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
