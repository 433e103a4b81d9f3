-- Distress cases: the calls that belong together, whom they were delivered to, and what was done about them.
CREATE TABLE distress_case (
    case_id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    joinable      boolean NOT NULL, -- further calls join it
    awaited       boolean NOT NULL, -- no human has acknowledged it
    resolved      boolean NOT NULL,
    unverified    boolean NOT NULL,
    opened_at     timestamptz NOT NULL,
    last_call_at  timestamptz NOT NULL,
    movement_id   integer,
    vehicle_ids   integer[] NOT NULL,
    identities    text[] NOT NULL,
    head          json NOT NULL, -- the case without its calls, deliveries, steps and entries
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'bus'
) WITH (fillfactor = 50);
CREATE INDEX distress_case_newest ON distress_case (opened_at DESC, case_id DESC);
CREATE INDEX distress_case_joinable ON distress_case (case_id) WHERE joinable;
CREATE INDEX distress_case_open ON distress_case (case_id) WHERE NOT resolved;

CREATE TABLE distress_call (
    alert_id      text PRIMARY KEY,
    case_id       integer NOT NULL REFERENCES distress_case ON DELETE CASCADE,
    n             integer NOT NULL, -- of its case, from 1 in the order in which they were stored
    identity      text NOT NULL,
    channel       text NOT NULL,
    standing      text NOT NULL,
    kind          text NOT NULL,
    raised_at     timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    vehicle_id    integer,
    movement_id   integer,
    lat_deg       double precision,
    lon_deg       double precision,
    silent        boolean NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'bus'
);
CREATE INDEX distress_call_of_case ON distress_call (case_id, n);

-- Its history: nothing of it is changed or removed.
CREATE TABLE case_entry (
    entry_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    case_id  integer NOT NULL REFERENCES distress_case ON DELETE CASCADE,
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    what     text NOT NULL,
    state    text NOT NULL,
    note     text NOT NULL,
    "check"  text NOT NULL,
    result   text NOT NULL
);
CREATE INDEX case_entry_of_case ON case_entry (case_id, entry_id);

CREATE TABLE case_delivery (
    case_id  integer NOT NULL REFERENCES distress_case ON DELETE CASCADE,
    desk     text NOT NULL,
    reason   text NOT NULL,
    due_at   timestamptz NOT NULL,
    told_at  timestamptz,
    shown_at timestamptz,
    shown_by text NOT NULL DEFAULT '',
    PRIMARY KEY (case_id, desk)
);

CREATE TABLE case_step (
    case_id     integer NOT NULL REFERENCES distress_case ON DELETE CASCADE,
    raise_count integer NOT NULL,
    step        text NOT NULL,
    round       integer NOT NULL,
    due_at      timestamptz NOT NULL,
    taken_at    timestamptz NOT NULL,
    desks       text[] NOT NULL,
    contacts    integer NOT NULL,
    PRIMARY KEY (case_id, raise_count, step, round)
);

-- Messages to duty phones. Of one person's ways the first is waiting and the others are held until it fails.
CREATE TABLE outbox (
    message_id    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    key           text NOT NULL UNIQUE, -- the same step writes nothing twice
    case_id       integer NOT NULL REFERENCES distress_case ON DELETE CASCADE,
    recipient_key text NOT NULL,        -- of one person in one step
    rank          integer NOT NULL,     -- of this way among that person's
    desk          text NOT NULL,
    recipient     text NOT NULL,
    means         text NOT NULL,
    address       text NOT NULL,
    language      text NOT NULL,
    state         text NOT NULL,
    created_at    timestamptz NOT NULL,
    next_try_at   timestamptz,
    attempts      integer NOT NULL DEFAULT 0,
    last_error    text NOT NULL DEFAULT '',
    tried_at      timestamptz,
    sent_at       timestamptz,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'ladder'
) WITH (fillfactor = 70);
CREATE INDEX outbox_due ON outbox (next_try_at) WHERE state = 'waiting';
CREATE INDEX outbox_of_case ON outbox (case_id);

-- Text messages as they came in, understood or not.
CREATE TABLE inbound_text (
    text_id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    gateway_id    text UNIQUE,
    received_at   timestamptz NOT NULL,
    sent_at       timestamptz,
    sender        text NOT NULL,
    text          text NOT NULL,
    kind          text NOT NULL,
    known         boolean NOT NULL,
    person_id     integer,
    vehicle_id    integer,
    movement_id   integer,
    alert_id      text,
    note          text NOT NULL DEFAULT '',
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'sms'
);

GRANT SELECT, INSERT, UPDATE ON distress_case, case_delivery, outbox TO tapestry_app;
GRANT USAGE ON SEQUENCE distress_case_case_id_seq TO tapestry_app;
GRANT SELECT, INSERT ON distress_call, case_entry, case_step, inbound_text TO tapestry_app;
