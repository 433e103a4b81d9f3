-- name: put_words
INSERT INTO challenge_words (person_id, well_hash, duress_hash, set_at, set_by)
VALUES (%(person_id)s, %(well_hash)s, %(duress_hash)s, %(set_at)s, %(set_by)s)
ON CONFLICT (person_id) DO UPDATE
SET well_hash = excluded.well_hash, duress_hash = excluded.duress_hash, set_at = excluded.set_at,
    set_by = excluded.set_by;

-- name: words
SELECT person_id, well_hash, duress_hash, set_at, set_by FROM challenge_words WHERE person_id = %(person_id)s;

-- name: add_challenge
INSERT INTO challenge (movement_id, phone_id, person_id, asked_at, asked_by)
VALUES (%(movement_id)s, %(phone_id)s, %(person_id)s, %(asked_at)s, %(asked_by)s)
RETURNING challenge_id, movement_id, phone_id, person_id, asked_at, asked_by, answered_at, answers, outcome;

-- name: challenge
SELECT challenge_id, movement_id, phone_id, person_id, asked_at, asked_by, answered_at, answers, outcome
FROM challenge WHERE challenge_id = %(challenge_id)s;

-- name: challenges_of
SELECT challenge_id, movement_id, phone_id, person_id, asked_at, asked_by, answered_at, answers, outcome
FROM challenge WHERE movement_id = %(movement_id)s ORDER BY challenge_id DESC LIMIT 200;

-- name: note_answer
UPDATE challenge
SET answers = answers + 1, answered_at = coalesce(answered_at, %(at)s),
    outcome = CASE WHEN outcome = '' OR %(outcome)s = 'duress' THEN %(outcome)s ELSE outcome END
WHERE challenge_id = %(challenge_id)s;
