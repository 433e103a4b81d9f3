-- Teams that can be sent, what they were ordered to do, and evacuations. The newest version of each is kept here;
-- what changed, when and by whom is in its own steps and in the Log.
CREATE TABLE team (
    team_id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    version       integer NOT NULL,
    body          text NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
) WITH (fillfactor = 70);

CREATE TABLE team_position (
    team_id       integer PRIMARY KEY REFERENCES team ON DELETE CASCADE,
    lat_deg       double precision NOT NULL,
    lon_deg       double precision NOT NULL,
    fixed_at      timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    source        text NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 70);

CREATE TABLE team_device (
    device_id        integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    team_id          integer NOT NULL REFERENCES team ON DELETE CASCADE,
    token_hash       bytea NOT NULL UNIQUE,
    token_expires_at timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    created_by       text NOT NULL,
    name             text NOT NULL DEFAULT '',
    public_key       bytea,
    enrolled_at      timestamptz,
    last_n           bigint NOT NULL DEFAULT 0,
    last_seen_at     timestamptz,
    wiped_at         timestamptz,
    originator       text NOT NULL DEFAULT 'hub',
    marking          tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to    text[] NOT NULL DEFAULT '{}',
    source           text NOT NULL DEFAULT 'desk'
) WITH (fillfactor = 70);
CREATE INDEX team_device_of_team ON team_device (team_id);

CREATE TABLE medevac (
    medevac_id    integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    version       integer NOT NULL,
    state         text NOT NULL,
    open          boolean NOT NULL,
    body          text NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
) WITH (fillfactor = 70);
CREATE INDEX medevac_open ON medevac (medevac_id) WHERE open;

CREATE TABLE tasking (
    tasking_id    integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    team_id       integer NOT NULL REFERENCES team ON DELETE CASCADE,
    version       integer NOT NULL,
    state         text NOT NULL,
    open          boolean NOT NULL,
    body          text NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
) WITH (fillfactor = 70);
CREATE INDEX tasking_open ON tasking (team_id) WHERE open;
CREATE INDEX tasking_of_team ON tasking (team_id, tasking_id);

GRANT SELECT, INSERT, UPDATE ON team, team_position, team_device, medevac, tasking TO tapestry_app;
GRANT DELETE ON team_position TO tapestry_app; -- what a team does not share any more is forgotten
