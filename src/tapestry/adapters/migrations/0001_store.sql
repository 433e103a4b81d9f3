-- The store from its first day. Every object says whose it is (originator), who may see it (marking by TLP 2.0,
-- releasable_to) and where it came from (source). What is in a column is not repeated here: see docs/store.md.

CREATE DOMAIN tlp AS text
    CONSTRAINT tlp_words CHECK (VALUE IN ('TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR'));

-- ---------------------------------------------------------------- roster
CREATE TABLE operator (
    operator_id   integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name          text NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    CONSTRAINT operator_name_is_taken UNIQUE (name)
);

CREATE TABLE vehicle (
    vehicle_id     integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    operator_id    integer NOT NULL,
    callsign       text NOT NULL,
    plate          text,
    kind           text,
    role           text NOT NULL,
    always_tracked boolean NOT NULL,
    originator     text NOT NULL GENERATED ALWAYS AS ('operator/' || operator_id::text) STORED,
    marking        tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to  text[] NOT NULL DEFAULT '{}',
    source         text NOT NULL DEFAULT 'desk',
    CONSTRAINT vehicle_needs_an_operator FOREIGN KEY (operator_id) REFERENCES operator
);

CREATE TABLE tracker (
    tracker_id    integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    identity      text NOT NULL CONSTRAINT tracker_identity_is_taken UNIQUE,
    vehicle_id    integer,
    secret_sha256 bytea,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    CONSTRAINT tracker_needs_its_vehicle FOREIGN KEY (vehicle_id) REFERENCES vehicle
);

CREATE SEQUENCE movement_id AS integer;

-- Every version of every plan; the newest one counts.
CREATE TABLE movement (
    movement_id   integer NOT NULL,
    version       integer NOT NULL,
    operator_id   integer NOT NULL,
    plan          json NOT NULL,
    originator    text NOT NULL GENERATED ALWAYS AS ('operator/' || operator_id::text) STORED,
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    PRIMARY KEY (movement_id, version),
    CONSTRAINT movement_needs_an_operator FOREIGN KEY (operator_id) REFERENCES operator
);

CREATE SEQUENCE fences_version;

CREATE TABLE fence (
    fence_id      integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name          text NOT NULL,
    kind          text NOT NULL,
    rings         json NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
);

-- ---------------------------------------------------------------- positions
-- How far each projection of the bus has come; "positions" moves in the transaction that writes the rows.
CREATE TABLE projection (
    name     text PRIMARY KEY,
    last_seq bigint NOT NULL
) WITH (fillfactor = 50);

-- Labels of positions: a column of two bytes instead of text in each of a billion rows.
CREATE TABLE label (
    label_id      smallint PRIMARY KEY,
    marking       tlp NOT NULL,
    releasable_to text[] NOT NULL DEFAULT '{}'
);
INSERT INTO label (label_id, marking) VALUES (0, 'TLP:AMBER');

-- One row per fix. Its source is tracker_id, its originator the operator of vehicle_id. No column is NULL: a number
-- that was not given is NaN, an id that is not there is -1, as in POSITION, so that every row has the same length.
CREATE TABLE position (
    track_seq   bigint NOT NULL,
    fixed_at    timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lat_deg     double precision NOT NULL,
    lon_deg     double precision NOT NULL,
    speed_mps   real NOT NULL,
    heading_deg real NOT NULL,
    alt_m       real NOT NULL,
    accuracy_m  real NOT NULL,
    vehicle_id  integer NOT NULL,
    movement_id integer NOT NULL,
    tracker_id  integer NOT NULL,
    flags       integer NOT NULL,
    row_no      integer NOT NULL,
    label_id    smallint NOT NULL DEFAULT 0
);
-- (track_seq, row_no) names a row. It has no index, and label_id no foreign key, for the speed of COPY: the projection's sequence keeps rows from coming twice.
CREATE INDEX position_vehicle_time ON position (vehicle_id, fixed_at);
CREATE INDEX position_received ON position USING brin (received_at);

-- What track judged later, joined by OR when positions are read.
CREATE TABLE position_quality (
    track_seq bigint NOT NULL,
    row_no    integer NOT NULL,
    flags     integer NOT NULL,
    PRIMARY KEY (track_seq, row_no)
);

-- The last sign of life of each vehicle that came without a place.
CREATE TABLE vehicle_contact (
    vehicle_id integer PRIMARY KEY,
    contact_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- ---------------------------------------------------------------- alerts
CREATE TABLE alert (
    alert_id        text PRIMARY KEY,
    rule            text NOT NULL,
    severity        text NOT NULL,
    started_at      timestamptz NOT NULL,
    start_seen      boolean NOT NULL,
    received_at     timestamptz NOT NULL,
    late            boolean NOT NULL,
    ended_at        timestamptz,
    vehicle_id      integer,
    movement_id     integer,
    lat_deg         double precision,
    lon_deg         double precision,
    facts           json NOT NULL,
    owner           text,
    acknowledged_at timestamptz,
    acknowledged_by text,
    snoozed_until   timestamptz,
    snooze_reason   text,
    closed_at       timestamptz,
    closed_by       text,
    close_reason    text,
    originator      text NOT NULL DEFAULT 'hub',
    marking         tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to   text[] NOT NULL DEFAULT '{}',
    source          text NOT NULL
);
CREATE INDEX alert_newest ON alert (started_at DESC, alert_id);
CREATE INDEX alert_open ON alert (started_at DESC, alert_id) WHERE closed_at IS NULL;

-- What people decided, in their order; the columns of alert are its sum.
CREATE TABLE alert_decision (
    decision_id  bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    alert_id     text NOT NULL REFERENCES alert,
    decision     text NOT NULL CHECK (decision IN ('acknowledge', 'take', 'snooze', 'close')),
    decided_by   text NOT NULL,
    decided_at   timestamptz NOT NULL,
    until        timestamptz,
    reason       text
);
CREATE INDEX alert_decision_alert ON alert_decision (alert_id);

-- ---------------------------------------------------------------- what intake could not place
CREATE TABLE quarantine (
    identity       text PRIMARY KEY,
    protocol       text NOT NULL,
    remote         text NOT NULL,
    first_at       timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,
    count          bigint NOT NULL,
    rejected_count bigint NOT NULL,
    lat_deg        double precision,
    lon_deg        double precision,
    originator     text NOT NULL DEFAULT 'unknown',
    marking        tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to  text[] NOT NULL DEFAULT '{}',
    source         text NOT NULL GENERATED ALWAYS AS (protocol || ' ' || remote) STORED
);

CREATE TABLE rejected (
    rejected_id   bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    received_at   timestamptz NOT NULL,
    protocol      text NOT NULL,
    remote        text NOT NULL,
    reason        text NOT NULL,
    raw_hex       text NOT NULL,
    identity      text,
    originator    text NOT NULL DEFAULT 'unknown',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL GENERATED ALWAYS AS (protocol || ' ' || remote) STORED
);

-- ---------------------------------------------------------------- people
CREATE TABLE account (
    user_name     text CONSTRAINT account_user_name_is_taken PRIMARY KEY,
    role          text NOT NULL,
    password_hash text NOT NULL,
    operator_id   integer,
    totp_secret   text,
    language      text NOT NULL,
    disabled      boolean NOT NULL,
    failed_count  integer NOT NULL,
    locked_until  timestamptz,
    CONSTRAINT account_needs_its_operator FOREIGN KEY (operator_id) REFERENCES operator
);

CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    user_name  text NOT NULL,
    csrf       text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    CONSTRAINT session_needs_an_account FOREIGN KEY (user_name) REFERENCES account ON DELETE CASCADE
);
CREATE INDEX session_of_user ON session (user_name);

CREATE TABLE setup_link (
    token_hash  bytea CONSTRAINT setup_link_is_there_already PRIMARY KEY,
    valid_until timestamptz NOT NULL,
    used_at     timestamptz
);

-- ---------------------------------------------------------------- the Log
-- details is json, not jsonb: its text is hashed, and json keeps the text.
CREATE TABLE log (
    seq           bigint PRIMARY KEY,
    at            timestamptz NOT NULL,
    actor         text NOT NULL,
    action        text NOT NULL,
    subject       text NOT NULL,
    details       json NOT NULL,
    leaf_hash     bytea NOT NULL CHECK (length(leaf_hash) = 32),
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
);

-- The peaks of the Merkle tree, so that appending need not read the Log. Not trusted: `tapestry log verify`.
CREATE TABLE log_tree (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    size     bigint NOT NULL,
    peaks    bytea[] NOT NULL
);
INSERT INTO log_tree (size, peaks) VALUES (0, '{}');

CREATE TABLE tree_head (
    size       bigint NOT NULL,
    root_hash  bytea NOT NULL,
    signed_at  timestamptz NOT NULL,
    signature  bytea NOT NULL,
    public_key bytea NOT NULL,
    PRIMARY KEY (size, signed_at)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tree_head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER alert_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ---------------------------------------------------------------- what the hub may do: no more than it does
GRANT SELECT, INSERT ON operator, movement, position, alert_decision, log, tree_head TO tapestry_app;
GRANT SELECT, INSERT, UPDATE
    ON vehicle, tracker, projection, position_quality, vehicle_contact, alert, account, setup_link TO tapestry_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON quarantine, session TO tapestry_app;
GRANT SELECT, INSERT, DELETE ON fence, rejected TO tapestry_app;
GRANT SELECT, UPDATE ON log_tree TO tapestry_app;
GRANT SELECT ON label, migration TO tapestry_app;
GRANT USAGE ON SEQUENCE movement_id, fences_version TO tapestry_app;
REVOKE UPDATE, DELETE, TRUNCATE ON log, tree_head, alert_decision FROM PUBLIC, tapestry_app;
