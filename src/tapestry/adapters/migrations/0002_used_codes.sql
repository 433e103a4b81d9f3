-- The 30-second step of the newest one-time code that somebody logged in with: a code is good once, also after the
-- hub was started again. 0: none yet.
ALTER TABLE account ADD COLUMN totp_used_step bigint NOT NULL DEFAULT 0;
