-- Words with which people say that they are well, or that somebody makes them say so: Argon2id hashes only.
CREATE TABLE challenge_words (
    person_id     integer PRIMARY KEY REFERENCES person ON DELETE CASCADE,
    well_hash     text NOT NULL,
    duress_hash   text NOT NULL,
    set_at        timestamptz NOT NULL,
    set_by        text NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:RED',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
);

CREATE TABLE challenge (
    challenge_id  integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    movement_id   integer NOT NULL,
    phone_id      integer NOT NULL REFERENCES phone ON DELETE CASCADE,
    person_id     integer NOT NULL,
    asked_at      timestamptz NOT NULL,
    asked_by      text NOT NULL,
    answered_at   timestamptz,
    answers       integer NOT NULL DEFAULT 0,
    outcome       text NOT NULL DEFAULT '',
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
);
CREATE INDEX challenge_of_movement ON challenge (movement_id, challenge_id);

GRANT SELECT, INSERT, UPDATE ON challenge_words, challenge TO tapestry_app;
