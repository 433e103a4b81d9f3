-- Tracking sheets: every version as a document, the newest one also as a line for lists.
CREATE TABLE movement_sheet (
    movement_id   integer NOT NULL,
    version       integer NOT NULL,
    operator_id   integer NOT NULL,
    state         text NOT NULL,
    written_at    timestamptz NOT NULL,
    written_by    text NOT NULL,
    command       text NOT NULL,
    sheet         json NOT NULL,
    originator    text NOT NULL GENERATED ALWAYS AS ('operator/' || operator_id::text) STORED,
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL,
    source        text NOT NULL DEFAULT 'desk',
    PRIMARY KEY (movement_id, version),
    CONSTRAINT sheet_needs_an_operator FOREIGN KEY (operator_id) REFERENCES operator
);

-- What a list, the look for lateness and the look for a vehicle's other movements need: no document is read for them.
CREATE TABLE sheet_line (
    movement_id     integer PRIMARY KEY,
    version         integer NOT NULL,
    request_version integer NOT NULL,
    state           text NOT NULL,
    open            boolean NOT NULL,
    operator_id     integer NOT NULL,
    callsign        text NOT NULL,
    origin          text NOT NULL,
    destination     text NOT NULL,
    depart_at       timestamptz,
    arrive_at       timestamptz,
    vehicle_ids     integer[] NOT NULL,
    person_ids      integer[] NOT NULL,
    flags           integer NOT NULL,
    stop            boolean NOT NULL,
    centre          text NOT NULL,
    releasable_to   text[] NOT NULL,
    due_at          timestamptz
) WITH (fillfactor = 50);
CREATE INDEX sheet_line_newest ON sheet_line (depart_at DESC NULLS FIRST, movement_id DESC);
CREATE INDEX sheet_line_open ON sheet_line (depart_at DESC NULLS FIRST, movement_id DESC) WHERE open;

-- What the people of a movement were told, each thing once.
CREATE TABLE sheet_notice (
    notice_id     bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    movement_id   integer NOT NULL,
    key           text NOT NULL,
    at            timestamptz NOT NULL,
    code          text NOT NULL,
    facts         json NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    UNIQUE (movement_id, key)
);

-- ---------------------------------------------------------------- roads
CREATE TABLE route_status (
    status_id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name            text NOT NULL,
    line            json NOT NULL,
    control         text NOT NULL,
    threat          text NOT NULL,
    reason          text NOT NULL,
    author          text NOT NULL,
    set_at          timestamptz NOT NULL,
    valid_until     timestamptz NOT NULL,
    withdrawn_at    timestamptz,
    withdrawn_by    text,
    withdraw_reason text,
    originator      text NOT NULL DEFAULT 'hub',
    marking         tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to   text[] NOT NULL DEFAULT '{}',
    source          text NOT NULL DEFAULT 'desk'
);
CREATE INDEX route_status_valid ON route_status (valid_until);

CREATE TABLE stop_order (
    stop_id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    scope         text NOT NULL CHECK (scope IN ('movement', 'route', 'everything')),
    movement_id   integer,
    status_id     integer,
    reason        text NOT NULL,
    by            text NOT NULL,
    at            timestamptz NOT NULL,
    lifted_at     timestamptz,
    lifted_by     text NOT NULL DEFAULT '',
    lift_reason   text NOT NULL DEFAULT '',
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
);

-- ---------------------------------------------------------------- settings that people change while the hub runs
CREATE TABLE setting (
    name    text NOT NULL,
    version integer NOT NULL,
    body    json NOT NULL,
    set_at  timestamptz NOT NULL,
    set_by  text NOT NULL,
    PRIMARY KEY (name, version)
);

GRANT SELECT, INSERT ON movement_sheet, sheet_notice, setting TO tapestry_app;
GRANT SELECT, INSERT, UPDATE ON sheet_line, route_status, stop_order TO tapestry_app;
