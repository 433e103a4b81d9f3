-- GeoChat between TAK devices and the watch: what devices said, what people at the console wrote, which devices have it,
-- and up to where each person has read. Messages stay as they were said. Not shared with other centres: their devices are
-- not ours.
CREATE TABLE chat_message (
    message_id    integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    movement_id   integer,
    from_device   text NOT NULL DEFAULT '',
    to_device     text NOT NULL DEFAULT '',
    user_name     text NOT NULL DEFAULT '',
    callsign      text NOT NULL,
    room          text NOT NULL DEFAULT '',
    body          text NOT NULL,
    uid           text NOT NULL UNIQUE,
    sent_at       timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    lat_deg       double precision,
    lon_deg       double precision,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'tak',
    CONSTRAINT chat_message_of_one CHECK ((from_device = '') <> (user_name = ''))
);
CREATE INDEX chat_message_of_movement ON chat_message (movement_id, message_id DESC);
CREATE INDEX chat_message_written ON chat_message (received_at) WHERE user_name <> '';
GRANT SELECT, INSERT ON chat_message TO tapestry_app;

CREATE TABLE chat_receipt (
    message_id   integer NOT NULL REFERENCES chat_message ON DELETE CASCADE,
    device_name  text NOT NULL,
    handed_at    timestamptz,
    delivered_at timestamptz,
    read_at      timestamptz,
    PRIMARY KEY (message_id, device_name)
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE ON chat_receipt TO tapestry_app;

CREATE TABLE chat_read (
    user_name   text NOT NULL REFERENCES account ON DELETE CASCADE,
    movement_id integer NOT NULL,
    up_to       integer NOT NULL,
    PRIMARY KEY (user_name, movement_id)
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE ON chat_read TO tapestry_app;
