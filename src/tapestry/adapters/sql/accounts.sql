-- name: accounts
SELECT user_name, role, password_hash, operator_id, totp_secret, totp_used_step, language, disabled, failed_count,
       locked_until
FROM account ORDER BY user_name COLLATE "C";

-- name: account
SELECT user_name, role, password_hash, operator_id, totp_secret, totp_used_step, language, disabled, failed_count,
       locked_until
FROM account WHERE user_name = %(user_name)s;

-- name: add_account
INSERT INTO account (user_name, role, password_hash, operator_id, totp_secret, totp_used_step, language, disabled,
                     failed_count, locked_until)
VALUES (%(user_name)s, %(role)s, %(password_hash)s, %(operator_id)s, %(totp_secret)s, %(totp_used_step)s,
        %(language)s, %(disabled)s, %(failed_count)s, %(locked_until)s);

-- name: update_account
UPDATE account
SET role = %(role)s, password_hash = %(password_hash)s, operator_id = %(operator_id)s,
    totp_secret = %(totp_secret)s, totp_used_step = %(totp_used_step)s, language = %(language)s,
    disabled = %(disabled)s, failed_count = %(failed_count)s, locked_until = %(locked_until)s
WHERE user_name = %(user_name)s;

-- name: put_session
INSERT INTO session (token_hash, user_name, csrf, created_at, seen_at)
VALUES (%(token_hash)s, %(user_name)s, %(csrf)s, %(created_at)s, %(seen_at)s)
ON CONFLICT (token_hash) DO UPDATE SET csrf = excluded.csrf, seen_at = excluded.seen_at;

-- name: session
SELECT token_hash, user_name, csrf, created_at, seen_at FROM session WHERE token_hash = %(token_hash)s;

-- name: end_session
DELETE FROM session WHERE token_hash = %(token_hash)s;

-- name: end_sessions_of
DELETE FROM session WHERE user_name = %(user_name)s;

-- name: put_setup_link
INSERT INTO setup_link (token_hash, valid_until) VALUES (%(token_hash)s, %(valid_until)s);

-- name: use_setup_link
UPDATE setup_link SET used_at = %(at)s
WHERE token_hash = %(token_hash)s AND used_at IS NULL AND valid_until > %(at)s;
