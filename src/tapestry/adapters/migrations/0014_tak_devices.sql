-- TAK devices of trackers and of people: invited with a token, then known by the certificate that the hub issued. They
-- stay when they are revoked or their certificate ends: serial numbers are never forgotten. Not shared with other centres,
-- each of which has an authority of its own.
CREATE TABLE tak_device (
    device_id          integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name               text NOT NULL,
    form               text NOT NULL CHECK (form IN ('enrol', 'package')),
    user_name          text REFERENCES account,
    token_hash         bytea NOT NULL UNIQUE,
    token_expires_at   timestamptz NOT NULL,
    created_at         timestamptz NOT NULL,
    created_by         text NOT NULL,
    client_uid         text NOT NULL DEFAULT '',
    serial             text UNIQUE,
    fingerprint_sha256 text UNIQUE,
    certificate        bytea,
    issued_at          timestamptz,
    expires_at         timestamptz,
    revoked_at         timestamptz,
    revoked_by         text NOT NULL DEFAULT '',
    originator         text NOT NULL DEFAULT 'hub',
    marking            tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to      text[] NOT NULL DEFAULT '{}',
    source             text NOT NULL DEFAULT 'desk',
    CONSTRAINT tak_device_whole CHECK ((serial IS NULL) = (certificate IS NULL)
        AND (serial IS NULL) = (fingerprint_sha256 IS NULL) AND (serial IS NULL) = (expires_at IS NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX tak_device_name ON tak_device (name) WHERE revoked_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON tak_device TO tapestry_app;
