-- People on operators' rosters, the papers that they, their vehicles and their operators need, and files as they came.

CREATE TABLE stored_file (
    file_id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    operator_id   integer NOT NULL,
    name          text NOT NULL,
    media_type    text NOT NULL,
    sha256        bytea NOT NULL,
    body          bytea NOT NULL,
    added_at      timestamptz NOT NULL,
    added_by      text NOT NULL,
    originator    text NOT NULL GENERATED ALWAYS AS ('operator/' || operator_id::text) STORED,
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    CONSTRAINT stored_file_needs_an_operator FOREIGN KEY (operator_id) REFERENCES operator
);
ALTER TABLE stored_file ALTER COLUMN body SET STORAGE EXTERNAL; -- photos and scans are compressed already

CREATE TABLE person (
    person_id     integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    operator_id   integer NOT NULL,
    name          text NOT NULL,
    role          text NOT NULL,
    languages     text[] NOT NULL,
    contacts      json NOT NULL,
    active        boolean NOT NULL,
    originator    text NOT NULL GENERATED ALWAYS AS ('operator/' || operator_id::text) STORED,
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    CONSTRAINT person_needs_an_operator FOREIGN KEY (operator_id) REFERENCES operator
);

CREATE TABLE permit (
    permit_id     integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    operator_id   integer NOT NULL,
    subject       text NOT NULL,
    vehicle_id    integer,
    person_id     integer,
    kind          text NOT NULL,
    number        text NOT NULL,
    issued_by     text NOT NULL,
    valid_from    timestamptz,
    valid_until   timestamptz NOT NULL,
    scan          integer,
    originator    text NOT NULL GENERATED ALWAYS AS ('operator/' || operator_id::text) STORED,
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    CONSTRAINT permit_needs_an_operator FOREIGN KEY (operator_id) REFERENCES operator,
    CONSTRAINT permit_needs_its_vehicle FOREIGN KEY (vehicle_id) REFERENCES vehicle,
    CONSTRAINT permit_needs_its_person FOREIGN KEY (person_id) REFERENCES person,
    CONSTRAINT permit_needs_its_scan FOREIGN KEY (scan) REFERENCES stored_file
);
CREATE INDEX permit_until ON permit (valid_until);

CREATE TABLE vehicle_photo (
    vehicle_id integer PRIMARY KEY,
    file_id    integer NOT NULL,
    CONSTRAINT photo_needs_its_vehicle FOREIGN KEY (vehicle_id) REFERENCES vehicle,
    CONSTRAINT photo_needs_its_file FOREIGN KEY (file_id) REFERENCES stored_file
);

GRANT SELECT, INSERT ON stored_file TO tapestry_app;
GRANT SELECT, INSERT, UPDATE ON person TO tapestry_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON permit, vehicle_photo TO tapestry_app;
