-- Phones of convoys: enrolled once with a token, then known by the public key of their own.
CREATE TABLE phone (
    phone_id         integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    movement_id      integer NOT NULL,
    vehicle_id       integer,
    person_id        integer,
    token_hash       bytea NOT NULL UNIQUE,
    token_expires_at timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    created_by       text NOT NULL,
    name             text NOT NULL DEFAULT '',
    public_key       bytea,
    tracker_id       integer,
    outside_id       text NOT NULL DEFAULT '',
    enrolled_at      timestamptz,
    last_seen_at     timestamptz,
    last_poll        bigint NOT NULL DEFAULT 0,
    wiped_at         timestamptz,
    wiped_by         text NOT NULL DEFAULT '',
    originator       text NOT NULL DEFAULT 'hub',
    marking          tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to    text[] NOT NULL DEFAULT '{}',
    source           text NOT NULL DEFAULT 'desk'
) WITH (fillfactor = 70);
CREATE INDEX phone_of_movement ON phone (movement_id);

-- What a phone sent and the hub has: the same item twice does one thing.
CREATE TABLE phone_item (
    phone_id    integer NOT NULL REFERENCES phone ON DELETE CASCADE,
    n           integer NOT NULL,
    kind        text NOT NULL,
    received_at timestamptz NOT NULL,
    refused     text NOT NULL DEFAULT '',
    PRIMARY KEY (phone_id, n)
);

CREATE TABLE phone_message (
    message_id    integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    movement_id   integer NOT NULL,
    at            timestamptz NOT NULL,
    by            text NOT NULL,
    text          text NOT NULL,
    phone_id      integer REFERENCES phone ON DELETE CASCADE, -- the hub's role deletes no phone: only its owner can
    n             integer,
    delivered_at  timestamptz,
    read_at       timestamptz,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    UNIQUE (phone_id, n)
);
CREATE INDEX phone_message_of_movement ON phone_message (movement_id, message_id);

GRANT SELECT, INSERT, UPDATE ON phone, phone_message TO tapestry_app;
GRANT SELECT, INSERT ON phone_item TO tapestry_app;
